//! Standard error: colours only on a terminal, and not with `NO_COLOR`.

use std::io::Write;

use anstream::AutoStream;
use corsgate_authoring::{Report, Source};

use crate::output::{Failure, human};

/// Shows all findings of a report.
pub(crate) fn report(report: &Report, source: &Source) {
    let mut stderr = AutoStream::auto(std::io::stderr().lock());
    for finding in report.findings() {
        write(&mut stderr, &human::finding(finding, source));
    }
    if report.has_errors() {
        write(&mut stderr, &human::summary(report, source));
    }
}

/// Shows why the tool could not do its work.
pub(crate) fn failure(failure: &Failure) {
    let mut stderr = AutoStream::auto(std::io::stderr().lock());
    write(&mut stderr, &human::sentence(&failure.to_string()));
}

fn write(stderr: &mut impl Write, text: &str) {
    // There is no other place to say that this failed; the exit code still tells.
    let _unheard = stderr.write_all(text.as_bytes());
}
