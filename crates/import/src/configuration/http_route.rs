//! The CORS filter of `HTTPRoute` (<https://gateway-api.sigs.k8s.io/guides/http-cors>), in the standard channel since 1.5.

use super::cors::{self, glob, names};
use crate::model::{Applies, OriginSaid, PathSaid, Rule};
use crate::place::Place;
use crate::report::{About, Class};
use crate::yaml::{Node, Table, Value};

const WHAT: &str = "the CORS filter of an HTTPRoute";

/// Reads an `HTTPRoute`, or a filter alone.
pub(super) fn read(table: &Table, place: &Place, _: &[&Table]) -> Option<Vec<Rule>> {
    if table.text("kind") == Some("HTTPRoute") {
        let spec = table.table("spec");
        let rules = spec.map(|spec| spec.items("rules")).unwrap_or_default();
        let mut found: Vec<_> = rules.iter().flat_map(|rule| on_matches(rule, spec)).collect();
        let unknown = spec.and_then(|spec| match spec.get("rules").map(|rules| &rules.value) {
            Some(Value::List(list)) => list.unknown.clone().or_else(|| spec.unknown.clone()),
            _ => spec.unknown.clone(),
        });
        if let Some((what, place)) = unknown {
            for rule in &mut found {
                cors::doubtful(rule, &what, &place);
            }
        }
        return Some(found);
    }
    let is_filter = table.text("type").is_some_and(|text| text == "CORS") && table.get("cors").is_some();
    is_filter.then(|| vec![filter(table, place)])
}

fn on_matches(node: &Node, spec: Option<&Table>) -> Vec<Rule> {
    let Some(table) = node.table() else { return Vec::new() };
    let is_cors = |node: &&Node| node.table().is_some_and(|it| it.text("type") == Some("CORS"));
    let mut rule = match table.items("filters").iter().find(is_cors) {
        Some(node) => node.table().map_or_else(|| Rule::new(WHAT, &node.place), |it| filter(it, &node.place)),
        None => Rule::new(WHAT, &node.place),
    };
    let of_backend = table.items("backendRefs").iter().filter_map(Node::table);
    if let Some(node) = of_backend.flat_map(|backend| backend.items("filters")).find(is_cors) {
        let message = "a CORS filter of one backend, which only requests to it get";
        let advice = "Write a route for it, if its paths are known.";
        cors::remark(&mut rule, Class::Unreadable, About::Path, &node.place, message, advice);
    }
    rule.scope.applies = Applies::OfHost;
    cors::hosts(spec.and_then(|spec| spec.get("hostnames")), &mut rule);
    if let Some((what, place)) = &table.unknown {
        cors::doubtful(&mut rule, what, place);
    }
    let matches = table.items("matches");
    if matches.is_empty() {
        return vec![rule];
    }
    matches
        .iter()
        .filter_map(|node| Some((node.table()?, &node.place)))
        .map(|(on, place)| {
            let mut rule = Rule { place: place.clone(), ..rule.clone() };
            rule.scope.path = path(on);
            rule
        })
        .collect()
}

fn path(on: &Table) -> PathSaid {
    let path = on.table("path");
    let value = path.and_then(|path| path.get("value")).map(cors::text);
    let kind = path.and_then(|path| path.text("type")).unwrap_or("PathPrefix");
    let said = match (kind, value) {
        (_, None) => PathSaid::All,
        (_, Some(Err(what))) => return PathSaid::Other { text: what, nearest: None },
        ("Exact", Some(Ok(path))) => PathSaid::Exact(path),
        ("PathPrefix", Some(Ok(path))) => cors::prefix(&path),
        (_, Some(Ok(path))) => return PathSaid::Other { text: path, nearest: None },
    };
    let has_condition = ["headers", "queryParams", "method"].iter().any(|key| on.present(key).is_some());
    if !has_condition && on.unknown.is_none() {
        return said;
    }
    cors::conditional(&said)
}

fn filter(filter: &Table, place: &Place) -> Rule {
    let mut rule = Rule::new(WHAT, place);
    let Some(cors) = filter.table("cors") else {
        let what = filter.get("cors").map_or_else(|| "nothing".to_owned(), Node::noun);
        cors::doubtful(&mut rule, &what, place);
        return rule;
    };
    cors::credentials(cors.get("allowCredentials"), &mut rule);
    let has_credentials = rule.credentials.value;
    rule.origins = cors::origins(cors.get("allowOrigins"), |text| match (text, has_credentials) {
        // With credentials, the gateway answers with the origin itself.
        ("*", Some(true)) => OriginSaid::Reflected,
        ("*", None) => OriginSaid::Unreadable("`*`, whose meaning depends on `allowCredentials`".to_owned()),
        _ => glob(text),
    });
    rule.methods = names(cors.get("allowMethods"));
    rule.request_headers = names(cors.get("allowHeaders"));
    if has_credentials == Some(true) {
        cors::star_repeats(&mut rule.methods);
        cors::star_repeats(&mut rule.request_headers);
    }
    rule.exposed_headers = names(cors.get("exposeHeaders"));
    rule.max_age = cors.present("maxAge").map(cors::seconds);
    if let Some((what, place)) = cors.unknown.clone().or_else(|| filter.unknown.clone()) {
        cors::doubtful(&mut rule, &what, &place);
    }
    rule
}
