//! The CORS rules of buckets and CDNs: `corsConfiguration` with `allowedOrigins`, the `CORSRules` of S3, the list of GCS
//! and R2, the rules of Azure Storage, and the response headers policy of CloudFront. All have the same five facts under
//! names that differ in case and wording.

use super::cors::{self, glob, names};
use crate::model::{All, Names, OriginSaid, Rule};
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
    let mut rule = rule(table, place, parents);
    // R2's own form has what is not asked for beside `allowed`.
    let around = parents.last().filter(|it| it.table("allowed").is_some_and(|it| core::ptr::eq(it, table)));
    if let Some(around) = around {
        if let Some(node) = find(around, EXPOSED) {
            rule.exposed_headers = names(Some(node));
        }
        rule.max_age = find(around, MAX_AGE).map(cors::seconds).or(rule.max_age);
    }
    let is_resource = |it: &&&Table| it.text("kind").is_some() && it.text("apiVersion").is_some();
    if let Some(resource) = parents.iter().find(is_resource) {
        let kind = crate::shown::name(resource.text("kind").unwrap_or_default());
        let message = format!("which requests this `{kind}` is for is not read: the route is for all paths");
        let advice = "Write the hosts and paths of the routes that it is for.";
        cors::remark(&mut rule, Class::Unreadable, About::Path, place, &message, advice);
    }
    Some(vec![rule])
}

/// What buckets and their like are called: their rules are for requests with the methods that they list.
pub(super) const BUCKET: &str = "a CORS rule of a bucket";

/// Responses to other methods get no CORS headers.
pub(super) fn only_listed(rule: &mut Rule) {
    let listed = rule.methods.listed.iter().map(|it| it.value.clone()).collect::<Vec<_>>();
    rule.scope.methods = rule.methods.all.is_none().then_some(listed);
}

/// Whether a mapping is a rule of a bucket: of S3, R2, Cloud Storage or Azure Storage.
fn is_of_bucket(table: &Table) -> bool {
    let keys = ["AllowedOrigins", "AllowedOrigin", "allowedOrigin", "allowed_origins", "origin", "origins"];
    table.first(&keys).is_some() || is_azure(table)
}

fn is_azure(table: &Table) -> bool {
    find(table, &["maxageinseconds"]).is_some()
}

/// An origin of a program that knows no `*` but the one for all: Azure Storage, Cloud Storage, R2 and API Gateway.
fn letters(text: &str) -> OriginSaid {
    if text == "*" { OriginSaid::Any } else { OriginSaid::Exact(text.to_owned()) }
}

fn has_patterns(table: &Table, parents: &[&Table]) -> bool {
    let keys = ["origin", "origins", "allow_origins"];
    table.first(&keys).is_none() && !is_azure(table) && parents.iter().all(|it| it.get("httpApi").is_none())
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

/// A key without its case and its hyphens.
fn folded(key: &str) -> String {
    key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// The value of a key in any of its spellings.
fn find<'t>(table: &'t Table, names: &[&str]) -> Option<&'t Node> {
    table.entries().find(|(key, _)| names.contains(&folded(key).as_str())).map(|(_, node)| node)
}

fn rule(table: &Table, place: &Place, parents: &[&Table]) -> Rule {
    let what = if is_of_bucket(table) { BUCKET } else { "a CORS rule of a bucket or a CDN" };
    let mut rule = Rule::new(what, place);
    let origin = if has_patterns(table, parents) { glob } else { letters };
    rule.origins = cors::origins(find(table, ORIGINS), origin);
    rule.methods = names(find(table, METHODS));
    // CloudFront's name for its whole list.
    if let Some(at) = rule.methods.listed.iter().position(|name| name.value == "ALL") {
        let place = rule.methods.listed.remove(at).place;
        let all = Names::of(["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"], &place);
        rule.methods.listed.extend(all.listed);
    }
    if what == BUCKET {
        only_listed(&mut rule);
        let lists = |method: &str| rule.methods.listed.iter().any(|it| it.value == method);
        if lists("GET") && !lists("HEAD") {
            let message = "HEAD goes with GET in a policy, and a bucket refuses it here: it tells a page nothing that GET does not";
            cors::remark(&mut rule, Class::Same, About::Methods, place, message, "");
        }
    }
    rule.request_headers = names(find(table, REQUEST_HEADERS));
    // S3 and Azure Storage know `x-amz-*`; the others send it as it is.
    rule.request_headers.has_families = what == BUCKET && (has_patterns(table, parents) || is_azure(table));
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
    let is_s3 =
        table.first(&["AllowedOrigins", "AllowedOrigin", "allowedOrigin", "allowed_origins"]).is_some();
    let is_listed = rule.origins.iter().any(|it| it.value != OriginSaid::Any);
    if is_s3 && !is_azure(table) && is_listed && find(table, CREDENTIALS).is_none() {
        let message =
            "S3 allows credentials for origins that are listed, and no file says so: they are left out";
        let advice = "Set `credentials = true` if pages send some.";
        cors::remark(&mut rule, Class::Stricter, About::Credentials, place, message, advice);
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
