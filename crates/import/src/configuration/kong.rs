//! The `cors` plugin of Kong (<https://developer.konghq.com/plugins/cors/>), in declarative YAML and as a resource.
//!
//! An origin with anything but letters, digits, dots, colons, slashes and hyphens is a regular expression, which must
//! match all of the origin; without a colon, all of its host. Without origins and with `*` every origin is allowed, and
//! reflected with credentials.

use super::cors::{self, expression, names};
use crate::expression::Compared;
use crate::model::{Applies, Names, OriginSaid, PathSaid, Rule};
use crate::paths;
use crate::place::{Place, Said};
use crate::report::{About, Class};
use crate::yaml::{Node, Table, Value};

const WHAT: &str = "the `cors` plugin of Kong";
/// Besides TRACE and CONNECT, which browsers send for no page.
const METHODS: [&str; 7] = ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE", "OPTIONS"];
/// What a plugin can be for.
const OWNERS: [&str; 4] = ["route", "service", "consumer", "consumer_group"];

/// Reads a declarative configuration, a resource, or a plugin alone.
pub(super) fn read(table: &Table, place: &Place, _: &[&Table]) -> Option<Vec<Rule>> {
    if table.get("_format_version").is_some() {
        return Some(of_all(table, place));
    }
    let is_resource = matches!(table.text("kind"), Some("KongPlugin" | "KongClusterPlugin"));
    if is_resource && table.text("plugin") == Some("cors") {
        if table.present("disabled").and_then(cors::boolean) == Some(true) {
            return Some(Vec::new());
        }
        let mut rule = plugin(table, place)?;
        if let Some(node) = table.present("disabled").filter(|node| cors::boolean(node).is_none()) {
            cors::doubtful(&mut rule, "a plugin that may be off", &node.place);
        }
        let message = "which Ingresses use this plugin is not read: the route is for all paths";
        let advice = "Write the hosts and paths of those that do.";
        cors::remark(&mut rule, Class::Unreadable, About::Path, place, message, advice);
        return Some(vec![rule]);
    }
    let config = table.table("config")?;
    let is_plugin = table.text("name") == Some("cors")
        && (config.get("origins").is_some()
            || config.get("exposed_headers").is_some()
            || config.get("preflight_continue").is_some());
    is_plugin.then(|| plugin(table, place).into_iter().collect())
}

/// The plugin of each route is its own, or that of its service, or that of all.
fn of_all(root: &Table, place: &Place) -> Vec<Rule> {
    let mut rules = Vec::new();
    let has_plain_regexes = root.text("_format_version").is_some_and(|it| it.starts_with(['1', '2']));
    let all = find(root, root, None);
    for service in root.items("services").iter().filter_map(Node::table) {
        let of_service = own(service, root, "service").or(all);
        let elsewhere = root
            .items("routes")
            .iter()
            .filter(|route| route.table().is_some_and(|route| refers_to(route, "service", service)));
        for node in service.items("routes").iter().chain(elsewhere) {
            let Some(route) = node.table() else { continue };
            rules.extend(on_route(node, route, own(route, root, "route").or(of_service), has_plain_regexes));
        }
    }
    for node in root.items("routes") {
        let Some(route) = node.table().filter(|route| route.get("service").is_none()) else { continue };
        rules.extend(on_route(node, route, own(route, root, "route").or(all), has_plain_regexes));
    }
    if let Some(node) = all
        && let Some(mut rule) = node.table().and_then(|table| plugin(table, &node.place))
    {
        rule.scope.applies = Applies::Narrowest;
        rules.push(rule);
    }
    let of_consumers = ["consumers", "consumer_groups"].iter().flat_map(|key| root.items(key));
    let of_consumers = of_consumers.filter_map(Node::table).flat_map(|it| it.items("plugins"));
    let of_consumers = of_consumers.chain(root.items("plugins").iter().filter(|node| {
        node.table()
            .is_some_and(|it| ["consumer", "consumer_group"].iter().any(|key| it.present(key).is_some()))
    }));
    for node in of_consumers.filter(|node| node.table().is_some_and(|it| it.text("name") == Some("cors"))) {
        let message = "a `cors` plugin of a consumer, which decides about requests of this consumer";
        let mut rule = Rule::new(WHAT, &node.place);
        rule.scope.path = cors::under_a_condition("/");
        cors::remark(
            &mut rule,
            Class::Unreadable,
            About::Path,
            &node.place,
            message,
            "Look at what it allows.",
        );
        rules.push(rule);
    }
    rules.extend(root.items("plugins").iter().filter_map(|node| of_nothing_here(node, root)));
    if let Some((what, place)) = root.unknown.clone().or_else(|| unknown(root, place)) {
        for rule in &mut rules {
            cors::doubtful(rule, &what, &place);
        }
    }
    rules
}

/// A plugin of a service or a route that is not in the file.
fn of_nothing_here(node: &Node, root: &Table) -> Option<Rule> {
    let plugin = node.table().filter(|it| it.text("name") == Some("cors") && !is_off(it))?;
    let services = || root.items("services").iter().filter_map(Node::table);
    let kind = ["route", "service"].into_iter().find(|kind| plugin.present(kind).is_some())?;
    let is_here = match kind {
        "service" => services().any(|it| refers_to(plugin, kind, it)),
        _ => {
            let routes = services().flat_map(|it| it.items("routes")).chain(root.items("routes"));
            routes.filter_map(Node::table).any(|it| refers_to(plugin, kind, it))
        }
    };
    if is_here {
        return None;
    }
    let mut rule = Rule::new(WHAT, &node.place);
    rule.scope.path = cors::under_a_condition(&format!("a {kind} that is not in the file"));
    let message = format!("a `cors` plugin of a {kind} that is not in this file");
    let advice = "Write a route with its paths.";
    cors::remark(&mut rule, Class::Unreadable, About::Path, &node.place, &message, advice);
    Some(rule)
}

fn own<'t>(table: &'t Table, root: &'t Table, kind: &str) -> Option<&'t Node> {
    find(table, root, Some(kind))
}

/// Whether an entity refers to another one, by its name or by its id.
fn refers_to(table: &Table, kind: &str, other: &Table) -> bool {
    let Some(node) = table.present(kind) else { return false };
    let is_own = |key: &str, text: &str| !text.is_empty() && other.text(key) == Some(text);
    match node.table() {
        Some(reference) => {
            ["id", "name"].into_iter().any(|key| reference.text(key).is_some_and(|text| is_own(key, text)))
        }
        None => node.text().is_some_and(|text| is_own("name", text) || is_own("id", text)),
    }
}

/// One that is off is not there.
fn is_off(plugin: &Table) -> bool {
    plugin.get("enabled").and_then(cors::boolean) == Some(false)
}

/// What may be missing in one of the lists.
fn unknown(root: &Table, place: &Place) -> Option<(String, Place)> {
    ["services", "routes", "plugins"].iter().find_map(|key| match &root.get(key)?.value {
        Value::List(list) => list.unknown.clone(),
        Value::Unknown(what) => Some((what.clone(), place.clone())),
        _ => None,
    })
}

/// The plugin of an entity, in it or in the list of all plugins; without a kind, the one of all requests.
fn find<'t>(table: &'t Table, root: &'t Table, kind: Option<&str>) -> Option<&'t Node> {
    let is_cors =
        |node: &&Node| node.table().is_some_and(|it| it.text("name") == Some("cors") && !is_off(it));
    let refers = |node: &&Node| {
        let Some(plugin) = node.table() else { return false };
        match kind {
            Some(kind) => refers_to(plugin, kind, table),
            None => OWNERS.iter().all(|kind| plugin.present(kind).is_none()),
        }
    };
    let in_it = table.items("plugins").iter().filter(is_cors);
    let mut own = in_it.filter(|node| !core::ptr::eq(table, root) || refers(node));
    own.next().or_else(|| root.items("plugins").iter().filter(is_cors).find(refers))
}

fn on_route(node: &Node, route: &Table, found: Option<&Node>, has_plain_regexes: bool) -> Vec<Rule> {
    let rule = found.and_then(|node| Some((node.table()?, &node.place)));
    let mut rule =
        rule.and_then(|(table, place)| plugin(table, place)).unwrap_or_else(|| Rule::new(WHAT, &node.place));
    rule.place = node.place.clone();
    rule.scope.applies = Applies::Narrowest;
    cors::hosts(route.get("hosts"), &mut rule);
    if route.present("methods").is_some() && !cors::is_empty(&rule) {
        cors::only_methods(route.get("methods"), &mut rule);
    }
    if let Some((what, place)) = &route.unknown {
        cors::doubtful(&mut rule, what, place);
    }
    let paths = route.get("paths").map(cors::texts).unwrap_or_default();
    let has_condition = ["headers", "snis", "sources", "destinations", "expression"];
    let has_condition = has_condition.iter().any(|key| route.present(key).is_some());
    let mut rules: Vec<Rule> = paths
        .into_iter()
        .map(|path| {
            let mut rule = rule.clone();
            match path.value {
                Ok(path) if has_plain_regexes && is_regex(&path) => {
                    rule.scope.path = PathSaid::Other { nearest: paths::around(&path), text: path };
                }
                Ok(path) => match path.strip_prefix('~') {
                    Some(regex) => {
                        let nearest = paths::around(regex);
                        rule.scope.path = PathSaid::Other { text: regex.to_owned(), nearest };
                    }
                    None => cors::letters(&path, &mut rule),
                },
                Err(what) => rule.scope.path = PathSaid::Other { text: what, nearest: None },
            }
            rule
        })
        .collect();
    if rules.is_empty() {
        rules.push(rule);
    }
    for rule in rules.iter_mut().filter(|_| has_condition) {
        rule.scope.path = cors::under_a_condition("a route of Kong");
    }
    rules
}

/// Before version 3, a path with any other letter was a regular expression.
fn is_regex(path: &str) -> bool {
    !path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_~/%".contains(&byte))
}

/// The rule of a plugin; nothing if it is off.
fn plugin(table: &Table, place: &Place) -> Option<Rule> {
    let mut rule = Rule::new(WHAT, place);
    if table.present("enabled").and_then(cors::boolean) == Some(false) {
        return None;
    }
    let empty = Table::default();
    let config = match table.present("config") {
        None => &empty,
        Some(node) => match node.table() {
            Some(config) => config,
            None => {
                cors::doubtful(&mut rule, &node.noun(), &node.place);
                return Some(rule);
            }
        },
    };
    cors::credentials(config.get("credentials"), &mut rule);
    let origins = config.present("origins");
    let is_any = origins.is_none_or(|node| match &node.value {
        Value::List(list) => {
            list.items.is_empty() && list.unknown.is_none()
                || list.items.iter().any(|it| it.text() == Some("*"))
        }
        _ => node.text() == Some("*"),
    });
    let any = || match rule.credentials.value {
        Some(false) => OriginSaid::Any,
        Some(true) => OriginSaid::Reflected,
        None => OriginSaid::Unreadable("`*`, whose meaning depends on `credentials`".to_owned()),
    };
    rule.origins = match is_any {
        true => vec![Said::new(any(), origins.map_or(place, |node| &node.place))],
        false => origins_of(origins),
    };
    not_expressions(origins, &mut rule);
    rule.methods = match config.present("methods") {
        Some(node) => names(Some(node)),
        None => Names::of(METHODS, place),
    };
    let headers = names(config.present("headers"));
    rule.request_headers = if headers == Names::default() { Names::asked(place) } else { headers };
    rule.exposed_headers = names(config.present("exposed_headers"));
    rule.max_age = config.present("max_age").map(cors::seconds);
    if config.present("preflight_continue").is_some_and(|node| cors::boolean(node) != Some(false)) {
        rule.scope.preflights = false;
        let message = "preflights are answered by the service behind Kong: none is allowed here";
        cors::remark(
            &mut rule,
            Class::Unreadable,
            About::Preflights,
            place,
            message,
            "List the methods and headers that it allows.",
        );
    }
    for key in ["consumer", "consumer_group", "protocols"] {
        if key != "protocols" && table.present(key).is_some() {
            cors::doubtful(&mut rule, "a plugin for some consumers", place);
        }
    }
    if let Some((what, place)) = config.unknown.clone().or_else(|| table.unknown.clone()) {
        cors::doubtful(&mut rule, &what, &place);
    }
    Some(rule)
}

/// Takes out what Kong takes for an expression and is none, such as `*.example.com`: it allows no origin.
fn not_expressions(node: Option<&Node>, rule: &mut Rule) {
    let texts = match node {
        Some(Node { value: Value::Scalar { text, .. }, place }) => vec![Said::new(text.clone(), place)],
        Some(node) => {
            let texts = cors::texts(node).into_iter();
            texts.filter_map(|said| Some(Said { value: said.value.ok()?, place: said.place })).collect()
        }
        None => return,
    };
    for text in texts.into_iter().filter(|text| text.value.starts_with("*.")) {
        rule.origins.retain(|origin| {
            origin.place != text.place || !matches!(origin.value, OriginSaid::Unreadable(_))
        });
        let shown = crate::shown::line(&text.value);
        let message =
            format!("Kong takes `{shown}` for a regular expression, and it is none: it allows no origin");
        let advice = format!("Add `https://{shown}` to `origins` if that is meant.");
        cors::remark(rule, Class::Unreadable, About::Origins, &text.place, &message, &advice);
    }
}

fn origins_of(node: Option<&Node>) -> Vec<Said<OriginSaid>> {
    match node {
        // An expression may have commas.
        Some(Node { value: Value::Scalar { text, .. }, place }) => vec![Said::new(origin(text), place)],
        other => cors::origins(other, origin),
    }
}

fn origin(text: &str) -> OriginSaid {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:/-".contains(&byte));
    if is_plain {
        return OriginSaid::Exact(text.to_owned());
    }
    let inner = text.strip_prefix('^').unwrap_or(text);
    if text.contains(':') {
        // Kong adds a `$`, which only ends the last of some alternatives.
        let closed = if inner.ends_with('$') { inner.to_owned() } else { format!("{inner}$") };
        return expression(&closed, Compared::FromStart);
    }
    expression(inner.strip_suffix('$').unwrap_or(inner), Compared::Host)
}
