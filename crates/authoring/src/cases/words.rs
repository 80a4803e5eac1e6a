//! The words that case files use, and advice about their keys.

use corsgate_policy::record::RecordedOutcome;
use corsgate_policy::{Kind, Outcome, Reason};

use crate::vocabulary::Vocabulary;

/// The kinds of request, by their names in records.
pub(crate) const KINDS: &[(&str, Kind)] =
    &[("actual", Kind::Actual), ("preflight", Kind::Preflight), ("websocket", Kind::Handshake)];

/// The values of `Sec-Fetch-Storage-Access`.
pub(crate) const STORAGE_ACCESS: &[(&str, &str)] =
    &[("none", "none"), ("inactive", "inactive"), ("active", "active")];

/// The values of `Sec-Fetch-Site` (Fetch Metadata, 2.3).
pub(crate) const SITES: &[(&str, &str)] = &[
    ("same-origin", "same-origin"),
    ("same-site", "same-site"),
    ("cross-site", "cross-site"),
    ("none", "none"),
];

/// The name of a kind of request, for a sentence.
pub(crate) fn of_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Actual => "an actual request",
        Kind::Preflight => "a preflight",
        Kind::Handshake => "a handshake",
    }
}

/// The name of an outcome in records, before the upstream responds.
pub(crate) fn outcome(outcome: Outcome) -> RecordedOutcome {
    match outcome {
        Outcome::Allow | Outcome::Report(None) => RecordedOutcome::Allow,
        Outcome::Strip(_) => RecordedOutcome::Strip,
        Outcome::Reject(_) => RecordedOutcome::Reject,
        Outcome::Report(Some(_)) => RecordedOutcome::WouldReject,
    }
}

/// Whether a reason can follow from the policy alone. The others need a running gateway: its limits, its upstreams, a
/// KV without a policy.
pub(crate) fn is_decided_by_policy(reason: Reason) -> bool {
    match reason {
        Reason::OriginNotListed
        | Reason::OriginMalformed
        | Reason::OriginNull
        | Reason::OriginExpired
        | Reason::WebsocketOriginMissing
        | Reason::MethodMalformed
        | Reason::HeadersMalformed
        | Reason::MethodNotAllowed
        | Reason::HeaderNotAllowed
        | Reason::PathAmbiguous
        | Reason::RouteNotFound
        | Reason::ListUnavailable => true,
        Reason::RateLimited
        | Reason::PolicyMissing
        | Reason::PolicyInvalid
        | Reason::SecretMissing
        | Reason::UpstreamUnreachable
        | Reason::UpstreamTimeout
        | Reason::UpstreamInvalid
        | Reason::UpstreamLoop => false,
    }
}

/// The advice about missing and misplaced keys.
pub(crate) static VOCABULARY: Vocabulary = Vocabulary { advice, example };

fn advice(key: &str) -> Option<String> {
    let home = match key {
        "kind"
        | "method"
        | "url"
        | "origin"
        | "request_headers"
        | "sec_fetch_site"
        | "sec_fetch_storage_access" => "in `request = { … }` of a case",
        "outcome" | "reason" | "route" | "entry" | "offending_header" | "status" | "headers" | "exact"
        | "absent" => "in `expect = { … }` of a case",
        "name" | "request" | "expect" | "origins" | "methods" | "urls" | "unavailable" => {
            "in a case: write it below `[[cases]]`"
        }
        "env" | "today" => "in `[defaults]`, or in a case",
        "defaults" | "lists" | "keys" | "cases" => "at the top of the file",
        "preflight" => {
            return Some(
                "a preflight is `kind = \"preflight\"`; `method` is the method that the page asks for"
                    .to_owned(),
            );
        }
        "websocket" => return Some("a handshake is `kind = \"websocket\"`".to_owned()),
        "path" | "host" => {
            return Some("write the whole `url`, or only its path if `[defaults]` has a `url`".to_owned());
        }
        "case" | "test" | "tests" => return Some("cases are tables: write `[[cases]]`".to_owned()),
        _ => return None,
    };
    Some(format!("`{key}` belongs {home}"))
}

fn example(key: &str) -> Option<&'static str> {
    Some(match key {
        "name" => "each case has its own: write `name = \"the app may read\"`",
        "expect" => "write for example `expect = { outcome = \"allow\" }`",
        "origin" => "write `origin = \"https://app.example.com\"`",
        "file" => "write `file = \"partners.txt\"`, relative to this file",
        _ => return None,
    })
}
