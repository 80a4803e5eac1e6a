//! `corsPolicy` of Istio's `VirtualService` (<https://istio.io/latest/docs/reference/config/networking/virtual-service/#CorsPolicy>).
//! Istio gives it to Envoy.

use super::cors;
use super::envoy::{matcher, policy};
use crate::model::{Applies, OriginSaid, PathSaid, Rule};
use crate::place::{Place, Said};
use crate::yaml::{Node, Table, Value};

const WHAT: &str = "`corsPolicy` of Istio";

/// Reads a `VirtualService`, or one of its routes alone.
pub(super) fn read(table: &Table, place: &Place, _: &[&Table]) -> Option<Vec<Rule>> {
    if table.text("kind") != Some("VirtualService") {
        let own = table.get("corsPolicy")?;
        return Some(on_matches(table, place, own.table(), None));
    }
    let spec = table.table("spec");
    let routes = spec.map(|spec| spec.items("http")).unwrap_or_default();
    let mut found = Vec::new();
    for node in routes {
        let Some(route) = node.table() else { continue };
        found.extend(on_matches(route, &node.place, route.table("corsPolicy"), spec));
    }
    let unknown = spec.and_then(|spec| match spec.get("http").map(|http| &http.value) {
        Some(Value::List(list)) => list.unknown.clone().or_else(|| spec.unknown.clone()),
        _ => spec.unknown.clone(),
    });
    if let Some((what, place)) = unknown {
        for rule in &mut found {
            cors::doubtful(rule, &what, &place);
        }
    }
    Some(found)
}

fn on_matches(route: &Table, place: &Place, own: Option<&Table>, spec: Option<&Table>) -> Vec<Rule> {
    let mut rule = Rule::new(WHAT, place);
    match (own, route.get("corsPolicy")) {
        // Envoy answers neither for redirects nor for responses of its own.
        _ if route.present("redirect").is_some() || route.present("directResponse").is_some() => {}
        (Some(own), node) => {
            rule.place = node.map_or_else(|| place.clone(), |node| node.place.clone());
            policy(&[own], &mut rule);
            if rule.origins.is_empty() {
                rule.origins = own.items("allowOrigins").iter().map(origin).collect();
            }
        }
        (None, Some(node)) if !matches!(node.value, Value::Nothing) => {
            cors::doubtful(&mut rule, &node.noun(), &node.place);
        }
        _ => {}
    }
    rule.scope.applies = Applies::First;
    cors::hosts(spec.and_then(|spec| spec.get("hosts")), &mut rule);
    if let Some((what, place)) = &route.unknown {
        cors::doubtful(&mut rule, what, place);
    }
    let matches = route.items("match");
    if matches.is_empty() {
        return vec![rule];
    }
    let mut rules = Vec::new();
    for on in matches.iter().filter_map(Node::table) {
        let mut rule = rule.clone();
        path(on, &mut rule);
        rules.push(rule);
    }
    rules
}

fn origin(node: &Node) -> Said<OriginSaid> {
    let origin = match &node.value {
        Value::Table(table) => matcher(table),
        _ => OriginSaid::Unreadable(node.noun()),
    };
    Said::new(origin, &node.place)
}

fn path(on: &Table, rule: &mut Rule) {
    let uri = on.table("uri");
    let text = |key: &str| uri.and_then(|uri| uri.get(key)).map(cors::text);
    match (text("exact"), text("prefix"), text("regex")) {
        (Some(Ok(path)), _, _) => rule.scope.path = PathSaid::Exact(path),
        (_, Some(Ok(path)), _) => cors::letters(&path, rule),
        (_, _, Some(Ok(path))) => cors::whole_expression(&path, rule),
        (None, None, None) if uri.is_none() => {}
        _ => rule.scope.path = cors::under_a_condition("a path that is not known"),
    }
    // `name` only names it. With gateways or a port it is not for requests that come in elsewhere.
    let is_plain = |key: &str| matches!(key, "uri" | "name");
    if on.unknown.is_some() || on.entries().any(|(key, _)| !is_plain(key)) {
        cors::limit_to_a_condition(rule);
    }
}
