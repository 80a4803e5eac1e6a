//! Properties of every policy that compiles.
#![expect(clippy::expect_used, clippy::panic, reason = "tests may fail loudly")]

use corsgate_authoring::{Source, compile};
use corsgate_policy::Policy;
use corsgate_policy::origin::Origin;
use proptest::prelude::*;
use proptest::sample::{Index, subsequence};

fn compiled(text: &str) -> Vec<u8> {
    let source = Source::from_bytes("policy.toml", text.as_bytes().to_vec()).expect("text");
    match compile(&source, None) {
        Ok(compiled) => compiled.json,
        Err(report) => panic!("{text}\n{report:#?}"),
    }
}

/// An entry of a list in TOML: with few hosts, so that entries repeat and cover each other.
fn entry() -> impl Strategy<Value = String> {
    let host = prop_oneof!["[ab]", "[ab]\\.[ab]", "\\*\\.[ab]"];
    let port = prop_oneof![Just(""), Just(":8443"), Just(":*")];
    let day = proptest::option::of(1..=3_u8);
    (host, port, day).prop_map(|(host, port, day)| match day {
        None => format!("\"https://{host}.example{port}\""),
        Some(day) => format!("{{ origin = \"https://{host}.example{port}\", expires = 2027-01-0{day} }}"),
    })
}

fn policy(list: &[String], inline: &[String], methods: &[&str], headers: &[&str]) -> String {
    let inline: Vec<_> = inline.iter().map(String::as_str).chain(["\"@list\""]).collect();
    format!(
        r#"
        version = 1
        upstreams.api = "https://origin.example.net"
        allowlists.list = [{}]
        [[routes]]
        name = "r"
        path = "/*"
        upstream = "api"
        [routes.cors]
        origins = [{}]
        methods = {methods:?}
        request_headers = {headers:?}
        "#,
        list.join(", "),
        inline.join(", "),
    )
}

fn entries() -> impl Strategy<Value = (Vec<String>, Vec<String>)> {
    let lists = proptest::collection::vec(entry(), 0..12);
    lists.prop_flat_map(|list| (Just(list.clone()), Just(list).prop_shuffle()))
}

proptest! {
    #[test]
    fn the_order_of_entries_does_not_matter(
        (list, shuffled_list) in entries(),
        (inline, shuffled_inline) in entries(),
        methods in subsequence(vec!["PUT", "PATCH", "DELETE", "GET"], 0..4).prop_shuffle(),
        headers in subsequence(vec!["X-A", "x-b", "x-a", "authorization"], 0..4).prop_shuffle(),
    ) {
        let one = compiled(&policy(&list, &inline, &methods, &headers));
        let mut sorted = (methods.clone(), headers.clone());
        sorted.0.sort_unstable();
        sorted.1.sort_unstable();
        let other = compiled(&policy(&shuffled_list, &shuffled_inline, &sorted.0, &sorted.1));
        prop_assert_eq!(&one, &other);
        prop_assert!(Policy::read(&one).is_ok());
    }

    /// The canonical form of a list matches the same origins on the same days.
    #[test]
    fn a_reduced_list_means_the_same(
        list in proptest::collection::vec(entry(), 0..12),
        host in "[abc](\\.[abc]){0,2}",
        port in prop_oneof![Just(""), Just(":8443"), Just(":9")],
        day in 1..=4_u8,
        extra in any::<Index>(),
    ) {
        let origin = format!("https://{host}.example{port}");
        let origin = Origin::parse(&origin).expect("an origin");
        let before = membership(&list.join(", "), &origin, day);
        let json: serde_json::Value = serde_json::from_slice(&compiled(&policy(&list, &[], &[], &[]))).expect("JSON");
        let mut reduced: Vec<_> = json["allowlists"]["list"].as_array().expect("a list").iter().map(toml_entry).collect();
        prop_assert_eq!(before, membership(&reduced.join(", "), &origin, day));
        // An entry that the reduced list lacks is not needed: adding it again changes nothing.
        if !list.is_empty() {
            reduced.push(extra.get(&list).clone());
            prop_assert_eq!(compiled(&policy(&list, &[], &[], &[])), compiled(&policy(&reduced, &[], &[], &[])));
        }
    }
}

const POLICIES: [&str; 2] = [
    include_str!("../../cli/tests/compile/design.toml"),
    include_str!("../../cli/tests/compile/many-mistakes.toml"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Puts any text in place of another: nothing panics, every label is in the text, and a policy that compiles is
    /// valid.
    #[test]
    fn any_text_is_a_policy_or_has_findings(
        policy in proptest::sample::select(&POLICIES[..]),
        (start, length) in (any::<Index>(), 0..40_usize),
        instead in prop_oneof!["[\\[\\]{}=\\.,\"'#\n ]{0,3}", "\\PC{0,5}", "-?[0-9]{1,12}", "true|\\[\\]|\\{\\}|\"\\*\"|\"@spa\""],
    ) {
        let boundaries: Vec<_> = policy.char_indices().map(|(at, _)| at).collect();
        let start = start.index(boundaries.len());
        let end = boundaries.get(start + length).copied().unwrap_or(policy.len());
        let mut text = policy.to_owned();
        text.replace_range(boundaries[start]..end, &instead);
        let source = Source::from_bytes("policy.toml", text.clone().into_bytes());
        let Ok(source) = source else { return Ok(()) };
        for environment in [None, Some("development")] {
            match compile(&source, environment) {
                Ok(compiled) => prop_assert!(Policy::read(&compiled.json).is_ok(), "{}", text),
                Err(report) => {
                    prop_assert!(report.has_errors());
                    for label in report.findings().iter().flat_map(|finding| &finding.labels) {
                        prop_assert!(text.get(label.span.clone()).is_some(), "{:?}", label);
                    }
                }
            }
        }
    }
}

fn toml_entry(entry: &serde_json::Value) -> String {
    match entry.as_str() {
        Some(origin) => format!("\"{origin}\""),
        None => format!(
            "{{ origin = {}, expires = {} }}",
            entry["origin"],
            entry["expires"].as_str().expect("a day")
        ),
    }
}

/// Whether a list in TOML has an origin on a day, by reading each entry.
fn membership(list: &str, origin: &Origin<'_>, day: u8) -> bool {
    use corsgate_policy::origin::pattern::OriginPattern;

    let exact = OriginPattern::parse(origin.as_str()).expect("a pattern");
    list.split("https://").skip(1).any(|entry| {
        let (text, rest) = entry.split_once('"').expect("a string");
        let pattern = OriginPattern::parse(&format!("https://{text}")).expect("a pattern");
        let good = match rest.split_once("expires = 2027-01-0") {
            Some((_, last)) => last.starts_with(|last: char| last.to_digit(10) >= Some(day.into())),
            None => true,
        };
        good && pattern.form().covers(&exact.form())
    })
}
