//! API Gateway and function URLs of AWS: `CorsConfiguration` of HTTP APIs
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>), `Cors` of REST APIs in SAM, whose
//! values are texts in quotes within quotes, and what `aws apigatewayv2 get-api` prints.

use super::cors::{self, names};
use crate::expression::Expression;
use crate::model::{Names, OriginSaid, Rule};
use crate::place::{Place, Said};
use crate::report::{About, Class};
use crate::yaml::{Node, Table, Value};

const KEYS: [&str; 4] = ["CorsConfiguration", "corsConfiguration", "x-amazon-apigateway-cors", "Cors"];

/// Reads what has CORS under one of the keys.
pub(super) fn read(table: &Table, _: &Place, _: &[&Table]) -> Option<Vec<Rule>> {
    let (key, node) = KEYS.iter().find_map(|key| Some((*key, table.get(key)?)))?;
    let rule = match &node.value {
        Value::Table(cors) if cors.first(&["AllowOrigins", "allowOrigins"]).is_some() => {
            http(cors, &node.place)
        }
        Value::Table(cors) if key == "Cors" && is_rest(cors) => rest(cors, &node.place),
        Value::Scalar { text, .. } if key == "Cors" && text.starts_with('\'') => {
            let mut cors = Table::default();
            let value = Value::Scalar { text: text.clone(), is_plain: false };
            cors.set("AllowOrigin".to_owned(), Node { value, place: node.place.clone() });
            rest(&cors, &node.place)
        }
        Value::Scalar { .. } if key == "CorsConfiguration" && cors::boolean(node) == Some(true) => {
            let mut rule = Rule::new(HTTP, &node.place);
            rule.origins.push(Said::new(OriginSaid::Any, &node.place));
            rule
        }
        Value::Unknown(what) => unknown(what, &node.place),
        Value::Table(cors) => unknown(&cors::function(cors)?, &node.place),
        _ => return None,
    };
    Some(vec![rule])
}

fn unknown(what: &str, place: &Place) -> Rule {
    let mut rule = Rule::new(HTTP, place);
    cors::doubtful(&mut rule, what, place);
    rule
}

const HTTP: &str = "CORS of an HTTP API or a function URL of AWS";
const REST: &str = "CORS of a REST API in SAM";

fn http(table: &Table, place: &Place) -> Rule {
    let mut rule = Rule::new(HTTP, place);
    let get = |name: &str| {
        let lower: String =
            name.chars().take(1).flat_map(char::to_lowercase).chain(name.chars().skip(1)).collect();
        table.first(&[name, &lower]).filter(|node| !matches!(node.value, Value::Nothing))
    };
    rule.origins = cors::origins(get("AllowOrigins"), |text| match text {
        "*" => OriginSaid::Any,
        // The only patterns that are documented.
        "https://*" | "http://*" => cors::matching(Expression::wildcard(text, ".*")),
        _ => OriginSaid::Exact(text.to_owned()),
    });
    rule.methods = names(get("AllowMethods"));
    rule.request_headers = names(get("AllowHeaders"));
    rule.exposed_headers = names(get("ExposeHeaders"));
    rule.max_age = get("MaxAge").map(cors::seconds);
    cors::credentials(get("AllowCredentials"), &mut rule);
    if let Some((what, place)) = &table.unknown {
        cors::doubtful(&mut rule, what, place);
    }
    rule
}

fn is_rest(table: &Table) -> bool {
    ["AllowOrigin", "AllowMethods", "AllowHeaders"].iter().any(|key| table.get(key).is_some())
}

/// SAM writes a method OPTIONS whose response has these headers; the other methods have to send their own.
fn rest(table: &Table, place: &Place) -> Rule {
    let mut rule = Rule::new(REST, place);
    rule.origins = match table.present("AllowOrigin").map(|node| (quoted(node), &node.place)) {
        None => Vec::new(),
        Some((Ok(text), place)) => {
            let origin = if text == "*" { OriginSaid::Any } else { OriginSaid::Exact(text) };
            vec![Said::new(origin, place)]
        }
        Some((Err(what), place)) => vec![Said::new(OriginSaid::Unreadable(what), place)],
    };
    let list = |key: &str| match table.present(key).map(|node| (quoted(node), &node.place)) {
        None => None,
        Some((Ok(text), place)) => Some(Names::of_value(&text, place)),
        Some((Err(what), place)) => Some(Names::unreadable(what, place)),
    };
    let of_paths = || Names::unreadable("the paths of the API".to_owned(), place);
    rule.methods = list("AllowMethods").unwrap_or_else(of_paths);
    rule.request_headers = list("AllowHeaders").unwrap_or_default();
    rule.max_age = table.present("MaxAge").map(|node| {
        let value =
            quoted(node).and_then(|text| text.parse().map_err(|_| "a text that is no number".to_owned()));
        Said::new(value, &node.place)
    });
    cors::credentials(table.get("AllowCredentials"), &mut rule);
    let message = "SAM answers preflights alone: what the functions themselves send is not in this file";
    let advice = "Look at the headers that they send, also those that pages may read.";
    cors::remark(&mut rule, Class::Unreadable, About::Origins, place, message, advice);
    if let Some((what, place)) = &table.unknown {
        cors::doubtful(&mut rule, what, place);
    }
    rule
}

/// A text in single quotes, as API Gateway writes one that stands for itself.
fn quoted(node: &Node) -> Result<String, String> {
    let text = cors::text(node)?;
    let inner = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    inner.map(str::to_owned).ok_or_else(|| "a mapping without quotes within the quotes".to_owned())
}
