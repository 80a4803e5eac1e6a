//! From the results of statements to the answer.

use corsgate_reports::{BadResults, Dialect, ListedEntry, PolicyEntries, ReportRequest, Source};
use serde_json::{Value, json};

use crate::NOW;

type Rows<'a> = &'a [&'a [&'a str]];

pub(crate) fn answer_with(
    request: &str,
    source: Source,
    results: &[Rows<'_>],
    listed: &PolicyEntries<'_>,
) -> Result<String, BadResults> {
    let (name, query) = request.split_once('?').unwrap_or((request, ""));
    let request = ReportRequest::parse(name, query, NOW).expect(request);
    let dialect = match source {
        Source::Embedded => Dialect::Embedded,
        Source::Engine => Dialect::Engine("d"),
    };
    let rows = |rows: &Rows<'_>| {
        rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect::<Vec<Vec<_>>>()
    };
    let results: Vec<_> = results.iter().map(rows).collect();
    assert_eq!(results.len(), request.statements(dialect).len(), "a result for each statement");
    request.answer(source, &results, listed)
}

fn answer(request: &str, source: Source, results: &[Rows<'_>]) -> Value {
    let text = answer_with(request, source, results, &PolicyEntries::default()).expect(request);
    serde_json::from_str(&text).expect("it is JSON")
}

#[test]
fn the_most_refused_with_the_rest() {
    let rows: Rows<'_> = &[
        &["https://shop.example", "120", "120", "1795405825", "1795416300"],
        &["null", "7", "7", "1795412222", "1795416301"],
    ];
    assert_eq!(
        answer("top?since=6h&limit=2", Source::Embedded, &[rows, &[&["130", "129"]], &[&["3"]]]),
        json!({
            "version": 1, "report": "top", "source": "embedded",
            "since": "2026-11-23T00:00:00Z", "until": "2026-11-23T06:45:37Z", "by": ["origin"],
            "total": { "decisions": 130, "rows": 129 }, "other": { "decisions": 3 }, "error": 3,
            "rows": [
                {
                    "origin": "https://shop.example", "decisions": 120, "rows": 120,
                    "first_seen": "2026-11-23T03:50:25Z", "last_seen": "2026-11-23T06:45:00Z",
                },
                {
                    "origin": "null", "decisions": 7, "rows": 7,
                    "first_seen": "2026-11-23T05:37:02Z", "last_seen": "2026-11-23T06:45:01Z",
                },
            ],
        })
    );
    // The same from Analytics Engine: the range is exact, and nothing was evicted.
    let engine = answer("top?since=6h&limit=2", Source::Engine, &[rows, &[&["130", "129"]]]);
    assert_eq!((&engine["since"], &engine["error"]), (&json!("2026-11-23T00:45:37Z"), &json!(null)));
}

#[test]
fn the_members_of_an_answer_have_a_fixed_order() {
    let text = answer_with("top", Source::Engine, &[&[], &[]], &PolicyEntries::default()).expect("an answer");
    let order = ["version", "report", "source", "since", "until", "by", "total", "other", "error", "rows"];
    let places: Vec<_> = order.map(|name| text.rfind(&format!("\"{name}\":"))).to_vec();
    assert!(places.is_sorted() && places[0].is_some(), "{text}");
}

#[test]
fn shares_state_their_uncertainty() {
    let rows: Rows<'_> = &[
        &["https://a.example", "200", "2200", "200", "220", "20"],
        &["https://b.example", "1", "1", "1", "1", "0"],
        &["https://c.example", "0", "300", "0", "3", "3"],
        &["https://d.example", "2", "3", "2", "3", "1"],
        // Many records of events that are always recorded, such as an unavailable limit, say nothing about the others.
        &["https://e.example", "1", "1001", "1", "110", "9"],
    ];
    let answer = answer("share", Source::Engine, &[rows, &[&["3505", "337"]]]);
    let share = |at: usize| (&answer["rows"][at]["share"], &answer["rows"][at]["few_rows"]);
    assert_eq!(share(0), (&json!(0.091), &json!(false)));
    assert_eq!(share(1), (&json!(1), &json!(true)));
    assert_eq!(share(2), (&json!(0), &json!(true)));
    assert_eq!(share(3), (&json!(0.667), &json!(true)));
    assert_eq!(share(4), (&json!(0.001), &json!(true)));
    assert_eq!(answer["rows"][0]["refused_rows"], json!(200));
    assert_eq!(answer["other"]["decisions"], json!(0));
}

#[test]
fn outcomes_are_ordered_by_time_and_split_by_series() {
    let rows: Rows<'_> = &[
        &["1795413600", "reject", "origin_not_listed", "9", "9"],
        &["1795410000", "reject", "origin_null", "5", "5"],
        &["1795410000", "allow", "", "500", "5"],
        &["1795413600", "strip", "origin_expired", "2", "2"],
        &["1795410000", "reject", "origin_not_listed", "5", "5"],
    ];
    let answer = answer("outcomes?limit=3", Source::Engine, &[rows, &[&["521", "26"]]]);
    let row = |time: &str, outcome: &str, reason: &str, decisions: u64, rows: u64| {
        json!({
            "time": time, "outcome": outcome, "reason": reason,
            "class": if reason.is_empty() { json!(null) } else { json!("cors") },
            "decisions": decisions, "rows": rows,
        })
    };
    assert_eq!(
        answer["rows"],
        json!([
            row("2026-11-23T05:00:00Z", "allow", "", 500, 5),
            row("2026-11-23T05:00:00Z", "reject", "origin_not_listed", 5, 5),
            row("2026-11-23T05:00:00Z", "reject", "origin_null", 5, 5),
            row("2026-11-23T06:00:00Z", "reject", "origin_not_listed", 9, 9),
        ])
    );
    assert_eq!((&answer["step"], &answer["other"]["decisions"]), (&json!(3600), &json!(2)));
}

fn step(request: &str, source: Source) -> Value {
    answer(request, source, &[&[], &[]])["step"].clone()
}

#[test]
fn there_are_at_most_two_hundred_steps() {
    for (since, engine, embedded) in [
        ("15m", 60, 60),
        ("100m", 60, 60),
        ("200m", 60, 3_600),
        ("201m", 300, 3_600),
        ("16h", 300, 3_600),
        ("24h", 3_600, 3_600),
        ("8d", 3_600, 3_600),
        ("9d", 86_400, 86_400),
        ("92d", 86_400, 86_400),
    ] {
        let request = format!("outcomes?since={since}");
        assert_eq!(step(&request, Source::Engine), json!(engine), "{since}");
        assert_eq!(step(&request, Source::Embedded), json!(embedded), "{since}");
    }
}

#[test]
fn unused_entries_are_listed_with_the_data_for_their_certainty() {
    let listed = PolicyEntries {
        entries: [
            ("https://app.example.com", "allowlist staff"),
            ("https://app.example.com", "route api"),
            ("https://used.example.com", "route api"),
            ("https://*.example.com", "route api"),
            ("https://*.eu.example.com", "route api"),
            ("https://old.example", "allowlist partners"),
            ("https://own.example.com", "route api"),
        ]
        .map(|(entry, place)| ListedEntry { entry: entry.into(), place })
        .to_vec(),
        not_covered: vec!["allowlist tenants: keys of single origins".to_owned()],
        sample_allowed: 10_000,
    };
    let used: Rows<'_> = &[&["https://used.example.com", "300", "3"], &["https://gone.example", "1", "1"]];
    let results = [used, &[&["301", "4"]], &[&["0"]]];
    let text =
        answer_with("unused?since=30d&limit=4", Source::Embedded, &results, &listed).expect("an answer");
    let answer: Value = serde_json::from_str(&text).expect("it is JSON");
    let row = |entry: &str, places: &[&str], covered_by: Option<&str>| json!({ "entry": entry, "places": places, "covered_by": covered_by });
    assert_eq!(
        answer["rows"],
        json!([
            row("https://*.eu.example.com", &["route api"], Some("https://*.example.com")),
            row("https://*.example.com", &["route api"], None),
            row("https://app.example.com", &["allowlist staff", "route api"], Some("https://*.example.com")),
            row("https://old.example", &["allowlist partners"], None),
        ])
    );
    for (name, expected) in [
        ("entries", json!(6)),
        ("unused", json!(5)),
        ("unlisted", json!(1)),
        ("complete", json!(true)),
        ("sample_allowed", json!(0.01)),
        ("uses_seen", json!(299)),
        ("not_covered", json!(["allowlist tenants: keys of single origins"])),
        ("other", json!(null)),
        ("error", json!(0)),
    ] {
        assert_eq!(answer[name], expected, "{name}");
    }
}

#[test]
fn entries_in_use_beyond_what_was_read_are_reported_as_missing() {
    let request = ReportRequest::parse("unused", "", NOW).expect("a request");
    let used: Vec<_> = (0..10_000).map(|at| vec![format!("https://{at}.example"), "1".to_owned()]).collect();
    let total = vec![vec!["10000".to_owned(), "10000".to_owned()]];
    let text = request.answer(Source::Engine, &[used, total], &PolicyEntries::default()).expect("an answer");
    assert!(text.contains(r#""complete":false"#), "{text}");
}

#[test]
fn an_origin_never_refused_has_no_times_and_unknown_reach_is_null() {
    let figures: Rows<'_> = &[
        &["https://b.example", "3", "3", "3", "3", "0", "1795405825", "1795416300"],
        &["https://a.example", "2", "2", "2", "2", "0", "1795405825", "1795416300"],
        &["https://fine.example", "0", "1200", "0", "12", "12", "4294967295", "0"],
    ];
    // The store may know reasons and places of origins that are in no row, and none of one that is.
    let reasons: Rows<'_> = &[
        &["https://b.example", "rate_limited", "2"],
        &["https://elsewhere.example", "origin_null", "2"],
        &["https://b.example", "origin_null", "1"],
        &["https://b.example", "origin_malformed", "1"],
        &["https://b.example", "origin_expired", "1"],
    ];
    let places: Rows<'_> = &[&["https://b.example", "DE", "FRA", "2"], &["https://b.example", "", "", "1"]];
    let answer = answer("origins?limit=3", Source::Engine, &[figures, reasons, places, &[&["1205", "17"]]]);
    let row = |at: usize, names: &[&str]| {
        names.iter().map(|name| answer["rows"][at][name].clone()).collect::<Vec<_>>()
    };
    let names = ["origin", "countries", "colos", "first_seen", "reasons", "class", "share", "few_rows"];
    let first = "2026-11-23T03:50:25Z";
    let reasons = json!(["rate_limited", "origin_null", "origin_malformed"]);
    assert_eq!(json!(row(0, &names)), json!(["https://b.example", 2, 2, first, reasons, "limit", 1, true]));
    assert_eq!(json!(row(1, &names)), json!(["https://a.example", null, null, first, [], null, 1, true]));
    assert_eq!(json!(row(2, &names)), json!(["https://fine.example", null, null, null, [], null, 0, false]));
    assert_eq!((&answer["reach_complete"], &answer["other"]["decisions"]), (&json!(true), &json!(0)));
}

#[test]
fn places_are_not_asked_for_by_route_or_policy() {
    let figures: Rows<'_> = &[&["https://b.example", "3", "3", "3", "3", "0", "1795405825", "1795416300"]];
    for query in ["origins?route=api", "origins?policy=3f2a9c0d1e5b7a64"] {
        let answer = answer(query, Source::Engine, &[figures, &[], &[&["3", "3"]]]);
        assert_eq!(answer["rows"][0]["countries"], json!(null), "{query}");
        assert_eq!(answer["reach_complete"], json!(false), "{query}");
    }
}

#[test]
fn more_places_than_are_read_are_reported() {
    let origins: Vec<_> = (0..4_000).map(|at| format!("https://{at}.example")).collect();
    let places: Vec<Vec<&str>> =
        origins.iter().map(|origin| vec![origin.as_str(), "DE", "FRA", "1"]).collect();
    let places: Vec<&[&str]> = places.iter().map(Vec::as_slice).collect();
    for (count, complete) in [(4_000, false), (3_999, true)] {
        let answer = answer("origins", Source::Engine, &[&[], &[], &places[..count], &[&["1", "1"]]]);
        assert_eq!(answer["reach_complete"], json!(complete));
    }
}

/// Yesterday's figure first.
pub(crate) const QUIET: [&str; 14] =
    ["13", "14", "15", "12", "13", "14", "16", "12", "90", "13", "14", "11", "15", "12"];

pub(crate) fn compared<'a>(key: &'a str, decisions: &'a str, history: [&'a str; 14]) -> Vec<&'a str> {
    [key, decisions, decisions].into_iter().chain(history).collect()
}

#[test]
fn a_figure_far_above_its_own_history_is_unusual() {
    let rows = [
        compared("https://flood.example", "400", QUIET),
        compared("https://busy.example", "40", QUIET),
        compared("https://usual.example", "26", QUIET),
        compared("https://sudden.example", "10", ["0"; 14]),
        compared("https://rare.example", "9", ["0"; 14]),
    ];
    let rows: Vec<_> = rows.iter().map(Vec::as_slice).collect();
    let new: Rows<'_> = &[
        &["https://sudden.example", "10", "10", "1795413700", "1795416000"],
        &["https://busy.example", "0", "1400", "1794300000", "1795416000"],
    ];
    // Records go back further than fourteen days.
    let results: [Rows<'_>; 5] = [&rows, new, &[&["1790000000"]], &[&["485", "485"]], &[&["0"]]];
    let answer = answer("unusual", Source::Embedded, &results);
    let row = |origin: &str, score: f64, decisions: u64, median: f64| json!({ "origin": origin, "score": score, "decisions": decisions, "median": median, "rows": decisions });
    let sudden = json!({
        "origin": "https://sudden.example", "score": 10, "decisions": 10, "median": 0, "rows": 10,
    });
    assert_eq!(
        answer["rows"],
        json!([
            row("https://flood.example", 105.192, 400, 13.5),
            sudden,
            row("https://busy.example", 7.212, 40, 13.5)
        ])
    );
    assert_eq!(answer["hour"], json!({ "since": "2026-11-23T06:00:00Z", "until": "2026-11-23T06:45:37Z" }));
    assert_eq!(answer["history_days"], json!(14));
    let newcomer = json!({
        "origin": "https://sudden.example", "decisions": 10, "rows": 10,
        "first_seen": "2026-11-23T06:01:40Z", "last_seen": "2026-11-23T06:40:00Z",
    });
    assert_eq!(answer["new"], json!([newcomer]));
}

#[test]
fn days_before_the_first_record_do_not_count_as_history() {
    let rows = [compared("https://flood.example", "400", QUIET)];
    let rows: Vec<_> = rows.iter().map(Vec::as_slice).collect();
    // 06:00 of the third day before is 1795154400.
    for (oldest, days, listed) in
        [("1795154400", 3, 1), ("1795154401", 2, 0), ("1795416000", 0, 0), ("0", 0, 0)]
    {
        let results: [Rows<'_>; 4] = [&rows, &[], &[&[oldest]], &[&["400", "400"]]];
        let answer = answer("unusual", Source::Engine, &results);
        assert_eq!(answer["history_days"], json!(days), "{oldest}");
        assert_eq!(answer["rows"].as_array().map(Vec::len), Some(listed), "{oldest}");
    }
}

#[test]
fn numbers_are_read_in_each_form() {
    let rows: Rows<'_> = &[&["https://a.example", "3.0", "3", "", "null"]];
    let answer = answer("top", Source::Engine, &[rows, &[]]);
    let row = &answer["rows"][0];
    assert_eq!(
        (&row["decisions"], &row["first_seen"], &row["last_seen"]),
        (&json!(3), &json!(null), &json!(null))
    );
    assert_eq!(answer["total"], json!({ "decisions": 0, "rows": 0 }));
}

#[test]
fn results_of_another_form_are_rejected() {
    let request = ReportRequest::parse("top", "", NOW).expect("a request");
    let cells = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    let total = vec![cells(&["1", "1"])];
    for results in [
        vec![],
        vec![vec![]],
        vec![vec![cells(&[])], total.clone()],
        vec![vec![cells(&["https://a.example", "1", "1", "1"])], total.clone()],
        vec![vec![cells(&["https://a.example", "many", "1", "1", "1"])], total.clone()],
        vec![vec![cells(&["https://a.example", "-1", "1", "1", "1"])], total.clone()],
        vec![vec![cells(&["https://a.example", "1e3", "1", "1", "1"])], total],
    ] {
        assert_eq!(
            request.answer(Source::Engine, &results, &PolicyEntries::default()),
            Err(BadResults),
            "{results:?}"
        );
    }
}

#[test]
fn text_from_clients_stays_a_string_in_the_answer() {
    for value in ["\"", "\\", "</script>", "\u{2028}", "💩", "\u{7f}", "{}", "' OR 1=1"] {
        let row: &[&str] = &[value, "1", "1", "1", "1"];
        assert_eq!(answer("top", Source::Engine, &[&[row], &[]])["rows"][0]["origin"], json!(value));
    }
}
