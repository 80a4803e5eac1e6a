//! Test cases: their requests, their results, and what they cover.
#![expect(clippy::expect_used, clippy::panic, reason = "tests may fail loudly")]

use corsgate_authoring::Source;
use corsgate_authoring::cases::{Cases, Coverage, Ran, Run, Suite, Verdict, read_cases};
use corsgate_policy::grammar::day::Day;

const POLICY: &str = r#"
version = 1
upstreams.api = "https://origin.example.net"
[allowlists]
spa      = ["https://*.example.com", "https://app.example.com", "https://*.example.org"]
both     = ["https://kiosk.example"]
unused   = ["https://nobody.example", "https://partner.example"]
partners = { kv = "partners" }
again    = { kv = "partners" }
tenants  = { kv_keys = "tenants", scope = "host" }
[defaults]
upstream = "api"
hosts = ["api.example.com"]
cors.origins = ["https://shared.example"]
[[routes]]
name = "open"
path = "/open"
cors.origins = ["*"]
[[routes]]
name = "one"
path = "/one"
[[routes]]
name = "two"
path = "/two"
[[routes]]
name = "lists"
path = "/lists"
cors.origins = ["@spa", "@both", "https://kiosk.example", "@partners", "@tenants", { origin = "https://gone.example", expires = 2020-01-01 }]
"#;

fn source(name: &str, text: &str) -> Source {
    Source::from_bytes(name, text.into()).expect("text")
}

fn cases(text: &str) -> Cases {
    let text = format!("defaults = {{ url = \"https://api.example.com\", today = 2027-01-01 }}\n{text}");
    let read = read_cases(&source("cases.toml", &text), &mut |path| Err(format!("no `{path}`").into()));
    read.unwrap_or_else(|report| panic!("{:#?}", report.findings()))
}

/// A case for each of these requests, given the content of KV.
fn table(kv: &str, rows: &[(&str, Option<&str>)]) -> Cases {
    let case = |(at, (url, origin)): (usize, &(&str, Option<&str>))| {
        let origin = origin.map(|origin| format!(", origin = \"{origin}\"")).unwrap_or_default();
        format!(
            "[[cases]]\nname = \"{at}\"\nrequest = {{ url = \"{url}\"{origin} }}\nexpect = {{ exact = true }}\n"
        )
    };
    cases(&format!("{kv}\n{}", rows.iter().enumerate().map(case).collect::<String>()))
}

fn with_runs<T>(cases: &Cases, look: impl FnOnce(&Suite<'_>, &[(Run<'_>, Ran)]) -> T) -> T {
    let policy = source("policy.toml", POLICY);
    let suite = Suite::new(cases, &policy, None).unwrap_or_else(|wrong| panic!("{wrong:#?}"));
    let ran = |run: Run<'_>| suite.run(&run, Day::from_unix_milliseconds(0.0)).expect("an environment");
    let runs: Vec<_> =
        suite.runs().map(|run| (run.clone(), run)).map(|(run, copy)| (copy, ran(run))).collect();
    look(&suite, &runs)
}

/// What the runs leave uncovered.
fn uncovered(cases: &Cases) -> (Vec<String>, Vec<String>) {
    with_runs(cases, |suite, runs| {
        let all = suite.coverage(runs);
        let [Coverage { uncovered_routes, uncovered_entries, .. }] = &all[..] else {
            panic!("one environment")
        };
        let names = |uncovered: &[corsgate_authoring::cases::Uncovered]| {
            uncovered.iter().map(|item| item.name.clone()).collect()
        };
        (names(uncovered_routes), names(uncovered_entries))
    })
}

const ROUTES: [&str; 4] = ["open", "one", "two", "lists"];
/// In the order of the file. An entry covered by a wider one is not listed, and an inherited entry is listed once.
const ENTRIES: [&str; 12] = [
    "https://*.example.com",
    "https://*.example.org",
    "https://kiosk.example",
    "https://nobody.example",
    "https://partner.example",
    "@partners",
    "@again",
    "@tenants",
    "https://shared.example",
    "*",
    "https://kiosk.example",
    "https://gone.example",
];

const KV: &str = "lists.partners = [\"https://partner.example\"]\n\
                  keys.tenants = [{ origin = \"https://tenant.example\", host = \"api.example.com\" }]\n";

#[test]
fn a_request_covers_the_route_and_the_entry_that_decided() {
    for (url, origin, route, reached) in [
        ("/none", Some("https://other.example"), None, &[][..]),
        // Without a route, the defaults decide who can read that.
        ("/none", Some("https://shared.example"), None, &["https://shared.example"]),
        ("/one", Some("https://shared.example"), Some("one"), &["https://shared.example"]),
        ("/one", Some("https://other.example"), Some("one"), &[]),
        ("/one", None, Some("one"), &[]),
        ("/open", Some("https://other.example"), Some("open"), &["*"]),
        ("/open", Some("null"), Some("open"), &["*"]),
        ("/open", Some("https://api.example.com"), Some("open"), &[]),
        ("/open", None, Some("open"), &[]),
        ("/lists", Some("https://app.example.com"), Some("lists"), &["https://*.example.com"]),
        // The entry is in the route and in one of its lists; either counts.
        ("/lists", Some("https://kiosk.example"), Some("lists"), &["https://kiosk.example"]),
        ("/lists", Some("https://nobody.example"), Some("lists"), &[]),
        ("/lists", Some("https://gone.example"), Some("lists"), &[]),
        // An entry is not covered by a list that the route does not use, nor by another list with the same name in KV.
        ("/lists", Some("https://partner.example"), Some("lists"), &["@partners"]),
        ("/lists", Some("https://tenant.example"), Some("lists"), &["@tenants"]),
    ] {
        let (routes, entries) = uncovered(&table(KV, &[(url, origin)]));
        let expected: Vec<_> = ROUTES.into_iter().filter(|name| Some(*name) != route).collect();
        assert_eq!(routes, expected, "{url} {origin:?}");
        let expected: Vec<_> = ENTRIES.into_iter().filter(|name| !reached.contains(name)).collect();
        assert_eq!(entries, expected, "{url} {origin:?}");
    }
}

#[test]
fn the_content_of_kv_must_be_given_and_is_never_assumed_to_be_empty() {
    let verdict = |kv: &str, more: &str, origin: &str| {
        let text = format!(
            "{kv}\n[[cases]]\nname = \"x\"\n{more}\nrequest = {{ url = \"/lists\", origin = \"{origin}\" }}\nexpect = {{ outcome = \"allow\" }}\n"
        );
        with_runs(&cases(&text), |_, runs| {
            let reason =
                runs[0].1.decided.as_ref().map(|decided| decided.reason.map_or("", |reason| reason.name()));
            (runs[0].1.verdict.clone(), reason)
        })
    };
    let (list, keys) = ("lists.partners = [\"https://partner.example\"]", "keys.tenants = []");
    for (kv, more, origin, asks) in [
        ("", "", "https://partner.example", "list `partners`"),
        (list, "", "https://tenant.example", "keys `tenants`"),
        (keys, "", "https://tenant.example", "list `partners`"),
    ] {
        let (found, reason) = verdict(kv, more, origin);
        assert!(
            matches!(&found, Verdict::Undecided(missing) if missing.to_string().contains(asks)),
            "{found:?}"
        );
        assert_eq!(reason, None);
    }
    // For an origin that the policy itself lists, KV is not read.
    assert_eq!(verdict("", "", "https://kiosk.example"), (Verdict::Passed, Some("")));
    for (kv, more, origin, reason) in [
        (format!("{list}\n{keys}"), "", "https://other.example", "origin_not_listed"),
        (list.to_owned(), "unavailable = [\"tenants\"]", "https://other.example", "list_unavailable"),
        (keys.to_owned(), "unavailable = [\"partners\"]", "https://other.example", "list_unavailable"),
        (
            format!("{list}\n{keys}"),
            "unavailable = [\"partners\"]",
            "https://partner.example",
            "list_unavailable",
        ),
        (list.to_owned(), "unavailable = [\"tenants\"]", "https://partner.example", ""),
        // In a list without wildcards, they are ignored, as in the gateway.
        (
            format!("lists.partners = [\"https://*.w.example\"]\n{keys}"),
            "",
            "https://a.w.example",
            "origin_not_listed",
        ),
    ] {
        assert_eq!(verdict(&kv, more, origin).1, Some(reason), "{kv} {more} {origin}");
    }
}

#[test]
fn tables_multiply_and_every_run_has_a_name() {
    let cases = cases(
        "[[cases]]\nname = \"all\"\nrequest = { kind = \"preflight\", request_headers = [\"x-a\", \"x-b\"] }\n\
         origins = [\"https://a.example\", \"null\"]\nmethods = [\"PUT\", \"GET\"]\nurls = [\"/one\", \"//two\"]\nexpect = { exact = true }\n\
         [[cases]]\nname = \"one\"\nmethods = [\"PUT\"]\nexpect = { exact = true }\n",
    );
    with_runs(&cases, |_, runs| {
        let names: Vec<_> = runs.iter().map(|(run, _)| run.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "all [origin=https://a.example, method=PUT, url=/one]",
                "all [origin=null, method=PUT, url=/one]",
                "all [origin=https://a.example, method=GET, url=/one]",
                "all [origin=null, method=GET, url=/one]",
                "all [origin=https://a.example, method=PUT, url=//two]",
                "all [origin=null, method=PUT, url=//two]",
                "all [origin=https://a.example, method=GET, url=//two]",
                "all [origin=null, method=GET, url=//two]",
                "one [method=PUT]",
            ]
        );
        let request = |at: usize| {
            let request = runs[at].0.request;
            (request.method(), request.url(), request.origin(), request.requested_headers())
        };
        assert_eq!(request(1), ("PUT", "https://api.example.com/one", Some("null"), Some("x-a,x-b")));
        // A path is never taken for a host.
        assert_eq!(request(4).1, "https://api.example.com//two");
        assert_eq!(request(8), ("PUT", "https://api.example.com/", None, None));
    });
}

/// The gateway's own responses are compared in full, including the headers that prevent caching.
#[test]
fn a_response_of_the_gateway_is_compared_in_full() {
    for (request, expect, passes) in [
        ("{ origin = \"https://evil.example\" }", "{ headers = { cache-control = \"no-store\" } }", true),
        (
            "{ origin = \"https://evil.example\" }",
            "{ headers = { content-type = \"application/problem+json\" } }",
            true,
        ),
        ("{ origin = \"https://evil.example\" }", "{ absent = [\"cache-control\"] }", false),
        (
            "{ kind = \"preflight\", method = \"PUT\", origin = \"https://evil.example\" }",
            "{ headers = { cache-control = \"no-store\" }, absent = [\"content-type\"] }",
            true,
        ),
        (
            "{ kind = \"preflight\", method = \"PUT\", origin = \"https://shared.example\" }",
            "{ status = 204, absent = [\"cache-control\"] }",
            true,
        ),
        ("{ origin = \"https://shared.example\" }", "{ absent = [\"cache-control\"] }", true),
    ] {
        let case =
            format!("[[cases]]\nname = \"one\"\nrequest = {request}\nurls = [\"/one\"]\nexpect = {expect}\n");
        let passed =
            with_runs(&cases(&case), |_, runs| runs.iter().all(|(_, ran)| ran.verdict == Verdict::Passed));
        assert_eq!(passed, passes, "{request} {expect}");
    }
}

/// Messages about the content of KV in a file of cases.
fn about_keys(keys: &str) -> Vec<String> {
    let text = format!(
        "defaults.url = \"https://api.example.com\"\n{keys}\n[[cases]]\nname = \"c\"\nexpect.exact = true\n"
    );
    let of = |report: &corsgate_authoring::Report| {
        let found = report.findings().iter();
        found.map(|finding| format!("{} {}", finding.code, finding.message)).collect()
    };
    match read_cases(&source("cases.toml", &text), &mut |_path| Err("none".into())) {
        Err(report) => of(&report),
        Ok(read) => match Suite::new(&read, &source("policy.toml", POLICY), None) {
            Err(unprepared) => of(&unprepared.cases),
            Ok(_) => Vec::new(),
        },
    }
}

#[test]
fn a_key_that_no_request_asks_for_is_a_mistake() {
    let host = "host = \"api.example.com\"";
    for (key, expected) in [
        (format!("{{ origin = \"https://shop.example\", {host} }}"), None),
        (
            format!("{{ origin = \"https://shop.example/\", {host} }}"),
            Some("CG013 an origin has no trailing slash"),
        ),
        (format!("{{ origin = \"https://Shop.example\", {host} }}"), Some("CG013 the host has upper-case")),
        (format!("{{ origin = \"null\", {host} }}"), Some("CG014")),
        (format!("{{ origin = \"*\", {host} }}"), Some("CG015")),
        (format!("{{ origin = \"https://*.shop.example\", {host} }}"), Some("CG043")),
        ("\"https://shop.example/\"".to_owned(), Some("CG013 an origin has no trailing slash")),
        (
            "{ origin = \"https://shop.example\", host = \"API.example.com\" }".to_owned(),
            Some("CG017 the host has upper-case"),
        ),
        (
            "{ origin = \"https://shop.example\", host = \"*.example.com\" }".to_owned(),
            Some("CG017 a key has one host"),
        ),
        (
            "{ origin = \"https://shop.example\", host = \"nope.example\" }".to_owned(),
            Some("CG404 no route with the keys `tenants` has the host `nope.example`"),
        ),
    ] {
        let found = about_keys(&format!("keys.tenants = [{key}]"));
        assert_eq!(found.len(), usize::from(expected.is_some()), "{key}: {found:?}");
        assert!(
            expected.is_none_or(|expected| found.iter().all(|it| it.starts_with(expected))),
            "{key}: {found:?}"
        );
    }
}
