//! The CORS filter of Envoy (<https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/cors_filter>):
//! its policies in `typed_per_filter_config`, and `cors` of older versions.
//!
//! Of the policies of a route, its virtual host and its configuration, each field comes from the first that has it. An
//! origin is allowed if a matcher matches it, or if it matches the text `*`.

use super::cors::{self, expression, matching, names};
use crate::expression::{Compared, Expression};
use crate::model::{All, Applies, Names, OriginSaid, PathSaid, Rule};
use crate::place::{Place, Said};
use crate::yaml::{Node, Table, Value};

const WHAT: &str = "the CORS policy of Envoy";

/// Fields of Protobuf, whose names are written in snake case or in camel case.
pub(super) trait Field {
    fn field(&self, name: &str) -> Option<&Node>;
}

impl Field for Table {
    fn field(&self, name: &str) -> Option<&Node> {
        let mut camel = String::new();
        for (index, part) in name.split('_').enumerate() {
            match part.split_at_checked(1) {
                Some((first, rest)) if index > 0 => {
                    camel.push_str(&first.to_ascii_uppercase());
                    camel.push_str(rest);
                }
                _ => camel.push_str(part),
            }
        }
        self.first(&[name, &camel]).filter(|node| !matches!(node.value, Value::Nothing))
    }
}

fn items<'t>(table: &'t Table, name: &str) -> &'t [Node] {
    table.field(name).map(Node::items).unwrap_or_default()
}

/// Reads a route configuration, or a policy alone.
pub(super) fn read(table: &Table, place: &Place, parents: &[&Table]) -> Option<Vec<Rule>> {
    if table.field("virtual_hosts").is_some() {
        let mut rules: Vec<_> =
            items(table, "virtual_hosts").iter().flat_map(|host| of_host(host, table)).collect();
        if !has_filter(parents) {
            for rule in rules.iter_mut().filter(|rule| !cors::is_empty(rule)) {
                let place = rule.place.clone();
                cors::doubtful(rule, "a filter that is not among the `http_filters`", &place);
            }
        }
        return Some(rules);
    }
    // A virtual host alone.
    if table.field("domains").is_some() && table.field("routes").is_some() {
        let node = Node { value: Value::Table(table.clone()), place: place.clone() };
        return Some(of_host(&node, &Table::default()));
    }
    // A route alone.
    if table.field("match").is_some()
        && (policy_of(table).is_some() || table.table("route").is_some_and(|it| policy_of(it).is_some()))
    {
        let mut rule = Rule::new(WHAT, place);
        of_route(table, &[], &mut rule);
        return Some(vec![rule]);
    }
    let is_policy =
        ["allow_origin_string_match", "allow_origin_regex"].iter().any(|key| table.field(key).is_some());
    if !is_policy {
        return None;
    }
    let mut rule = Rule::new(WHAT, place);
    policy(&[table], &mut rule);
    Some(vec![rule])
}

/// Whether the filter is in the chain, as far as the text tells.
fn has_filter(parents: &[&Table]) -> bool {
    let Some(filters) = parents.iter().rev().find_map(|table| table.field("http_filters")) else {
        return true;
    };
    filters.items().iter().any(|filter| {
        let Some(filter) = filter.table() else { return true };
        let config = filter.field("typed_config").and_then(Node::table);
        let names = [filter.text("name"), config.and_then(|config| config.text("@type"))];
        names.into_iter().flatten().any(|name| name.to_ascii_lowercase().contains("cors"))
    })
}

fn of_host(node: &Node, configuration: &Table) -> Vec<Rule> {
    let Some(host) = node.table() else { return Vec::new() };
    let outer: Vec<_> = [policy_of(host), policy_of(configuration)].into_iter().flatten().collect();
    let mut rules = Vec::new();
    for route in items(host, "routes") {
        let Some(table) = route.table() else { continue };
        let mut rule = Rule::new(WHAT, &route.place);
        of_route(table, &outer, &mut rule);
        cors::hosts(host.field("domains"), &mut rule);
        rules.push(rule);
    }
    let unknown = match host.field("routes").map(|routes| &routes.value) {
        Some(Value::List(list)) => list.unknown.clone().or_else(|| host.unknown.clone()),
        _ => host.unknown.clone(),
    };
    if let Some((what, place)) = unknown {
        for rule in &mut rules {
            cors::doubtful(rule, &what, &place);
        }
    }
    rules
}

fn of_route(table: &Table, outer: &[Policy<'_>], rule: &mut Rule) {
    rule.scope.applies = Applies::First;
    path(table.field("match").and_then(Node::table), rule);
    // The filter has no say in redirects and in responses of Envoy itself.
    if table.field("redirect").is_some() || table.field("direct_response").is_some() {
        return;
    }
    // Of weighted clusters, each can have its own, which comes before that of the route.
    let weighted = table.table("route").and_then(|it| it.field("weighted_clusters")).and_then(Node::table);
    let clusters = weighted.map(|it| items(it, "clusters")).unwrap_or_default();
    if let Some(node) = clusters.iter().find(|node| node.table().is_some_and(|it| policy_of(it).is_some())) {
        cors::doubtful(rule, "a policy of one of the weighted clusters", &node.place);
        return;
    }
    let own = policy_of(table).or_else(|| table.table("route").and_then(policy_of));
    let all: Vec<_> = own.iter().chain(outer).collect();
    match all.first() {
        None | Some(Policy::Off) => {}
        Some(Policy::Unknown(what, place)) => cors::doubtful(rule, what, place),
        Some(Policy::On(..)) => {
            let tables: Vec<_> = all
                .iter()
                .filter_map(|policy| match policy {
                    Policy::On(table) => Some(*table),
                    _ => None,
                })
                .collect();
            policy(&tables, rule);
        }
    }
    if let Some((what, place)) = &table.unknown {
        cors::doubtful(rule, what, place);
    }
}

/// A policy of a route, a virtual host or a configuration.
enum Policy<'t> {
    On(&'t Table),
    /// The filter does nothing there.
    Off,
    Unknown(String, Place),
}

fn policy_of(table: &Table) -> Option<Policy<'_>> {
    let filters = table.field("typed_per_filter_config").and_then(Node::table);
    let is_cors = |key: &str, node: &Node| {
        let config = node.table();
        let kind = config.and_then(|config| config.text("@type")).unwrap_or_default();
        let inner = config.and_then(|config| config.table("config")).and_then(|it| it.text("@type"));
        key == "envoy.filters.http.cors"
            || kind.contains("cors.v3.")
            || inner.is_some_and(|it| it.contains("cors.v3."))
    };
    let found = filters.and_then(|filters| filters.entries().find(|(key, node)| is_cors(key, node)));
    let node = found.map(|(_, node)| node).or_else(|| table.field("cors"))?;
    let Some(own) = node.table() else { return Some(Policy::Unknown(node.noun(), node.place.clone())) };
    // A wrapper that can turn the filter off.
    let config = own.table("config").unwrap_or(own);
    if own.field("disabled").and_then(cors::boolean) == Some(true) {
        return Some(Policy::Off);
    }
    if let Some((what, place)) = own.unknown.clone().or_else(|| config.unknown.clone()) {
        return Some(Policy::Unknown(what, place));
    }
    Some(enabled(config))
}

/// Whether a policy is for all requests.
fn enabled(policy: &Table) -> Policy<'_> {
    if policy.field("enabled").and_then(cors::boolean) == Some(false) {
        return Policy::Off;
    }
    let Some(part) = policy.field("filter_enabled") else { return Policy::On(policy) };
    let default = part.table().and_then(|part| part.field("default_value")).and_then(Node::table);
    let numerator = default.and_then(|it| it.text("numerator")).unwrap_or("0");
    let all = match default.and_then(|it| it.text("denominator")) {
        None | Some("HUNDRED") => "100",
        Some("TEN_THOUSAND") => "10000",
        Some(_) => "1000000",
    };
    match (default, numerator) {
        (Some(_), "0") => Policy::Off,
        (Some(_), numerator) if numerator == all => Policy::On(policy),
        _ => Policy::Unknown("a share of the requests".to_owned(), part.place.clone()),
    }
}

/// The rule of some policies, of which the first that has a field decides.
pub(super) fn policy(policies: &[&Table], rule: &mut Rule) {
    // In Protobuf, an empty list is none.
    let is_there = |node: &&Node| match &node.value {
        Value::Scalar { text, .. } => !text.is_empty(),
        Value::List(list) => !list.items.is_empty() || list.unknown.is_some(),
        _ => true,
    };
    let field = |name: &str| policies.iter().find_map(|policy| policy.field(name).filter(is_there));
    let matchers = ["allow_origin_string_match", "allow_origin", "allow_origin_regex"];
    let first = policies
        .iter()
        .find(|policy| matchers.iter().any(|name| policy.field(name).is_some_and(|node| is_there(&node))));
    if let Some(policy) = first {
        for node in items(policy, "allow_origin_string_match") {
            let origin = node.table().map_or_else(|| OriginSaid::Unreadable(node.noun()), matcher);
            rule.origins.push(Said::new(origin, &node.place));
        }
        rule.origins.extend(cors::origins(policy.field("allow_origin"), exact));
        let whole = |text: &str| as_any(expression(text, Compared::Whole));
        rule.origins.extend(cors::origins(policy.field("allow_origin_regex"), whole));
        for list in matchers.iter().filter_map(|name| policy.field(name)) {
            match &list.value {
                Value::List(list) => rule.origins.extend(
                    list.unknown.iter().map(|(what, at)| Said::new(OriginSaid::Unreadable(what.clone()), at)),
                ),
                Value::Unknown(what) => {
                    rule.origins.push(Said::new(OriginSaid::Unreadable(what.clone()), &list.place));
                }
                _ => {}
            }
        }
    }
    rule.methods = repeating(names(field("allow_methods")));
    rule.request_headers = repeating(names(field("allow_headers")));
    rule.exposed_headers = names(field("expose_headers"));
    rule.max_age = field("max_age").map(cors::seconds);
    cors::credentials(field("allow_credentials"), rule);
    for policy in policies {
        if let Some((what, place)) = &policy.unknown {
            cors::doubtful(rule, what, place);
        }
    }
}

/// A `*` alone is answered with what the preflight asks for; beside others it is sent as it is.
fn repeating(mut names: Names) -> Names {
    if names.listed.is_empty() && names.unreadable.is_empty() {
        cors::star_repeats(&mut names);
    } else if let Some(all) = &mut names.all {
        all.value = All::Star;
    }
    names
}

/// A text that is compared as a whole. `*` matches itself, which stands for every origin.
fn exact(text: &str) -> OriginSaid {
    match text {
        "*" => OriginSaid::Reflected,
        _ => OriginSaid::Exact(text.to_owned()),
    }
}

/// A matcher of a text (<https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/string.proto>).
pub(super) fn matcher(table: &Table) -> OriginSaid {
    let ignores_case = table.field("ignore_case").is_some_and(|node| cors::boolean(node) != Some(false));
    let part = |text: &str, start, end| matching(Expression::part(text, start, end, ignores_case));
    if let Some((what, _)) = &table.unknown {
        return OriginSaid::Unreadable(what.clone());
    }
    for (key, node) in table.entries() {
        let said = cors::text(node);
        let origin = match (key, said) {
            ("exact", Ok(text)) if ignores_case => exact(&text.to_ascii_lowercase()),
            ("exact", Ok(text)) => exact(&text),
            ("prefix", Ok(text)) if "*".starts_with(&text) => OriginSaid::Reflected,
            ("suffix" | "contains", Ok(text)) if "*".contains(&text) => OriginSaid::Reflected,
            ("prefix", Ok(text)) => part(&text, true, false),
            ("suffix", Ok(text)) => part(&text, false, true),
            ("contains", Ok(text)) => part(&text, false, false),
            ("regex", Ok(text)) => as_any(expression(&text, Compared::Whole)),
            ("safe_regex" | "safeRegex", _) => {
                match node.table().and_then(|it| it.get("regex")).map(cors::text) {
                    Some(Ok(text)) => as_any(expression(&text, Compared::Whole)),
                    Some(Err(what)) => OriginSaid::Unreadable(what),
                    None => OriginSaid::Unreadable(node.noun()),
                }
            }
            ("exact" | "prefix" | "suffix" | "contains" | "regex", Err(what)) => OriginSaid::Unreadable(what),
            ("ignore_case" | "ignoreCase", _) => continue,
            _ => OriginSaid::Unreadable("a matcher that is not known".to_owned()),
        };
        return origin;
    }
    OriginSaid::Unreadable("a matcher that is not known".to_owned())
}

/// An expression that matches the text `*` allows every origin.
fn as_any(origin: OriginSaid) -> OriginSaid {
    match origin {
        OriginSaid::Matching(expression) if expression.matches("*") => OriginSaid::Reflected,
        other => other,
    }
}

fn path(on: Option<&Table>, rule: &mut Rule) {
    let Some(on) = on else { return };
    let text = |key: &str| on.field(key).map(cors::text);
    let regex = on.field("safe_regex").and_then(Node::table).and_then(|it| it.get("regex")).map(cors::text);
    match (text("path"), text("prefix"), text("path_separated_prefix"), regex) {
        (Some(Ok(path)), ..) => rule.scope.path = PathSaid::Exact(path),
        (_, Some(Ok(path)), ..) => cors::letters(&path, rule),
        (_, _, Some(Ok(path)), _) => rule.scope.path = cors::prefix(&path),
        (_, _, _, Some(Ok(path))) => cors::whole_expression(&path, rule),
        _ => rule.scope.path = cors::under_a_condition("a path that is not known"),
    }
    let is_plain = |key: &str| {
        matches!(
            key,
            "path" | "prefix" | "path_separated_prefix" | "pathSeparatedPrefix" | "safe_regex" | "safeRegex"
        )
    };
    if on.unknown.is_some() || on.entries().any(|(key, _)| !is_plain(key)) {
        cors::limit_to_a_condition(rule);
    }
}
