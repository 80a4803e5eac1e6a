//! CG105.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::error(
    105,
    "an exposed cookie header",
    r#"Browsers never show `Set-Cookie` to a page (Fetch, "forbidden response-header name"), so that a script cannot steal a session. Exposing it has no effect in browsers.

If a page must read the value, send it in the body or in another header:

    exposed_headers = ["x-request-id"]"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (cors, rules) in subject.rules() {
        for (at, name) in rules.exposed_headers.iter().enumerate() {
            if !["set-cookie", "set-cookie2"].iter().any(|cookie| cookie.eq_ignore_ascii_case(name)) {
                continue;
            }
            let message = format!("browsers never show `{name}` to a page");
            let span = subject.span(&cors.key("exposed_headers").index(at));
            report.add(Finding::new(&LINT, message).at(span, "").help("leave it out"));
        }
    }
}
