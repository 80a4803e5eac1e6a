//! CORS that a configuration has in some way that is not read: headers that it adds, such as those of a
//! `ResponseHeaderModifier`, of Envoy or of an integration of API Gateway, and a `cors` of another program. What they say
//! is not carried over: each place is a hole.

use std::collections::BTreeSet;

use crate::kind::Kind;
use crate::model::{Reading, Remark, Rule};
use crate::place::{Place, Said};
use crate::yaml::{Node, Table, Value};

/// The most places that are named.
const MOST: usize = 20;
const SETS: &str = "a header of CORS is set here in a way that is not read";
const HEADER: &str = "access-control-allow-origin";

/// Names the places that set the header, but for those that a rule has been read from.
pub(super) fn name(documents: &[Node], rules: &[(Kind, Rule)], reading: &mut Reading) {
    let rules = rules.iter().map(|(_, rule)| rule).chain(&reading.rules);
    let places = rules.flat_map(|rule| {
        let remarks = rule.remarks.iter().map(|it| &it.place);
        rule.origins.iter().map(|it| &it.place).chain(remarks).chain([&rule.place])
    });
    let read: BTreeSet<Place> = places.cloned().collect();
    let mut found = Vec::new();
    for document in documents {
        visit(document, &read, &mut found);
    }
    for (message, place) in found.into_iter().filter(|(_, place)| !read.contains(place)).take(MOST) {
        let advice = Some("Write a route for the requests that it is for.".to_owned());
        let remark = Remark::unread(message.to_owned(), advice);
        reading.holes.push(Said::new(remark, &place));
    }
}

type Found = Vec<(&'static str, Place)>;

fn visit(node: &Node, read: &BTreeSet<Place>, found: &mut Found) {
    match &node.value {
        Value::List(list) => list.items.iter().for_each(|item| visit(item, read, found)),
        Value::Table(table) => {
            for (key, child) in table.entries() {
                // A declaration has `true`, or a schema.
                let is_value = child.text().is_some_and(|text| !matches!(text, "true" | "false"));
                let key = key.to_ascii_lowercase();
                let is_other_ingress =
                    key.ends_with("/cors-allow-origin") && !key.starts_with("nginx.ingress.");
                if is_value && (key.ends_with(HEADER) || is_other_ingress) {
                    found.push((SETS, child.place.clone()));
                } else if key.eq_ignore_ascii_case("cors") && is_cors(child, read) {
                    found.push(("`cors` of a program that is not read", child.place.clone()));
                } else {
                    visit(child, read, found);
                }
            }
            found.extend(pair(table).map(|place| (SETS, place)));
        }
        // `Access-Control-Allow-Origin: *` of a plugin that takes whole lines.
        Value::Scalar { text, .. } => {
            let name = text.split(':').next().unwrap_or_default();
            let is_line = name.len() < text.len() && name.trim().eq_ignore_ascii_case(HEADER);
            // A whole file, such as a `ConfigMap` has.
            let is_file = text.contains('\n') && text.to_ascii_lowercase().contains(HEADER);
            if is_line || is_file {
                found.push((SETS, node.place.clone()));
            }
        }
        _ => {}
    }
}

/// Whether a `cors` says something of its own that no rule has been read from.
fn is_cors(node: &Node, read: &BTreeSet<Place>) -> bool {
    match &node.value {
        Value::Scalar { text, .. } => text == "true",
        Value::Table(table) => table.entries().any(|(key, origins)| {
            let is_read = read.contains(&origins.place)
                || origins.items().iter().any(|item| read.contains(&item.place));
            matches!(key.to_ascii_lowercase().as_str(), "origin" | "origins" | "alloworigin") && !is_read
        }),
        _ => false,
    }
}

/// The value of `{ name: Access-Control-Allow-Origin, value: … }`.
fn pair(table: &Table) -> Option<Place> {
    let is_name = |(key, node): &(&str, &Node)| {
        matches!(key.to_ascii_lowercase().as_str(), "key" | "name" | "header")
            && node.text().is_some_and(|text| text.eq_ignore_ascii_case(HEADER))
    };
    table.entries().find(is_name)?;
    let value = table.entries().find(|(key, _)| key.eq_ignore_ascii_case("value"));
    value.map(|(_, node)| node.place.clone())
}
