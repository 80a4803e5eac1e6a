//! django-cors-headers: the settings of Django whose names begin with `CORS_`. Read in the source of version 4.9.

use tree_sitter::Node;

use crate::expression::Compared;
use crate::kind::Kind;
use crate::model::{Names, OriginSaid, PathSaid, Reading, Remark, Rule};
use crate::place::{Place, Said};
use crate::python::classes::attributes;
use crate::python::defaults::{DEFAULT_HEADERS, DEFAULT_METHODS};
use crate::python::doubt::is_conditional;
use crate::python::evaluate::item;
use crate::python::options::{self, joined_names, seconds, truth};
use crate::python::paths::{Paths, matched};
use crate::python::script::Script;
use crate::python::value::{Item, Value};
use crate::python::{remark, unreadable};
use crate::report::{About, Class};
use crate::syntax::walk;

const ORIGINS: &[&str] = &["CORS_ALLOWED_ORIGINS", "CORS_ORIGIN_WHITELIST"];
const EXPRESSIONS: &[&str] = &["CORS_ALLOWED_ORIGIN_REGEXES", "CORS_ORIGIN_REGEX_WHITELIST"];
const ALL_ORIGINS: &[&str] = &["CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL"];
const OTHERS: &[&str] = &[
    "CORS_URLS_REGEX",
    "CORS_ALLOW_CREDENTIALS",
    "CORS_ALLOW_PRIVATE_NETWORK",
    "CORS_PREFLIGHT_MAX_AGE",
    // Flask-CORS has these as well.
    "CORS_ALLOW_METHODS",
    "CORS_ALLOW_HEADERS",
    "CORS_EXPOSE_HEADERS",
];
const MIDDLEWARE: &str = "corsheaders.middleware.CorsMiddleware";

/// The settings of a file or of a class.
struct Settings {
    values: Vec<(String, Item)>,
    /// Others may come from a file that is not read.
    unknown: Option<String>,
    place: Place,
}

/// Reads the settings of a module, or of the one class that has some.
pub(super) fn read(script: &Script<'_>, only: Option<Kind>, reading: &mut Reading) {
    let mut all = Vec::new();
    all.extend(of_module(script));
    for class in &script.classes {
        let (found, base) = attributes(script, *class, 0);
        let is_own =
            |name: &str| walk(*class).iter().any(|it| it.kind() == "identifier" && script.text(*it) == name);
        if !found.iter().any(|(name, ..)| name.starts_with("CORS_") && is_own(name)) {
            continue;
        }
        let mut settings = Settings { values: Vec::new(), unknown: None, place: script.place(*class) };
        // Settings of `django-configurations` begin with nothing.
        settings.unknown = base
            .filter(|it| !it.ends_with("Configuration"))
            .map(|it| format!("the class `{}`", crate::shown::name(it)));
        for (name, node, is_conditional) in found {
            settings.push(script, name, node, is_conditional);
        }
        all.push(settings);
    }
    all.retain(|settings| only.is_some() || settings.is_django());
    if all.is_empty() {
        reading.holes.extend(signals(script));
    }
    let is_one = all.len() == 1;
    for settings in all {
        let mut found = settings.rule(script);
        if !is_one {
            let what = "one of several settings, of which only one is in force";
            found.origins = vec![unreadable(what, &settings.place)];
        }
        let paths = settings.paths();
        if paths.is_empty() {
            let message = "`CORS_URLS_REGEX` matches no path: no response has CORS headers";
            reading.holes.push(Said::new(remark(Class::Stricter, About::Path, message, ""), &settings.place));
        }
        for Paths { path, difference } in paths {
            let mut found = found.clone();
            found.scope.path = path;
            if let Some((class, message)) = difference {
                found.remarks.push(Said::new(remark(class, About::Path, &message, ""), &settings.place));
            }
            reading.rules.push(found);
        }
    }
}

fn of_module(script: &Script<'_>) -> Option<Settings> {
    let is_setting = |it: &Node<'_>| {
        let left = it.child_by_field_name("left");
        left.and_then(|left| script.leftmost(left)).is_some_and(|name| name.starts_with("CORS_"))
            && is_of_module(*it)
    };
    let assignments: Vec<_> = script.assignments.iter().copied().filter(is_setting).collect();
    let place = script.place(*assignments.first()?);
    let unknown = script.has_stars().then(|| "a module that is not read".to_owned());
    let mut settings = Settings { values: Vec::new(), unknown, place };
    for assignment in assignments {
        let left = assignment.child_by_field_name("left")?;
        let name = script.leftmost(left)?;
        let Some(right) = assignment.child_by_field_name("right") else { continue };
        let is_whole = left.kind() == "identifier" && assignment.kind() == "assignment";
        // More than one assignment, or something else that changes it.
        let is_plain = is_whole && script.binding(name).is_some();
        settings.push(script, name, right, !is_plain || is_conditional(assignment));
    }
    // Imports, loops and assignments to several names bind settings as well.
    for name in script.names().into_iter().filter(|name| name.starts_with("CORS_")) {
        let other = script.meanings(name).iter().find(|it| is_of_module(**it) && it.kind() != "assignment");
        if let Some(other) = other.filter(|_| settings.get(&[name]).is_none()) {
            let value = Value::Unknown("an import, or a statement that is not read".to_owned());
            settings.values.push((name.to_owned(), Item { value, place: script.place(*other) }));
        }
    }
    // A call such as `CORS_ALLOWED_ORIGINS.append(…)` makes `binding` fail, which `push` is told.
    Some(settings)
}

fn is_of_module(node: Node<'_>) -> bool {
    let mut node = node;
    while let Some(parent) = node.parent() {
        if matches!(parent.kind(), "class_definition" | "function_definition" | "lambda") {
            return false;
        }
        node = parent;
    }
    true
}

impl Settings {
    fn push<'t>(&mut self, script: &Script<'t>, name: &str, node: Node<'t>, is_unsure: bool) {
        let place = script.place(node);
        let read = match (is_unsure, item(script, node)) {
            // What the environment says is more telling.
            (true, Item { value: Value::Unknown(what), place }) => {
                Item { value: Value::Unknown(what), place }
            }
            (true, _) => {
                Item { value: Value::Unknown("more than one line, or under a condition".to_owned()), place }
            }
            (false, item) => item,
        };
        match self.values.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = read,
            None => self.values.push((name.to_owned(), read)),
        }
    }

    /// Whether some name is one that only django-cors-headers has.
    fn is_django(&self) -> bool {
        let names = [ORIGINS, EXPRESSIONS, ALL_ORIGINS, OTHERS].concat();
        let is_of_flask = |name: &str| {
            matches!(
                name,
                "CORS_ORIGINS"
                    | "CORS_METHODS"
                    | "CORS_SUPPORTS_CREDENTIALS"
                    | "CORS_RESOURCES"
                    | "CORS_MAX_AGE"
            )
        };
        self.values.iter().any(|(name, _)| names.contains(&name.as_str()))
            && !self.values.iter().any(|(name, _)| is_of_flask(name))
    }

    /// The first of the names that is set.
    fn get(&self, names: &[&str]) -> Option<&Item> {
        names
            .iter()
            .find_map(|name| self.values.iter().find(|(known, _)| known == name).map(|(_, item)| item))
    }

    /// What a setting is, with what it is where nothing sets it.
    fn get_or(&self, names: &[&str], default: Value) -> Item {
        match (self.get(names), &self.unknown) {
            (Some(item), _) => item.clone(),
            (None, Some(what)) => Item { value: Value::Unknown(what.clone()), place: self.place.clone() },
            (None, None) => Item { value: default, place: self.place.clone() },
        }
    }

    fn list(&self, name: &str, default: &[&str]) -> Names {
        let element =
            |name: &&str| Item { value: Value::Text((*name).to_owned()), place: self.place.clone() };
        joined_names(&self.get_or(&[name], Value::List(default.iter().map(element).collect())))
    }

    fn rule(&self, script: &Script<'_>) -> Rule {
        let mut found = Rule::new("settings of django-cors-headers", &self.place);
        found.credentials = truth(&self.get_or(&["CORS_ALLOW_CREDENTIALS"], Value::Bool(false)));
        found.origins = self.origins(found.credentials.value);
        found.methods = self.list("CORS_ALLOW_METHODS", &DEFAULT_METHODS);
        found.request_headers = self.list("CORS_ALLOW_HEADERS", &DEFAULT_HEADERS);
        found.exposed_headers = self.list("CORS_EXPOSE_HEADERS", &[]);
        let age = self.get_or(&["CORS_PREFLIGHT_MAX_AGE"], Value::Number(86_400.0));
        // An age of 0 is not sent.
        found.max_age = (age.value.truth() != Some(false)).then(|| seconds(&age));
        let private = self.get_or(&["CORS_ALLOW_PRIVATE_NETWORK"], Value::Bool(false));
        if private.value.truth() == Some(true) {
            let message = "requests to private networks are allowed there, which a policy does not say";
            found
                .remarks
                .push(Said::new(remark(Class::Stricter, About::Preflights, message, ""), &private.place));
        }
        for names in [ORIGINS, EXPRESSIONS, ALL_ORIGINS] {
            if let [new, old] = names
                && let (Some(_), Some(item)) = (self.get(&[new]), self.get(&[old]))
            {
                let message = format!("`{old}` has no effect beside `{new}`");
                let said = remark(Class::Same, About::Origins, &message, "");
                found.remarks.push(Said::new(said, &item.place));
            }
        }
        for (name, item) in &self.values {
            let is_known = [ORIGINS, EXPRESSIONS, ALL_ORIGINS, OTHERS].concat().contains(&name.as_str());
            if !is_known {
                let message = format!("`{}` is no setting of django-cors-headers", crate::shown::name(name));
                let advice = "Say in the policy what it was meant to do.";
                found.remarks.push(Said::new(
                    remark(Class::Unreadable, About::Origins, &message, advice),
                    &item.place,
                ));
            }
        }
        self.is_in_force(script, &mut found);
        found
    }

    fn origins(&self, credentials: Option<bool>) -> Vec<Said<OriginSaid>> {
        let all = self.get_or(ALL_ORIGINS, Value::Bool(false));
        let mut origins = Vec::new();
        match all.value.truth() {
            Some(true) if credentials == Some(false) => return vec![Said::new(OriginSaid::Any, &all.place)],
            Some(true) => return vec![Said::new(OriginSaid::Reflected, &all.place)],
            Some(false) => {}
            None => origins.push(unreadable(&all.value.noun(), &all.place)),
        }
        let listed = self.get_or(ORIGINS, Value::List(Vec::new()));
        match &listed.value {
            Value::List(items) => {
                for item in items {
                    origins.push(match &item.value {
                        // Only the scheme is compared without its case.
                        Value::Text(text) => {
                            let text = match text.split_once("://") {
                                Some((scheme, rest)) => format!("{}://{rest}", scheme.to_ascii_lowercase()),
                                None => text.clone(),
                            };
                            Said::new(OriginSaid::Exact(text), &item.place)
                        }
                        other => unreadable(&other.noun(), &item.place),
                    });
                }
            }
            Value::Text(_) => origins.push(unreadable("a text where a list belongs", &listed.place)),
            other => origins.push(unreadable(&other.noun(), &listed.place)),
        }
        let expressions = self.get_or(EXPRESSIONS, Value::List(Vec::new()));
        match &expressions.value {
            Value::List(items) => {
                for item in items {
                    origins.push(match &item.value {
                        Value::Text(source) => {
                            Said::new(options::expression(source, false, Compared::FromStart), &item.place)
                        }
                        Value::Pattern { source, ignores_case } => Said::new(
                            options::expression(source, *ignores_case, Compared::FromStart),
                            &item.place,
                        ),
                        other => unreadable(&other.noun(), &item.place),
                    });
                }
            }
            Value::Text(_) => origins.push(unreadable("a text where a list belongs", &expressions.place)),
            other => origins.push(unreadable(&other.noun(), &expressions.place)),
        }
        origins
    }

    fn paths(&self) -> Vec<Paths> {
        let expression = self.get_or(&["CORS_URLS_REGEX"], Value::Text("^.*$".to_owned()));
        match &expression.value {
            Value::Text(source) => matched(source, false),
            Value::Pattern { source, ignores_case } => matched(source, *ignores_case),
            other => {
                let path = PathSaid::Other { text: other.noun(), nearest: Some("/*".to_owned()) };
                vec![Paths { path, difference: None }]
            }
        }
    }

    /// The settings say nothing unless the middleware is there, and a receiver of a signal may allow more.
    fn is_in_force(&self, script: &Script<'_>, found: &mut Rule) {
        let middleware = ["MIDDLEWARE", "MIDDLEWARE_CLASSES"].iter().find_map(|name| {
            let bound = script.binding(name).filter(|it| it.kind() == "assignment")?;
            Some(item(script, bound.child_by_field_name("right")?))
        });
        if let Some(Item { value: Value::List(items), place }) = middleware {
            let is_there = items.iter().any(|it| match &it.value {
                Value::Text(text) => text == MIDDLEWARE,
                Value::Unknown(_) => true,
                _ => false,
            });
            if !is_there {
                found.origins = vec![unreadable(
                    "settings that nothing reads: `MIDDLEWARE` has no `CorsMiddleware`",
                    &place,
                )];
            }
        }
        found.remarks.extend(signals(script));
    }
}

/// What receivers of a signal do, only running them would tell.
fn signals(script: &Script<'_>) -> Vec<Said<Remark>> {
    let uses = script.modules().into_iter().filter(|(module, _)| *module == "corsheaders.signals");
    let message = "receivers of `check_request_enabled` may allow more, which is left out";
    let advice = "List the origins that they allow.";
    uses.map(|(_, node)| {
        Said::new(remark(Class::Unreadable, About::Origins, message, advice), &script.place(node))
    })
    .collect()
}
