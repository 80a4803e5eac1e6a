//! Refusals and policies, and the suggestions for them.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use corsgate_authoring::{Source, compile};
use corsgate_policy::grammar::day::Day;
use corsgate_suggest::{
    Because, Refusal, Refusals, Risk, SuggestError, SuggestOptions, Suggestions, Target, append, check_cases,
    forbidden, suggest,
};
use proptest::prelude::*;

const POLICY: &str = r#"version = 1
upstreams.api = "https://origin.example.net"

[allowlists]
spa      = ["https://app.example.com"] # the app
partners = [
    "https://partner.example", # contract 7
    { origin = "https://pilot.example", expires = 2031-06-30 } # no comma
]
kv      = { kv = "live" }
tenants = { kv_keys = "tenants", scope = "host" }

[environments.dev.allowlists]
spa = ["http://localhost:5173"]

[defaults]
hosts    = ["api.example.com"]
upstream = "api"
[defaults.cors]
origins = ["https://help.example.com"]

[[routes]]
name = "users"
path = "/users/*"
[routes.cors]
origins     = ["@spa", "@partners"]
credentials = true

[[routes]]
name = "open"
path = "/open"
[routes.cors]
origins = ["@spa", "https://inline.example.com"]

[[routes]]
name = "lists"
path = "/lists"
cors = { origins = ["@kv"] }

[[routes]]
name = "tenants"
path = "/tenants"
cors = { origins = ["@tenants"] }

[[routes]]
name = "watched"
path = "/watched"
mode = "report"

[[routes]]
name = "closed"
path = "/closed"
cors = false
"#;

fn row(origin: &str, route: &str, decisions: u64) -> Refusal {
    Refusal {
        origin: origin.to_owned(),
        route: Some(route.to_owned()),
        reason: "origin_not_listed".to_owned(),
        decisions,
        rows: decisions,
        first_seen: "2026-11-20T09:00:00Z".to_owned(),
        last_seen: "2026-11-23T06:45:00Z".to_owned(),
    }
}

fn options<'o>(origins: &'o [String]) -> SuggestOptions<'o> {
    let today = Day::parse("2026-11-23").expect("a day");
    SuggestOptions {
        environment: None,
        into: None,
        origins,
        forbidden: &[],
        route: None,
        min_count: 10,
        today,
    }
}

fn source(text: &str) -> Source {
    Source::from_bytes("policy.toml", text.as_bytes().to_vec()).expect("text")
}

fn run(text: &str, rows: Vec<Refusal>, options: &SuggestOptions<'_>) -> Result<Suggestions, SuggestError> {
    let refusals = Refusals { rows, ..Refusals::default() };
    suggest(&source(text), &refusals, options)
}

fn fine(rows: Vec<Refusal>, options: &SuggestOptions<'_>) -> Suggestions {
    run(POLICY, rows, options).expect("suggestions")
}

/// The suggestion for one rejected origin.
#[test]
fn each_origin_gets_the_narrowest_place_or_is_left_out_with_a_reason() {
    let list = |name: &str| Target::Allowlist { name: name.to_owned(), of_environment: false };
    for (origin, route, expected) in [
        // Nothing that either list holds is like it; `partners` opens no other route.
        ("https://shop.example", "users", Ok((list("partners"), Risk::High, false))),
        // `spa` holds its domain, although it opens another route too.
        ("https://new.example.com", "users", Ok((list("spa"), Risk::Medium, true))),
        ("https://eu.partner.example", "users", Ok((list("partners"), Risk::Low, true))),
        ("https://shop.example", "open", Ok((Target::Route("open".to_owned()), Risk::Medium, true))),
        ("https://shop.example", "watched", Ok((Target::Defaults, Risk::Medium, true))),
        (
            "https://new.example.com",
            "lists",
            Ok((Target::KvList { name: "kv".to_owned(), kv: "live".to_owned() }, Risk::Low, true)),
        ),
        (
            "https://new.example.com",
            "tenants",
            Ok((
                Target::KvKeys {
                    name: "tenants".to_owned(),
                    key: "origin/tenants/<host>/https://new.example.com".to_owned(),
                },
                Risk::Low,
                true,
            )),
        ),
        ("https://team.github.io", "open", Ok((Target::Route("open".to_owned()), Risk::High, false))),
        ("https://examp1e.com", "open", Ok((Target::Route("open".to_owned()), Risk::High, false))),
        ("http://localhost:3000", "open", Ok((Target::Route("open".to_owned()), Risk::High, false))),
        ("https://shop.example", "closed", Err(Because::Route)),
        ("https://shop.example", "gone", Err(Because::Route)),
        ("https://app.example.com", "users", Err(Because::Allowed)),
        ("http://new.example.com", "users", Err(Because::Refused)),
        ("http://new.example.com", "open", Err(Because::Refused)),
        ("chrome-extension://abcdefghijklmnop", "users", Ok((list("partners"), Risk::High, false))),
        ("https://xn--a.example", "open", Err(Because::Refused)),
        ("null", "users", Err(Because::NoOrigin)),
        ("nonsense", "users", Err(Because::NoOrigin)),
        ("https://app.example.com.evil.example", "users", Err(Because::Attack)),
        ("https://app.example.com@evil.example", "users", Err(Because::Attack)),
        ("https://app.example.com.", "users", Err(Because::Attack)),
    ] {
        let found = fine(vec![row(origin, route, 50)], &options(&[]));
        let is = match (found.additions.as_slice(), found.left_out.as_slice()) {
            ([one], []) => Ok((one.target.clone(), one.risk, one.live)),
            ([], [one]) => Err(one.because),
            other => panic!("{origin} on {route}: {other:?}"),
        };
        assert_eq!(is, expected, "{origin} on {route}: {:?}", found.left_out);
        let changed = found.text != POLICY;
        assert_eq!(changed, expected.is_ok_and(|(target, ..)| target.is_in_policy()), "{origin} on {route}");
    }
}

#[test]
fn the_options_select_rows_and_places() {
    let shop = ["https://shop.example".to_owned()];
    let rows = || {
        vec![
            row("https://shop.example", "users", 4),
            row("https://a.example.com", "open", 40),
            row("https://b.example.com", "users", 9),
        ]
    };
    let origins = |found: &Suggestions| -> Vec<String> {
        found.additions.iter().map(|addition| addition.origin.clone()).collect()
    };
    assert_eq!(origins(&fine(rows(), &options(&[]))), ["https://a.example.com"]);
    let rare = SuggestOptions { min_count: 1, ..options(&[]) };
    assert_eq!(origins(&fine(rows(), &rare)).len(), 3);
    assert_eq!(origins(&fine(rows(), &SuggestOptions { route: Some("users"), ..rare.clone() })).len(), 2);
    // A user who names an origin knows it: it may be new, rare, and on a route with credentials.
    // Its list is not clear, so it is commented out until `--into` says which.
    let found = fine(rows(), &options(&shop));
    assert_eq!(origins(&found), shop);
    assert!(!found.additions[0].live && found.additions[0].risk == Risk::Medium);
    assert_eq!(found.additions[0].unclear_lists(), ["partners", "spa"]);
    // Another list opens other routes, and the output says so.
    let into = SuggestOptions { into: Some("spa"), ..options(&shop) };
    assert_eq!(fine(rows(), &into).additions[0].also_opens, ["open"]);
    assert!(fine(rows(), &into).additions[0].live);
    let wrong = SuggestOptions { into: Some("kv"), ..options(&shop) };
    assert_eq!(fine(rows(), &wrong).left_out[0].because, Because::Route);
    let no_list = SuggestOptions { into: Some("no"), ..options(&[]) };
    assert!(matches!(run(POLICY, rows(), &no_list), Err(SuggestError::UnknownAllowlist(..))));
    let no_route = SuggestOptions { route: Some("no"), ..options(&[]) };
    assert!(matches!(run(POLICY, rows(), &no_route), Err(SuggestError::UnknownRoute(_))));
}

/// A policy whose routes name lists of several owners.
const OWNERS: &str = r#"version = 1
upstreams.api = "https://origin.example.net"
[allowlists]
apps     = ["app://one"]
local    = ["http://localhost:5173"]
guests   = ["https://guest.example"]
partners = ["https://partner.example", "https://*.other.example"]
staff    = ["https://admin.example.com"]
[defaults]
hosts    = ["api.example.com"]
upstream = "api"
[[routes]]
name = "wiki"
path = "/wiki"
cors.origins = ["@staff"]
[[routes]]
name = "all"
path = "/all"
cors.origins = ["@staff", "@partners", "@apps", "@local"]
[[routes]]
name = "mixed"
path = "/mixed"
cors.origins = ["@guests", "https://kiosk.example.org"]
"#;

#[test]
fn an_origin_goes_into_the_list_that_holds_its_like() {
    for (origin, route, expected) in [
        ("https://eu.partner.example", "all", &["partners"][..]),
        // A wildcard does not cover its own domain.
        ("https://other.example", "all", &["partners"]),
        // Although `staff` opens another route, which the output says.
        ("https://wiki.example.com", "all", &["staff"]),
        ("http://localhost:3000", "all", &["local"]),
        ("app://two", "all", &["apps"]),
        // Nothing tells, so every list has it, commented out.
        ("https://shop.example", "all", &["apps", "local", "partners", "staff"]),
        ("https://cafe.example.net", "all", &["apps", "local", "partners", "staff"]),
        // The route has origins of its own, which belong to nobody.
        ("https://shop.example", "mixed", &["cors.origins"]),
        ("https://two.guest.example", "mixed", &["guests"]),
        // The narrowest place is no list.
        ("https://wiki.example.com", "wiki", &["cors.origins"]),
    ] {
        let found = run(OWNERS, vec![row(origin, route, 50)], &options(&[])).expect("suggestions");
        let [addition] = found.additions.as_slice() else { panic!("{origin} on {route}: {found:?}") };
        let line = format!("\"{origin}\",");
        let mut lists = Vec::new();
        let mut list = "";
        for written in found.text.lines() {
            if let Some((name, _)) = written.split_once(" = [") {
                list = name.trim();
            }
            if written.trim().trim_start_matches("# ") == line {
                lists.push(list);
            }
        }
        assert_eq!(lists, expected, "{origin} on {route}:\n{}", found.text);
        let unclear = expected.len() > 1;
        assert_eq!(addition.unclear_lists().len() > 1, unclear, "{origin} on {route}");
        assert!(!(unclear && addition.live), "{origin} on {route}");
        if unclear {
            let compiled = |text: &str| compile(&source(text), None).expect("a policy").document;
            assert_eq!(compiled(&found.text), compiled(OWNERS), "{origin} on {route}");
        }
        let again = run(&found.text, vec![row(origin, route, 50)], &options(&[])).expect("suggestions");
        assert_eq!(again.text, found.text, "a second run adds nothing");
    }
}

#[test]
fn an_environment_has_its_own_list_and_an_imitation_of_another_environment_is_still_an_attack() {
    let dev = SuggestOptions { environment: Some("dev"), into: Some("spa"), ..options(&[]) };
    let rows = vec![
        row("http://localhost:3000", "open", 50),
        row("https://app.example.com.evil.example", "open", 50),
        row("https://exarnple.com", "open", 50),
    ];
    let found = fine(rows, &dev);
    let [localhost, alike] = found.additions.as_slice() else { panic!("{found:?}") };
    assert_eq!(localhost.target, Target::Allowlist { name: "spa".to_owned(), of_environment: true });
    assert!(localhost.live && localhost.origin == "http://localhost:3000");
    assert!(!alike.live);
    assert_eq!(found.left_out[0].because, Because::Attack);
    let compiled = |environment| compile(&source(&found.text), environment).expect("a policy").document;
    let before = compile(&source(POLICY), None).expect("a policy").document;
    assert_eq!(compiled(None), before);
    assert_ne!(compiled(Some("dev")), before);
}

#[test]
fn the_cases_pass_and_the_old_policy_fails_them() {
    let rows = vec![
        row("https://new.partner.example", "users", 50),
        row("https://shop.example", "open", 40),
        row("https://shop.example", "watched", 30),
    ];
    let options = options(&[]);
    let found = fine(rows, &options);
    assert_eq!(found.cases.matches("[[cases]]").count(), 6, "{}", found.cases);
    let mut none = |_: &str| Err("no list".into());
    let file = append("# mine\n[defaults]\nmethod = \"GET\"", &found.cases);
    let cases = Source::from_bytes("cases", file.clone().into_bytes()).expect("text");
    check_cases(&source(&found.text), &cases, &options, &mut none).expect("all pass");
    check_cases(&source(POLICY), &cases, &options, &mut none).expect_err("they are refused");
    assert_eq!(append(&file, &found.cases), file, "a case is added once");
}

/// A route that enforces its methods is tried with one that it has; which one a page lacks, a report does not say.
#[test]
fn a_route_that_enforces_its_methods_gets_origins_and_names_methods() {
    let enforced = |methods: &str, more: &str| {
        format!(
            "version = 1\nupstreams.api = \"https://origin.example.net\"\n[[routes]]\nname = \"orders\"\npath = \"/orders\"\nupstream = \"api\"\nhosts = [\"api.example.com\"]\n{more}[routes.cors]\norigins = [\"https://app.example.com\"]\nmethods = {methods}\nenforce_methods = true\n"
        )
    };
    let all = [];
    let wanted = "https://shop.other.example";
    for (methods, method) in [
        (r#"["GET"]"#, ""),
        (r#"["POST"]"#, ", method = \"POST\""),
        (r#"["PUT", "POST"]"#, ", method = \"POST\""),
        (r#"["DELETE", "GET"]"#, ""),
        (r#"["*"]"#, ""),
    ] {
        for more in ["", "on_disallowed = \"forward\"\n"] {
            let text = enforced(methods, more);
            let found = run(&text, vec![row(wanted, "orders", 50)], &options(&all)).expect("suggestions");
            assert_eq!(found.additions.len(), 1, "{methods} {more}: {:?}", found.left_out);
            let request = format!("request = {{ url = \"https://api.example.com/orders\"{method}, origin");
            assert!(found.cases.contains(&request), "{methods}: {}", found.cases);
        }
    }
    // No request of another origin could be allowed.
    let found =
        run(&enforced("[]", ""), vec![row(wanted, "orders", 50)], &options(&all)).expect("suggestions");
    assert!(
        found.left_out.iter().any(|row| row.why.contains("no request was found")),
        "{:?}",
        found.left_out
    );

    let refused =
        Refusal { reason: "method_not_allowed".to_owned(), ..row("https://app.example.com", "orders", 50) };
    for (text, expected) in [
        (enforced(r#"["PUT"]"#, ""), "so it can be GET, HEAD or POST too"),
        (
            enforced(r#"["PUT"]"#, "").replace("enforce_methods = true", ""),
            "the report does not say which method: find it",
        ),
    ] {
        let found = run(&text, vec![refused.clone()], &options(&all)).expect("suggestions");
        assert!(found.left_out.iter().any(|row| row.why.contains(expected)), "{:?}", found.left_out);
    }
}

/// Anybody can send requests with an `Origin` that looks like that of another page, and have it suggested too.
#[test]
fn an_origin_that_imitates_another_does_not_cost_the_others_their_cases() {
    let mut none = |path: &str| Err(format!("no `{path}`").into());
    let genuine = "https://beta.example.com";
    for imitation in ["https://evilbeta.example.com", "https://beta.example.com.evil.example"] {
        let rows = || vec![row(genuine, "open", 50), row(imitation, "open", 40)];
        let origins = |found: &Suggestions| -> Vec<_> {
            found.additions.iter().map(|addition| addition.origin.clone()).collect()
        };
        let found = fine(rows(), &options(&[]));
        assert!(origins(&found).contains(&genuine.to_owned()), "{:?}", found.additions);
        let text = append("", &found.cases);
        let cases = Source::from_bytes("cases", text.into_bytes()).expect("text");
        check_cases(&source(&found.text), &cases, &options(&[]), &mut none).expect("all pass");
    }

    // The cases of an earlier suggestion, and those that an operator wrote, reject what comes now.
    let imitation = "https://evilbeta.example.com";
    let first = fine(vec![row(genuine, "open", 50)], &options(&[]));
    let cases = Source::from_bytes("cases", append("", &first.cases).into_bytes()).expect("text");
    let rows = || vec![row(imitation, "open", 40), row("https://new.example.com", "open", 30)];
    let second = run(&first.text, rows(), &options(&[])).expect("suggestions");
    let found = forbidden(&source(&second.text), &cases, &second.additions, &options(&[]), &mut none);
    let name = format!("origins that look like {genuine} may not use open");
    assert_eq!(found, [(imitation.to_owned(), name.clone())]);
    let rest = run(&first.text, rows(), &SuggestOptions { forbidden: &found, ..options(&[]) });
    let rest = rest.expect("suggestions");
    assert_eq!(
        rest.additions.iter().map(|it| it.origin.as_str()).collect::<Vec<_>>(),
        ["https://new.example.com"]
    );
    let left: Vec<_> = rest.left_out.iter().map(|left| (left.because, left.why.clone())).collect();
    assert_eq!(left, [(Because::Refused, format!("the test case `{name}` rejects it"))]);
}

#[test]
fn a_second_run_suggests_nothing_more() {
    let rows =
        || vec![row("https://new.example.com", "users", 50), row("https://team.github.io", "open", 40)];
    let first = fine(rows(), &options(&[]));
    assert_eq!(first.additions.len(), 2);
    let second = run(&first.text, rows(), &options(&[])).expect("suggestions");
    assert_eq!((second.additions.len(), second.text == first.text), (0, true));
    let because: Vec<_> = second.left_out.iter().map(|left| left.because).collect();
    assert_eq!(because, [Because::Allowed, Because::Proposed]);
}

fn is_within(before: &str, after: &str) -> bool {
    let mut rest = after.chars();
    before.chars().all(|letter| rest.any(|other| other == letter))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever clients send: the text keeps all its bytes and compiles, nothing of high risk is active, and nothing
    /// escapes from its comment.
    #[test]
    fn the_patch_is_safe_for_any_refusals(
        origins in prop::collection::vec(
            "(https|http|app)://[a-z0-9-]{1,8}(\\.(example\\.com|github\\.io|co\\.uk|test)){1,2}(:[1-9][0-9]{1,3})?\
             |https://app\\.example\\.com\\PC{0,6}|\\PC{0,20}|https://[a-z\"\\\\\n\r#\\]\u{202e}\u{200b}]{1,9}\\.example",
            0..8,
        ),
        routes in prop::collection::vec(prop::sample::select(vec!["users", "open", "lists", "tenants", "watched", "closed", "x\n"]), 8),
        windows in any::<bool>(),
    ) {
        let text = if windows { format!("\u{feff}{}", POLICY.replace('\n', "\r\n")) } else { POLICY.to_owned() };
        let rows: Vec<_> = origins.iter().zip(&routes).map(|(origin, route)| row(origin, route, 50)).collect();
        let found = run(&text, rows, &options(&[])).expect("suggestions");
        prop_assert!(is_within(&text, &found.text));
        let compiled = compile(&source(&found.text), None).expect("a policy").document;
        let before = compile(&source(&text), None).expect("a policy").document;
        for addition in &found.additions {
            prop_assert!(addition.risk < Risk::High || !addition.live);
            prop_assert_eq!(addition.risk == Risk::Low, addition.warnings.is_empty());
            let count = |document| {
                let json = serde_json::to_string(document).expect("JSON");
                json.matches(&format!("\"{}\"", addition.origin)).count()
            };
            let live = found.additions.iter().filter(|other| {
                other.origin == addition.origin && other.live && other.target.is_in_policy()
            });
            // Entries in `[defaults]` are in every route that inherits them.
            let least = count(&before) + live.clone().count();
            prop_assert!(count(&compiled) >= least, "{:?}", addition);
            prop_assert!(live.count() > 0 || count(&compiled) == least, "{:?}", addition);
        }
        for line in found.text.lines().filter(|line| !text.contains(*line)) {
            prop_assert!(line.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{:?}", line);
        }
    }
}
