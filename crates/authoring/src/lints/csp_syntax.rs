//! CG109.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::error(
    109,
    "a Content-Security-Policy that says something else",
    r#"Directives stand apart by `;`, and their sources by spaces. A comma begins another policy, so that what follows it is read as the name of a directive and mostly ignored. A policy without directives protects from nothing.

    csp = "default-src 'none'; frame-ancestors 'none'""#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (place, route) in subject.routes() {
        let Some(csp) = &route.security.csp else { continue };
        let message = if csp.contains(',') {
            "a comma begins another policy; directives stand apart by `;`, sources by spaces"
        } else if !csp.is_empty() && csp.split(';').all(|directive| directive.trim().is_empty()) {
            "the policy has no directive"
        } else {
            continue;
        };
        let span = subject.span(&place.key("security").key("csp"));
        report.add(Finding::new(&LINT, message).at(span, ""));
    }
}
