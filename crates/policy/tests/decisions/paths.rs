//! Which route matches a request: row 26, hosts, and the order of the file.

use corsgate_policy::response::forward::write_target;

use super::*;

/// A lax route beside stricter ones, as in row 26.
fn fixture() -> Policy {
    let at = |name: &str, path: &str| merge(route(name, json!({})), json!({ "path": path }));
    policy(&[
        at("login", "/auth/login"),
        at("admin", "/api/admin"),
        at("api", "/api/*"),
        at("public", "/public/*"),
        at("a", "/a/*"),
        merge(at("anyhost", "/any"), json!({ "hosts": ["*.example.org"] })),
    ])
}

/// The route and the URL at the upstream, or the reason of the rejection.
fn taken(url: &str) -> String {
    let (policy, request) = (fixture(), Request::new("GET", url));
    let facts = request.facts();
    let decision = decide(&policy, &facts, &Answers::default(), today());
    let Some(route) = decision.route else {
        return decision.reason().expect("no route").to_string();
    };
    let mut target = String::new();
    write_target(route, &facts, &mut target);
    format!("{} {target}", route.name())
}

#[test]
fn a_path_that_another_server_could_route_differently_is_rejected() {
    for (path, result) in [
        ("//evil.com/x", "route_not_found"),
        // URL parsing resolves these before the gateway sees them; if a runtime does not, they are rejected.
        ("/public/../admin", "path_ambiguous"),
        ("/public/%2e%2e/admin", "path_ambiguous"),
        ("/api/%61dmin", "admin https://origin.example.net/base/api/%61dmin"),
        ("/api/%41dmin", "path_ambiguous"),
        ("/api//admin", "path_ambiguous"),
        ("/AUTH/LOGIN", "path_ambiguous"),
        ("/auth/login/", "path_ambiguous"),
        ("/a/..;/admin", "path_ambiguous"),
        ("/api/x%2fy", "path_ambiguous"),
        ("/api/x%00", "path_ambiguous"),
        ("/api/x%zz", "path_ambiguous"),
        ("/api/x", "api https://origin.example.net/base/api/x"),
        ("/api//evil.com/@x?y=//z", "api https://origin.example.net/base/api//evil.com/@x?y=//z"),
    ] {
        assert_eq!(taken(&format!("https://api.example.com{path}")), result, "26: {path}");
    }
}

#[test]
fn the_host_decides_before_the_path_and_its_port_is_ignored() {
    for (url, result) in [
        ("https://api.example.com:8443/a/x", "a https://origin.example.net/base/a/x"),
        ("https://x.example.org/any", "anyhost https://origin.example.net/base/any"),
        ("https://example.org/any", "route_not_found"),
        ("https://api.example.com/any", "route_not_found"),
        ("https://x.example.org/a/x", "route_not_found"),
        ("https://api.example.com.evil.com/a/x", "route_not_found"),
        // Stricter routes of another host make nothing ambiguous here.
        ("https://x.example.org/AUTH/LOGIN", "route_not_found"),
    ] {
        assert_eq!(taken(url), result, "{url}");
    }
}
