//! CG103.

use corsgate_policy::fetch::request_header::is_forbidden;

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::error(
    103,
    "a request header that browsers set themselves",
    r#"Browsers never let a page set these headers (Fetch, "forbidden request-header"): `Cookie`, `Host`, `Origin`, `Referer`, everything that begins with `Sec-` or `Proxy-`, and the like. No preflight ever asks for one, so listing it has no effect. It usually shows a misunderstanding: whether cookies are sent depends on `credentials`.

    credentials = true   # and not request_headers = ["cookie"]"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (cors, rules) in subject.rules() {
        for (at, name) in rules.request_headers.iter().enumerate() {
            let lower = name.to_ascii_lowercase();
            // Another lint reports `Access-Control-*`, and a family of such names breaks a rule.
            if lower.starts_with("access-control-") || lower.ends_with('*') || !is_forbidden(&lower) {
                continue;
            }
            let message = format!("browsers never let a page set `{name}`");
            let span = subject.span(&cors.key("request_headers").index(at));
            let finding = Finding::new(&LINT, message).at(span, "");
            report.add(finding.help(match lower.as_str() {
                "cookie" => "leave it out; whether cookies are sent depends on `credentials`",
                _ => "leave it out",
            }));
        }
    }
}
