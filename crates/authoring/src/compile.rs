//! Compiling a policy file.

use corsgate_policy::document::Document;
use corsgate_policy::violation::Place;

use crate::canonical;
use crate::file::{self, Reading};
use crate::finding::Finding;
use crate::report::Report;
use crate::rules;
use crate::source::Source;
use crate::syntax;

/// The longest value that KV holds, in bytes, and so the longest compiled policy.
///
/// <https://developers.cloudflare.com/kv/platform/limits/>
pub const MAX_COMPILED: usize = 25 * 1024 * 1024;

/// A compiled policy.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The policy in canonical form.
    pub document: Document,
    /// The same as JSON (RFC 8785): the bytes to store.
    pub json: Vec<u8>,
    /// What its author should know all the same.
    pub warnings: Report,
}

/// Compiles a policy file for one environment, or for none: the base. The same text gives the same
/// bytes on any day.
///
/// # Errors
/// Everything that keeps the file from being a policy; with syntax errors, only these.
pub fn compile(source: &Source, environment: Option<&str>) -> Result<Compiled, Report> {
    let file = syntax::parse(source)?;
    let mut report = Report::default();
    let reading = file::read(&file, environment, &mut report);
    rules::check(&reading, source, &mut report);
    warn_of_limits(&reading, &mut report);
    if report.has_errors() {
        return Err(report.sorted());
    }
    let mut document = reading.document;
    let json = match canonical::canonicalize(&mut document) {
        Ok(json) if json.len() <= MAX_COMPILED => json,
        Ok(json) => return Err(refused(report, too_long(json.len()))),
        Err(error) => {
            return Err(refused(report, Finding::error(format!("no JSON can hold the policy: {error}"))));
        }
    };
    Ok(Compiled { document, json, warnings: report.sorted() })
}

/// Rate limits are in the policy before they are in the gateway.
fn warn_of_limits(reading: &Reading, report: &mut Report) {
    for (at, route) in reading.document.routes.iter().enumerate() {
        if route.limits.is_empty() {
            continue;
        }
        let place = Place::default().key("routes").index(at).key("limits");
        let message = "rate limits are compiled, but the gateway of this version does not enforce them yet";
        let label = format!("limits of route `{}`", route.name);
        report.add(Finding::warning(message).at(reading.spans.nearest_span(&place).cloned(), label));
    }
}

fn too_long(length: usize) -> Finding {
    let mebibytes = |bytes: usize| bytes.div_ceil(1024 * 1024);
    let message = format!(
        "the compiled policy is {} MiB long, and KV holds {} MiB",
        mebibytes(length),
        mebibytes(MAX_COMPILED)
    );
    Finding::error(message).help("keep long lists in KV: `name = { kv = \"name\" }` in `[allowlists]`")
}

fn refused(mut report: Report, finding: Finding) -> Report {
    report.add(finding);
    report.sorted()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn a_policy_that_kv_cannot_hold_is_an_error() {
        let mut text = format!(
            "version = 1\nupstreams.api = \"zone\"\n[defaults]\nupstream = \"api\"\nsecurity.csp = \"{}\"\n",
            "a".repeat(1024 * 1024)
        );
        for route in 0..25 {
            write!(text, "[[routes]]\nname = \"r{route}\"\npath = \"/{route}\"\n").expect("a string");
        }
        let source = Source::from_bytes("policy.toml", text.into_bytes()).expect("text");
        let report = compile(&source, None).expect_err("too long");
        let messages: Vec<_> = report.findings().iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(messages, ["the compiled policy is 26 MiB long, and KV holds 25 MiB"]);
    }
}
