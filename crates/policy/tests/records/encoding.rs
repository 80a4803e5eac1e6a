//! A data point always fits, and both it and its log line contain exactly the columns.

use corsgate_policy::record::{self, Record, columns};
use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::records::bounded;
use crate::records::hostile::{self, TEXTS, bucket, expected, kept};

fn lines(record: &Record<'_>) -> String {
    let mut lines = String::new();
    record.write_lines(&mut lines);
    lines
}

/// What is kept of an origin, with its line breaks.
fn cut(origin: &str) -> &str {
    let end = (0..=origin.len().min(512)).rev().find(|at| origin.is_char_boundary(*at));
    &origin[..end.expect("0 is a boundary")]
}

/// Checks a record of these texts against the platform's limits and the obvious encoding.
fn check_point(texts: &[String; TEXTS]) {
    let text = lines(&hostile::record(texts));
    let lines: Vec<_> = text.split('\n').collect();
    assert_eq!(lines.len(), 16);
    let (index, blobs) = lines.split_first().expect("an index");
    assert!(index.len() <= 96 && blobs.len() <= 20);
    assert!(blobs.iter().map(|blob| blob.len()).sum::<usize>() <= 16_000);
    let [reason, origin, route, ..] = texts;
    assert_eq!(*index, format!("{}|{}|{}", kept(route, 48), kept(reason, 40), bucket(cut(origin))));
    let expected: Vec<_> = expected(texts).into_iter().map(|(_, value)| value).collect();
    assert_eq!(blobs, expected);
}

/// Checks the log line against the same encoding.
fn check_log_line(texts: &[String; TEXTS], limits: &[&str]) {
    let line = hostile::record(texts).log_line(limits);
    assert!(!line.contains(|character: char| character.is_control()));
    let found: Map<String, Value> = serde_json::from_str(&line).expect("one line of JSON");
    let mut all =
        Map::from_iter([("event".to_owned(), "decision".into()), ("status".to_owned(), 403.into())]);
    for (name, value) in expected(texts).into_iter().filter(|(_, value)| !value.is_empty()) {
        all.insert(name.to_owned(), value.into());
    }
    if !limits.is_empty() {
        all.insert("limits".to_owned(), limits.into());
    }
    assert_eq!(found, all);
}

proptest! {
    #![proptest_config(bounded(300))]

    #[test]
    fn any_record_fits(texts in prop::array::uniform13(hostile::text())) {
        check_point(&texts);
        check_log_line(&texts, &[]);
    }

    #[test]
    fn any_origin_has_its_bucket(origin in hostile::text()) {
        prop_assert_eq!(u64::from(record::bucket(&origin)), bucket(&origin));
    }
}

#[test]
fn a_megabyte_in_every_value_fits() {
    for unit in ["a", "\n", "\u{1f4a9}", "\u{fffd}", "a\0\u{1f4a9}"] {
        let texts = std::array::from_fn(|at| format!("{}{}", "x".repeat(at % 4), unit.repeat(1 << 20)));
        check_point(&texts);
        check_log_line(&texts, &["per-client", "per\norigin"]);
    }
}

#[test]
fn an_empty_record_has_all_its_lines() {
    let texts = Default::default();
    check_point(&texts);
    let record = hostile::record(&texts);
    assert_eq!(lines(&record), format!("||88\nreject{}actual\n\n", "\n".repeat(12)));
    assert_eq!(
        record.log_line(&[]),
        r#"{"event":"decision","outcome":"reject","kind":"actual","status":403}"#
    );
}

#[test]
fn buckets_follow_their_definition() {
    for origin in [
        "",
        "null",
        "https://app.example.com",
        "https://app.example.com:8443",
        "http://localhost:5173",
        "http://[::1]:8080",
        "http://[2001:db8::1]",
        "http://[",
        "http://]:1",
        "https://xn--bcher-kva.example",
        "https://b\u{fc}cher.example",
        "capacitor://localhost",
        "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
        "https://a.example, https://b.example",
        "://",
        ":",
        "https:/app.example.com",
        "\0\n\u{1f4a9}",
    ] {
        assert_eq!(u64::from(record::bucket(origin)), bucket(origin), "{origin}");
    }
}

#[test]
fn appending_a_line_allocates_at_most_once() {
    let hostile = ["a".repeat(1 << 20), "\n\u{1f4a9}".repeat(1 << 18)];
    for texts in [Default::default(), std::array::from_fn(|at| hostile[at % 2].clone())] {
        let record = hostile::record(&texts);
        let mut text = String::new();
        let first = allocation_counter::measure(|| record.write_lines(&mut text));
        assert_eq!(first.count_total, 1);
        assert!(text.capacity() <= columns::MAX_INDEX_BYTES + columns::MAX_BLOBS_BYTES);
        let once = text.clone();
        text.clear();
        let second = allocation_counter::measure(|| record.write_lines(&mut text));
        assert_eq!((second.count_total, &text), (0, &once));
        record.write_lines(&mut text);
        assert_eq!(text, format!("{once}{once}"));
    }
}
