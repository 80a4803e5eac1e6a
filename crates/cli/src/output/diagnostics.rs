//! Standard error: colours only on a terminal, and not with `NO_COLOR`.

use std::io::Write;

use anstream::AutoStream;
use corsgate_authoring::{Report, Source};

use crate::output::{Failure, human};

/// Shows all findings of a report, and whether the policy compiles.
pub(crate) fn report(report: &Report, source: &Source) {
    findings(report, source);
    if report.has_errors() {
        problem(&human::summary(report, source, "does not compile:"));
    }
}

/// Shows all findings of a report.
pub(crate) fn findings(report: &Report, source: &Source) {
    let mut stderr = AutoStream::auto(std::io::stderr().lock());
    for finding in report.findings() {
        write(&mut stderr, &human::finding(finding, source));
    }
}

/// Shows what is wrong in a sentence.
pub(crate) fn problem(sentence: &str) {
    let mut stderr = AutoStream::auto(std::io::stderr().lock());
    write(&mut stderr, &human::sentence(sentence));
}

/// Shows a line about what went well.
pub(crate) fn note(line: &str) {
    let mut stderr = AutoStream::auto(std::io::stderr().lock());
    write(&mut stderr, &format!("{line}\n"));
}

/// Shows why the tool could not do its work.
pub(crate) fn failure(failure: &Failure) {
    problem(&failure.to_string());
}

fn write(stderr: &mut impl Write, text: &str) {
    // There is no other place to say that this failed; the exit code still tells.
    let _unheard = stderr.write_all(text.as_bytes());
}
