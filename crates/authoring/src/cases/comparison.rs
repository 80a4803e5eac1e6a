//! Compares a decision with what was expected.

use crate::cases::expectation::{Expectation, NOT_COMPARED};
use crate::cases::run::Decided;

/// One difference between a decision and the expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// What differs: a key of `expect` such as `reason`, or the name of a header.
    pub what: String,
    /// The expected value; `None` for a header that should be absent.
    pub expected: Option<String>,
    /// The actual value; `None` if there is none.
    pub got: Option<String>,
}

/// Lists the differences, in the order in which an expectation is written.
pub(crate) fn compare(expected: &Expectation, got: &Decided) -> Vec<Mismatch> {
    let mut mismatches = Vec::new();
    let mut require = |what: &str, expected: Option<String>, got: Option<String>| {
        if expected.is_some() && expected != got {
            mismatches.push(Mismatch { what: what.to_owned(), expected, got });
        }
    };
    require("outcome", expected.outcome.map(|it| it.name().to_owned()), Some(got.outcome.name().to_owned()));
    require("reason", expected.reason.map(|it| it.to_string()), got.reason.map(|it| it.to_string()));
    require("route", expected.route.as_ref().map(|it| it.text.clone()), got.route.clone());
    require("entry", expected.entry.clone(), got.entry.clone());
    require("offending_header", expected.offending_header.clone(), got.offending_header.clone());
    require("status", expected.status.map(|it| it.to_string()), got.status.map(|it| it.to_string()));
    for (name, value) in &expected.headers {
        require(name, Some(value.clone()), got.header(name).map(str::to_owned));
    }
    for (name, value) in &got.headers {
        let unwanted = expected.absent.contains(name) || expected.exact && !is_named(expected, name);
        if unwanted {
            mismatches.push(Mismatch { what: name.clone(), expected: None, got: Some(value.clone()) });
        }
    }
    mismatches
}

fn is_named(expected: &Expectation, name: &str) -> bool {
    NOT_COMPARED.contains(&name) || expected.headers.iter().any(|(known, _)| known == name)
}
