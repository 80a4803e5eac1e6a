//! The headers that a route sets on its responses besides CORS: security headers and its own.

use crate::grammar::token::{HeaderName, is_field_value};
use crate::origin::Origin;
use crate::policy::document::{HstsDocument, ResponseDocument, SecurityDocument, TimingDocument};
use crate::policy::reader::Reader;
use crate::policy::violation::Violation;

/// The changes of a route to every response, in the order in which they are written.
#[derive(Debug, Default)]
pub(crate) struct ResponseHeaders {
    /// Headers removed from the upstream's response.
    pub(crate) remove: Vec<String>,
    /// Headers to set, as name and value.
    pub(crate) set: Vec<(String, String)>,
    /// URLs and cookies of the upstream become the gateway's.
    pub(crate) rewrite: bool,
    pub(crate) timing: Timing,
}

/// `Timing-Allow-Origin` on the responses of a route.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Timing {
    /// It is the upstream's.
    #[default]
    Upstreams,
    /// It follows the CORS decision.
    Follows,
    /// The route sets it to the same list on every response, as any other header: many requests whose timing a page
    /// may want (images, scripts) have no `Origin`.
    Listed,
}

impl ResponseHeaders {
    /// Reads the headers. `insecure` means that the route allows `http` origins of other machines.
    pub(crate) fn read(
        response: &ResponseDocument,
        security: &SecurityDocument,
        insecure: bool,
        reader: &mut Reader<'_>,
    ) -> Self {
        let mut set = read_security(security, &mut reader.key("security"));
        let timing = match &security.timing_allow_origin {
            TimingDocument::Follows(true) => Timing::Follows,
            TimingDocument::Listed(origins) if !origins.is_empty() => {
                let mut reader = reader.key("security");
                let value = read_timing(origins, insecure, &mut reader.key("timing_allow_origin"));
                set.push(("timing-allow-origin".to_owned(), value));
                Timing::Listed
            }
            _ => Timing::Upstreams,
        };
        let mut reader = reader.key("response");
        for (name, value) in &response.set {
            if let Some(header) = read_value(name, value, &mut reader.key("set")) {
                set.push(header);
            }
        }
        let remove = reader.key("remove").each(&response.remove, &read_name);
        Self { remove, set, rewrite: response.rewrite, timing }
    }
}

/// Resource Timing, "Timing-Allow-Origin": a list of origins, or `*`. It has no patterns.
#[inline(never)]
fn read_timing(origins: &[String], insecure: bool, reader: &mut Reader<'_>) -> String {
    let value = origins.join(", ");
    if value == "*" {
        return value;
    }
    for (at, text) in origins.iter().enumerate() {
        let mut reader = reader.index(at);
        if text == "*" {
            reader.report(Violation::AnyOriginNotAlone);
        } else if let Some(origin) =
            reader.accept(Origin::parse(text).map_err(|error| Violation::Pattern(error.into())))
        {
            reader.require(insecure || !origin.is_insecure(), Violation::InsecureOrigin);
        }
    }
    value
}

#[inline(never)]
fn read_value(name: &str, value: &str, reader: &mut Reader<'_>) -> Option<(String, String)> {
    let mut reader = reader.key(name);
    reader.require(is_field_value(value), Violation::FieldValue);
    read_name(name, &mut reader).map(|name| (name, value.to_owned()))
}

#[inline(never)]
fn read_name(name: &str, reader: &mut Reader<'_>) -> Option<String> {
    let name = reader.accept(HeaderName::parse(name).map_err(Violation::Token))?;
    reader.require(!is_owned(name.as_str()), Violation::OwnedHeader);
    Some(name.as_str().to_owned())
}

/// Whether the gateway, the protocol or the connection controls a header, so that a policy must not.
fn is_owned(name: &str) -> bool {
    const PREFIXES: [&str; 4] = ["access-control-", "corsgate-", "ratelimit", "sec-websocket-"];
    const NAMES: [&str; 15] = [
        "connection",
        "content-encoding",
        "content-length",
        "keep-alive",
        "proxy-authenticate",
        "proxy-connection",
        "proxy-status",
        "retry-after",
        "set-cookie",
        "te",
        "timing-allow-origin",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "vary",
    ];
    PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || NAMES.contains(&name)
}

fn read_security(security: &SecurityDocument, reader: &mut Reader<'_>) -> Vec<(String, String)> {
    const REFERRER_POLICIES: &[&str] = &[
        "no-referrer",
        "no-referrer-when-downgrade",
        "same-origin",
        "origin",
        "strict-origin",
        "origin-when-cross-origin",
        "strict-origin-when-cross-origin",
        "unsafe-url",
    ];
    const RESOURCE_POLICIES: &[&str] = &["same-origin", "same-site", "cross-origin"];
    const OPENER_POLICIES: &[&str] =
        &["unsafe-none", "same-origin-allow-popups", "same-origin", "noopener-allow-popups"];
    const EMBEDDER_POLICIES: &[&str] = &["unsafe-none", "require-corp", "credentialless"];
    /// Any single line; the authoring tools check its syntax.
    const ANY_LINE: &[&str] = &[];

    let hsts = security.hsts.as_ref().map(hsts_value);
    let nosniff = security.nosniff.then(|| "nosniff".to_owned());
    let mut set = Vec::new();
    let mut add = |field, header: &str, value: &Option<String>, values| {
        if let Some(value) = value {
            check_security(value, values, &mut reader.key(field));
            set.push((header.to_owned(), value.clone()));
        }
    };
    add("hsts", "strict-transport-security", &hsts, ANY_LINE);
    add("csp", "content-security-policy", &security.csp, ANY_LINE);
    add("nosniff", "x-content-type-options", &nosniff, ANY_LINE);
    add("referrer_policy", "referrer-policy", &security.referrer_policy, REFERRER_POLICIES);
    add("permissions_policy", "permissions-policy", &security.permissions_policy, ANY_LINE);
    add("corp", "cross-origin-resource-policy", &security.corp, RESOURCE_POLICIES);
    add("coop", "cross-origin-opener-policy", &security.coop, OPENER_POLICIES);
    add("coep", "cross-origin-embedder-policy", &security.coep, EMBEDDER_POLICIES);
    set
}

/// Checks a value of one line, which is one of `values` unless there are none.
#[inline(never)]
fn check_security(value: &str, values: &'static [&'static str], reader: &mut Reader<'_>) {
    reader.require(!value.is_empty() && is_field_value(value), Violation::FieldValue);
    let known = values.is_empty() || values.contains(&value);
    reader.require(known, Violation::SecurityValue(values));
}

#[inline(never)]
fn hsts_value(hsts: &HstsDocument) -> String {
    let mut value = format!("max-age={}", hsts.max_age);
    if hsts.include_subdomains {
        value.push_str("; includeSubDomains");
    }
    if hsts.preload {
        value.push_str("; preload");
    }
    value
}
