//! `CORSMiddleware` of Starlette and FastAPI. Read in the source of Starlette 1.10.

use tree_sitter::Node;

use crate::expression::Compared;
use crate::model::{Names, OriginSaid, PathSaid, Reading, Rule};
use crate::place::Said;
use crate::python::doubt::is_conditional;
use crate::python::evaluate::{item, keywords};
use crate::python::options::{self, forget, seconds, truth, whole_names};
use crate::python::script::{Script, arguments, method};
use crate::python::value::{Dict, Item, Value};
use crate::python::{gate, remark, unreadable};
use crate::report::{About, Class};

const ALL_METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
/// They are always allowed.
const HEADERS: [&str; 4] = ["Accept", "Accept-Language", "Content-Language", "Content-Type"];
/// The parameters behind the application, in their order.
const PARAMETERS: [&str; 9] = [
    "allow_origins",
    "allow_methods",
    "allow_headers",
    "allow_credentials",
    "allow_origin_regex",
    "allow_private_network",
    "expose_headers",
    "max_age",
    "",
];

/// Reads every use of the middleware.
pub(super) fn read(script: &Script<'_>, reading: &mut Reading) {
    for call in &script.calls {
        let Some(function) = call.child_by_field_name("function") else { continue };
        let given = arguments(*call);
        let first = given.first().copied();
        let is_handed_over = first.is_some_and(|it| is_middleware(script, it));
        let is_own = is_middleware(script, function);
        if !is_handed_over && !is_own {
            continue;
        }
        let place = script.place(*call);
        if is_conditional(*call) {
            let message = "`CORSMiddleware` is used only under a condition, which is not read: what it allows is left out";
            let advice = "Write a route for it if the condition holds where this policy will be in force.";
            reading.holes.push(Said::new(remark(Class::Unreadable, About::Path, message, advice), &place));
            continue;
        }
        let mut found = Rule::new("`CORSMiddleware` of Starlette and FastAPI", &place);
        fill(&options_of(script, *call, &given), &mut found);
        found.scope.path = path(script, *call, is_own);
        reading.rules.push(found);
    }
}

fn is_middleware(script: &Script<'_>, node: Node<'_>) -> bool {
    let text = script.text(node);
    match text.rsplit('.').next() {
        Some("CORSMiddleware") => !text.contains('(') && !is_of_another_library(script, text),
        _ => {
            script.imported(text).is_some_and(|(module, name)| is_module(module) && name == "CORSMiddleware")
        }
    }
}

fn is_module(module: &str) -> bool {
    module.starts_with("starlette") || module.starts_with("fastapi")
}

/// A fragment may leave out the import.
fn is_of_another_library(script: &Script<'_>, text: &str) -> bool {
    let first = text.split('.').next().unwrap_or_default();
    match script.imported(first) {
        Some((module, _)) => !is_module(module),
        None => script.is_bound(first) && script.binding(first).is_none_or(|it| it.kind() != "dotted_name"),
    }
}

/// The options by name. Options without a name come behind the application.
fn options_of<'t>(script: &Script<'t>, call: Node<'t>, given: &[Node<'t>]) -> Dict {
    let mut dict = keywords(script, call);
    let positional = given
        .iter()
        .filter(|it| !matches!(it.kind(), "keyword_argument" | "dictionary_splat" | "list_splat"));
    for (name, node) in PARAMETERS.iter().zip(positional.skip(1)) {
        let key = Item { value: Value::Text((*name).to_owned()), place: script.place(*node) };
        dict.entries.push((key, item(script, *node)));
    }
    // `Middleware(CORSMiddleware, options={…})` of old versions.
    dict
}

fn fill(options: &Dict, rule: &mut Rule) {
    if let Some((what, place)) = &options.unknown {
        forget(rule, what, place);
        return;
    }
    let get = |name: &str| options.texts().filter(|(key, _)| *key == name).last().map(|(_, item)| item);
    let place = rule.place.clone();
    if let Some(item) = get("allow_credentials") {
        rule.credentials = truth(item);
    }
    origins(get("allow_origins"), get("allow_origin_regex"), rule);
    rule.methods = match get("allow_methods") {
        None => Names::of(["GET"], &place),
        Some(item) => names(item),
    };
    if let Some(all) = rule.methods.all.take() {
        rule.methods =
            Names { unreadable: rule.methods.unreadable.clone(), ..Names::of(ALL_METHODS, &all.place) };
        let message = "newer versions of Starlette also take QUERY for one of all methods, which is left out";
        let advice = "List QUERY in `methods` if pages send it.";
        rule.remarks.push(Said::new(remark(Class::Stricter, About::Methods, message, advice), &all.place));
    }
    rule.request_headers = get("allow_headers").map(names).unwrap_or_default();
    match rule.request_headers.all.take() {
        Some(all) => rule.request_headers = Names::asked(&all.place),
        None => rule.request_headers.listed.extend(Names::of(HEADERS, &place).listed),
    }
    rule.exposed_headers = get("expose_headers").map(options::joined_names).unwrap_or_default();
    rule.max_age = Some(get("max_age").map_or_else(|| Said::new(Ok(600), &place), seconds));
    for (key, item) in options.texts() {
        if key == "allow_private_network" && item.value.truth() != Some(false) {
            let message = "requests to private networks are allowed there, which a policy does not say";
            rule.remarks
                .push(Said::new(remark(Class::Stricter, About::Preflights, message, ""), &item.place));
        } else if !PARAMETERS.contains(&key) && key != "app" {
            let message = format!("`{}` is no option of this middleware", crate::shown::name(key));
            let advice = "Say in the policy what it was meant to do.";
            rule.remarks
                .push(Said::new(remark(Class::Unreadable, About::Origins, &message, advice), &item.place));
        }
    }
    gate::close(rule);
}

fn origins(list: Option<&Item>, expression: Option<&Item>, rule: &mut Rule) {
    let any = match rule.credentials.value {
        Some(false) => OriginSaid::Any,
        _ => OriginSaid::Reflected,
    };
    match list.map(|item| (&item.value, &item.place)) {
        None => {}
        // `"*" in "*"`: a text that has the letter.
        Some((Value::Text(text), place)) if text.contains('*') => {
            rule.origins = vec![Said::new(any, place)];
            return;
        }
        Some((Value::Text(_), place)) => {
            rule.origins
                .push(unreadable("a text where a list belongs, any part of which is an origin there", place));
        }
        Some((Value::List(items), _)) => {
            let star = items.iter().find(|it| matches!(&it.value, Value::Text(text) if text == "*"));
            if let Some(star) = star {
                rule.origins = vec![Said::new(any, &star.place)];
                return;
            }
            for item in items {
                rule.origins.push(match &item.value {
                    Value::Text(text) => Said::new(OriginSaid::Exact(text.clone()), &item.place),
                    other => unreadable(&other.noun(), &item.place),
                });
            }
        }
        Some((other, place)) => rule.origins.push(unreadable(&other.noun(), place)),
    }
    match expression.map(|item| (&item.value, &item.place)) {
        None | Some((Value::None, _)) => {}
        Some((Value::Text(source), place)) => {
            rule.origins.push(Said::new(options::expression(source, false, Compared::Whole), place));
        }
        Some((Value::Pattern { source, ignores_case }, place)) => {
            rule.origins.push(Said::new(options::expression(source, *ignores_case, Compared::Whole), place));
        }
        Some((other, place)) => rule.origins.push(unreadable(&other.noun(), place)),
    }
}

/// Methods or headers. A text is a list of its letters, but `"*"` has the star.
fn names(item: &Item) -> Names {
    match &item.value {
        Value::Text(text) if text.contains('*') => {
            let mut names = Names::of(["*"], &item.place);
            names.take_star();
            names
        }
        Value::Text(_) => Names::unreadable("a text where a list belongs".to_owned(), &item.place),
        _ => whole_names(item),
    }
}

/// The paths of the application that has the middleware.
fn path<'t>(script: &Script<'t>, call: Node<'t>, is_own: bool) -> PathSaid {
    let other =
        || PathSaid::Other { text: "those of an application that is mounted".to_owned(), nearest: None };
    let application = if is_own {
        // `app = CORSMiddleware(app, …)`.
        assigned_to(script, call)
    } else {
        match method(script, call) {
            Some((receiver, _)) => Some(script.text(receiver)),
            // `Middleware(CORSMiddleware, …)` in the call that makes the application, or in a list for it.
            None => {
                let mut node = call;
                let mut made = None;
                while let Some(parent) = node.parent() {
                    let name = parent.child_by_field_name("function").map(|it| script.text(it));
                    if parent.kind() == "call" && matches!(name, Some("Mount" | "Route" | "Router" | "Host"))
                    {
                        return route_path(script, parent);
                    }
                    if parent.kind() == "assignment" {
                        made = parent.child_by_field_name("left").map(|it| script.text(it));
                    }
                    node = parent;
                }
                // A list of middleware: what it is given to.
                let users: Vec<_> = script.calls.iter().filter(|it| takes_list(script, **it, made)).collect();
                match users.as_slice() {
                    [] => made,
                    [user] => match user.child_by_field_name("function").map(|it| script.text(it)) {
                        Some("Mount" | "Route" | "Router" | "Host") => return route_path(script, **user),
                        _ => assigned_to(script, **user),
                    },
                    _ => return other(),
                }
            }
        }
    };
    let Some(application) = application else { return PathSaid::All };
    // Where this application is mounted in another one.
    let mounts: Vec<_> = script
        .calls
        .iter()
        .filter(|it| {
            let given = arguments(**it);
            let name = it.child_by_field_name("function").map(|it| script.text(it)).unwrap_or_default();
            let is_mount = name == "Mount" || name.ends_with(".mount") || name.ends_with(".host");
            let is_of = |node: &Node<'t>| {
                script.text(node.child_by_field_name("value").unwrap_or(*node)) == application
            };
            is_mount && given.iter().any(is_of)
        })
        .collect();
    match mounts.as_slice() {
        [] => PathSaid::All,
        [mount] => route_path(script, **mount),
        _ => other(),
    }
}

/// Whether a call is given the list of middleware with a name.
fn takes_list(script: &Script<'_>, call: Node<'_>, list: Option<&str>) -> bool {
    arguments(call).iter().any(|it| {
        let named = it.child_by_field_name("name").map(|name| script.text(name));
        named == Some("middleware") && it.child_by_field_name("value").map(|value| script.text(value)) == list
    })
}

fn assigned_to<'t>(script: &Script<'t>, call: Node<'t>) -> Option<&'t str> {
    let parent = call.parent().filter(|it| it.kind() == "assignment")?;
    parent.child_by_field_name("left").map(|it| script.text(it))
}

/// The path of `Mount("/sub", …)` or `app.mount("/sub", …)`. Mounts in mounts are not followed.
fn route_path<'t>(script: &Script<'t>, call: Node<'t>) -> PathSaid {
    let name = call.child_by_field_name("function").map(|it| script.text(it)).unwrap_or_default();
    let mut outer = call;
    let mut is_nested = false;
    while let Some(parent) = outer.parent() {
        let function = parent.child_by_field_name("function").map(|it| script.text(it));
        is_nested |= matches!(function, Some("Mount" | "Host"));
        outer = parent;
    }
    let first =
        arguments(call).first().map(|it| item(script, it.child_by_field_name("value").unwrap_or(*it)).value);
    // An application is mounted in one that is mounted itself: its path begins with that of the other one.
    let receiver = method(script, call).map(|(receiver, _)| script.text(receiver));
    is_nested |= receiver.is_some_and(|receiver| {
        script.calls.iter().any(|it| {
            method(script, *it).is_some_and(|(_, method)| method == "mount")
                && arguments(*it).iter().skip(1).any(|it| script.text(*it) == receiver)
        })
    });
    match first {
        Some(Value::Text(path)) if !is_nested && !path.contains('{') && !name.ends_with("ost") => {
            let path = path.trim_end_matches('/');
            match (path, name) {
                ("", _) => PathSaid::All,
                (path, "Route") => PathSaid::Exact(path.to_owned()),
                _ => PathSaid::Prefix(path.to_owned()),
            }
        }
        _ => PathSaid::Other { text: "those of an application that is mounted".to_owned(), nearest: None },
    }
}
