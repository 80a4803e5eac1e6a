//! Helpers that the tests of this crate share.

use serde_json::Value;

use crate::compile::{check, compile};
use crate::finding::{Finding, Label, Severity};
use crate::source::Source;

/// A version and an upstream, so that a text after it is a policy.
pub(crate) const BASE: &str = "version = 1\nupstreams.api = \"https://origin.example.net\"\n";

/// The compiled policy of a text with [`BASE`] before it.
pub(crate) fn compiled(text: &str, environment: Option<&str>) -> Value {
    let compiled = compile(&source(text), environment);
    serde_json::from_slice(&compiled.expect("a good policy").json).expect("JSON")
}

/// The errors of a text with [`BASE`] before it: the text at their places, and the messages.
pub(crate) fn problems(text: &str, environment: Option<&str>) -> Vec<(Vec<String>, String)> {
    let source = source(text);
    let report = compile(&source, environment).err().unwrap_or_default();
    let place = |label: &Label| source.text().get(label.span.clone()).expect("in the text").to_owned();
    let findings = report.findings().iter().filter(|finding| finding.severity == Severity::Error);
    findings.map(|finding| (finding.labels.iter().map(place).collect(), finding.message.clone())).collect()
}

/// All findings about a complete text.
pub(crate) fn findings(text: &str) -> Vec<Finding> {
    let source = Source::from_bytes("policy.toml", text.into()).expect("text");
    check(&source, None, None).report.findings().to_vec()
}

fn source(text: &str) -> Source {
    Source::from_bytes("policy.toml", format!("{BASE}{text}").into_bytes()).expect("text")
}
