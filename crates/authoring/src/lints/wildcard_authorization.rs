//! CG201.

use corsgate_policy::fetch::request_header::is_non_wildcard;

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    201,
    "`*` for request headers leaves `authorization` out",
    r#"`*` among the request headers matches every name except `Authorization` (Fetch, "CORS non-wildcard request-header name"), so by the standard the preflight of a page that sends a token fails. Browsers still let it pass: Chromium prints a warning in the console, and Firefox refuses it only behind a preference. `corsgate explain` follows the standard, and the browsers mean to. If pages may send a token, list `authorization` beside the `*`. If not, list the headers that they may send.

    request_headers = ["*", "authorization"]"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (cors, rules) in subject.rules() {
        let names = &rules.request_headers;
        let Some(at) = names.iter().position(|name| name == "*") else { continue };
        // With credentials `*` is not a wildcard, and the rules reject it.
        if rules.credentials || names.iter().any(|name| is_non_wildcard(name)) {
            continue;
        }
        let finding = Finding::new(
            &LINT,
            "by the standard `*` does not match `authorization`, though browsers still let it pass",
        );
        let span = subject.span(&cors.key("request_headers").index(at));
        report.add(finding.at(span, "").help("if pages may send it, add `\"authorization\"` beside the `*`"));
    }
}
