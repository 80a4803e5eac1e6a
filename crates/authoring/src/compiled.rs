//! Checks a compiled policy, which somebody may have edited since. It gets the same findings as its source would.

use std::collections::BTreeSet;

use corsgate_policy::policy::document::Document;
use corsgate_policy::policy::violation::DocumentPath;
use corsgate_policy::{Policy, ReadError};

use crate::calendar::Calendar;
use crate::canonical;
use crate::compile::{Checked, MAX_ROUTES, too_many};
use crate::file::Reading;
use crate::finding::Finding;
use crate::json_spans;
use crate::lint::Lint;
use crate::lints::{self, Subject};
use crate::report::Report;
use crate::rules;
use crate::source::Source;

pub(crate) static EDITED: Lint = Lint::error(
    121,
    "a compiled policy that was edited",
    r#"The `id` of a compiled policy is the beginning of the SHA-256 of the rest of the document in canonical form. The `id` of this document does not match its content: somebody changed the document after it was compiled, or merged two documents. Records and `corsgate history` name a policy by its `id`, which would be wrong.

Change the source, and compile it again:

    corsgate compile policy.toml --env production > policy.json

If the policy in KV has a wrong `id`, publish the policy that you mean, or roll back to an unchanged version."#,
);

/// Checks the JSON of a compiled policy: the rules, its id, and all findings of [`check`](crate::check) that need only
/// the document.
///
/// # Errors
/// When it is not a compiled policy, or has another version.
pub fn check_compiled(
    source: &Source,
    calendar: impl Into<Calendar>,
) -> Result<(Document, Checked), ReadError> {
    let is_unsafe = match Policy::read(source.text().as_bytes()) {
        Ok(_) => false,
        Err(ReadError::Unsafe(_)) => true,
        Err(error) => return Err(error),
    };
    let malformed = |error: serde_json::Error| ReadError::Malformed(error.to_string());
    let document = Document::read(source.text().as_bytes())?;
    let reading = Reading {
        document,
        spans: json_spans::read(source.text()),
        allowed: Vec::new(),
        replaced_lists: BTreeSet::new(),
        replaced_upstreams: BTreeSet::new(),
    };
    let mut report = Report::default();
    // Lints compare routes with each other, as for a source.
    if reading.document.routes.len() > MAX_ROUTES {
        report.add(too_many(&reading));
        let routes = reading.document.routes.len();
        return Ok((reading.document, Checked { report, routes, origins: 0 }));
    }
    if is_unsafe {
        rules::check(&reading, source, &mut report);
    } else if let Some(fitting) = fitting_id(&reading.document).map_err(malformed)? {
        let message = format!("the id is `{}`, but the content has the id `{fitting}`", reading.document.id);
        let span = reading.spans.nearest_span(&DocumentPath::default().key("id")).cloned();
        report
            .add(Finding::new(&EDITED, message).at(span, "").help("change the source, and compile it again"));
    }
    let subject = Subject { is_compiled: true, ..Subject::new(&reading, calendar.into()) };
    lints::run(&subject, &mut report);
    let (routes, origins) = (reading.document.routes.len(), subject.count_origins());
    // Fixes are TOML, and their document would have to be compiled again.
    let report = report.without_fixes().sorted();
    Ok((reading.document, Checked { report, routes, origins }))
}

/// The id that a document should have, if it has another one.
///
/// # Errors
/// When the document cannot be written as JSON.
pub fn fitting_id(document: &Document) -> serde_json::Result<Option<String>> {
    let mut canonical = document.clone();
    canonical::canonicalize(&mut canonical)?;
    let fits = document.id.is_empty() || document.id == canonical.id;
    Ok((!fits).then_some(canonical.id))
}
