//! The description of each change: a row is a route before, the same route after, and the lines about it.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use corsgate_compare::{Side, compare};
use serde_json::{Value, json};

/// A policy with one route that has these fields and the required ones.
fn side(fields: &Value) -> Side {
    let mut route = json!({ "name": "r", "path": "/*", "upstream": "api" });
    let map = route.as_object_mut().expect("an object");
    map.extend(fields.as_object().expect("an object").clone());
    let document = json!({
        "version": 1,
        "upstreams": {
            "api": "https://origin.example.net",
            "same": "https://origin.example.net/",
            "below": "https://origin.example.net/internal",
            "other": "https://other.example.net",
        },
        "allowlists": {
            "kv": { "kv": "partners" },
            "wild": { "kv": "wild", "dangerously_unchecked_wildcards": true },
            "shared": { "kv_keys": "tenants", "dangerously_share_keys": true },
            "host": { "kv_keys": "tenants", "scope": "host" },
        },
        "routes": [route],
    });
    Side::new(serde_json::from_value(document).expect("a document")).expect("a valid policy")
}

fn told(before: &Value, now: &Value) -> Vec<String> {
    let changes = compare(&side(before), &side(now));
    changes
        .iter()
        .map(|change| format!("{} {} {}", change.direction.name(), change.kind.name(), change.risk.name()))
        .collect()
}

/// CORS rules with these origins and other fields.
fn cors(origins: &[&str], fields: Value) -> Value {
    let mut rules = json!({ "origins": origins });
    rules.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    json!({ "cors": rules })
}

fn cors_with(mut route: Value, fields: Value) -> Value {
    route.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    route
}

fn limit(quota: u32, window: u32, by: &[&str]) -> Value {
    json!({ "limits": [{ "name": "l", "quota": quota, "window": window, "by": by }] })
}

#[test]
fn origins_are_compared_by_what_they_match() {
    let a = "https://a.example";
    let of = |origins: &[&str]| cors(origins, json!({}));
    let until = |day: &str| json!({ "cors": { "origins": [{ "origin": a, "expires": day }] } });
    let secret = |origins: &[&str]| cors(origins, json!({ "credentials": true }));
    let insecure = |credentials: bool| {
        let switches = json!({ "credentials": credentials, "dangerously_allow_insecure_origins": true });
        cors(&["@kv", "@shared"], switches)
    };
    let extensions = |origins: &[&str]| cors(origins, json!({ "dangerously_allow_any_extension": true }));
    let rows: [(&str, Value, Value, &[&str]); 21] = [
        ("a new domain", of(&[a]), of(&[a, "https://shop.test"]), &["widens origin medium"]),
        (
            "a look-alike",
            of(&["https://bank.example"]),
            of(&["https://bank.example", "https://bamk.example"]),
            &["widens origin high"],
        ),
        (
            "a sibling",
            of(&["https://x.a.test"]),
            of(&["https://x.a.test", "https://y.a.test"]),
            &["widens origin low"],
        ),
        (
            "a wildcard takes over",
            of(&["https://x.a.test"]),
            of(&["https://*.a.test"]),
            &["widens origin medium"],
        ),
        (
            "a wildcard gives way",
            of(&["https://*.a.test"]),
            of(&["https://x.a.test"]),
            &["narrows origin low"],
        ),
        (
            "with credentials",
            secret(&["https://x.a.test"]),
            secret(&["https://*.a.test"]),
            &["widens origin high"],
        ),
        ("any port", of(&["https://x.a.test"]), of(&["https://x.a.test:*"]), &["widens origin medium"]),
        ("a registry's names", of(&[a]), of(&[a, "https://*.github.io"]), &["widens origin high"]),
        (
            "one extension",
            extensions(&[a]),
            extensions(&[a, "chrome-extension://abcdefghijklmnop"]),
            &["widens origin medium"],
        ),
        ("every extension", extensions(&[a]), extensions(&[a, "moz-extension://*"]), &["widens origin high"]),
        ("later", until("2027-01-01"), until("2027-01-02"), &["widens origin low"]),
        ("earlier", until("2027-01-02"), until("2027-01-01"), &["narrows origin low"]),
        ("without end", until("2027-01-02"), of(&[a]), &["widens origin medium"]),
        ("covered anyway", of(&["https://*.a.test"]), of(&["https://*.a.test", "https://x.a.test"]), &[]),
        ("anyone", of(&[a]), of(&["*"]), &["widens any_origin high", "narrows handshakes low"]),
        ("no longer anyone", of(&["*"]), of(&[a]), &["narrows any_origin low", "widens handshakes medium"]),
        ("a list in KV", of(&[a]), of(&[a, "@kv"]), &["widens kv_list medium"]),
        (
            "keys for one host",
            of(&["@shared"]),
            of(&["@host"]),
            &["narrows kv_keys low", "widens kv_keys medium"],
        ),
        (
            "without credentials wildcards of a list count",
            secret(&["@wild"]),
            of(&["@wild"]),
            &["widens kv_list high", "narrows credentials low"],
        ),
        (
            "without credentials http origins of lists and keys count",
            insecure(true),
            insecure(false),
            &["widens kv_list high", "widens kv_keys high", "narrows credentials low"],
        ),
        ("no rules at all", of(&[a]), json!({}), &["narrows origin low"]),
    ];
    for (name, before, now, expected) in rows {
        assert_eq!(told(&before, &now), expected, "{name}");
    }
}

#[test]
fn headers_of_requests_to_the_upstream_are_compared_by_who_acts_with_them() {
    let set = |name: &str, value: &str| json!({ "request": { "set": { name: value } } });
    let remove = |name: &str| json!({ "request": { "remove": [name] } });
    let none = json!({});
    let (widens, narrows) = ("widens upstream_header high", "narrows upstream_header low");
    let secret = || set("authorization", "Bearer secret:KEY");
    let basic = || set("authorization", "Basic YTpi");
    let rows: [(&str, Value, Value, &[&str]); 17] = [
        ("a secret", none.clone(), secret(), &[widens, narrows]),
        ("a secret no longer", secret(), none.clone(), &["widens upstream_header medium", narrows]),
        ("a secret, then nothing", secret(), remove("authorization"), &[narrows]),
        ("another secret", secret(), set("authorization", "Bearer secret:OTHER"), &[widens, narrows]),
        ("a password in the policy", none.clone(), basic(), &[widens, narrows]),
        ("a secret, then a password", secret(), basic(), &[widens, narrows]),
        ("another password", basic(), set("authorization", "Basic YTpj"), &[widens, narrows]),
        ("a cookie", none.clone(), set("cookie", "session=1"), &[widens, narrows]),
        ("a key", none.clone(), set("x-api-key", "abc"), &["widens upstream_header medium", narrows]),
        (
            "a name",
            set("x-user", "guest"),
            set("x-user", "root"),
            &["widens upstream_header medium", narrows],
        ),
        (
            "clients name themselves",
            set("x-user", "guest"),
            none.clone(),
            &["widens upstream_header medium", narrows],
        ),
        ("clients send it again", remove("x-user"), none.clone(), &["widens upstream_header medium"]),
        ("clients send it no longer", none.clone(), remove("x-user"), &[narrows]),
        (
            "the type that a form cannot send",
            none.clone(),
            set("content-type", "application/json"),
            &["widens upstream_header medium", narrows],
        ),
        ("no origin", none.clone(), remove("origin"), &["widens upstream_header medium"]),
        ("another program", none.clone(), set("user-agent", "shop/1"), &["neutral upstream_header low"]),
        ("the program again", remove("user-agent"), none.clone(), &["neutral upstream_header low"]),
    ];
    for (name, before, now, expected) in rows {
        let mut told = told(&before, &now);
        told.sort_by(|one, other| other.cmp(one));
        told.dedup();
        assert_eq!(told, expected, "{name}");
    }
}

#[test]
fn methods_that_are_no_longer_enforced_widen_whatever_is_listed() {
    let of = |methods: &[&str], enforced: bool| {
        cors(&["https://a.example"], json!({ "methods": methods, "enforce_methods": enforced }))
    };
    let all = ["GET", "HEAD", "POST", "PUT"];
    for (name, before, now, expected) in [
        ("a method is added", of(&["GET"], true), of(&["GET"], false), &["widens methods medium"][..]),
        ("none is added", of(&all, true), of(&["PUT"], false), &["widens methods low"]),
        ("the reverse", of(&["PUT"], false), of(&all, true), &["narrows methods low"]),
        (
            "one is added, another removed",
            of(&all, true),
            of(&["PATCH"], false),
            &["widens methods medium", "narrows methods low"],
        ),
        ("with `*` nothing is enforced", of(&["*"], true), of(&["*"], false), &["neutral cors low"]),
    ] {
        assert_eq!(told(&before, &now), expected, "{name}");
    }
}

#[test]
fn the_last_days_of_entries_are_compared() {
    let of = |entry: Value| side(&json!({ "cors": { "origins": [entry] } }));
    let (early, late, lasting) = (
        of(json!({ "origin": "https://a.example", "expires": "2027-01-01" })),
        of(json!({ "origin": "https://a.example", "expires": "2027-01-02" })),
        of(json!("https://a.example")),
    );
    for (before, now, text) in [
        (&early, &late, "`https://a.example` is allowed until 2027-01-02 instead of until 2027-01-01"),
        (&late, &lasting, "`https://a.example` is allowed without end instead of until 2027-01-02"),
        (&lasting, &early, "`https://a.example` is allowed until 2027-01-01 instead of without end"),
    ] {
        let texts: Vec<_> = compare(before, now).into_iter().map(|change| change.text).collect();
        assert_eq!(texts, [text]);
    }
}

#[test]
fn rules_are_compared_by_what_they_allow() {
    let of = |fields: Value| cors(&["https://a.example"], fields);
    let socket = |fields: Value| json!({ "websocket": fields });
    let rows: [(&str, Value, Value, &[&str]); 23] = [
        ("credentials", of(json!({})), of(json!({ "credentials": true })), &["widens credentials high"]),
        ("a method", of(json!({})), of(json!({ "methods": ["PUT"] })), &["widens methods medium"]),
        ("a safelisted method", of(json!({})), of(json!({ "methods": ["POST"] })), &["neutral methods low"]),
        (
            "a star for a name",
            of(json!({ "methods": ["PUT"] })),
            of(json!({ "methods": ["*"] })),
            &["widens methods medium", "neutral methods low"],
        ),
        (
            "a name for a star",
            of(json!({ "methods": ["*"] })),
            of(json!({ "methods": ["PUT"] })),
            &["narrows methods low", "neutral methods low"],
        ),
        (
            "an exposed name for a star",
            of(json!({ "exposed_headers": ["*"] })),
            of(json!({ "exposed_headers": ["x-id", "authorization"] })),
            &["narrows exposed_headers low", "neutral exposed_headers low"],
        ),
        (
            "a star does not cover authorization",
            of(json!({ "request_headers": ["*"] })),
            of(json!({ "request_headers": ["*", "authorization"] })),
            &["widens request_headers medium"],
        ),
        (
            "a star covers others",
            of(json!({ "request_headers": ["*"] })),
            of(json!({ "request_headers": ["*", "x-a"] })),
            &["neutral request_headers low"],
        ),
        (
            "an exposed header",
            of(json!({})),
            of(json!({ "exposed_headers": ["x-id"] })),
            &["widens exposed_headers low"],
        ),
        (
            "a safelisted header, which pages could read before",
            of(json!({})),
            of(json!({ "exposed_headers": ["cache-control"] })),
            &["neutral exposed_headers low"],
        ),
        ("longer", of(json!({})), of(json!({ "max_age": 600 })), &["widens max_age low"]),
        ("much longer", of(json!({})), of(json!({ "max_age": 86400 })), &["widens max_age medium"]),
        ("shorter than without", of(json!({})), of(json!({ "max_age": 0 })), &["narrows max_age low"]),
        ("as long as without", of(json!({})), of(json!({ "max_age": 5 })), &["neutral max_age low"]),
        (
            "without Origin",
            json!({}),
            socket(json!({ "require_origin": false })),
            &["widens handshakes medium"],
        ),
        ("forwarded", json!({}), json!({ "on_disallowed": "forward" }), &["widens on_disallowed medium"]),
        (
            "forwarded, with one that is listed",
            of(json!({})),
            cors_with(of(json!({})), json!({ "on_disallowed": "forward" })),
            &["widens on_disallowed medium"],
        ),
        (
            "forwarded, where nobody is refused",
            cors(&["*"], json!({})),
            cors_with(cors(&["*"], json!({})), json!({ "on_disallowed": "forward" })),
            &["neutral on_disallowed low"],
        ),
        (
            "paths come to stand in records",
            json!({ "record_path": false }),
            json!({}),
            &["neutral record_path medium"],
        ),
        ("paths are kept out", json!({}), json!({ "record_path": false }), &["neutral record_path low"]),
        (
            "another server",
            json!({}),
            json!({ "upstream": "other" }),
            &["widens upstream high", "narrows upstream low"],
        ),
        (
            "another path of the server",
            json!({}),
            json!({ "upstream": "below" }),
            &["widens upstream high", "narrows upstream low"],
        ),
        ("the same server", json!({}), json!({ "upstream": "same" }), &["neutral upstream low"]),
    ];
    for (name, before, now, expected) in rows {
        assert_eq!(told(&before, &now), expected, "{name}");
    }
    assert_eq!(told(&json!({}), &json!({ "mode": "report" })), ["widens mode high", "narrows mode low"]);
}

#[test]
fn limits_are_compared_by_what_they_let_pass() {
    let ip = &["client_ip"][..];
    let mixed = |quota: u32| {
        json!({ "limits": [
            { "name": "l", "quota": 5, "window": 10, "by": ["client_ip"] },
            { "name": "m", "quota": quota, "window": 10, "by": ["client_ip", "header:x-key"] },
        ] })
    };
    let rows: [(&str, Value, Value, &[&str]); 9] = [
        ("added", json!({}), limit(5, 10, ip), &["narrows limit low"]),
        ("the last is gone", limit(5, 10, ip), json!({}), &["widens limit high"]),
        ("raised", limit(5, 10, ip), limit(6, 10, ip), &["widens limit medium"]),
        ("lowered", limit(5, 10, ip), limit(4, 10, ip), &["narrows limit low"]),
        ("refilled faster", limit(5, 10, ip), limit(5, 9, ip), &["widens limit medium"]),
        (
            "more at once, refilled slower",
            limit(5, 10, ip),
            limit(6, 60, ip),
            &["widens limit medium", "narrows limit low"],
        ),
        ("by a coarser key", limit(5, 10, ip), limit(5, 10, &["route"]), &["narrows limit low"]),
        ("by a finer key", limit(5, 10, &["route"]), limit(5, 10, ip), &["widens limit medium"]),
        ("one that another makes idle", limit(5, 10, ip), mixed(5), &["neutral limit low"]),
    ];
    for (name, before, now, expected) in rows {
        assert_eq!(told(&before, &now), expected, "{name}");
    }
    let deny = |mut route: Value| {
        route.as_object_mut().expect("an object").insert("on_limiter_error".to_owned(), json!("deny"));
        route
    };
    assert_eq!(told(&deny(limit(5, 10, ip)), &limit(5, 10, ip)), ["widens on_limiter_error medium"]);
    assert_eq!(told(&deny(json!({})), &json!({})), ["neutral on_limiter_error low"]);
}

#[test]
fn security_headers_are_compared_by_what_they_protect() {
    let hsts =
        |age: u32, subdomains: bool| json!({ "hsts": { "max_age": age, "include_subdomains": subdomains } });
    let rows: [(Value, Value, &[&str]); 17] = [
        (json!({}), hsts(600, false), &["narrows hsts low"]),
        // It ends what browsers remember, whichever server told them.
        (json!({}), hsts(0, false), &["widens hsts medium"]),
        (hsts(0, false), json!({}), &["narrows hsts low"]),
        (hsts(600, false), hsts(0, false), &["widens hsts medium"]),
        (hsts(600, true), hsts(60, true), &["widens hsts medium"]),
        (hsts(600, true), hsts(600, false), &["widens hsts medium"]),
        (hsts(600, true), json!({}), &["widens hsts medium"]),
        (hsts(60, false), hsts(600, true), &["narrows hsts low", "narrows hsts low"]),
        (json!({ "csp": "default-src 'none'" }), json!({}), &["widens csp medium"]),
        (
            json!({ "csp": "default-src 'none'" }),
            json!({ "csp": "default-src *" }),
            &["widens csp medium", "narrows csp low"],
        ),
        (json!({ "nosniff": true }), json!({}), &["widens nosniff medium"]),
        (json!({ "corp": "same-origin" }), json!({ "corp": "same-site" }), &["widens isolation medium"]),
        (json!({}), json!({ "corp": "cross-origin" }), &["widens isolation medium"]),
        (json!({}), json!({ "coop": "unsafe-none" }), &["neutral isolation low"]),
        (json!({ "coep": "credentialless" }), json!({ "coep": "require-corp" }), &["narrows isolation low"]),
        (json!({ "referrer_policy": "no-referrer" }), json!({}), &["widens referrer_policy medium"]),
        (json!({}), json!({ "timing_allow_origin": true }), &["widens timing_allow_origin low"]),
    ];
    for (before, now, expected) in rows {
        let wrapped = |security: &Value| json!({ "security": security });
        assert_eq!(told(&wrapped(&before), &wrapped(&now)), expected, "{before} {now}");
    }
}

#[test]
fn other_headers_are_compared_by_their_effect() {
    const BOTH: &[&str] = &["widens response_header medium", "narrows response_header low"];
    const WIDENS: &[&str] = &["widens response_header medium"];
    const NARROWS: &[&str] = &["narrows response_header low"];
    const NEUTRAL: &[&str] = &["neutral response_header low"];
    let set = |value: &str| json!({ "set": { "X-Frame-Options": value } });
    let removed = || json!({ "remove": ["x-frame-options"] });
    let set_over =
        |value: &str| json!({ "set": { "x-frame-options": value }, "remove": ["x-frame-options"] });
    let rows: [(&str, Value, Value, &[&str]); 12] = [
        ("the upstream's goes", json!({}), removed(), WIDENS),
        ("the upstream's comes back", removed(), json!({}), NARROWS),
        ("set, in place of the upstream's", json!({}), set("SAMEORIGIN"), BOTH),
        ("no longer set", set("DENY"), json!({}), BOTH),
        ("another value", set("DENY"), set("SAMEORIGIN"), BOTH),
        ("set where there was none", removed(), set("DENY"), NARROWS),
        ("none where it was set", set("DENY"), removed(), WIDENS),
        ("removed before it is set", set("DENY"), set_over("DENY"), NEUTRAL),
        ("and no longer", set_over("DENY"), set("DENY"), NEUTRAL),
        ("of no matter", json!({}), json!({ "set": { "x-version": "3" } }), NEUTRAL),
        ("of no matter, gone", json!({ "remove": ["server"] }), json!({}), NEUTRAL),
        (
            "over the security headers",
            json!({}),
            json!({ "set": { "content-security-policy": "default-src *" } }),
            BOTH,
        ),
    ];
    for (name, before, now, expected) in rows {
        let wrapped = |response: &Value| json!({ "response": response });
        assert_eq!(told(&wrapped(&before), &wrapped(&now)), expected, "{name}");
    }
}

#[test]
fn rewriting_opens_nothing() {
    let off = json!({ "response": { "rewrite": false } });
    for (before, now) in [(&json!({}), &off), (&off, &json!({}))] {
        assert_eq!(told(before, now), ["neutral rewrite low"], "{before} {now}");
    }
    assert_eq!(told(&json!({ "response": { "rewrite": true } }), &json!({})), [""; 0]);
}

#[test]
fn folding_suffixes_widens_and_narrows() {
    let policy = |folds: bool| {
        let document = json!({
            "version": 1,
            "upstreams": { "api": "zone" },
            "routes": [{ "name": "r", "path": "/a", "upstream": "api" }],
            "fold_suffixes": folds,
        });
        Side::new(serde_json::from_value(document).expect("a document")).expect("a valid policy")
    };
    assert_eq!(lines(&policy(true), &policy(false)), ["widens fold_suffixes medium"]);
    assert_eq!(lines(&policy(false), &policy(true)), ["narrows fold_suffixes low"]);
}

/// A policy with one route, and these fields of the policy.
fn policy(routes: &Value, default_cors: Option<Value>) -> Side {
    let mut document = json!({
        "version": 1,
        "upstreams": { "api": "https://origin.example.net" },
        "routes": routes,
    });
    if let Some(cors) = default_cors {
        document.as_object_mut().expect("an object").insert("default_cors".to_owned(), cors);
    }
    Side::new(serde_json::from_value(document).expect("a document")).expect("a valid policy")
}

fn lines(before: &Side, now: &Side) -> Vec<String> {
    let line = |change: &corsgate_compare::Change| {
        format!("{} {} {}", change.direction.name(), change.kind.name(), change.risk.name())
    };
    compare(before, now).iter().map(line).collect()
}

#[test]
fn changes_of_default_headers_have_directions() {
    let routes = json!([{ "name": "r", "path": "/a", "upstream": "api" }]);
    let of = |origins: &[&str]| policy(&routes, Some(json!({ "origins": origins, "credentials": false })));
    let (one, two, any) = (of(&["https://a.test"]), of(&["https://a.test", "https://b.test"]), of(&["*"]));
    let secret = policy(&routes, Some(json!({ "origins": ["https://a.test"], "credentials": true })));
    for (name, before, now, expected) in [
        ("more", &one, &two, &["widens origin low"][..]),
        ("fewer", &two, &one, &["narrows origin low"]),
        // No handshake is accepted without a route, so there is no line about handshakes.
        ("anyone", &one, &any, &["widens any_origin low"]),
        ("credentials", &one, &secret, &["widens credentials low"]),
        ("none", &policy(&routes, None), &one, &["widens origin low"]),
    ] {
        assert_eq!(lines(before, now), expected, "{name}");
    }
}

#[test]
fn an_added_route_is_as_risky_as_what_it_opens() {
    let first = json!({ "name": "r", "path": "/a", "upstream": "api" });
    let added = |cors: Value| {
        let second = json!({ "name": "s", "path": "/b", "upstream": "api", "cors": cors });
        policy(&json!([first, second]), None)
    };
    let before = policy(&json!([first]), None);
    let rules = |credentials: bool| json!({ "origins": ["https://a.test"], "credentials": credentials });
    assert_eq!(lines(&before, &added(rules(false)))[0], "widens route medium");
    assert_eq!(lines(&before, &added(rules(true)))[0], "widens route high");
    assert_eq!(lines(&before, &added(Value::Null))[0], "widens route medium");
}

#[test]
fn turning_on_the_switch_of_a_list_is_a_high_risk() {
    let of = |on: bool| {
        let document = json!({
            "version": 1,
            "upstreams": { "api": "https://origin.example.net" },
            "allowlists": { "partners": { "kv": "partners", "dangerously_unchecked_wildcards": on } },
            "routes": [{ "name": "r", "path": "/a", "upstream": "api" }],
        });
        Side::new(serde_json::from_value(document).expect("a document")).expect("a valid policy")
    };
    assert_eq!(lines(&of(false), &of(true)), ["neutral allowlist medium"]);
    assert_eq!(lines(&of(true), &of(false)), ["neutral allowlist low"]);
}
