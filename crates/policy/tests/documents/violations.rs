//! One or more documents for each rule that this crate checks itself (`cors-behaviour.md`, section 3; rules that need
//! other knowledge are checked when a policy is authored).

use std::collections::BTreeSet;

use corsgate_policy::grammar::day::InvalidDay;
use corsgate_policy::grammar::host::HostError;
use corsgate_policy::grammar::token::TokenError;
use corsgate_policy::origin::OriginError;
use corsgate_policy::origin::pattern::PatternError;
use corsgate_policy::path::PathError;
use corsgate_policy::policy::document::Document;
use corsgate_policy::policy::upstream::UpstreamError;
use corsgate_policy::policy::violation::Violation;
use serde_json::Value;

use super::*;

/// A change to the valid document, and the one problem that it causes.
fn rows() -> Vec<(String, Value, String, Violation)> {
    let origins = "/routes/0/cors/origins";
    let first_origin = "routes[0].cors.origins[0]";
    let origin = |text: &str| json!([text]);
    let pattern = |error| Violation::Pattern(PatternError::Origin(error));
    let limit = |by: &[&str]| json!([{ "name": "a", "quota": 1, "window": 1, "by": by }]);
    let rows = vec![
        ("/id", json!("0123"), "id", Violation::Id),
        ("/id", json!("0123456789ABCDEF"), "id", Violation::Id),
        ("/routes", json!([]), "routes", Violation::NoRoutes),
        ("/records/sample_allowed", json!(1.5), "records.sample_allowed", Violation::Share),
        ("/records/sample_allowed", json!(-0.1), "records.sample_allowed", Violation::Share),
        ("/upstreams/API", json!("zone"), "upstreams.API", Violation::Name),
        ("/allowlists/", json!([]), "allowlists.", Violation::Name),
        ("/allowlists/partners/kv", json!("a/b"), "allowlists.partners.kv", Violation::Name),
        ("/allowlists/tenants/kv_keys", json!(""), "allowlists.tenants.kv_keys", Violation::Name),
        ("/routes/0/name", json!("x\"y"), "routes[0].name", Violation::Name),
        ("/routes/0/name", json!("a".repeat(49)), "routes[0].name", Violation::Name),
        ("/routes/1/name", json!("private"), "routes[1].name", Violation::DuplicateName),
        ("/routes/0/limits/1/name", json!("a"), "routes[0].limits[1].name", Violation::DuplicateName),
        ("/routes/0/hosts", json!([]), "routes[0].hosts", Violation::NoHosts),
        (
            "/routes/0/hosts",
            json!(["A.example"]),
            "routes[0].hosts[0]",
            Violation::Host(HostError::UpperCase),
        ),
        ("/routes/0/path", json!("x"), "routes[0].path", Violation::Path(PathError::NotAbsolute)),
        ("/routes/1/path", json!("/a/../b"), "routes[1].path", Violation::Path(PathError::DotSegment)),
        (
            "/routes/0/upstream",
            json!("no"),
            "routes[0].upstream",
            Violation::UnknownUpstream("no".to_owned()),
        ),
        (
            "/upstreams/api",
            json!("http://origin.example.net"),
            "upstreams.api",
            Violation::Upstream(UpstreamError::Insecure),
        ),
        // Origins.
        (origins, json!([]), "routes[0].cors.origins", Violation::NoOrigins),
        (origins, json!(["@no"]), first_origin, Violation::UnknownAllowlist("no".to_owned())),
        (origins, json!(["@"]), first_origin, Violation::UnknownAllowlist(String::new())),
        (origins, json!(["@@team"]), first_origin, Violation::UnknownAllowlist("@team".to_owned())),
        (origins, origin("null"), first_origin, Violation::Pattern(PatternError::Null)),
        (origins, origin("https://*"), first_origin, pattern(OriginError::Host(HostError::Wildcard))),
        (origins, origin("https://a.example/"), first_origin, pattern(OriginError::TrailingSlash)),
        (origins, origin("file://"), first_origin, pattern(OriginError::FileScheme)),
        (
            origins,
            json!([{ "origin": "*", "expires": "2026-06-15" }]),
            first_origin,
            Violation::Pattern(PatternError::AnyOrigin),
        ),
        (
            origins,
            json!([{ "origin": "https://a.example", "expires": "2026-02-30" }]),
            first_origin,
            Violation::Expires(InvalidDay),
        ),
        (
            origins,
            json!(["https://a.example", "*"]),
            "routes[0].cors.origins[1]",
            Violation::AnyOriginNotAlone,
        ),
        ("/allowlists/team", json!(["*"]), "allowlists.team[0]", Violation::AnyOriginInAllowlist),
        ("/allowlists/team", json!(["null"]), "allowlists.team[0]", Violation::Pattern(PatternError::Null)),
        (
            "/default_cors/origins",
            json!(["http://a.example"]),
            "default_cors.origins[0]",
            Violation::InsecureOrigin,
        ),
        (
            "/default_cors/origins",
            json!(["moz-extension://*"]),
            "default_cors.origins[0]",
            Violation::AnyExtension,
        ),
        // Credentials.
        (origins, origin("moz-extension://*"), first_origin, Violation::CredentialsWithAnyExtension),
        (origins, json!(["*"]), "routes[0].cors.origins", Violation::CredentialsWithAnyOrigin),
        (origins, origin("http://a.example"), first_origin, Violation::CredentialsWithInsecureOrigin),
        (origins, origin("http://*.a.example"), first_origin, Violation::CredentialsWithInsecureOrigin),
        (origins, origin("https://a.example:*"), first_origin, Violation::CredentialsWithAnyPort),
        (
            "/allowlists/team",
            json!(["https://a.example:*"]),
            "routes[0].cors.origins[2]",
            Violation::CredentialsWithAnyPort,
        ),
        (
            "/allowlists/tenants",
            json!({ "kv_keys": "tenants" }),
            "routes[0].cors.origins[4]",
            Violation::CredentialsWithSharedKeys,
        ),
        // Methods, headers, max-age.
        ("/routes/0/cors/max_age", json!(86_401), "routes[0].cors.max_age", Violation::MaxAge),
        (
            "/routes/0/cors/methods/0",
            json!("P T"),
            "routes[0].cors.methods[0]",
            Violation::Token(TokenError::NotToken),
        ),
        (
            "/routes/0/cors/exposed_headers/0",
            json!("x: y"),
            "routes[0].cors.exposed_headers[0]",
            Violation::Token(TokenError::NotToken),
        ),
        (
            "/routes/0/cors/request_headers/0",
            json!("x-*-y"),
            "routes[0].cors.request_headers[0]",
            Violation::Token(TokenError::StrayWildcard),
        ),
        (
            "/routes/0/cors/request_headers/0",
            json!("au*"),
            "routes[0].cors.request_headers[0]",
            Violation::Token(TokenError::ReservedFamily),
        ),
        (
            "/routes/0/cors/exposed_headers/0",
            json!("Access-Control-*"),
            "routes[0].cors.exposed_headers[0]",
            Violation::Token(TokenError::ReservedFamily),
        ),
        (
            "/routes/0/response/set",
            json!({ "x-a": "a\r\nset-cookie: b" }),
            "routes[0].response.set.x-a",
            Violation::FieldValue,
        ),
        (
            "/routes/0/response/remove/0",
            json!("Vary"),
            "routes[0].response.remove[0]",
            Violation::OwnedHeader,
        ),
        // Headers of requests to the upstream.
        (
            "/routes/0/request",
            json!({ "set": { "X_Forwarded-For": "1" } }),
            "routes[0].request.set.X_Forwarded-For",
            Violation::OwnedRequestHeader,
        ),
        (
            "/routes/0/request",
            json!({ "set": { "origin": "https://a.example" } }),
            "routes[0].request.set.origin",
            Violation::OwnedRequestHeader,
        ),
        (
            "/routes/0/request",
            json!({ "remove": ["cookie", "Host"] }),
            "routes[0].request.remove[1]",
            Violation::OwnedRequestHeader,
        ),
        (
            "/routes/0/request",
            json!({ "set": { "x-key": "Bearer secret:A-B" } }),
            "routes[0].request.set.x-key",
            Violation::Secret,
        ),
        (
            "/routes/0/request",
            json!({ "set": { "x-key": "secret:ADMIN_TOKEN" } }),
            "routes[0].request.set.x-key",
            Violation::OwnSecret,
        ),
        (
            "/routes/0/request",
            json!({ "set": { "x-key": "a\r\nb: c" } }),
            "routes[0].request.set.x-key",
            Violation::FieldValue,
        ),
        (
            "/routes/0/security/timing_allow_origin",
            json!(["https://a.example", "*"]),
            "routes[0].security.timing_allow_origin[1]",
            Violation::AnyOriginNotAlone,
        ),
        (
            "/routes/0/security/timing_allow_origin",
            json!(["http://a.example"]),
            "routes[0].security.timing_allow_origin[0]",
            Violation::InsecureOrigin,
        ),
        ("/routes/0/security/csp", json!("a\nb"), "routes[0].security.csp", Violation::FieldValue),
        // Times, handshakes, limits.
        ("/routes/0/timeout", json!(0), "routes[0].timeout", Violation::ZeroSeconds),
        ("/routes/0/upload_timeout", json!(0), "routes[0].upload_timeout", Violation::ZeroSeconds),
        (
            "/routes/0/websocket/dangerously_allow_any_origin",
            json!(true),
            "routes[0].websocket.dangerously_allow_any_origin",
            Violation::AnyOriginHandshakesOnListedRoute,
        ),
        ("/routes/0/limits/0/quota", json!(0), "routes[0].limits[0].quota", Violation::ZeroLimit),
        ("/routes/0/limits/1/window", json!(0), "routes[0].limits[1].window", Violation::ZeroLimit),
        ("/routes/0/limits/0/by/1", json!("ip"), "routes[0].limits[0].by[1]", Violation::LimitKey),
        ("/routes/0/limits/0/by/1", json!("header:a b"), "routes[0].limits[0].by[1]", Violation::LimitKey),
        ("/routes/0/limits", limit(&[]), "routes[0].limits[0].by", Violation::NoLimitKey),
        ("/routes/0/limits", limit(&["origin"]), "routes[0].limits[0].by[0]", Violation::InventedLimitKey),
        (
            "/routes/0/limits",
            limit(&["client_ip", "origin"]),
            "routes[0].limits[0].by[1]",
            Violation::InventedLimitKey,
        ),
        (
            "/routes/0/limits",
            limit(&["route", "header:x-key"]),
            "routes[0].limits[0].by[1]",
            Violation::InventedLimitKey,
        ),
    ];
    let rows = rows
        .into_iter()
        .map(|(pointer, value, place, violation)| (pointer.to_owned(), value, place.to_owned(), violation));
    let stars = ["methods", "request_headers", "exposed_headers"].map(|field| {
        let (pointer, place) = (format!("/routes/0/cors/{field}"), format!("routes[0].cors.{field}"));
        (pointer, json!(["*"]), place, Violation::CredentialsWithWildcard)
    });
    let methods = ["CONNECT", "TRACE", "track"].map(|method| {
        let (pointer, place) = ("/routes/0/cors/methods/0", "routes[0].cors.methods[0]");
        (pointer.to_owned(), json!(method), place.to_owned(), Violation::Token(TokenError::ForbiddenMethod))
    });
    let owned = [
        "access-control-allow-origin",
        "Access-Control-Anything",
        "vary",
        "timing-allow-origin",
        "set-cookie",
        "content-length",
        "content-encoding",
        "connection",
        "transfer-encoding",
        "sec-websocket-protocol",
        "ratelimit-policy",
        "retry-after",
        "proxy-status",
        "corsgate-decision",
    ]
    .map(|name| {
        let place = format!("routes[0].response.set.{name}");
        ("/routes/0/response/set".to_owned(), json!({ name: "x" }), place, Violation::OwnedHeader)
    });
    rows.chain(stars).chain(methods).chain(owned).collect()
}

#[test]
fn each_rule_is_named_where_it_is_broken() {
    let mut seen = BTreeSet::new();
    for (pointer, value, place, violation) in rows() {
        let found: Vec<_> = problems(&with(good(), &pointer, value.clone()))
            .into_iter()
            .map(|problem| (problem.place.to_string(), problem.violation))
            .collect();
        assert_eq!(found, [(place, violation.clone())], "{pointer} is {value}");
        seen.insert(number(&violation));
    }
    // Other tests below cover these three.
    seen.extend([number(&Violation::Version(2)), number(&Violation::SecurityValue(&[]))]);
    seen.insert(number(&Violation::Unreachable(String::new())));
    assert_eq!(seen, (0..VIOLATIONS).collect(), "a rule without a document that breaks it");
}

#[test]
fn a_value_outside_the_words_of_its_header_is_answered_with_the_words() {
    for (field, value, one_of) in [
        ("referrer_policy", "none", "strict-origin-when-cross-origin"),
        ("corp", "cross-site", "cross-origin"),
        ("coop", "require-corp", "same-origin-allow-popups"),
        ("coep", "same-origin", "credentialless"),
    ] {
        let found = problems(&with(good(), &format!("/routes/0/security/{field}"), json!(value)));
        assert_eq!(found.len(), 1, "{found:?}");
        let text = found.first().map(ToString::to_string).unwrap_or_default();
        assert!(
            text.starts_with(&format!("routes[0].security.{field}: ")) && text.contains(one_of),
            "{text}"
        );
    }
}

#[test]
fn a_route_after_one_that_matches_all_its_requests_is_unreachable() {
    for (path, hosts, unreachable) in [
        ("/private/x", json!(["api.example.com"]), true),
        ("/PRIVATE/x", json!(["api.example.com"]), true),
        ("/private", json!(["api.example.com"]), true),
        ("/private/x", json!(["api.example.com", "b.example.com"]), false),
        ("/private/x", Value::Null, false),
        ("/privately", json!(["api.example.com"]), false),
    ] {
        let document = with(with(good(), "/routes/1/path", json!(path)), "/routes/1/hosts", hosts.clone());
        let found = match read(&document) {
            Ok(_) => Vec::new(),
            Err(ReadError::Unsafe(problems)) => problems,
            Err(error) => panic!("{error}"),
        };
        let found: Vec<_> =
            found.iter().map(|problem| (problem.place.to_string(), &problem.violation)).collect();
        let hidden = Violation::Unreachable("private".to_owned());
        let expected = if unreachable { vec![("routes[1].path".to_owned(), &hidden)] } else { Vec::new() };
        assert_eq!(found, expected, "{path} on {hosts}");
    }
}

#[test]
fn all_problems_are_reported_at_once() {
    let document = ["/id", "/routes/0/name", "/routes/1/upstream", "/default_cors/origins/0"]
        .into_iter()
        .fold(good(), |document, pointer| with(document, pointer, json!("?")));
    let places: Vec<_> = problems(&document).iter().map(|problem| problem.place.to_string()).collect();
    assert_eq!(places, ["id", "routes[0].name", "routes[1].upstream", "default_cors.origins[0]"]);
}

#[test]
fn a_list_must_keep_the_rules_of_each_use_and_is_reported_once_for_each() {
    let lines: Vec<_> = (0..3).map(|line| format!("http://{line}.example")).collect();
    let found: Vec<_> = problems(&with(good(), "/allowlists/team", json!(lines)))
        .into_iter()
        .map(|problem| (problem.place.to_string(), problem.violation))
        .collect();
    assert_eq!(
        found,
        [
            ("routes[0].cors.origins[2]".to_owned(), Violation::CredentialsWithInsecureOrigin),
            ("default_cors.origins[0]".to_owned(), Violation::InsecureOrigin),
        ]
    );
}

#[test]
fn the_version_of_a_document_in_memory_is_checked_too() {
    let mut document: Document = serde_json::from_value(good()).expect("a document");
    document.version = 2;
    let problems = Policy::from_document(&document).expect_err("another version");
    assert_eq!(
        problems.iter().map(|problem| (problem.place.to_string(), &problem.violation)).collect::<Vec<_>>(),
        [("version".to_owned(), &Violation::Version(2))]
    );
}

/// What the dangerous switches allow.
#[test]
fn a_dangerous_switch_allows_what_it_names() {
    let credentials_off = with(good(), "/routes/0/cors/credentials", json!(false));
    let insecure = with(credentials_off.clone(), "/routes/0/cors/origins", json!(["http://a.example:*"]));
    assert!(read(&insecure).is_err());
    assert!(read(&with(insecure, "/routes/0/cors/dangerously_allow_insecure_origins", json!(true))).is_ok());
    let shared = json!({ "kv_keys": "tenants", "dangerously_share_keys": true });
    assert!(read(&with(good(), "/allowlists/tenants", shared)).is_ok());
    // None of them allows credentials for `http` of another machine.
    let both = with(good(), "/routes/0/cors/dangerously_allow_insecure_origins", json!(true));
    assert!(read(&with(both, "/routes/0/cors/origins", json!(["http://a.example"]))).is_err());
    // This machine does not count as another machine.
    assert!(read(&with(good(), "/routes/0/cors/origins", json!(["http://localhost:*"]))).is_ok());
}

const VIOLATIONS: usize = 38;

/// A number for each variant: a new variant does not compile until it has one, and needs a row above.
fn number(violation: &Violation) -> usize {
    match violation {
        Violation::Version(_) => 0,
        Violation::Id => 1,
        Violation::NoRoutes => 2,
        Violation::Name => 3,
        Violation::DuplicateName => 4,
        Violation::Pattern(_) => 5,
        Violation::Expires(_) => 6,
        Violation::Host(_) => 7,
        Violation::NoHosts => 8,
        Violation::Path(_) => 9,
        Violation::Unreachable(_) => 10,
        Violation::Upstream(_) => 11,
        Violation::UnknownUpstream(_) => 12,
        Violation::UnknownAllowlist(_) => 13,
        Violation::NoOrigins => 14,
        Violation::AnyOriginNotAlone => 15,
        Violation::AnyOriginInAllowlist => 16,
        Violation::CredentialsWithAnyOrigin => 17,
        Violation::CredentialsWithWildcard => 18,
        Violation::AnyExtension => 35,
        Violation::CredentialsWithAnyExtension => 36,
        Violation::InsecureOrigin => 19,
        Violation::CredentialsWithInsecureOrigin => 20,
        Violation::CredentialsWithAnyPort => 21,
        Violation::CredentialsWithSharedKeys => 22,
        Violation::ZeroSeconds => 23,
        Violation::MaxAge => 24,
        Violation::Token(_) => 25,
        Violation::OwnedHeader => 26,
        Violation::FieldValue => 27,
        Violation::AnyOriginHandshakesOnListedRoute => 28,
        Violation::ZeroLimit => 29,
        Violation::LimitKey => 30,
        Violation::NoLimitKey => 31,
        Violation::InventedLimitKey => 32,
        Violation::Share => 33,
        Violation::SecurityValue(_) => 34,
        Violation::OwnedRequestHeader => 35,
        Violation::Secret => 36,
        Violation::OwnSecret => 37,
    }
}
