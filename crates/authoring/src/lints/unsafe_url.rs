//! CG245.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    245,
    "a Referrer-Policy that sends whole URLs",
    r#"With `unsafe-url` browsers send the whole URL of the page, with its path and query, to every site that it links to or loads from, also without encryption (Referrer Policy, 3.8). Identifiers and tokens in URLs so reach other sites. It is less protection than no header: without one, browsers use `strict-origin-when-cross-origin`.

    referrer_policy = "strict-origin-when-cross-origin""#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (place, route) in subject.routes() {
        if route.security.referrer_policy.as_deref() != Some("unsafe-url") {
            continue;
        }
        let span = subject.span(&place.key("security").key("referrer_policy"));
        let message = "`unsafe-url` sends the whole URL of a page to every site that it loads from";
        let finding = Finding::new(&LINT, message).at(span.clone(), "");
        report.add(match span {
            Some(span) => finding.fix(span, "\"strict-origin-when-cross-origin\""),
            None => finding,
        });
    }
}
