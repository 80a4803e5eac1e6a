//! What the upstream receives: rows 17, 27 and 28, cacheable requests, and loops.

use corsgate_policy::response::forward::write_target;
use corsgate_policy::response::rewrite::rewrite;

use super::*;

const APP: &str = "https://app.example.com";

fn fixture() -> Policy {
    policy(&[
        p("p", json!({})),
        p("keep", json!({ "forward_origin": true })),
        route("anonymous", json!({ "cors": { "origins": [APP] } })),
        route("cookies", json!({ "cors": { "origins": [APP] }, "forward_cookies": true })),
        route("forward", json!({ "cors": { "origins": [APP] }, "on_disallowed": "forward" })),
        route("report", json!({ "cors": { "origins": [APP] }, "mode": "report" })),
        p("off", json!({ "response": { "rewrite": false } })),
        a("any", json!({})),
        a("open", json!({ "websocket": { "dangerously_allow_any_origin": true } })),
    ])
}

/// The headers that every forwarded request gets if Cloudflare names no client.
pub const ALWAYS: &str = "corsgate-hop: api.example.com
    x-forwarded-host: api.example.com
    x-forwarded-proto: https";

/// The headers of the forwarded request, sorted.
pub fn forwarded(policy: &Policy, request: &Request) -> Vec<String> {
    let facts = request.facts();
    let decision = decide(policy, &facts, &Answers::default(), today());
    assert!(decision.is_sent_on(), "{decision:?}");
    let mut headers = request.headers.clone();
    decision.write_request_headers(&facts, &mut headers);
    let mut lines: Vec<_> = headers.lines().map(|(name, value)| format!("{name}: {value}")).collect();
    lines.sort_unstable();
    lines
}

fn check_forwarded(name: &str, request: &str, expected: &str) {
    let lines = forwarded(&fixture(), &request_of(request));
    let mut expected: Vec<_> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    expected.sort_unstable();
    assert_eq!(lines, expected, "{name}");
}

#[test]
fn client_headers_about_address_host_and_url_are_replaced_or_dropped() {
    check_forwarded(
        "28",
        "GET /p/x
         CF-Connecting-IP: 192.0.2.1
         X-Forwarded-For: 127.0.0.1
         X-Real-IP: 127.0.0.1
         X-Forwarded-Host: admin.example.com
         X-Forwarded-Proto: http
         Forwarded: for=127.0.0.1
         X-Original-URL: /admin
         X-Rewrite-URL: /admin
         Cookie: a=1",
        "cf-connecting-ip: 192.0.2.1
         x-forwarded-for: 192.0.2.1
         x-real-ip: 192.0.2.1
         x-forwarded-host: api.example.com
         x-forwarded-proto: https
         corsgate-hop: api.example.com
         cookie: a=1",
    );
    check_forwarded("28: nobody vouches for an address", "GET /p/x\nX-Real-IP: 127.0.0.1", ALWAYS);
}

#[test]
fn every_spelling_of_a_misleading_name_is_dropped_and_other_names_are_kept() {
    check_forwarded(
        "28, as servers fold names",
        "GET /p/x
         CF-Connecting-IP: 192.0.2.1
         CF-Ray: 8f1c2a3b4c5d6e7f
         CF_Connecting_IP: 127.0.0.1
         X_Forwarded_For: 127.0.0.1
         X-Forwarded_For: 127.0.0.1
         X_Real_IP: 127.0.0.1
         X.Forwarded.Host: evil.example
         HTTP_X_FORWARDED_FOR: 127.0.0.1
         X-Forwarded-Port: 1
         X-Forwarded-Client-Cert: a
         X_Original_URL: /admin
         True-Client-IP: 127.0.0.1
         X-Host: evil.example
         Proxy: http://evil.example
         Proxy-Authorization: Basic x
         X-HTTP-Method-Override: PUT
         X_Api_Key: a",
        "cf-connecting-ip: 192.0.2.1
         cf-ray: 8f1c2a3b4c5d6e7f
         x-forwarded-for: 192.0.2.1
         x-real-ip: 192.0.2.1
         x-forwarded-host: api.example.com
         x-forwarded-proto: https
         corsgate-hop: api.example.com
         x-http-method-override: PUT
         x_api_key: a",
    );
    let page = format!("origin: {APP}\ncookie: a=1");
    check_forwarded(
        "28, on a route that reports",
        &format!("POST /report/x\n{page}\nX_Forwarded_For: 127.0.0.1\nX-Client-IP: 127.0.0.1"),
        &format!("{page}\n{ALWAYS}"),
    );
}

/// The client chooses the port in `Host`, so the gateway does not forward to it.
#[test]
fn the_port_of_a_zone_or_a_service_is_the_default_of_the_scheme() {
    let fields = json!({ "upstreams": { "api": "zone", "legacy": "service:LEGACY" } });
    let service = route("service", json!({ "upstream": "legacy" }));
    let policy = policy_with(&[route("zone", json!({})), service], fields);
    for (path, host) in
        [("zone", "api.example.com:8443"), ("service", "api.example.com:1"), ("zone", "api.example.com.")]
    {
        for scheme in ["https", "http"] {
            let request = Request::new("GET", &format!("{scheme}://{host}/{path}/x?y=1"));
            let facts = request.facts();
            let decision = decide(&policy, &facts, &Answers::default(), today());
            let mut target = String::new();
            write_target(decision.route.expect("matched"), &facts, &mut target);
            assert_eq!(target, format!("{scheme}://api.example.com/{path}/x?y=1"), "{host}");
        }
    }
}

#[test]
fn a_cross_origin_request_loses_its_cookies_on_a_route_without_credentials() {
    for (name, line, origin, kept) in [
        ("a listed origin", "POST /anonymous/x", APP, false),
        ("GET", "GET /anonymous/x", APP, false),
        ("OPTIONS that is no preflight", "OPTIONS /anonymous/x", APP, false),
        ("any origin", "POST /any/x", "https://evil.example", false),
        ("any origin: null", "POST /any/x", "null", false),
        ("any origin: malformed", "POST /any/x", "HTTPS://EVIL.EXAMPLE", false),
        ("with credentials", "POST /p/x", APP, true),
        ("forward_cookies", "POST /cookies/x", APP, true),
        ("a refused origin that is forwarded", "POST /forward/x", "https://idp.example", true),
        ("a refused origin that is forwarded: null", "POST /forward/x", "null", true),
        ("a listed origin where refused ones are forwarded", "POST /forward/x", APP, false),
        ("a route that reports", "POST /report/x", APP, true),
        ("the gateway's own origin", "POST /anonymous/x", "https://api.example.com", true),
        ("the gateway's own origin, on the route for any", "POST /any/x", "https://api.example.com", true),
        ("the gateway's own host on another port", "POST /any/x", "https://api.example.com:8443", false),
        ("the gateway's own host without TLS", "POST /any/x", "http://api.example.com", false),
        ("no Origin", "POST /any/x", "", true),
    ] {
        let origin_line = if origin.is_empty() { String::new() } else { format!("\norigin: {origin}") };
        let request = request_of(&format!("{line}{origin_line}\ncookie: a=1\nauthorization: Bearer x"));
        let lines = forwarded(&fixture(), &request);
        assert_eq!(lines.contains(&"cookie: a=1".to_owned()), kept, "{name}: {lines:?}");
        assert!(lines.contains(&"authorization: Bearer x".to_owned()), "{name}: {lines:?}");
    }
    let vouched = "POST /any/x\norigin: null\nsec-fetch-site: same-origin\ncookie: a=1";
    assert!(
        forwarded(&fixture(), &request_of(vouched)).contains(&"cookie: a=1".to_owned()),
        "null that is its own"
    );
}

#[test]
fn cacheable_requests_lose_their_origin_and_others_keep_it() {
    let origin = format!("Origin: {APP}");
    let preflight_like = "\naccess-control-request-method: PUT\naccess-control-request-headers: x";
    for (name, line, more, kept) in [
        ("GET", "GET /p/x", "", false),
        ("HEAD", "HEAD /p/x", "", false),
        ("what only preflights need goes too", "GET /p/x", preflight_like, false),
        ("Authorization", "GET /p/x", "\nauthorization: Bearer x", true),
        ("an event stream", "GET /p/x", "\naccept: text/html, Text/Event-Stream", true),
        ("another Accept", "GET /p/x", "\naccept: text/html", false),
        ("Upgrade", "GET /p/x", "\nupgrade: h2c", true),
        ("POST", "POST /p/x", "", true),
        ("OPTIONS", "OPTIONS /p/x", "", true),
        ("forward_origin", "GET /keep/x", "", true),
        ("forward_origin keeps all of them", "GET /keep/x", preflight_like, true),
    ] {
        let kept = match (kept, more == preflight_like) {
            (true, _) => format!("{origin}{more}").replacen("Origin", "origin", 1),
            (false, true) => String::new(),
            (false, false) => more.to_owned(),
        };
        check_forwarded(name, &format!("{line}\n{origin}{more}"), &format!("{kept}\n{ALWAYS}"));
    }
}

#[test]
fn a_handshake_on_a_route_without_credentials_loses_them() {
    let request = |path: &str| {
        let access = "Cf-Access-Jwt-Assertion: a\nCf-Access-Token: b\nProxy-Authorization: Basic x";
        format!(
            "GET /{path}/x\nOrigin: {APP}\nUpgrade: websocket\nCookie: a=1\nAuthorization: Bearer x\n{access}"
        )
    };
    let upgrade = format!("origin: {APP}\nupgrade: websocket\n{ALWAYS}");
    let access = "cf-access-jwt-assertion: a\ncf-access-token: b";
    check_forwarded(
        "17",
        &request("p"),
        &format!("{upgrade}\ncookie: a=1\nauthorization: Bearer x\n{access}"),
    );
    check_forwarded("17: without credentials", &request("anonymous"), &upgrade);
    check_forwarded("17: of any origin", &request("open"), &upgrade);
    check_forwarded(
        "a request without Origin keeps its cookies, as the upstream would get them without a gateway",
        "POST /anonymous/x\nCookie: a=1",
        &format!("cookie: a=1\n{ALWAYS}"),
    );
}

#[test]
fn a_request_that_comes_back_is_a_loop() {
    check_forwarded(
        "another gateway on the way",
        "GET /p/x\nCorsgate-Hop: api.example.com:8443, other.example",
        &ALWAYS.replacen(": api", ": api.example.com:8443, other.example, api", 1),
    );
    let loops = "\nCorsgate-Hop: other.example, api.example.com";
    let outcome = |answer: String| answer.replace("allow 200", "reject upstream_loop 502");
    check(
        &fixture(),
        [
            row("no Origin", &format!("GET /p/x{loops}"), PLAIN, outcome(as_1(200))),
            row("readable", &format!("GET /p/x\nOrigin: {APP}{loops}"), PLAIN, outcome(as_2(200, APP))),
            row("refused before", &format!("GET /p/x\nOrigin: null{loops}"), PLAIN, as_3("origin_null")),
            row(
                "a handshake",
                &format!("GET /p/x\nOrigin: {APP}\nUpgrade: websocket{loops}"),
                PLAIN,
                outcome(as_2(200, APP)),
            ),
            row(
                "a preflight goes nowhere, so it cannot come back",
                &format!("OPTIONS /p/x\nOrigin: {APP}\nACRM: PUT{loops}"),
                PLAIN,
                as_4(APP),
            ),
        ],
    );
}

#[test]
fn locations_of_the_upstream_become_public() {
    let policy = fixture();
    let request = request_of("GET /p/x?y=1");
    let facts = request.facts();
    let decision = decide(&policy, &facts, &Answers::default(), today());
    let route = decision.route.expect("matched");
    let mut target = String::new();
    write_target(route, &facts, &mut target);
    assert_eq!(target, "https://origin.example.net/base/p/x?y=1");
    let upstream = route.rewritten_upstream().expect("a URL");
    assert_eq!(
        rewrite("location", "https://origin.example.net/base/x", upstream, facts.url.origin).as_deref(),
        Some("https://api.example.com/x"),
        "27"
    );
    let request = request_of("GET /off/x");
    let facts = request.facts();
    let decision = decide(&policy, &facts, &Answers::default(), today());
    assert_eq!(decision.route.expect("matched").rewritten_upstream(), None);
}
