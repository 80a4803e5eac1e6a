//! What responses contain beside the plain grant: explanations, `[defaults.cors]` without a route, security headers,
//! the route's own headers, and `Timing-Allow-Origin`.

use super::*;

const APP: &str = "https://app.example.com";

#[test]
fn explain_console_puts_the_reason_into_the_browsers_console() {
    let console = json!({ "explain": "console" });
    let policy = policy_with(
        &[
            p("console", console.clone()),
            p("forward", merge(console.clone(), json!({ "on_disallowed": "forward" }))),
            route("closed", console.clone()),
            route("kv", merge(console, json!({ "cors": { "origins": ["@kv"] } }))),
        ],
        json!({ "allowlists": { "kv": { "kv": "kv" } } }),
    );
    let said = |answer: String, words: &str| {
        format!("{answer}\naccess-control-allow-origin: https://{words}.corsgate.invalid")
    };
    let malformed = format!("OPTIONS /console/x\nOrigin: {APP}\nACRM: P U T");
    check(
        &policy,
        [
            row(
                "3",
                "GET /console/x\nOrigin: https://evil.com",
                PLAIN,
                said(as_3("origin_not_listed"), "origin-not-listed"),
            ),
            row("3", "GET /console/x\nOrigin: null", PLAIN, said(as_3("origin_null"), "origin-null")),
            row(
                "3, forwarded",
                "GET /forward/x\nOrigin: X://y",
                PLAIN,
                said("strip origin_malformed 200\nvary: Origin".to_owned(), "origin-malformed"),
            ),
            row(
                "6",
                "OPTIONS /console/x\nOrigin: null\nACRM: PUT",
                PLAIN,
                said(as_6("origin_null"), "origin-null"),
            ),
            row("8", &malformed, PLAIN, said(as_6("method_malformed"), "method-malformed")),
            row(
                "a route without CORS",
                &format!("GET /closed/x\nOrigin: {APP}"),
                PLAIN,
                said(as_3("origin_not_listed"), "origin-not-listed"),
            ),
            row(
                "what is not known is not explained as a refusal",
                &format!("GET /kv/x\nOrigin: {APP}"),
                PLAIN,
                "reject list_unavailable 503\nvary: Origin",
            ),
            row("2", &format!("GET /console/x\nOrigin: {APP}"), PLAIN, as_2(200, APP)),
            row("1", "GET /console/x", PLAIN, as_1(200)),
        ],
    );
}

#[test]
fn without_a_route_the_defaults_apply_on_the_hosts_of_the_policy() {
    let policy = policy_with(&[p("p", json!({}))], json!({ "default_cors": cors_p() }));
    let readable = |reason: &str, status| as_2(status, APP).replace("allow ", &format!("reject {reason} "));
    let from = |url: &str, origin: &str| format!("GET {url}\nOrigin: {origin}");
    let (unknown, ambiguous) = ("route_not_found", "path_ambiguous");
    check(
        &policy,
        [
            row("404, listed", &from("/nowhere", APP), PLAIN, readable(unknown, 404)),
            row("400, listed", &from("/p/%2f", APP), PLAIN, readable(ambiguous, 400)),
            row(
                "404, not listed",
                &from("/nowhere", "https://evil.com"),
                PLAIN,
                "reject route_not_found 404\nvary: Origin",
            ),
            row("404, no Origin", "GET /nowhere", PLAIN, "reject route_not_found 404\nvary: Origin"),
            row(
                "404, a host that is not the policy's",
                &from("https://other.example/p/x", APP),
                PLAIN,
                "reject route_not_found 404",
            ),
            row(
                "400, a host that is not the policy's",
                &from("https://other.example/%2f", APP),
                PLAIN,
                "reject path_ambiguous 400",
            ),
            row(
                "15: a preflight fails by its status, whatever it says",
                &format!("OPTIONS /nowhere\nOrigin: {APP}\nACRM: PUT"),
                PLAIN,
                format!("reject route_not_found 404\n{}", granted_to_preflight(APP)),
            ),
        ],
    );
}

#[test]
fn without_a_route_and_with_defaults_for_any_origin_every_page_can_read_the_reason() {
    let policy = policy_with(&[p("p", json!({}))], json!({ "default_cors": { "origins": ["*"] } }));
    let readable = "reject route_not_found 404\naccess-control-allow-origin: *";
    check(
        &policy,
        [
            row("404, an origin", "GET /nowhere\nOrigin: null", PLAIN, readable),
            row("404, no Origin", "GET /nowhere", PLAIN, readable),
        ],
    );
}

#[test]
fn a_routes_own_headers_are_on_every_response() {
    let policy = policy(&[p(
        "p",
        json!({
            "response": { "set": { "X-Api-Version": "3" }, "remove": ["Server", "x-powered-by"] },
            "security": {
                "hsts": { "max_age": 63_072_000, "include_subdomains": true, "preload": true },
                "csp": "default-src 'none'",
                "nosniff": true,
                "referrer_policy": "no-referrer",
                "permissions_policy": "geolocation=()",
                "corp": "cross-origin",
                "coop": "same-origin",
                "coep": "require-corp",
            },
        }),
    )]);
    let upstream = "200
        server: a
        x-powered-by: b
        x-api-version: 2
        x-api-version: 1
        x-frame-options: DENY
        content-security-policy: default-src *";
    let set = "x-api-version: 3
        strict-transport-security: max-age=63072000; includeSubDomains; preload
        content-security-policy: default-src 'none'
        x-content-type-options: nosniff
        referrer-policy: no-referrer
        permissions-policy: geolocation=()
        cross-origin-resource-policy: cross-origin
        cross-origin-opener-policy: same-origin
        cross-origin-embedder-policy: require-corp";
    let preflight = format!("OPTIONS /p/x\nOrigin: {APP}\nACRM: PUT");
    check(
        &policy,
        [
            row("passed on", "GET /p/x", upstream, format!("{}\n{set}\nx-frame-options: DENY", as_1(200))),
            row("refused", "GET /p/x\nOrigin: null", upstream, format!("{}\n{set}", as_3("origin_null"))),
            row("preflight", &preflight, upstream, format!("{}\n{set}", as_4(APP))),
        ],
    );
}

#[test]
fn timing_follows_the_grant() {
    let security = json!({ "security": { "timing_allow_origin": true } });
    let policy = policy(&[p("p", security.clone()), a("a", security), p("off", json!({}))]);
    let upstream = "200\ntiming-allow-origin: *";
    check(
        &policy,
        [
            row(
                "the listed origin",
                &format!("GET /p/x\nOrigin: {APP}"),
                upstream,
                format!("{}\ntiming-allow-origin: {APP}", as_2(200, APP)),
            ),
            row("no Origin: nobody", "GET /p/x", upstream, as_1(200)),
            row("refused: nobody", "GET /p/x\nOrigin: null", upstream, as_3("origin_null")),
            row(
                "any origin",
                "GET /a/x",
                "200",
                "allow 200
                 access-control-allow-origin: *
                 timing-allow-origin: *",
            ),
            row(
                "off: the upstream's own word",
                "GET /off/x",
                upstream,
                format!("{}\ntiming-allow-origin: *", as_1(200)),
            ),
        ],
    );
}
