//! Compiles and checks a policy file.

use corsgate_policy::policy::document::Document;
use corsgate_policy::policy::violation::DocumentPath;
use toml::de::DeTable;

use crate::calendar::Calendar;
use crate::canonical;
use crate::file::{self, Reading};
use crate::finding::Finding;
use crate::lints::{self, Subject};
use crate::mistakes;
use crate::report::Report;
use crate::rules;
use crate::source::Source;
use crate::syntax;

/// The longest compiled policy, in bytes: the longest value that KV holds.
///
/// <https://developers.cloudflare.com/kv/platform/limits/>
pub const MAX_COMPILED: usize = 25 * 1024 * 1024;

/// The most routes that a policy can have.
pub const MAX_ROUTES: usize = 10_000;

/// A compiled policy, with the warnings about its source.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The policy in canonical form.
    pub document: Document,
    /// The policy as canonical JSON (RFC 8785): the bytes to store.
    pub json: Vec<u8>,
    /// Warnings, which do not prevent compiling.
    pub warnings: Report,
}

/// The result of checking a policy file.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// All findings about the file.
    pub report: Report,
    /// The number of routes; 0 if the file is not TOML.
    pub routes: usize,
    /// The number of origins in its lists and routes.
    pub origins: usize,
}

/// Compiles a policy file for one environment, or for the base if it is `None`. The same text gives the same bytes on
/// any day.
///
/// # Errors
/// All errors in the file; if it has syntax errors, only those.
pub fn compile(source: &Source, environment: Option<&str>) -> Result<Compiled, Report> {
    let file = syntax::parse(source)?;
    let (reading, report) = examine(&file, source, environment, Calendar::default());
    conclude(reading.document, report)
}

/// Like [`compile`], and also returns the document as it stands in the file, with its places.
pub(crate) fn compile_with_places(
    source: &Source,
    environment: Option<&str>,
) -> Result<(Compiled, Reading), Report> {
    let file = syntax::parse(source)?;
    let (reading, report) = examine(&file, source, environment, Calendar::default());
    Ok((conclude(reading.document.clone(), report)?, reading))
}

fn conclude(mut document: Document, report: Report) -> Result<Compiled, Report> {
    // Compiling is about the policy; infos are only for a check.
    let mut report = report.without_infos();
    if report.has_errors() {
        return Err(report.sorted());
    }
    match write(&mut document) {
        Ok(json) => Ok(Compiled { document, json, warnings: report.sorted() }),
        Err(finding) => {
            report.add(finding);
            Err(report.sorted())
        }
    }
}

/// Checks a policy file: reports all that [`compile`] does, and infos. With a day, it also reports expired entries,
/// and those that expire soon.
#[must_use]
pub fn check(source: &Source, environment: Option<&str>, calendar: impl Into<Calendar>) -> Checked {
    let calendar = calendar.into();
    let file = match syntax::parse(source) {
        Ok(file) => file,
        Err(report) => return Checked { report, ..Checked::default() },
    };
    let (mut reading, mut report) = examine(&file, source, environment, calendar);
    let (routes, origins) = (reading.document.routes.len(), Subject::new(&reading, calendar).count_origins());
    if !report.has_errors()
        && let Err(finding) = write(&mut reading.document)
    {
        report.add(finding);
    }
    Checked { report: report.sorted(), routes, origins }
}

fn examine(
    file: &DeTable<'_>,
    source: &Source,
    environment: Option<&str>,
    calendar: Calendar,
) -> (Reading, Report) {
    let mut report = Report::default();
    let reading = file::read(file, environment, &mut report);
    // Lints compare routes with each other, so a file full of routes would take hours.
    if reading.document.routes.len() > MAX_ROUTES {
        report.add(too_many(&reading));
        return (reading, report);
    }
    rules::check(&reading, source, &mut report);
    lints::run(&Subject::new(&reading, calendar), &mut report);
    let report = report.without(&reading.allowed);
    (reading, report)
}

pub(crate) fn too_many(reading: &Reading) -> Finding {
    let message =
        format!("the policy has {} routes, which is more than {MAX_ROUTES}", reading.document.routes.len());
    let first = DocumentPath::default().key("routes").index(MAX_ROUTES).key("name");
    Finding::new(&mistakes::TOO_MANY_ROUTES, message)
        .at(reading.spans.nearest_span(&first).cloned(), "the first route too many")
        .help("merge routes that differ only in their hosts into one with all the hosts")
}

/// Writes the bytes to store, or reports that they are too many.
fn write(document: &mut Document) -> Result<Vec<u8>, Finding> {
    match canonical::canonicalize(document) {
        Ok(json) if json.len() <= MAX_COMPILED => Ok(json),
        Ok(json) => Err(too_long(json.len())),
        Err(error) => {
            Err(Finding::new(&mistakes::TOO_LONG, format!("the policy cannot be written as JSON: {error}")))
        }
    }
}

fn too_long(length: usize) -> Finding {
    let mebibytes = |bytes: usize| bytes.div_ceil(1024 * 1024);
    let message = format!(
        "the compiled policy is {} MiB long, but a value in KV can have at most {} MiB",
        mebibytes(length),
        mebibytes(MAX_COMPILED)
    );
    Finding::new(&mistakes::TOO_LONG, message)
        .help("keep long lists in KV: `name = { kv = \"name\" }` in `[allowlists]`")
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn a_policy_that_kv_cannot_hold_is_an_error() {
        let mut text = format!(
            "version = 1\nupstreams.api = \"zone\"\n[defaults]\nhosts = [\"a.example\"]\nupstream = \"api\"\nsecurity.csp = \"img-src {}\"\n",
            "a".repeat(1024 * 1024)
        );
        for route in 0..25 {
            write!(text, "[[routes]]\nname = \"r{route}\"\npath = \"/{route}\"\n").expect("a string");
        }
        let source = Source::from_bytes("policy.toml", text.into_bytes()).expect("text");
        let report = compile(&source, None).expect_err("too long");
        let messages: Vec<_> = report.findings().iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(
            messages,
            ["the compiled policy is 26 MiB long, but a value in KV can have at most 25 MiB"]
        );
    }

    #[test]
    fn routes_without_end_are_not_looked_at() {
        let mut text = "version = 1\n[defaults]\nupstream = \"none\"\n".to_owned();
        for route in 0..=MAX_ROUTES {
            write!(text, "[[routes]]\nname = \"r{route}\"\npath = \"/{route}\"\n").expect("a string");
        }
        let source = Source::from_bytes("policy.toml", text.into_bytes()).expect("text");
        let report = compile(&source, None).expect_err("too many");
        let [finding] = report.findings() else { panic!("{:?}", report.findings()) };
        assert_eq!(finding.message, "the policy has 10001 routes, which is more than 10000");
        let span = finding.span().cloned().expect("a span");
        assert_eq!(source.text().get(span), Some("\"r10000\""));
    }
}
