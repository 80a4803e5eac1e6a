//! Messages on standard error: with colours only on a terminal, and never with `NO_COLOR`.

use std::io::Write;

use anstream::AutoStream;
use corsgate_authoring::{Report, Severity, Source};

use crate::failure::Failure;
use crate::output::fence::{Notation, fenced, uncoloured};
use crate::output::human;
use crate::output::human::plural;

/// Shows all findings of a report, and whether the policy compiles.
pub(crate) fn report(report: &Report, source: &Source) {
    findings(report, source);
    if report.has_errors() {
        problem(&human::summary(report, source, "does not compile:"));
    }
}

/// The maximum number of findings of a severity; after these are fixed, the next ones are shown.
const MAX_SHOWN: usize = 100;

/// Shows the findings of a report.
pub(crate) fn findings(report: &Report, source: &Source) {
    let mut stderr = AutoStream::auto(std::io::stderr().lock());
    let mut shown = [0_usize; 3];
    for finding in report.findings() {
        let [infos, warnings, errors] = &mut shown;
        let shown = match finding.severity {
            Severity::Info => infos,
            Severity::Warning => warnings,
            Severity::Error => errors,
        };
        if *shown < MAX_SHOWN {
            *shown += 1;
            write(&mut stderr, &human::finding(finding, source));
        }
    }
    let [infos, warnings, errors] = shown;
    let hidden = [
        (report.count(Severity::Error) - errors, "error"),
        (report.count(Severity::Warning) - warnings, "warning"),
        (report.count(Severity::Info) - infos, "info"),
    ];
    let hidden: Vec<_> =
        hidden.iter().filter(|(count, _)| *count > 0).map(|(count, one)| plural(*count, one)).collect();
    if !hidden.is_empty() {
        write(
            &mut stderr,
            &format!(
                "and {} more: fix these first, or list all with `check --format json`\n\n",
                hidden.join(", ")
            ),
        );
    }
}

/// Shows an error as one sentence.
pub(crate) fn problem(sentence: &str) {
    let mut stderr = AutoStream::auto(std::io::stderr().lock());
    write(&mut stderr, &human::sentence(&uncoloured(sentence)));
}

/// Shows a line about a success.
pub(crate) fn note(line: &str) {
    let mut stderr = AutoStream::auto(std::io::stderr().lock());
    write(&mut stderr, &format!("{}\n", uncoloured(line)));
}

/// Shows an error in the command line, in the format of its parser.
pub(crate) fn usage(text: &str) {
    let mut stderr = AutoStream::auto(std::io::stderr().lock());
    write(&mut stderr, text);
}

/// Shows why a verb failed. Findings were shown when they were found.
pub(crate) fn failure(failure: &Failure) {
    if !matches!(failure, Failure::Findings) {
        problem(&failure.to_string());
    }
}

fn write(stderr: &mut impl Write, text: &str) {
    // If standard error cannot be written, only the exit code is left.
    let _unheard = stderr.write_all(fenced(text, Notation::People).as_bytes());
}
