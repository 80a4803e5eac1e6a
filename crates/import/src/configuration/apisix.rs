//! The `cors` plugin of APISIX (<https://apisix.apache.org/docs/apisix/plugins/cors/>), in YAML and JSON of routes and
//! services, and in resources.
//!
//! Everything is `*` by default. `**` reflects the origin, allows all methods, and answers with the headers that are
//! asked for. Expressions are searched for anywhere in the origin.

use super::cors::{self, expression, names};
use crate::expression::Compared;
use crate::model::{All, Applies, Names, OriginSaid, PathSaid, Rule};
use crate::place::{Place, Said};
use crate::report::{About, Class};
use crate::yaml::{Node, Table, Value};

const WHAT: &str = "the `cors` plugin of APISIX";
/// Besides CONNECT and TRACE, which browsers send for no page.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];

/// Reads a route, a service or a resource that has the plugin, or none beside others that do.
pub(super) fn read(table: &Table, place: &Place, parents: &[&Table]) -> Option<Vec<Rule>> {
    let has = |keys: &[&str]| table.first(keys).is_some();
    let is_route = has(&["uri", "uris"]) && has(&["plugins", "upstream", "upstream_id", "service_id"]);
    let is_resource = parents.iter().any(|it| matches!(it.text("kind"), Some("ApisixRoute")));
    let in_resource = is_resource && table.get("match").is_some();
    let plugins = table.get("plugins");
    let found = plugins.and_then(plugin);
    let is_ours = found.is_some_and(|(config, _)| is_resource || is_known(config));
    if !is_ours && !is_route && !in_resource {
        return None;
    }
    let root = parents.first().copied();
    let (found, lost) = match found {
        Some(found) => (Some(found), false),
        None => elsewhere(table, root),
    };
    let global = root.and_then(global).filter(|_| is_route);
    let mut rule = match found.or(global) {
        Some((Node { value: Value::Table(config), place }, true)) => read_plugin(config, place),
        Some((other, true)) => {
            let mut rule = Rule::new(WHAT, &other.place);
            cors::doubtful(&mut rule, &other.noun(), &other.place);
            rule
        }
        _ => Rule::new(WHAT, place),
    };
    if let (Some((_, true)), Some((global, _))) = (found, global) {
        cors::doubtful(&mut rule, "a plugin of `global_rules` as well", &global.place);
    }
    if let Some(Node { value: Value::Unknown(what), place }) = plugins {
        cors::doubtful(&mut rule, what, place);
    }
    if let Some((what, place)) =
        table.unknown.clone().or_else(|| plugins.and_then(|it| it.table()?.unknown.clone()))
    {
        cors::doubtful(&mut rule, &what, &place);
    }
    if lost {
        cors::doubtful(&mut rule, "a service or a plugin config", place);
    }
    let is_in = |list: &str| root.is_some_and(|root| is_one_of(table, root.items(list)));
    if is_in("global_rules") {
        rule.scope.applies = Applies::Narrowest;
        return Some(vec![rule]);
    }
    let users = |key: &str| {
        let routes = root.map(|root| root.items("routes")).unwrap_or_default();
        routes
            .iter()
            .filter_map(Node::table)
            .any(|it| it.text(key).is_some_and(|id| table.text("id") == Some(id)))
    };
    // What the routes have of a service is read with them.
    if !is_route
        && (is_in("services") && users("service_id") || is_in("plugin_configs") && users("plugin_config_id"))
    {
        return Some(Vec::new());
    }
    Some(on_paths(&rule, table, is_route || in_resource))
}

fn is_one_of(table: &Table, items: &[Node]) -> bool {
    items.iter().filter_map(Node::table).any(|it| core::ptr::eq(it, table))
}

/// The plugin of all requests.
fn global(root: &Table) -> Option<(&Node, bool)> {
    let rules = root.items("global_rules").iter().filter_map(|it| it.table()?.get("plugins"));
    rules.filter_map(plugin).find(|(_, is_on)| *is_on)
}

/// The plugin that a route has of a plugin config or a service, and whether one of them is not in the file.
fn elsewhere<'t>(table: &'t Table, root: Option<&'t Table>) -> (Option<(&'t Node, bool)>, bool) {
    for (key, list) in [("plugin_config_id", "plugin_configs"), ("service_id", "services")] {
        let Some(id) = table.present(key) else { continue };
        let items = root.map(|root| root.items(list)).unwrap_or_default();
        let is_it = |it: &&Table| id.text().is_some_and(|id| it.text("id") == Some(id));
        let Some(other) = items.iter().filter_map(Node::table).find(is_it) else { return (None, true) };
        let is_unknown = other.unknown.is_some()
            || other.get("plugins").is_some_and(|it| it.table().is_none_or(|it| it.unknown.is_some()));
        if is_unknown {
            return (None, true);
        }
        if let Some(found) = other.get("plugins").and_then(plugin) {
            return (Some(found), false);
        }
    }
    (None, false)
}

/// The configuration of the plugin, and whether it is on.
fn plugin(plugins: &Node) -> Option<(&Node, bool)> {
    let is_off = |config: &Table| {
        let meta = config.table("_meta").and_then(|meta| meta.get("disable"));
        meta.and_then(cors::boolean) == Some(true)
    };
    match &plugins.value {
        Value::Table(table) => {
            let node = table.get("cors")?;
            Some((node, !node.table().is_some_and(is_off)))
        }
        Value::List(list) => list.items.iter().find_map(|item| {
            let table = item.table().filter(|it| it.text("name") == Some("cors"))?;
            let is_on = table.get("enable").and_then(cors::boolean) != Some(false);
            Some((table.get("config").unwrap_or(item), is_on))
        }),
        _ => None,
    }
}

/// Whether the configuration is one of APISIX, or has nothing at all.
fn is_known(config: &Node) -> bool {
    let Some(table) = config.table() else { return true };
    let mut keys = table.entries().map(|(key, _)| key).peekable();
    keys.peek().is_none()
        || keys.any(|key| key.starts_with("allow_") || matches!(key, "expose_headers" | "max_age" | "_meta"))
}

fn on_paths(rule: &Rule, table: &Table, is_route: bool) -> Vec<Rule> {
    let mut rule = rule.clone();
    rule.scope.applies = Applies::Narrowest;
    let on = table.table("match").unwrap_or(table);
    if !is_route {
        let message = "the routes that have this plugin are elsewhere: it is for all paths here";
        let place = rule.place.clone();
        cors::remark(&mut rule, Class::Unreadable, About::Path, &place, message, "Write their paths.");
        return vec![rule];
    }
    cors::hosts(on.get("host").or_else(|| on.get("hosts")), &mut rule);
    if on.present("methods").is_some() && !cors::is_empty(&rule) {
        cors::only_methods(on.get("methods"), &mut rule);
    }
    let paths =
        ["uri", "uris", "paths"].iter().find_map(|key| on.get(key)).map(cors::texts).unwrap_or_default();
    let has_condition = ["vars", "exprs", "remote_addr", "remote_addrs", "remoteAddrs", "filter_func"];
    let has_condition = has_condition.iter().any(|key| on.present(key).is_some());
    let mut rules = Vec::new();
    for said in paths {
        let mut rule = Rule { place: said.place, ..rule.clone() };
        match said.value {
            Err(what) => rule.scope.path = PathSaid::Other { text: what, nearest: None },
            Ok(path) if has_condition => rule.scope.path = cors::under_a_condition(&path),
            Ok(path) => match path.strip_suffix('*') {
                _ if path.contains(':') || path.strip_suffix('*').unwrap_or(&path).contains('*') => {
                    rule.scope.path = PathSaid::Other { text: path, nearest: None };
                }
                Some(prefix) => cors::letters(prefix, &mut rule),
                None => rule.scope.path = PathSaid::Exact(path),
            },
        }
        rules.push(rule);
    }
    if rules.is_empty() {
        rules.push(rule);
    }
    rules
}

fn read_plugin(config: &Table, place: &Place) -> Rule {
    let mut rule = Rule::new(WHAT, place);
    cors::credentials(config.get("allow_credential"), &mut rule);
    let has_credentials = rule.credentials.value != Some(false);
    let get = |key: &str| config.present(key);
    rule.origins = match get("allow_origins_by_regex") {
        // They take the place of the list.
        Some(node) => match node.text() {
            Some(text) => vec![Said::new(expression(text, Compared::Anywhere), &node.place)],
            None => cors::origins(Some(node), |text| expression(text, Compared::Anywhere)),
        },
        None => match get("allow_origins") {
            None => vec![Said::new(OriginSaid::Any, place)],
            Some(node) => origins(node),
        },
    };
    if let Some(node) = get("allow_origins_by_metadata") {
        rule.origins
            .push(Said::new(OriginSaid::Unreadable("the metadata of the plugin".to_owned()), &node.place));
    }
    let starred = |key: &str| match get(key) {
        None => Names { all: Some(Said::new(All::Star, place)), ..Names::default() },
        some => names(some),
    };
    rule.methods = every(starred("allow_methods"), |place| Names::of(METHODS, place));
    rule.request_headers = every(starred("allow_headers"), Names::asked);
    // Newer versions expose nothing by default.
    rule.exposed_headers = names(get("expose_headers"));
    rule.max_age = Some(get("max_age").map_or_else(|| Said::new(Ok(5), place), cors::seconds));
    // APISIX refuses such a configuration.
    let is_any = rule.origins.iter().any(|said| said.value == OriginSaid::Any);
    if has_credentials && is_any {
        let message = "APISIX refuses `*` together with `allow_credential`";
        cors::remark(
            &mut rule,
            Class::Unreadable,
            About::Credentials,
            place,
            message,
            "List the origins of the pages.",
        );
    }
    if let Some((what, place)) = &config.unknown {
        cors::doubtful(&mut rule, what, place);
    }
    rule
}

/// A text with commas. Beside others, `*` is an origin like any other, and spaces belong to them.
fn origins(node: &Node) -> Vec<Said<OriginSaid>> {
    let said = |origin| Said::new(origin, &node.place);
    match cors::text(node) {
        Err(what) => vec![said(OriginSaid::Unreadable(what))],
        Ok(text) if text == "*" => vec![said(OriginSaid::Any)],
        Ok(text) if text == "**" => vec![said(OriginSaid::Reflected)],
        Ok(text) => text
            .split(',')
            .filter(|part| !part.is_empty())
            .map(|part| said(OriginSaid::Exact(part.to_owned())))
            .collect(),
    }
}

/// `**` in place of a list.
fn every(names: Names, meant: impl Fn(&Place) -> Names) -> Names {
    match names.listed.as_slice() {
        [only] if only.value == "**" => meant(&only.place),
        _ => names,
    }
}
