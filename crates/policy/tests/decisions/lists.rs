//! Where entries come from: the policy with their last day, text lists in KV, and keys in KV.

use corsgate_policy::KeyAnswer;
use corsgate_policy::origin::list::TextList;

use super::*;

/// The content of KV: lists by key, `None` for one that cannot be read, and keys.
#[derive(Default)]
struct Kv {
    lists: Vec<(&'static str, Option<&'static str>)>,
    keys: Vec<(&'static str, KeyAnswer)>,
}

/// The verdict on a request to `/<path>/x`, and what was read from KV for it.
fn ask(policy: &Policy, kv: &Kv, path: &str, origin: &str) -> (String, Vec<String>) {
    let request = Request::new("GET", &format!("https://api.example.com/{path}/x")).with("origin", origin);
    let facts = request.facts();
    let examined = Examined::new(policy, &facts);
    let mut asked = Vec::new();

    let lookups = examined.lists(today());
    let texts: Vec<_> = lookups
        .iter()
        .map(|lookup| {
            asked.push(lookup.list.key.clone());
            let text = kv.lists.iter().find(|(key, _)| *key == lookup.list.key).and_then(|(_, text)| *text);
            text.map(|text| TextList::parse(text, lookup.list.patterns).origins)
        })
        .collect();
    let mut answers = Answers::default();
    for (lookup, list) in lookups.iter().zip(&texts) {
        answers.add_list(lookup, list.as_ref());
    }
    for lookup in examined.keys(&answers, today()) {
        let found = kv.keys.iter().find(|(key, _)| *key == lookup.key);
        answers.add_key(&lookup, found.map_or(KeyAnswer::Absent, |(_, answer)| *answer));
        asked.push(lookup.key);
    }

    implied::hold(&examined, &answers, today());
    let decision = examined.decide(&answers, today());
    let verdict = match decision.outcome {
        Outcome::Allow => format!("allow by {}", decision.entry.unwrap_or("nothing")),
        Outcome::Strip(reason) => format!("strip {reason}"),
        Outcome::Reject(reason) => format!("reject {reason} {}", reason.status()),
        Outcome::Report(_) => panic!("no route of these tables reports"),
    };
    (verdict, asked)
}

fn check_kv(policy: &Policy, kv: &Kv, rows: &[(&str, &str, &str, &[&str])]) {
    for (path, origin, verdict, asked) in rows {
        let found = ask(policy, kv, path, origin);
        assert_eq!(
            (found.0.as_str(), found.1.as_slice()),
            (*verdict, &own(asked)[..]),
            "{path} from {origin}"
        );
    }
}

fn own(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn cors(name: &str, origins: &[&str], more: Value) -> Value {
    route(name, json!({ "cors": merge(json!({ "origins": origins }), more) }))
}

#[test]
fn an_entry_is_valid_through_its_last_day() {
    let until = |origin: &str, day: &str| json!({ "origin": origin, "expires": day });
    let policy = policy_with(
        &[
            route(
                "p",
                json!({ "cors": { "origins": [
                until("https://today.example", TODAY),
                until("https://gone.example", "2026-06-14"),
                until("https://app.example.com", "2026-06-14"),
                "@team",
            ] } }),
            ),
            cors("kv", &["@team", "@kv"], json!({})),
        ],
        json!({ "allowlists": {
            "team": [until("https://*.example.com", "2026-07-01"), until("https://gone.example", "2026-01-01")],
            "kv": { "kv": "partners" },
        } }),
    );
    check_kv(
        &policy,
        &Kv::default(),
        &[
            ("p", "https://today.example", "allow by https://today.example", &[]),
            ("p", "https://gone.example", "reject origin_expired 403", &[]),
            ("p", "https://app.example.com", "allow by https://*.example.com", &[]),
            ("p", "https://never.example", "reject origin_not_listed 403", &[]),
            // An expired entry may have been renewed in the list that could not be read.
            ("kv", "https://gone.example", "reject list_unavailable 503", &[LIST]),
        ],
    );
}

const LIST: &str = "allowlist/partners";
const WILD: &str = "allowlist/wild";
const TEXT: &str = "https://partner.example
    https://gone.example expires=2026-06-14
    http://plain.example
    http://localhost:3000
    https://*.tenant.example";

/// One list that is read by routes with different rules.
fn list_policy() -> Policy {
    policy_with(
        &[
            cors("anonymous", &["https://app.example.com", "@partners"], json!({})),
            cors("credentials", &["@wild"], json!({ "credentials": true })),
            cors("insecure", &["@wild"], json!({ "dangerously_allow_insecure_origins": true })),
            cors(
                "both",
                &["@wild"],
                json!({ "credentials": true, "dangerously_allow_insecure_origins": true }),
            ),
            route("forward", json!({ "on_disallowed": "forward", "cors": { "origins": ["@partners"] } })),
            a("a", json!({})),
        ],
        json!({ "allowlists": {
            "partners": { "kv": "partners" },
            "wild": { "kv": "wild", "dangerously_unchecked_wildcards": true },
        } }),
    )
}

#[test]
fn a_list_is_read_when_the_policy_does_not_list_the_origin() {
    let kv = Kv { lists: vec![(LIST, Some(TEXT))], ..Kv::default() };
    check_kv(
        &list_policy(),
        &kv,
        &[
            ("anonymous", "https://app.example.com", "allow by https://app.example.com", &[]),
            ("anonymous", "https://partner.example", "allow by https://partner.example", &[LIST]),
            ("anonymous", "https://gone.example", "reject origin_expired 403", &[LIST]),
            ("anonymous", "https://evil.com", "reject origin_not_listed 403", &[LIST]),
            ("anonymous", "https://evil.com/", "reject origin_malformed 403", &[]),
            ("anonymous", "null", "reject origin_null 403", &[]),
            ("anonymous", "https://api.example.com", "allow by nothing", &[]),
            ("a", "https://partner.example", "allow by nothing", &[]),
            ("nowhere", "https://partner.example", "reject route_not_found 404", &[]),
        ],
    );
}

#[test]
fn each_route_applies_its_own_rules_to_the_lines() {
    let kv = Kv { lists: vec![(LIST, Some(TEXT)), (WILD, Some(TEXT))], ..Kv::default() };
    let refused = "reject origin_not_listed 403";
    check_kv(
        &list_policy(),
        &kv,
        &[
            // Plain `http` of another machine only if the route says so; of this machine always.
            ("anonymous", "http://plain.example", refused, &[LIST]),
            ("credentials", "http://plain.example", refused, &[WILD]),
            ("both", "http://plain.example", refused, &[WILD]),
            ("insecure", "http://plain.example", "allow by http://plain.example", &[WILD]),
            ("credentials", "http://localhost:3000", "allow by http://localhost:3000", &[WILD]),
            // Wildcards only in a list that allows them, and never with credentials.
            ("anonymous", "https://a.tenant.example", refused, &[LIST]),
            ("credentials", "https://a.tenant.example", refused, &[WILD]),
            ("insecure", "https://a.tenant.example", "allow by https://*.tenant.example", &[WILD]),
        ],
    );
}

#[test]
fn an_unavailable_list_is_not_a_rejection() {
    check_kv(
        &list_policy(),
        &Kv::default(),
        &[
            ("anonymous", "https://app.example.com", "allow by https://app.example.com", &[]),
            ("anonymous", "https://partner.example", "reject list_unavailable 503", &[LIST]),
            ("forward", "https://partner.example", "reject list_unavailable 503", &[LIST]),
            ("anonymous", "https://evil.com/", "reject origin_malformed 403", &[]),
        ],
    );
}

#[test]
fn a_list_that_was_not_read_counts_as_unavailable() {
    let policy = list_policy();
    let request = request_of("GET /anonymous/x\nOrigin: https://partner.example");
    let facts = request.facts();
    let decision = decide(&policy, &facts, &Answers::default(), today());
    assert_eq!(decision.reason().map(|reason| reason.name()), Some("list_unavailable"));
}

/// Keys for origins in both scopes, alone and after a list.
fn key_policy() -> Policy {
    policy_with(
        &[
            cors("shared", &["https://app.example.com", "@shared"], json!({})),
            cors("host", &["@host"], json!({ "credentials": true })),
            cors("insecure", &["@shared"], json!({ "dangerously_allow_insecure_origins": true })),
            cors("both", &["@partners", "@shared", "@host"], json!({})),
        ],
        json!({ "allowlists": {
            "shared": { "kv_keys": "tenants" },
            "host": { "kv_keys": "tenants", "scope": "host" },
            "partners": { "kv": "partners" },
        } }),
    )
}

const SHARED: &str = "origin/tenants/https://t.example";
const HOST: &str = "origin/tenants/api.example.com/https://t.example";

#[test]
fn a_key_allows_its_origin_through_its_last_day() {
    let day = |text| KeyAnswer::Present(Day::parse(text).expect(text));
    for (answer, verdict) in [
        (KeyAnswer::Present(Day::NEVER), "allow by https://t.example"),
        (day(TODAY), "allow by https://t.example"),
        (day("2026-06-14"), "reject origin_expired 403"),
        (KeyAnswer::Absent, "reject origin_not_listed 403"),
        (KeyAnswer::Unavailable, "reject list_unavailable 503"),
    ] {
        let kv = Kv { keys: vec![(SHARED, answer), (HOST, answer)], ..Kv::default() };
        check_kv(
            &key_policy(),
            &kv,
            &[
                ("shared", "https://t.example", verdict, &[SHARED]),
                ("host", "https://t.example", verdict, &[HOST]),
                ("shared", "https://app.example.com", "allow by https://app.example.com", &[]),
            ],
        );
    }
}

#[test]
fn keys_are_read_only_if_they_could_decide() {
    let policy = key_policy();
    let kv = Kv { lists: vec![(LIST, Some(TEXT))], ..Kv::default() };
    let refused = "reject origin_not_listed 403";
    check_kv(
        &policy,
        &kv,
        &[
            // If a list contains the origin, no key is read.
            ("both", "https://partner.example", "allow by https://partner.example", &[LIST]),
            ("both", "https://t.example", refused, &[LIST, SHARED, HOST]),
            // No key is read for an origin that the route could never allow.
            ("shared", "http://t.example", refused, &[]),
            ("insecure", "http://t.example", refused, &["origin/tenants/http://t.example"]),
            ("shared", "http://localhost:1", refused, &["origin/tenants/http://localhost:1"]),
        ],
    );
}

#[test]
fn a_key_that_kv_cannot_store_is_not_read() {
    let labels = |count: usize| vec!["a".repeat(60); count].join(".");
    let policy = policy_with(
        &[merge(cors("host", &["@host"], json!({})), json!({ "hosts": [format!("{}.example", labels(4))] }))],
        json!({ "allowlists": { "host": { "kv_keys": "t".repeat(48), "scope": "host" } } }),
    );
    let origin = format!("https://{}.io:65535", labels(4));
    let request =
        Request::new("GET", &format!("https://{}.example/host/x", labels(4))).with("origin", &origin);
    let facts = request.facts();
    let examined = Examined::new(&policy, &facts);
    let key_length = "origin///".len() + 48 + facts.url.host.len() + origin.len();
    assert!(key_length > 512, "{key_length}");
    assert_eq!(examined.keys(&Answers::default(), today()), []);
    let decision = examined.decide(&Answers::default(), today());
    assert_eq!(decision.reason().map(|reason| reason.name()), Some("origin_not_listed"));
}

#[test]
fn a_tenants_key_allows_only_the_host_in_it() {
    let kv = Kv {
        keys: vec![("origin/tenants/other.example.com/https://t.example", KeyAnswer::Present(Day::NEVER))],
        ..Kv::default()
    };
    check_kv(&key_policy(), &kv, &[("host", "https://t.example", "reject origin_not_listed 403", &[HOST])]);
}
