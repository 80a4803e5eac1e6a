//! `docs/reports.md` agrees with the code.

use corsgate_policy::Reason;
use corsgate_policy::record::{CREDENTIALS_NOT_ALLOWED, LIMITER_UNAVAILABLE};
use corsgate_reports::{ListedEntry, PolicyEntries, ReportRequest, Source};
use serde_json::Value;

use crate::NOW;
use crate::answers::{QUIET, answer_with, compared};

fn page() -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reports.md");
    std::fs::read_to_string(path).expect("docs/reports.md")
}

/// The example of a report.
fn example(report: &str) -> Value {
    let page = page();
    let blocks = page.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next());
    let mut examples = blocks.map(|block| serde_json::from_str::<Value>(block).expect(block));
    examples.find(|example| example["report"] == report).expect(report)
}

fn given(request: &str, source: Source, results: &[&[&[&str]]], listed: &PolicyEntries<'_>) -> Value {
    let text = answer_with(request, source, results, listed).expect(request);
    serde_json::from_str(&text).expect("it is JSON")
}

#[test]
fn the_examples_are_valid_answers() {
    let none = PolicyEntries::default();
    let top: &[&[&str]] = &[
        &["https://shop.example", "120", "120", "1795405825", "1795416300"],
        &["null", "7", "7", "1795412222", "1795416301"],
    ];
    let top = given("top?since=6h&limit=2", Source::Embedded, &[top, &[&["130", "129"]], &[&["3"]]], &none);
    assert_eq!(example("top"), top);

    let share: &[&[&str]] = &[&["api", "200", "2200", "200", "220", "20"]];
    let share = given("share?by=route", Source::Engine, &[share, &[&["2200", "220"]]], &none);
    assert_eq!(example("share"), share);

    let figures: &[&[&str]] =
        &[&["https://shop.example", "200", "2200", "200", "220", "20", "1795405825", "1795416300"]];
    let reasons: &[&[&str]] = &[
        &["https://shop.example", "origin_not_listed", "190"],
        &["https://shop.example", "method_not_allowed", "10"],
    ];
    let places: &[&[&str]] = &[
        &["https://shop.example", "DE", "FRA", "150"],
        &["https://shop.example", "DE", "MUC", "30"],
        &["https://shop.example", "AT", "VIE", "20"],
    ];
    let results: &[&[&[&str]]] = &[figures, reasons, places, &[&["2300", "230"]], &[&["0"]]];
    assert_eq!(example("origins"), given("origins", Source::Embedded, results, &none));

    let policies: &[&[&str]] = &[
        &["3f2a9c0d1e5b7a64", "1795405825", "1795416300", "3589", "84", "119"],
        &["8f24352c92e5232d", "1795240810", "1795405890", "4000", "2", "42"],
        &["5c0d1e5b7a643f2a", "1795240000", "1795240900", "0", "0", "0"],
    ];
    let policies = given("policies", Source::Embedded, &[policies, &[&["7589", "161"]]], &none);
    assert_eq!(example("policies"), policies);

    let entries = [
        ("https://app.example.com", "allowlist staff"),
        ("https://*.example.com", "route api"),
        ("https://old.example", "allowlist partners"),
    ];
    let listed = PolicyEntries {
        entries: entries.map(|(entry, place)| ListedEntry { entry: entry.into(), place }).to_vec(),
        not_covered: vec!["allowlist tenants: keys of single origins".to_owned()],
        sample_allowed: 10_000,
    };
    let used: &[&[&str]] = &[&["https://*.example.com", "301", "4"]];
    let unused = given("unused?since=30d", Source::Embedded, &[used, &[&["301", "4"]], &[&["0"]]], &listed);
    assert_eq!(example("unused"), unused);

    let busy = compared("https://busy.example", "40", QUIET);
    let new: &[&[&str]] = &[&["https://sudden.example", "9", "9", "1795413700", "1795416000"]];
    let results: &[&[&[&str]]] = &[&[&busy], new, &[&["1789997600"]], &[&["485", "485"]], &[&["0"]]];
    assert_eq!(example("unusual"), given("unusual", Source::Embedded, results, &none));
}

#[test]
fn the_table_of_classes_has_every_reason() {
    let page = page();
    let (_, table) = page.split_once("## Classes of reasons").expect("a section");
    let recorded = [LIMITER_UNAVAILABLE, CREDENTIALS_NOT_ALLOWED];
    for reason in Reason::ALL.iter().map(|reason| reason.name()).chain(recorded) {
        let rows: &[&[&str]] = &[&[reason, "1", "1", "1", "1"]];
        let answer =
            given("top?by=reason", Source::Engine, &[rows, &[&["1", "1"]]], &PolicyEntries::default());
        let class = answer["rows"][0]["class"].as_str().expect(reason);
        let row = table.lines().find(|line| line.starts_with(&format!("| `{class}` |"))).expect(class);
        assert!(row.contains(&format!("`{reason}`")), "{reason}: {row}");
    }
}

#[test]
fn the_worked_example_has_the_figures_of_the_code() {
    let page = page();
    let text = page.split_whitespace().collect::<Vec<_>>().join(" ");
    let (days, last) = (QUIET[..13].join(", "), QUIET[13]);
    assert!(text.contains(&format!("was refused {days} and {last} times in this hour")), "{text}");
    assert_eq!(example("unusual")["rows"][0]["score"], 7.212);
    assert!(
        text.contains("score is (40 − 13.5) / 3.67 = 7.212") && text.contains("the score would be 3.402")
    );
}

#[test]
fn the_table_has_the_parameters_of_each_report() {
    let page = page();
    let (_, table) = page.split_once("## Parameters").expect("a section");
    for report in ["outcomes", "top", "share", "origins", "policies", "unused", "unusual"] {
        let sentence = ReportRequest::parse(report, "unknown=", NOW).expect_err("unknown").to_string();
        let (_, names) = sentence.split_once(": it has ").expect("the names");
        let further: Vec<_> = names
            .split(", ")
            .filter(|name| !["`since`", "`until`", "`limit`", "`format`", "`by`"].contains(name))
            .collect();
        let row = table.lines().find(|line| line.starts_with(&format!("| `{report}` |"))).expect(report);
        assert!(
            row.ends_with(&format!("| {}", [&further.join(", "), " |"].concat().trim_start())),
            "{row}: {further:?}"
        );
        for name in ["since", "until", "by", "limit", "format"] {
            assert!(table.contains(&format!("- **`{name}`**")), "{name}");
        }
        let default = row.split('`').nth(3).unwrap_or_default();
        if names.contains("`by`") {
            let with = |query: String| {
                ReportRequest::parse(report, &query, NOW).map(|request| format!("{request:?}"))
            };
            assert_eq!(with(format!("by={default}")), with(String::new()), "{report}");
        }
    }
}
