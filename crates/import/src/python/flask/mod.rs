//! Flask-CORS: `CORS(app)`, `@cross_origin`, their options, and `after_request` where nothing else sets headers. Read in the
//! sources of Flask-CORS 6.0 and 4.0.

mod after;
mod config;
mod options;
mod routes;

use core::ops::Range;

use tree_sitter::Node;

use crate::kind::Kind;
use crate::model::{Applies, PathSaid, Reading, Rule};
use crate::place::Said;
use crate::python::doubt::is_conditional;
use crate::python::evaluate::keywords;
use crate::python::paths::{Paths, matched};
use crate::python::remark;
use crate::python::script::{Script, arguments, method};
use crate::python::value::{Dict, Item, Value};
use crate::report::{About, Class};

use config::Config;
use options::Options;

/// Reads a file. Says which parts of it need no other reading.
pub(super) fn read(script: &Script<'_>, only: Option<Kind>, reading: &mut Reading) -> Vec<Range<usize>> {
    let uses: Vec<_> = script.calls.iter().copied().filter(|call| is(script, *call, "CORS")).collect();
    let config = Config::of(script);
    let mut rules = Vec::new();
    for call in &uses {
        extension(script, *call, &config, uses.len() == 1, &mut rules, reading);
    }
    routes::decorated(script, &config, &mut rules, reading);
    if uses.is_empty() && rules.is_empty() {
        settings_alone(script, only, &config, reading);
        return after::read(script, reading);
    }
    after::mixed(script, &mut rules);
    reading.rules.append(&mut rules);
    Vec::new()
}

/// Whether a call is one of a function of Flask-CORS. A fragment may leave out the import.
fn is(script: &Script<'_>, call: Node<'_>, name: &str) -> bool {
    call.child_by_field_name("function").is_some_and(|it| is_function(script, it, name))
}

fn is_function<'t>(script: &Script<'t>, function: Node<'t>, name: &str) -> bool {
    match script.origin_of(function) {
        Some((module, own)) => {
            own == name
                && matches!(
                    module.as_str(),
                    "flask_cors" | "flask.ext.cors" | "flask_cors.decorator" | "flask_cors.extension"
                )
        }
        None => script.text(function) == name && !script.is_bound(name),
    }
}

/// `CORS(app, …)`, or `CORS(…)` with `init_app(app, …)`.
fn extension<'t>(
    script: &Script<'t>,
    call: Node<'t>,
    config: &Config,
    is_only: bool,
    rules: &mut Vec<Rule>,
    reading: &mut Reading,
) {
    let place = script.place(call);
    let mut layers = vec![keywords(script, call)];
    let mut application = application(script, call);
    let mut at = call;
    if application.is_none() {
        let name = call.parent().and_then(|it| it.child_by_field_name("left")).map(|it| script.text(it));
        let inits: Vec<_> = script
            .calls
            .iter()
            .filter(|it| {
                method(script, **it)
                    .is_some_and(|(object, method)| method == "init_app" && Some(script.text(object)) == name)
            })
            .collect();
        if let [init] = inits.as_slice() {
            layers.push(keywords(script, **init));
            application = self::application(script, **init);
            at = **init;
        }
    }
    if is_conditional(call) || is_conditional(at) || application.is_none() {
        let message = match application {
            None => {
                "`CORS()` is given no application in this file: the requests that it is for cannot be read"
            }
            Some(_) => {
                "`CORS()` is used only under a condition, which is not read: what it allows is left out"
            }
        };
        let advice = "Write a route for what it allows.";
        reading.holes.push(Said::new(remark(Class::Unreadable, About::Path, message, advice), &place));
        return;
    }
    let base = Options::new(config.before(at.start_byte()), layers);
    let mount = application.map_or(PathSaid::All, |name| routes::mount(script, name));
    let is_part = mount != PathSaid::All;
    let mut has_unsaid = false;
    let first = rules.len();
    for (paths, more) in resources(&base) {
        let mut found = Rule::new("Flask-CORS", &place);
        base.with(more).fill(&mut found);
        if is_only && !is_part {
            found.scope.applies = Applies::Narrowest;
        }
        match &paths.path {
            // Without a prefix, its views may be anywhere.
            _ if mount == PathSaid::Prefix(String::new()) => {
                found.scope.path = PathSaid::Other { text: "those of a blueprint".to_owned(), nearest: None };
            }
            PathSaid::All => found.scope.path = mount.clone(),
            _ if is_part => {
                // A pattern is for whole paths, and the blueprint has only some of them.
                let within = match (&mount, &paths.path) {
                    (PathSaid::Prefix(outer), PathSaid::Prefix(inner) | PathSaid::Exact(inner)) => {
                        inner == outer
                            || inner.strip_prefix(outer.as_str()).is_some_and(|it| it.starts_with('/'))
                    }
                    _ => false,
                };
                found.scope.path = if within {
                    paths.path.clone()
                } else {
                    PathSaid::Other { text: "those of a blueprint".to_owned(), nearest: None }
                };
            }
            path => found.scope.path = path.clone(),
        }
        if is_part {
            let message = "only the views of a blueprint are meant; the route has all paths below its prefix";
            let advice = "Write routes with `cors = false` for paths there that are not of this blueprint.";
            found.remarks.push(Said::new(remark(Class::Unreadable, About::Path, message, advice), &place));
        }
        if let Some((class, message)) = paths.difference {
            found.remarks.push(Said::new(remark(class, About::Path, &message, ""), &place));
        }
        has_unsaid |= matches!(found.scope.path, PathSaid::Other { .. });
        rules.push(found);
    }
    // Of paths that have two rules, the more special one decides, also where a policy cannot say it.
    let new = rules.get_mut(first..).unwrap_or_default();
    if has_unsaid && new.len() > 1 {
        for rule in
            new.iter_mut().filter(|it| !matches!(it.scope.path, PathSaid::Other { .. } | PathSaid::Exact(_)))
        {
            rule.origins = vec![super::unreadable(
                "rules of which another one may come first for some of these paths",
                &place,
            )];
        }
    }
    if new.is_empty() {
        let message = "`resources` matches no path: no response has CORS headers";
        reading.holes.push(Said::new(remark(Class::Stricter, About::Path, message, ""), &place));
    }
}

/// The application or blueprint that a call is given.
fn application<'t>(script: &Script<'t>, call: Node<'t>) -> Option<&'t str> {
    let is_plain =
        |it: &&Node<'_>| !matches!(it.kind(), "keyword_argument" | "dictionary_splat" | "list_splat");
    let given = arguments(call);
    let named =
        given.iter().find(|it| it.child_by_field_name("name").is_some_and(|name| script.text(name) == "app"));
    let named = named.and_then(|it| it.child_by_field_name("value"));
    given.iter().find(is_plain).copied().or(named).map(|it| script.text(it))
}

/// The paths of `resources` with their options, in the order in which Flask-CORS tries them.
fn resources(options: &Options) -> Vec<(Paths, Dict)> {
    let other = |text: String| {
        let path = PathSaid::Other { text, nearest: Some("/*".to_owned()) };
        vec![(Paths { path, difference: None }, Dict::default())]
    };
    let with = |key: &Item, more: &Dict| -> Vec<(Paths, Dict)> {
        paths(&key.value).into_iter().map(|it| (it, more.clone())).collect()
    };
    let Some(item) = options.get("resources") else {
        // Options that are not known may have some.
        return match options.unknown() {
            Some((what, _)) => other(what.clone()),
            None => vec![(Paths { path: PathSaid::All, difference: None }, Dict::default())],
        };
    };
    match &item.value {
        Value::Dict(dict) if dict.unknown.is_none() => {
            let all = dict.entries.iter().flat_map(|(key, value)| match &value.value {
                Value::Dict(more) => with(key, more),
                unknown => {
                    let more =
                        Dict { entries: Vec::new(), unknown: Some((unknown.noun(), value.place.clone())) };
                    with(key, &more)
                }
            });
            all.collect()
        }
        Value::List(items) => items.iter().flat_map(|it| with(it, &Dict::default())).collect(),
        Value::Text(_) | Value::Pattern { .. } => with(item, &Dict::default()),
        unknown => other(unknown.noun()),
    }
}

fn paths(value: &Value) -> Vec<Paths> {
    match value {
        Value::Text(text) if text == "*" => matched(".*", false),
        Value::Text(text) if options::is_expression(text) => matched(text, false),
        Value::Text(text) if text.starts_with('/') => {
            vec![Paths { path: PathSaid::Exact(text.clone()), difference: None }]
        }
        Value::Text(_) => Vec::new(),
        Value::Pattern { source, ignores_case } => matched(source, *ignores_case),
        other => {
            let path = PathSaid::Other { text: other.noun(), nearest: Some("/*".to_owned()) };
            vec![Paths { path, difference: None }]
        }
    }
}

/// Settings of Flask-CORS that nothing in this file uses.
fn settings_alone(script: &Script<'_>, only: Option<Kind>, config: &Config, reading: &mut Reading) {
    let is_named =
        ["CORS_ORIGINS", "CORS_SUPPORTS_CREDENTIALS", "CORS_RESOURCES", "CORS_METHODS", "CORS_SEND_WILDCARD"];
    let setting = script.assignments.iter().find(|it| {
        let left = it.child_by_field_name("left").map(|it| script.text(it)).unwrap_or_default();
        is_named.contains(&left)
    });
    let place = setting.map(|it| script.place(*it)).or_else(|| config.first_place());
    if let Some(place) = place.filter(|_| only.is_none_or(|only| only == Kind::Flask)) {
        let message = "settings of Flask-CORS, and no `CORS(app)` in this file that would read them";
        let advice = "Import the file that has `CORS(app)` with its settings.";
        reading.holes.push(Said::new(remark(Class::Unreadable, About::File, message, advice), &place));
    }
}
