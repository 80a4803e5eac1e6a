//! What the readers of configurations share: how values stand for names, origins and numbers.

use crate::expression::{Compared, Expression};
use crate::model::{Names, OriginSaid, PathSaid, Remark, Rule};
use crate::paths;
use crate::place::{Place, Said};
use crate::report::{About, Class};
use crate::yaml::{Node, Table, Value};

/// The rule of a mapping that something else may change.
pub(super) fn doubtful(rule: &mut Rule, what: &str, place: &Place) {
    rule.origins = vec![Said::new(OriginSaid::Unreadable(what.to_owned()), place)];
    rule.methods = Names::unreadable(what.to_owned(), place);
    rule.request_headers = Names::unreadable(what.to_owned(), place);
    rule.exposed_headers = Names::unreadable(what.to_owned(), place);
    rule.credentials = Said::new(None, place);
    rule.max_age = None;
}

pub(super) fn remark(
    rule: &mut Rule,
    class: Class,
    about: About,
    place: &Place,
    message: &str,
    advice: &str,
) {
    let advice = (!advice.is_empty()).then(|| advice.to_owned());
    let remark = Remark { class, about, message: message.to_owned(), advice, closes: None };
    rule.remarks.push(Said::new(remark, place));
}

/// A text, or what stands in its place, as a noun.
pub(super) fn text(node: &Node) -> Result<String, String> {
    match &node.value {
        Value::Scalar { text, .. } if is_variable(text) => Err("a variable".to_owned()),
        Value::Scalar { text, .. } => Ok(text.clone()),
        Value::Table(table) => Err(function(table).unwrap_or_else(|| node.noun())),
        _ => Err(node.noun()),
    }
}

/// What a text has that is filled in later: by a shell, by Compose, by Azure, by a vault.
fn is_variable(text: &str) -> bool {
    let is_azure = text.starts_with('[') && text.ends_with(")]");
    ["${", "$(", "{vault://", "{{", "$env://"].iter().any(|mark| text.contains(mark)) || is_azure
}

/// A function of CloudFormation in JSON: `{ "Ref": "Name" }`.
pub(super) fn function(table: &Table) -> Option<String> {
    let mut keys = table.entries().map(|(key, _)| key);
    match (keys.next(), keys.next()) {
        (Some(key), None) if key == "Ref" || key.starts_with("Fn::") && key.len() < 40 => {
            Some(format!("`{}`", crate::shown::line(key)))
        }
        _ => None,
    }
}

/// The texts of a list, of one text with commas, or of an object with `Items`.
pub(super) fn texts(node: &Node) -> Vec<Said<Result<String, String>>> {
    let said = |value, node: &Node| Said::new(value, &node.place);
    match &node.value {
        Value::List(list) => {
            // A block of Terraform is a list of one: `[{ "items": ["https://a.example"] }]`.
            let of_block = |item: &Node| {
                let block = item.table().filter(|it| it.entries().count() == 1)?;
                block.first(&["Items", "items"]).filter(|it| matches!(it.value, Value::List(_))).map(texts)
            };
            let texts_of = |item| of_block(item).unwrap_or_else(|| vec![said(text(item), item)]);
            let mut texts: Vec<_> = list.items.iter().flat_map(texts_of).collect();
            texts.extend(list.unknown.iter().map(|(what, place)| Said::new(Err(what.clone()), place)));
            texts
        }
        Value::Table(table) => match table.get("Items").or_else(|| table.get("items")) {
            Some(items) => texts(items),
            None if table.entries().count() == 1 && table.text("Quantity") == Some("0") => Vec::new(),
            None => vec![said(text(node), node)],
        },
        Value::Nothing => Vec::new(),
        _ => match text(node) {
            Ok(text) => {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                parts.map(|part| said(Ok(part.to_owned()), node)).collect()
            }
            Err(what) => vec![said(Err(what), node)],
        },
    }
}

/// Methods or headers.
pub(super) fn names(node: Option<&Node>) -> Names {
    let mut names = Names::default();
    for said in node.map(texts).unwrap_or_default() {
        match said.value {
            Ok(text) => names.listed.push(Said { value: text, place: said.place }),
            Err(what) => names.unreadable.push(Said { value: what, place: said.place }),
        }
    }
    names.take_star();
    names
}

/// The `*` of a program that answers with what the preflight asks for.
pub(super) fn star_repeats(names: &mut Names) {
    if let Some(all) = &mut names.all {
        all.value = crate::model::All::Asked;
    }
}

/// `true` or `false`; `None` if that cannot be known.
pub(super) fn boolean(node: &Node) -> Option<bool> {
    match node.text()?.trim() {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// Credentials that are not allowed unless a key says so.
pub(super) fn credentials(node: Option<&Node>, rule: &mut Rule) {
    if let Some(node) = node.filter(|node| !matches!(node.value, Value::Nothing)) {
        rule.credentials = Said::new(boolean(node), &node.place);
    }
}

/// Seconds, as a number or as a duration such as `24h` and `1h30m`.
pub(super) fn seconds(node: &Node) -> Said<Result<i64, String>> {
    let value =
        text(node).and_then(|text| duration(&text).ok_or_else(|| "a text that is no number".to_owned()));
    Said::new(value, &node.place)
}

fn duration(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<i64>() {
        return Some(seconds);
    }
    let mut total: i64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|it: char| !it.is_ascii_digit())?;
        let (number, unit) = rest.split_at_checked(end)?;
        let length = unit.find(|it: char| it.is_ascii_digit()).unwrap_or(unit.len());
        let (unit, after) = unit.split_at_checked(length)?;
        let factor = match unit {
            "h" => 3600,
            "m" => 60,
            "s" => 1,
            _ => return None,
        };
        total = total.checked_add(number.parse::<i64>().ok()?.checked_mul(factor)?)?;
        rest = after;
    }
    (!text.is_empty()).then_some(total)
}

/// A regular expression of RE2, Go or PCRE.
pub(super) fn expression(source: &str, compared: Compared) -> OriginSaid {
    matching(Expression::common(source, compared))
}

pub(super) fn matching(expression: Result<Expression, &'static str>) -> OriginSaid {
    match expression {
        Ok(expression) => OriginSaid::Matching(expression),
        Err(why) => OriginSaid::Unreadable(format!("a regular expression with {why}")),
    }
}

/// An origin in which `*` stands for any letters.
pub(super) fn glob(text: &str) -> OriginSaid {
    match text {
        "*" => OriginSaid::Any,
        _ if text.contains('*') => matching(Expression::wildcard(text, ".*")),
        _ => OriginSaid::Exact(text.to_owned()),
    }
}

/// The origins of a list, each by a function.
pub(super) fn origins(node: Option<&Node>, of: impl Fn(&str) -> OriginSaid) -> Vec<Said<OriginSaid>> {
    let said = node.map(texts).unwrap_or_default().into_iter().map(|said| {
        let origin = match said.value {
            Ok(text) => of(&text),
            Err(what) => OriginSaid::Unreadable(what),
        };
        Said { value: origin, place: said.place }
    });
    said.collect()
}

/// A path that a program takes for itself and all below it, on a segment boundary.
pub(super) fn prefix(path: &str) -> PathSaid {
    match path.trim_end_matches('/') {
        "" => PathSaid::All,
        path => PathSaid::Prefix(path.to_owned()),
    }
}

/// A path that is compared letter by letter with the beginning of the request's, so that `/api` also has `/apis`.
pub(super) fn letters(path: &str, rule: &mut Rule) {
    rule.scope.path = prefix(path);
    let PathSaid::Prefix(prefix) = &rule.scope.path else { return };
    let (shown, place) = (crate::shown::path(prefix), rule.place.clone());
    if path.ends_with('/') {
        let message = format!("`{shown}/*` also has `{shown}` itself, which the source does not");
        let advice = "Add a route for it with `cors = false` if pages must not read it.";
        remark(rule, Class::Unreadable, About::Path, &place, &message, advice);
    } else {
        let message = format!(
            "the source compares letter by letter, so `{shown}` has `{shown}x` as well: `{shown}/*` has not"
        );
        remark(
            rule,
            Class::Stricter,
            About::Path,
            &place,
            &message,
            "Add a route for such paths if there are some.",
        );
    }
}

/// A path that only some requests reach.
pub(super) fn under_a_condition(text: &str) -> PathSaid {
    PathSaid::Other { text: format!("{text}, under a condition"), nearest: None }
}

/// An expression that has to match the whole path.
pub(super) fn whole_expression(text: &str, rule: &mut Rule) {
    match <[PathSaid; 1]>::try_from(paths::from_beginning(text, true)) {
        Ok([PathSaid::Prefix(prefix)]) => letters(&prefix, rule),
        Ok([path]) => rule.scope.path = path,
        Err(_) => rule.scope.path = PathSaid::Other { text: text.to_owned(), nearest: paths::around(text) },
    }
}

/// Of these paths, those that something else is true for.
pub(super) fn conditional(path: &PathSaid) -> PathSaid {
    let text = match path {
        PathSaid::Exact(path) | PathSaid::Prefix(path) | PathSaid::Other { text: path, .. } => path.as_str(),
        PathSaid::All => "/",
    };
    PathSaid::Other { text: format!("{text}, under a condition"), nearest: path.nearest() }
}

/// A rule whose requests must have something besides their path.
pub(super) fn limit_to_a_condition(rule: &mut Rule) {
    rule.scope.path = conditional(&rule.scope.path);
}

/// The hosts of a list; `*` is every host.
pub(super) fn hosts(node: Option<&Node>, rule: &mut Rule) {
    for said in node.map(texts).unwrap_or_default() {
        match said.value {
            Ok(host) if host == "*" => {
                rule.scope.hosts.clear();
                return;
            }
            Ok(host) => rule.scope.hosts.push(host),
            // No host has such a name, so that the route is only proposed.
            Err(what) => rule.scope.hosts.push(format!("{what} ")),
        }
    }
    without_ports(&mut rule.scope.hosts);
}

/// Some compare hosts with ports. One that stands there without a port as well says nothing new with one.
fn without_ports(hosts: &mut Vec<String>) {
    let plain = hosts.clone();
    hosts.retain(|host| match host.rsplit_once(':') {
        Some((name, port)) if port == "*" || port.bytes().all(|byte| byte.is_ascii_digit()) => {
            !plain.iter().any(|it| it == name)
        }
        _ => true,
    });
}

/// The methods of a route. Without OPTIONS among them, it gets no preflight.
pub(super) fn only_methods(node: Option<&Node>, rule: &mut Rule) {
    let methods: Vec<_> = node.map(texts).unwrap_or_default();
    if methods.is_empty() {
        return;
    }
    let mut listed = Vec::new();
    for method in methods {
        match method.value {
            Ok(method) => listed.push(method.to_ascii_uppercase()),
            Err(what) => rule.scope.path = under_a_condition(&what),
        }
    }
    rule.scope.preflights = listed.iter().any(|method| method == "OPTIONS");
    listed.retain(|method| method != "OPTIONS");
    rule.scope.methods = Some(listed);
}

/// Whether a rule says nothing of CORS.
pub(super) fn is_empty(rule: &Rule) -> bool {
    rule.origins.is_empty()
        && rule.remarks.is_empty()
        && rule.methods == Names::default()
        && rule.request_headers == Names::default()
}
