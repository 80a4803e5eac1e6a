//! `CORS_*` settings of an application: `app.config["CORS_…"]`, `app.config.update(…)`, and classes of settings.

use crate::place::Place;
use crate::python::classes::attributes;
use crate::python::doubt::is_conditional;
use crate::python::evaluate::{item, keywords};
use crate::python::script::{Script, arguments, method};
use crate::python::value::{Dict, Item, Value};

/// The settings, with where each is set.
#[derive(Debug, Default)]
pub(super) struct Config {
    set: Vec<(usize, String, Item)>,
    unknown: Option<(String, Place)>,
}

impl Config {
    pub(super) fn of(script: &Script<'_>) -> Self {
        let mut config = Self::default();
        for assignment in &script.assignments {
            let (left, right) =
                (assignment.child_by_field_name("left"), assignment.child_by_field_name("right"));
            let (Some(left), Some(right)) = (left.filter(|it| it.kind() == "subscript"), right) else {
                continue;
            };
            let object = left.child_by_field_name("value").map(|it| script.text(it)).unwrap_or_default();
            let key = left.child_by_field_name("subscript").map(|it| item(script, it).value);
            if let (true, Some(Value::Text(key))) = (object.ends_with("config"), key) {
                let is_plain = assignment.kind() == "assignment" && !is_conditional(*assignment);
                config.push(assignment.start_byte(), &key, item(script, right), is_plain);
            }
        }
        for call in &script.calls {
            let Some((object, method)) = method(script, *call) else { continue };
            if !script.text(object).ends_with("config") {
                continue;
            }
            let at = call.start_byte();
            let is_plain = !is_conditional(*call);
            let first = arguments(*call).first().copied();
            match method {
                "update" | "from_mapping" | "setdefault" => {
                    let mut dict = keywords(script, *call);
                    if let Some(first) = first.filter(|it| it.kind() != "keyword_argument") {
                        match item(script, first).value {
                            Value::Dict(inner) => {
                                dict.entries.extend(inner.entries);
                                dict.unknown = dict.unknown.or(inner.unknown);
                            }
                            Value::Text(key) if method == "setdefault" && !key.starts_with("CORS_") => {}
                            other => config.lose(&other.noun(), script.place(*call)),
                        }
                    }
                    for (key, item) in dict.texts() {
                        config.push(at, key, item.clone(), is_plain);
                    }
                    if let Some((what, place)) = dict.unknown {
                        config.lose(&what, place);
                    }
                }
                "from_object" => {
                    let name = first.map(|it| script.text(it).trim_matches(['"', '\''])).unwrap_or_default();
                    let name = name.trim_end_matches("()").rsplit('.').next().unwrap_or_default();
                    let class = script.binding(name).filter(|it| it.kind() == "class_definition");
                    let Some(class) = class else {
                        config.lose("settings of another file", script.place(*call));
                        continue;
                    };
                    let (found, base) = attributes(script, class, 0);
                    if base.is_some() {
                        config.lose("settings of a class in another file", script.place(*call));
                    }
                    for (key, node, is_unsure) in found {
                        config.push(at, key, item(script, node), is_plain && !is_unsure);
                    }
                }
                _ if method.starts_with("from_") => {
                    config.lose("settings of another file", script.place(*call))
                }
                _ => {}
            }
        }
        // Which of several applications has them is not followed.
        let applications = script.calls.iter().filter(|it| {
            it.child_by_field_name("function")
                .is_some_and(|it| matches!(script.text(it), "Flask" | "flask.Flask"))
        });
        if applications.count() > 1 {
            for (_, _, item) in &mut config.set {
                item.value = Value::Unknown("settings of one of several applications".to_owned());
            }
        }
        config
    }

    fn push(&mut self, at: usize, key: &str, mut item: Item, is_plain: bool) {
        let Some(name) = key.strip_prefix("CORS_") else { return };
        if !is_plain {
            item.value = Value::Unknown("a setting under a condition".to_owned());
        }
        self.set.push((at, name.to_ascii_lowercase(), item));
    }

    fn lose(&mut self, what: &str, place: Place) {
        self.unknown.get_or_insert((what.to_owned(), place));
    }

    pub(super) fn first_place(&self) -> Option<Place> {
        self.set.first().map(|(_, _, item)| item.place.clone())
    }

    /// The options for a use at some offset. What is set behind it may count or not.
    pub(super) fn before(&self, offset: usize) -> Dict {
        let mut dict = Dict { entries: Vec::new(), unknown: self.unknown.clone() };
        let mut set: Vec<_> = self.set.iter().collect();
        set.sort_by_key(|(at, ..)| *at);
        for (at, name, item) in set {
            let mut item = item.clone();
            if *at > offset {
                item.value = Value::Unknown("a setting that stands behind its use".to_owned());
            }
            let was_unsure = dict.texts().any(|(key, before)| {
                key == name && matches!(&before.value, Value::Unknown(what) if what.ends_with("a condition"))
            });
            // `None` sets nothing.
            if matches!(item.value, Value::None) || was_unsure && *at > offset {
                continue;
            }
            let key = Item { value: Value::Text(name.clone()), place: item.place.clone() };
            dict.entries.push((key, item));
        }
        dict
    }
}
