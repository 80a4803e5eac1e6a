//! The statements for each database, by request.

use std::fmt::Write;

use corsgate_reports::{Dialect, ReportRequest};

use crate::{NOW, snapshot};

const REQUESTS: &[&str] = &[
    "outcomes",
    "outcomes?since=15m&by=route",
    "outcomes?since=6h&by=reason,outcome,route&route=api",
    "outcomes?since=30d&origin=https://shop.example",
    "top",
    "top?by=origin,reason&limit=10&route=api&outcome=would_allow",
    "top?by=path&since=2026-11-20T10:15:00Z&until=2026-11-20T12:30:30Z",
    "top?by=route,reason,outcome",
    "top?by=outcome,route&path=/login&reason=origin_null",
    "share",
    "share?by=route&origin=https://shop.example&since=1h",
    "unused?since=30d",
    "unusual",
    "unusual?by=reason&since=1h&route=",
    "outcomes?by=outcome,reason,policy&class=upstream",
    "top?by=reason&class=upstream&since=1h",
    "top?by=country",
    "top?by=colo&origin=https://shop.example&since=1h",
    "top?by=origin,country&country=DE&reason=origin_null",
    "share?by=policy",
    "origins",
    "origins?policy=3f2a9c0d1e5b7a64&limit=1000",
    "policies",
    "policies?origin=https://shop.example",
];

const DIALECTS: [Dialect<'_>; 3] =
    [Dialect::Embedded, Dialect::Engine("corsgate_decisions"), Dialect::Binding("corsgate_decisions")];

fn parse(request: &str) -> ReportRequest {
    let (name, query) = request.split_once('?').unwrap_or((request, ""));
    ReportRequest::parse(name, query, NOW).expect(request)
}

#[test]
fn the_statements_of_each_request() {
    let mut text = String::new();
    for request in REQUESTS {
        for (dialect, name) in DIALECTS.into_iter().zip(["embedded", "engine", "binding"]) {
            writeln!(text, "-- {request} · {name}").expect("a text");
            for statement in parse(request).statements(dialect) {
                writeln!(text, "{};", statement.sql).expect("a text");
                if !statement.parameters.is_empty() {
                    writeln!(text, "--   {:?}", statement.parameters).expect("a text");
                }
            }
            text.push('\n');
        }
    }
    snapshot::hold("statements.sql", &text);
}

#[test]
fn a_statement_names_its_columns_and_no_more() {
    for request in REQUESTS {
        for dialect in DIALECTS {
            for statement in parse(request).statements(dialect) {
                let last = statement.columns.last().expect("a column");
                let (selected, _) = statement.sql.split_once(" FROM ").expect("a table");
                assert!(selected.ends_with(&format!(" AS {last}")), "{}", statement.sql);
                let named = selected.matches(" AS ").count() - selected.matches(" AS INTEGER").count();
                assert!(named <= statement.columns.len(), "{}", statement.sql);
            }
        }
    }
}

/// Features that Analytics Engine's reference does not have, or only recently; and the binding accepts at most 10 KiB.
#[test]
fn statements_stay_within_the_dialects() {
    for request in REQUESTS {
        for dialect in DIALECTS {
            for statement in parse(request).statements(dialect) {
                let words = [" UNION ", " HAVING ", " WITH ", "DISTINCT", ";", "--", " JOIN ", "(SELECT"];
                // SQLite has the last two.
                for word in if dialect == Dialect::Embedded { &words[..6] } else { &words[..] } {
                    assert!(!statement.sql.contains(word), "{word} in {}", statement.sql);
                }
                assert!(statement.sql.len() <= 10 * 1024, "{} bytes: {}", statement.sql.len(), statement.sql);
                let is_binding = matches!(dialect, Dialect::Binding(_));
                assert!(!is_binding || !statement.sql.contains("FORMAT"), "{}", statement.sql);
                assert!(!is_binding || statement.sql.contains(" WHERE timestamp >= '"), "{}", statement.sql);
            }
        }
    }
}

#[test]
fn a_dataset_has_a_plain_name() {
    for name in ["corsgate_decisions", "a", "my-dataset", &"x".repeat(64)] {
        assert_eq!(Dialect::from_name("engine", name), Some(Dialect::Engine(name)));
        assert_eq!(Dialect::from_name("binding", name), Some(Dialect::Binding(name)));
    }
    for name in ["", "a b", "a\"b", "a;b", "a.b", "ä", "a'b", "`", &"x".repeat(65)] {
        assert_eq!(Dialect::from_name("engine", name), None, "{name}");
        assert_eq!(Dialect::from_name("binding", name), None, "{name}");
        assert_eq!(Dialect::from_name("embedded", name), Some(Dialect::Embedded), "{name}");
    }
    assert_eq!(Dialect::from_name("other", "a"), None);
    let quoted = parse("top").statements(Dialect::Engine("my-dataset"));
    assert!(quoted[0].sql.contains(" FROM \"my-dataset\" WHERE "), "{}", quoted[0].sql);
}
