//! A value in a request stays a value in every statement, whatever it contains.

use corsgate_reports::{Dialect, ReportRequest};
use proptest::prelude::*;

use crate::NOW;

const HOSTILE: &[&str] = &[
    "'",
    "''",
    "\\",
    "\\'",
    "\\\\'",
    "'\\",
    "' OR 1=1 --",
    "\\' OR 1=1 --",
    "'; DROP TABLE origins; --",
    "/* */",
    "*/ '",
    "-- ",
    "#",
    "\"",
    "`",
    "$1",
    "?",
    "%",
    "{{x}}",
    "\0",
    "a\0' OR 1=1",
    "\n",
    "\r\n' OR 1=1",
    "\u{1a}",
    "\u{2019}",
    "\u{ff07}",
    "ʼ",
    "\u{bf}\u{5c}'",
    "💩'",
    "b\u{fc}cher",
    "FORMAT JSON",
];

fn statement(dialect: Dialect<'_>, value: &str) -> (String, Vec<String>) {
    let escaped: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let request = ReportRequest::parse("top", &format!("origin={escaped}"), NOW).expect(value);
    let statement = request.statements(dialect).swap_remove(0);
    (statement.sql, statement.parameters)
}

/// Removes the string literals from a statement. Dialects differ in whether a backslash in a string is an escape.
fn literals(sql: &str, backslash_escapes: bool) -> (String, Vec<String>) {
    let (mut outside, mut inside) = (String::new(), Vec::new());
    let mut characters = sql.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\'' {
            outside.push(character);
            continue;
        }
        let mut literal = String::new();
        loop {
            match characters.next().expect("a literal has an end") {
                '\\' if backslash_escapes => literal.push(characters.next().expect("an escape has an end")),
                '\'' if characters.peek() == Some(&'\'') => literal.push(characters.next().expect("a quote")),
                '\'' => break,
                other => literal.push(other),
            }
        }
        outside.push('…');
        inside.push(literal);
    }
    (outside, inside)
}

fn check(value: &str) {
    // Analytics Engine takes no parameters. However strings are read, statements may differ only in the value.
    let (sql, parameters) = statement(Dialect::Engine("d"), value);
    assert_eq!(parameters, Vec::<String>::new());
    assert!(sql.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{sql:?}");
    let plain = statement(Dialect::Engine("d"), "plain").0;
    for backslash_escapes in [false, true] {
        let (outside, inside) = literals(&sql, backslash_escapes);
        let hex: String = value.bytes().map(|byte| format!("{byte:02X}")).collect();
        let expected = literals(&plain, backslash_escapes).0;
        if outside == expected {
            assert_eq!(inside[0], value, "{sql}");
        } else {
            assert_eq!(outside, expected.replace("blob3 = …", "hex(blob3) = …"), "{sql}");
            assert_eq!(inside[0], hex, "{sql}");
        }
    }
    // The other databases take parameters, and their statements contain no value.
    for dialect in [Dialect::Embedded, Dialect::Binding("d")] {
        let (sql, parameters) = statement(dialect, value);
        assert_eq!((&sql, parameters), (&statement(dialect, "plain").0, vec![value.to_owned()]));
    }
}

#[test]
fn hostile_values_stay_values() {
    for value in HOSTILE {
        check(value);
    }
}

proptest! {
    #[test]
    fn any_value_stays_a_value(value in "[\\\\' -]{1,8}|\\PC{1,32}|.{1,16}") {
        check(&value);
    }
}

#[test]
fn the_longest_values_fit_the_platforms_limit() {
    let (origin, route) = ("%27".repeat(2_048), "%27".repeat(2_048));
    for report in ["top", "unusual"] {
        let request =
            ReportRequest::parse(report, &format!("origin={origin}&route={route}"), NOW).expect(report);
        for statement in request.statements(Dialect::Binding("d")) {
            assert!(statement.sql.len() <= 10 * 1024, "{} bytes", statement.sql.len());
        }
    }
}
