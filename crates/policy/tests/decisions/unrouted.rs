//! What a response says about a request that no route takes.

use super::*;

fn detail(policy: &Policy, url: &str) -> String {
    let request = Request::new("GET", url);
    let facts = request.facts();
    let decision = decide(policy, &facts, &Answers::default(), today());
    let problem: serde_json::Value =
        serde_json::from_str(&decision.problem().expect("a problem")).expect("JSON");
    problem.get("detail").and_then(|detail| detail.as_str()).expect("a detail").to_owned()
}

fn at(name: &str, path: &str, hosts: &[&str]) -> serde_json::Value {
    merge(route(name, json!({})), json!({ "path": path, "hosts": hosts }))
}

#[test]
fn an_unknown_host_is_told_the_hosts_of_the_policy_and_a_known_one_is_not() {
    let one =
        policy(&[at("a", "/a", &["api.example.com"]), at("b", "/b", &["api.example.com", "*.example.org"])]);
    let hosts = "No route has the host of this request. The policy has routes for `*.example.org`, `api.example.com`.";
    let path = "Routes have the host of this request, but none of them has its path.";
    for (url, expected) in [
        ("https://other.example/a", hosts),
        ("https://example.org/b", hosts),
        ("https://localhost/", hosts),
        ("https://api.example.com/nowhere", path),
        ("https://x.example.org/a", path),
    ] {
        assert_eq!(detail(&one, url), expected, "{url}");
    }
    let names: Vec<_> = (0..40).map(|at| format!("h{at:02}.example.com")).collect();
    let many = policy(&[at("a", "/a", &names.iter().map(String::as_str).collect::<Vec<_>>())]);
    assert_eq!(
        detail(&many, "https://other.example/a"),
        "No route has the host of this request. The policy has routes for `h00.example.com`, `h01.example.com`, \
         `h02.example.com`, `h03.example.com`, `h04.example.com` and 35 more."
    );
}

#[test]
fn a_slash_too_many_is_named_with_the_route_and_what_takes_both() {
    let policy = policy(&[
        at("mcp", "/mcp", &["api.example.com"]),
        at("deep", "/a/b", &["api.example.com"]),
        at("root", "/", &["api.example.com"]),
        at("tree", "/tree/*", &["api.example.com"]),
    ]);
    let slash = |name: &str, path: &str| {
        format!(
            "The path ends with a slash. Many servers read it as `{path}`, which is the path of route `{name}`; to this \
             gateway it is another path. Request `{path}`, or let the route take both with `path = \"{path}/*\"`."
        )
    };
    for (path, expected) in [("/mcp/", slash("mcp", "/mcp")), ("/a/b/", slash("deep", "/a/b"))] {
        assert_eq!(detail(&policy, &format!("https://api.example.com{path}")), expected, "{path}");
    }
    let usual = Reason::PathAmbiguous.detail();
    for path in ["/MCP/", "/mcp//", "//", "/mcp%2f", "/mcp;/", "/a/b/%2e/", "/%zz/"] {
        assert_eq!(detail(&policy, &format!("https://api.example.com{path}")), usual, "{path}");
    }
    let long = format!("https://api.example.com/{}/", "a".repeat(300));
    assert!(!detail(&policy, &long).contains("aaa"));
}
