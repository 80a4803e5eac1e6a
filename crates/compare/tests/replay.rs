//! Requests whose record is not enough to decide them again.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use corsgate_compare::Side;
use corsgate_compare::replay::{Lists, Replay, Tally, Undecided, read};
use corsgate_policy::grammar::day::Day;
use serde_json::{Value, json};

fn side(origin: &str) -> Side {
    let document = json!({
        "version": 1,
        "upstreams": { "api": "https://origin.example.net" },
        "routes": [{ "name": "r", "path": "/*", "upstream": "api", "cors": { "origins": [origin] } }],
    });
    Side::new(serde_json::from_value(document).expect("a document")).expect("a policy")
}

fn tally(record: &Value) -> Tally {
    let (before, now) = (side("https://a.example"), side("https://b.example"));
    let mut replay = Replay::new(&before, &now, Lists::default(), Day::NEVER);
    read(record.to_string().as_bytes(), &mut |row| replay.take(row)).expect("no reader fails here");
    replay.finish().1
}

/// The rest of a truncated value would make another request.
#[test]
fn no_request_is_decided_by_a_truncated_value() {
    let columns = [("host", 256), ("origin", 512), ("path", 2048), ("requested_method", 64), ("header", 256)];
    for (column, longest) in columns {
        for (length, cut) in [(longest - 3, true), (longest - 4, false)] {
            let mut record = json!({
                "outcome": "reject", "kind": "preflight", "host": "h", "path": "/x",
                "origin": "https://a.example", "requested_method": "PUT", "header": "x-a",
            });
            let value =
                if column == "path" { format!("/{}", "x".repeat(length - 1)) } else { "x".repeat(length) };
            record[column] = value.into();
            let tally = tally(&record);
            assert_eq!(tally.undecided.contains_key(&Undecided::Cut), cut, "{column} of {length}");
            assert_eq!(tally.records, 1);
        }
    }
}

/// An allowed `null` may come from the gateway's own page; nothing else is left out because of its outcome or origin.
#[test]
fn only_an_allowed_null_is_undecided() {
    for (outcome, origin, undecided) in [
        ("allow", "null", true),
        ("reject", "null", false),
        ("allow", "https://a.example", false),
        ("reject", "https://b.example", false),
    ] {
        let record = json!({
            "outcome": outcome, "kind": "actual", "host": "h", "path": "/x", "method": "GET", "origin": origin,
        });
        let tally = tally(&record);
        assert_eq!(tally.undecided.contains_key(&Undecided::Null), undecided, "{outcome} {origin}");
        assert_eq!(tally.undecided.len(), usize::from(undecided), "{outcome} {origin}");
    }
}
