//! The CORS rules of buckets and CDNs: `corsConfiguration` with `allowedOrigins`, the `CORSRules` of S3, the list of GCS
//! and R2, the rules of Azure Storage, and the response headers policy of CloudFront. All have the same five facts under
//! names that differ in case and wording.

use std::collections::{BTreeSet, HashMap};

use super::cors::{self, glob, names};
use crate::model::{All, Names, Rule};
use crate::place::{Place, Said};
use crate::report::{About, Class};
use crate::yaml::{Node, Table, Value};

const ORIGINS: &[&str] = &[
    "allowedorigins",
    "allowedorigin",
    "accesscontrolalloworigins",
    "accesscontrolalloworigin",
    "alloworigins",
    "alloworigin",
    "origins",
    "origin",
];
const METHODS: &[&str] =
    &["allowedmethods", "allowedmethod", "accesscontrolallowmethods", "allowmethods", "methods", "method"];
const REQUEST_HEADERS: &[&str] =
    &["allowedheaders", "allowedheader", "accesscontrolallowheaders", "allowheaders", "headers"];
const EXPOSED: &[&str] = &[
    "exposeheaders",
    "exposedheaders",
    "exposeheader",
    "accesscontrolexposeheaders",
    "exposedresponseheaders",
    "responseheader",
    "responseheaders",
];
const CREDENTIALS: &[&str] =
    &["allowcredentials", "accesscontrolallowcredentials", "supportcredentials", "credentials"];
const MAX_AGE: &[&str] =
    &["maxageseconds", "maxage", "maxageinseconds", "accesscontrolmaxagesec", "maxagesec"];

/// Reads a mapping that is a CORS rule.
pub(super) fn read(table: &Table, place: &Place, parents: &[&Table]) -> Option<Vec<Rule>> {
    find(table, ORIGINS)?;
    find(table, METHODS)?;
    let mut rule = rule(table, place);
    // R2's own form has what is not asked for beside `allowed`.
    let around = parents.last().filter(|it| it.table("allowed").is_some_and(|it| core::ptr::eq(it, table)));
    if let Some(around) = around {
        if let Some(node) = find(around, EXPOSED) {
            rule.exposed_headers = names(Some(node));
        }
        rule.max_age = find(around, MAX_AGE).map(cors::seconds).or(rule.max_age);
    }
    Some(vec![rule])
}

/// Names the keys that look as if they were about CORS, and are not read.
fn unknown_keys(table: &Table, rule: &mut Rule) {
    let known = [ORIGINS, METHODS, REQUEST_HEADERS, EXPOSED, CREDENTIALS, MAX_AGE].concat();
    let is_about_cors = |key: &str| {
        ["origin", "header", "method", "credential", "expose", "maxage", "cors"]
            .iter()
            .any(|it| key.contains(it))
    };
    for (key, node) in table.entries() {
        let own = folded(key);
        if known.contains(&own.as_str()) || own == "originoverride" || !is_about_cors(&own) {
            continue;
        }
        let message = format!("`{}` is not read", crate::shown::name(key));
        cors::remark(
            rule,
            Class::Unreadable,
            About::Origins,
            &node.place,
            &message,
            "Say in the policy what it means.",
        );
    }
}

/// Rules of one list that differ only in their origins are one rule: of S3 and its like, the first that matches decides.
pub(super) fn joined(rules: Vec<Rule>) -> Vec<Rule> {
    let mut all: Vec<Rule> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for rule in rules {
        match known.get(&said(&rule)).copied().and_then(|at| all.get_mut(at)) {
            Some(first) => first.origins.extend(rule.origins),
            None => {
                known.insert(said(&rule), all.len());
                all.push(rule);
            }
        }
    }
    all
}

/// What a rule says beside its origins, without where.
fn said(rule: &Rule) -> String {
    let names = |names: &Names| {
        let listed: BTreeSet<_> = names.listed.iter().map(|it| it.value.to_ascii_lowercase()).collect();
        let unreadable: Vec<_> = names.unreadable.iter().map(|it| (&it.value, &it.place)).collect();
        format!("{listed:?} {:?} {unreadable:?}", names.all.as_ref().map(|it| it.value))
    };
    format!(
        "{} {} {} {:?} {:?} {:?}",
        names(&rule.methods),
        names(&rule.request_headers),
        names(&rule.exposed_headers),
        rule.credentials.value,
        rule.max_age.as_ref().map(|it| &it.value),
        rule.remarks.iter().map(|it| &it.value).collect::<Vec<_>>(),
    )
}

/// A key without its case and its hyphens.
fn folded(key: &str) -> String {
    key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// The value of a key in any of its spellings.
fn find<'t>(table: &'t Table, names: &[&str]) -> Option<&'t Node> {
    table.entries().find(|(key, _)| names.contains(&folded(key).as_str())).map(|(_, node)| node)
}

fn rule(table: &Table, place: &Place) -> Rule {
    let mut rule = Rule::new("a CORS rule of a bucket or a CDN", place);
    rule.origins = cors::origins(find(table, ORIGINS), glob);
    rule.methods = names(find(table, METHODS));
    // CloudFront's name for its whole list.
    if let Some(at) = rule.methods.listed.iter().position(|name| name.value == "ALL") {
        let place = rule.methods.listed.remove(at).place;
        let all = Names::of(["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"], &place);
        rule.methods.listed.extend(all.listed);
    }
    rule.request_headers = names(find(table, REQUEST_HEADERS));
    rule.exposed_headers = names(find(table, EXPOSED));
    rule.max_age = find(table, MAX_AGE).map(cors::seconds);
    rule.credentials = match find(table, CREDENTIALS) {
        None => Said::new(Some(false), place),
        Some(Node { value: Value::Scalar { text, .. }, place }) => {
            Said::new(Some(text.eq_ignore_ascii_case("true")), place)
        }
        Some(other) => Said::new(None, &other.place),
    };
    if let Some(Said { value: All::Star, place }) = rule.request_headers.all.clone() {
        let message = "whether `*` has `authorization` depends on the service: it is left out";
        let advice = "Add `authorization` to `request_headers` if pages send it.";
        cors::remark(&mut rule, Class::Stricter, About::RequestHeaders, &place, message, advice);
    }
    // Cloud Storage has one list for both.
    let both = table.entries().find(|(key, _)| folded(key) == "responseheader");
    if let Some((_, node)) = both.filter(|_| rule.request_headers.listed.is_empty()) {
        let message = "Cloud Storage also answers preflights with `responseHeader`: here it is the list of exposed headers";
        let advice = "List in `request_headers` those that pages send.";
        cors::remark(&mut rule, Class::Stricter, About::RequestHeaders, &node.place, message, advice);
    }
    if let Some(node) = find(table, &["maxageinseconds"]) {
        let message = "Azure Storage allows credentials for origins that are listed, and no file says so: they are left out";
        let advice = "Set `credentials = true` if pages send some.";
        cors::remark(&mut rule, Class::Stricter, About::Credentials, &node.place, message, advice);
    }
    if find(table, &["originoverride"]).and_then(cors::boolean) == Some(false) {
        let message = "headers that the origin itself sends come before these, and are not in this file";
        let advice = "Look at what the origin answers.";
        cors::remark(&mut rule, Class::Unreadable, About::Origins, place, message, advice);
    }
    unknown_keys(table, &mut rule);
    if let Some((what, place)) = table.unknown.clone() {
        cors::doubtful(&mut rule, &what, &place);
    }
    rule
}
