//! `@cross_origin` on views, and the paths of views and blueprints.

use tree_sitter::Node;

use crate::model::{Applies, PathSaid, Reading, Rule};
use crate::place::Said;
use crate::python::doubt::is_conditional;
use crate::python::evaluate::{item, keywords};
use crate::python::remark;
use crate::python::script::{Script, arguments, method};
use crate::python::value::Value;
use crate::report::{About, Class};
use crate::syntax::children;

use super::config::Config;
use super::options::Options;

const VERBS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Reads every view with `@cross_origin`.
pub(super) fn decorated(script: &Script<'_>, config: &Config, rules: &mut Vec<Rule>, reading: &mut Reading) {
    let mut used = Vec::new();
    for definition in &script.decorated {
        let decorators: Vec<_> = children(*definition)
            .into_iter()
            .filter(|it| it.kind() == "decorator")
            .filter_map(|it| it.named_child(0))
            .collect();
        let is_own = |it: &Node<'_>| {
            let function = if it.kind() == "call" { it.child_by_field_name("function") } else { Some(*it) };
            function.is_some_and(|it| super::is_function(script, it, "cross_origin"))
        };
        let Some(at) = decorators.iter().position(is_own) else { continue };
        let Some(own) = decorators.get(at).copied() else { continue };
        used.push(own.start_byte());
        let place = script.place(own);
        let mut hole = |message: &str| {
            let advice = "Write a route for the view, with the origins that are meant.";
            reading.holes.push(Said::new(remark(Class::Unreadable, About::Path, message, advice), &place));
        };
        if is_conditional(*definition) {
            hole(
                "`@cross_origin` is used only under a condition, which is not read: what it allows is left out",
            );
            continue;
        }
        let (above, below) = decorators.split_at_checked(at).unwrap_or_default();
        let routes: Vec<_> = above.iter().filter_map(|it| route(script, *it)).collect();
        if routes.is_empty() {
            let is_below = below.iter().any(|it| route(script, *it).is_some());
            hole(match is_below {
                true => "`@cross_origin` stands above the route, where it has no effect",
                false => "the requests that `@cross_origin` is for cannot be read",
            });
            continue;
        }
        if own.kind() != "call" {
            hole("`@cross_origin` without parentheses, which breaks the view");
            continue;
        }
        for (path, methods) in routes {
            let mut found = Rule::new("`@cross_origin` of Flask-CORS", &place);
            let options = Options::new(config.before(usize::MAX), vec![keywords(script, own)]);
            found.scope.methods = methods;
            found.scope.applies = Applies::Narrowest;
            if options.get("automatic_options").is_some_and(|it| it.value.truth() != Some(true)) {
                found.scope.preflights = false;
            }
            options.fill(&mut found);
            if found.scope.methods.is_none() {
                found.origins = vec![super::super::unreadable("a view whose methods cannot be read", &place)];
            }
            narrow(path, &mut found, rules);
            rules.push(found);
        }
    }
    for call in &script.calls {
        if super::is(script, *call, "cross_origin") && !used.contains(&call.start_byte()) {
            let message = "`cross_origin` is called here, and the requests that it is for cannot be read";
            let advice = "Write a route for it, with the origins of its options.";
            let place = script.place(*call);
            reading.holes.push(Said::new(remark(Class::Unreadable, About::Path, message, advice), &place));
        }
    }
}

/// A view has its own rule, also where a policy cannot say its path. If the paths around it have one too, what both allow
/// is for all of them.
fn narrow(path: PathSaid, found: &mut Rule, around: &[Rule]) {
    let nearest = match &path {
        PathSaid::Other { nearest: Some(nearest), .. } => nearest.trim_end_matches("/*").to_owned(),
        _ => {
            found.scope.path = path;
            return;
        }
    };
    let is_around = around.iter().any(|rule| match &rule.scope.path {
        PathSaid::All => true,
        PathSaid::Prefix(prefix) => nearest.starts_with(prefix.as_str()) || prefix.starts_with(&nearest),
        PathSaid::Exact(exact) => exact.starts_with(&nearest),
        PathSaid::Other { .. } => false,
    });
    if !is_around {
        found.scope.path = path;
        return;
    }
    let PathSaid::Other { text, .. } = &path else { return };
    let message = format!(
        "a policy cannot say the path `{}`: all of `{nearest}/*` gets what this view and the rules around it allow",
        crate::shown::path(text)
    );
    let advice = "Write routes for the views there that may allow more.";
    found.remarks.push(Said::new(remark(Class::Unreadable, About::Path, &message, advice), &found.place));
    found.scope.path = if nearest.is_empty() { PathSaid::All } else { PathSaid::Prefix(nearest) };
    found.scope.methods = None;
    found.scope.applies = Applies::Together;
}

/// The path and the methods of `@app.route("/path", methods=[…])`. Without methods they are GET and HEAD; `None` stands
/// for methods that cannot be read.
fn route<'t>(script: &Script<'t>, decorator: Node<'t>) -> Option<(PathSaid, Option<Vec<String>>)> {
    let (object, method) = method(script, decorator)?;
    if method != "route" && !VERBS.contains(&method) {
        return None;
    }
    let options = keywords(script, decorator);
    let rule = arguments(decorator)
        .first()
        .map(|it| item(script, it.child_by_field_name("value").unwrap_or(*it)).value);
    let path = match rule {
        Some(Value::Text(rule)) => under(&mount(script, script.text(object)), said(&rule)),
        Some(other) => PathSaid::Other { text: other.noun(), nearest: Some("/*".to_owned()) },
        None => PathSaid::Other { text: "a path".to_owned(), nearest: Some("/*".to_owned()) },
    };
    let mut methods = match options.texts().find(|(key, _)| *key == "methods").map(|(_, item)| &item.value) {
        _ if method != "route" => Some(vec![method.to_ascii_uppercase()]),
        None if options.unknown.is_none() => Some(vec!["GET".to_owned()]),
        Some(Value::List(items)) => items
            .iter()
            .map(|it| match &it.value {
                Value::Text(text) => Some(text.to_ascii_uppercase()),
                _ => None,
            })
            .collect(),
        _ => None,
    };
    if let Some(methods) = &mut methods
        && methods.iter().any(|it| it == "GET")
        && !methods.iter().any(|it| it == "HEAD")
    {
        methods.push("HEAD".to_owned());
    }
    Some((path, methods))
}

/// A path with parameters in `<…>`.
fn said(rule: &str) -> PathSaid {
    let Some((before, _)) = rule.split_once('<') else { return PathSaid::Exact(rule.to_owned()) };
    let segments = before.rsplit_once('/').map(|(segments, _)| segments).unwrap_or_default();
    PathSaid::Other { text: rule.to_owned(), nearest: Some(format!("{segments}/*")) }
}

/// A path below the prefix of a blueprint.
fn under(mount: &PathSaid, path: PathSaid) -> PathSaid {
    match (mount, path) {
        (PathSaid::All, path) => path,
        (PathSaid::Prefix(prefix), PathSaid::Exact(path)) => PathSaid::Exact(format!("{prefix}{path}")),
        (PathSaid::Prefix(prefix), PathSaid::Other { text, nearest }) => PathSaid::Other {
            text: format!("{prefix}{text}"),
            nearest: nearest.map(|nearest| format!("{prefix}{nearest}")),
        },
        (other, _) => other.clone(),
    }
}

/// The prefix of a blueprint; an application has all paths.
pub(super) fn mount(script: &Script<'_>, name: &str) -> PathSaid {
    let other =
        || PathSaid::Other { text: "those of a blueprint".to_owned(), nearest: Some("/*".to_owned()) };
    let registered: Vec<_> = script
        .calls
        .iter()
        .filter(|it| {
            method(script, **it).is_some_and(|(_, method)| method == "register_blueprint")
                && arguments(**it).first().is_some_and(|it| script.text(*it) == name)
        })
        .collect();
    let made = script.first_binding(name).and_then(|it| it.child_by_field_name("right"));
    let maker = made.and_then(|it| it.child_by_field_name("function")).map(|it| script.text(it));
    let is_blueprint = maker.is_some_and(|it| it.ends_with("Blueprint"))
        || !registered.is_empty()
        || maker.is_none() && ["bp", "blueprint"].iter().any(|part| name.to_ascii_lowercase().contains(part));
    if !is_blueprint {
        return PathSaid::All;
    }
    let prefix = |call: Node<'_>| {
        let options = keywords(script, call);
        match options.texts().find(|(key, _)| *key == "url_prefix").map(|(_, item)| item.value.clone()) {
            _ if options.unknown.is_some() => Err(()),
            None => Ok(None),
            Some(Value::Text(prefix)) if !prefix.contains('<') => Ok(Some(prefix)),
            Some(_) => Err(()),
        }
    };
    let of_registration = match registered.as_slice() {
        // It may get another prefix where it is registered.
        [] => return other(),
        // A blueprint in a blueprint gets the prefix of both.
        [only] if method(script, **only).is_some_and(|(outer, _)| is_blueprint_of(script, outer)) => {
            return other();
        }
        [only] => prefix(**only),
        _ => return other(),
    };
    let own = made.map_or(Ok(None), prefix);
    match (of_registration, own) {
        (Ok(Some(prefix)), _) | (Ok(None), Ok(Some(prefix))) => {
            let prefix = prefix.trim_end_matches('/');
            if prefix.is_empty() { PathSaid::All } else { PathSaid::Prefix(prefix.to_owned()) }
        }
        (Ok(None), Ok(None)) => PathSaid::Prefix(String::new()),
        _ => other(),
    }
}

fn is_blueprint_of(script: &Script<'_>, node: Node<'_>) -> bool {
    let made = script.first_binding(script.text(node)).and_then(|it| it.child_by_field_name("right"));
    let maker = made.and_then(|it| it.child_by_field_name("function"));
    maker.is_some_and(|it| script.text(it).ends_with("Blueprint"))
}
