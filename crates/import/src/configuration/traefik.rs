//! The headers middleware of Traefik (<https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/headers/>):
//! in its own YAML, in labels of Docker, and as a resource of Kubernetes.
//!
//! The origins are compared in their order; `*` among them is sent as it is, also with credentials. Expressions are
//! searched for anywhere in the origin.

use super::cors::{self, expression, names};
use crate::expression::Compared;
use crate::model::{OriginSaid, Rule};
use crate::place::{Place, Said};
use crate::response_headers::{self, HeaderSaid};
use crate::yaml::{List, Node, Table, Value};

pub(super) const WHAT: &str = "the headers middleware of Traefik";

/// Reads `headers` of a middleware, or labels.
pub(super) fn read(table: &Table, _: &Place, _: &[&Table]) -> Option<Vec<Rule>> {
    if let Some(labels) = labels(table) {
        return Some(labels);
    }
    let node = table.get("headers")?;
    let headers = node.table()?;
    let rule = middleware(headers, &node.place);
    let is_traefik = rule.is_some() || find(headers, "customresponseheaders").is_some();
    is_traefik.then(|| rule.into_iter().collect())
}

/// A key in any case.
fn find<'t>(table: &'t Table, name: &str) -> Option<&'t Node> {
    table.entries().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, node)| node)
}

fn middleware(headers: &Table, place: &Place) -> Option<Rule> {
    let get = |name: &str| find(headers, &format!("accesscontrol{name}"));
    let is_cors = headers.entries().any(|(key, _)| key.to_ascii_lowercase().starts_with("accesscontrol"));
    if !is_cors {
        return custom(headers, place);
    }
    let mut rule = Rule::new(WHAT, place);
    cors::credentials(get("allowcredentials"), &mut rule);
    rule.origins = cors::origins(get("alloworiginlist"), |text| match text {
        "*" => OriginSaid::Any,
        _ => OriginSaid::Exact(text.to_owned()),
    });
    let searched = |text: &str| expression(text, Compared::Anywhere);
    rule.origins.extend(regexes(get("alloworiginlistregex"), searched));
    rule.methods = names(get("allowmethods"));
    rule.request_headers = names(get("allowheaders"));
    rule.exposed_headers = names(get("exposeheaders"));
    // It is written even if it is not set.
    rule.max_age = Some(get("maxage").map_or_else(|| Said::new(Ok(0), place), cors::seconds));
    if let Some((what, place)) = &headers.unknown {
        cors::doubtful(&mut rule, what, place);
    }
    // They come after those of CORS, and replace them.
    if let Some(custom) = custom(headers, place) {
        cors::doubtful(
            &mut rule,
            "`customResponseHeaders`, which have headers of CORS as well",
            &custom.place,
        );
    }
    Some(rule)
}

/// Expressions may have commas, so that only a list is one.
fn regexes(node: Option<&Node>, of: impl Fn(&str) -> OriginSaid) -> Vec<Said<OriginSaid>> {
    match node {
        Some(Node { value: Value::Scalar { text, .. }, place }) => vec![Said::new(of(text), place)],
        other => cors::origins(other, of),
    }
}

/// Headers that are added to every response.
fn custom(headers: &Table, place: &Place) -> Option<Rule> {
    let node = find(headers, "customresponseheaders")?;
    let (custom, place) = (node.table()?, if node.place.line == 0 { place } else { &node.place });
    let said = custom.entries().map(|(name, node)| HeaderSaid {
        name: name.to_owned(),
        value: Said::new(cors::text(node), &node.place),
    });
    let mut rule = response_headers::rule(WHAT, &said.collect::<Vec<_>>(), place)?;
    if let Some((what, place)) = custom.unknown.clone().or_else(|| headers.unknown.clone()) {
        cors::doubtful(&mut rule, &what, &place);
    }
    Some(rule)
}

const LABEL: &str = "traefik.http.middlewares.";

/// Labels of Docker, as a list of `key=value` or as a mapping.
fn labels(table: &Table) -> Option<Vec<Rule>> {
    let node = table.get("labels")?;
    let mut middlewares: Vec<(String, Table, Place)> = Vec::new();
    for (key, value) in pairs(node) {
        let lower = key.to_ascii_lowercase();
        let Some(rest) = lower.strip_prefix(LABEL) else { continue };
        let Some((name, option)) = rest.split_once(".headers.") else { continue };
        let place = value.place.clone();
        let at = match middlewares.iter().position(|(known, ..)| known == name) {
            Some(at) => at,
            None => {
                middlewares.push((name.to_owned(), Table::default(), place.clone()));
                middlewares.len() - 1
            }
        };
        let Some((_, headers, _)) = middlewares.get_mut(at) else { continue };
        match option.strip_prefix("customresponseheaders.") {
            Some(header) => {
                let mut custom = headers.table("customresponseheaders").cloned().unwrap_or_default();
                custom.set(header.to_owned(), value);
                headers.remove("customresponseheaders");
                headers.set("customresponseheaders".to_owned(), Node { value: Value::Table(custom), place });
            }
            // `list[0]` and `list[1]` are items of one list.
            None => match option.split_once('[') {
                Some((option, _)) => {
                    let mut items = headers.get(option).map(Node::items).unwrap_or_default().to_vec();
                    let has_other = items.is_empty() && headers.get(option).is_some();
                    items.push(value);
                    let list = Node { value: Value::List(List { items, unknown: None }), place };
                    if !has_other {
                        headers.remove(option);
                    }
                    headers.set(option.to_owned(), list);
                }
                None if option.ends_with("regex") => headers.set(option.to_owned(), separated(value)),
                None => headers.set(option.to_owned(), value),
            },
        }
    }
    let rules: Vec<_> =
        middlewares.iter().filter_map(|(_, headers, place)| middleware(headers, place)).collect();
    (!rules.is_empty()).then_some(rules)
}

pub(super) fn pairs(node: &Node) -> Vec<(String, Node)> {
    match &node.value {
        Value::Table(table) => table.entries().map(|(key, node)| (key.to_owned(), unescaped(node))).collect(),
        Value::List(list) => {
            let pair = |item: &Node| {
                let (key, value) = item.text()?.split_once('=')?;
                let value = Value::Scalar { text: value.to_owned(), is_plain: false };
                Some((key.to_owned(), unescaped(&Node { value, place: item.place.clone() })))
            };
            list.items.iter().filter_map(pair).collect()
        }
        _ => Vec::new(),
    }
}

/// Traefik separates the items of a label at commas.
fn separated(node: Node) -> Node {
    let Some(text) = node.text() else { return node };
    let item = |text: &str| {
        let value = Value::Scalar { text: text.trim().to_owned(), is_plain: false };
        Node { value, place: node.place.clone() }
    };
    let items = text.split(',').map(item).collect();
    Node { value: Value::List(List { items, unknown: None }), place: node.place.clone() }
}

/// Compose writes `$` as `$$`; a single one begins a variable.
fn unescaped(node: &Node) -> Node {
    let Some(text) = node.text() else { return node.clone() };
    let value = match text.replace("$$", "").contains('$') && !text.ends_with('$') {
        true => Value::Unknown("a variable".to_owned()),
        false => Value::Scalar { text: text.replace("$$", "$"), is_plain: false },
    };
    Node { value, place: node.place.clone() }
}
