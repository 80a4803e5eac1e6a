//! `docs/records.md` agrees with the code.
//!
//! After a change of the columns, `SNAPSHOTS=overwrite cargo test -p corsgate-policy records` writes the table.

use corsgate_policy::Kind;
use corsgate_policy::record::columns::{BLOBS, Column, DOUBLES, INDEX};
use corsgate_policy::record::{LINES_PER_SECOND, Record, RecordedOutcome};

use crate::table;

const HEAD: &str = "| column | name | longest | what it holds |\n| --- | --- | --- | --- |\n";

fn page() -> String {
    std::fs::read_to_string(table::path("records.md")).expect("docs/records.md")
}

fn columns() -> String {
    let row = |place: String, column: &Column| {
        format!(
            "| `{place}` | {} | {} | {} |\n",
            column.name,
            column.longest,
            column.holds.replace('|', "\\|")
        )
    };
    let mut table = HEAD.to_owned();
    table.push_str(&row("index1".to_owned(), &INDEX));
    for (number, column) in (1..).zip(&BLOBS) {
        table.push_str(&row(format!("blob{number}"), column));
    }
    for (number, column) in (1..).zip(&DOUBLES) {
        table.push_str(&row(format!("double{number}"), column));
    }
    table
}

#[test]
fn the_pages_table_of_columns_is_up_to_date() {
    table::hold("records.md", HEAD, &columns());
}

#[test]
fn the_pages_log_line_is_that_of_a_record() {
    let record = Record {
        outcome: RecordedOutcome::Reject,
        reason: "origin_not_listed",
        origin: "https://shop.example".into(),
        route: "api",
        host: "api.example.com",
        method: "GET",
        requested_method: "",
        offending_header: "",
        path: "/users/42",
        country: "DE",
        colo: "FRA",
        policy_id: "3f2a9c0d1e5b7a64",
        kind: Kind::Actual,
        entry: "",
        ray: "8f1c2a3b4c5d6e7f",
        weight: 1.0,
        status: 403,
        milliseconds: 0.0,
    };
    let example = format!("```json\n{}\n```", record.log_line(&[]));
    assert!(page().contains(&example), "docs/records.md must show:\n{example}");
    let bound = format!("at most {LINES_PER_SECOND} lines a second");
    assert!(page().contains(&bound), "docs/records.md must say: {bound}");
}

#[test]
fn queries_use_the_names_of_the_table() {
    let page = page();
    let queries: Vec<_> =
        page.split("```sql\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(queries.len() >= 3, "{} queries", queries.len());
    let words: Vec<_> = queries.iter().flat_map(|query| query.split_whitespace()).collect();
    let mut named = 0;
    for name in words.windows(3).filter(|words| words[1] == "AS" && words[0].starts_with("blob")) {
        let number: usize = name[0]["blob".len()..].parse().expect("the number of a blob");
        assert_eq!(name[2].trim_end_matches(','), BLOBS[number - 1].name, "{}", name[0]);
        named += 1;
    }
    assert!(named >= 4, "{named} columns");
}
