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
    "a usual method in the wrong case",
    r#"Methods keep their case. Browsers put DELETE, GET, HEAD, OPTIONS, POST and PUT into upper case themselves, but not PATCH: a page that says `patch` asks for the method `patch`, which servers do not know. Listed in another case, the usual method would be refused in every preflight.

    methods = ["PATCH"]"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (cors, rules) in subject.rules() {
        for (at, method) in rules.methods.iter().enumerate() {
            let usual = usual(method);
            if usual == method {
                continue;
            }
            let message = format!("methods keep their case: `{method}` is another one than `{usual}`");
            let span = subject.span(&cors.key("methods").index(at));
            let finding = Finding::new(&LINT, message).at(span.clone(), "");
            report.add(match span {
                Some(span) => finding.fix(span, quoted(usual)),
                None => finding,
            });
        }
    }
}

/// The method that was probably meant. Browsers do not normalize PATCH.
fn usual(method: &str) -> &str {
    if method.eq_ignore_ascii_case("PATCH") { "PATCH" } else { normalize(method) }
}
