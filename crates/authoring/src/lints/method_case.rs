//! CG102.

use corsgate_policy::fetch::method::normalize;

use crate::cursor::quoted;
use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::error(
    102,
    "a standard method in the wrong case",
    r#"Methods are case-sensitive. Browsers convert DELETE, GET, HEAD, OPTIONS, POST and PUT to upper case themselves, but not PATCH, nor QUERY (RFC 10008): a page that sends `patch` asks for the method `patch`, which servers do not know. If a policy lists a standard method in another case, every preflight for it is rejected.

    methods = ["PATCH"]"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (cors, rules) in subject.rules() {
        for (at, method) in rules.methods.iter().enumerate() {
            let usual = usual(method);
            if usual == method {
                continue;
            }
            let message = format!("methods are case-sensitive: `{method}` is not `{usual}`");
            let span = subject.span(&cors.key("methods").index(at));
            let finding = Finding::new(&LINT, message).at(span.clone(), "");
            report.add(match span {
                Some(span) => finding.fix(span, quoted(usual)),
                None => finding,
            });
        }
    }
}

/// The method that was probably meant. Browsers normalize neither PATCH nor QUERY (Fetch, "normalize a
/// method").
fn usual(method: &str) -> &str {
    const KEPT: [&str; 2] = ["PATCH", "QUERY"];
    KEPT.into_iter().find(|kept| method.eq_ignore_ascii_case(kept)).unwrap_or_else(|| normalize(method))
}
