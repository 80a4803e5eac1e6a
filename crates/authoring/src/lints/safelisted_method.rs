//! CG301.

use corsgate_policy::fetch::method::is_safelisted;

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::info(
    301,
    "a method that need not be listed",
    r#"GET, HEAD and POST are safelisted: no preflight needs to allow them, and a preflight cannot prevent a page from sending them. `methods` lists the other methods that pages may send. It filters requests only with `enforce_methods = true`, which needs the safelisted methods listed too.

    methods = ["PUT", "DELETE"]"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (cors, rules) in subject.rules().filter(|(_, rules)| !rules.enforce_methods) {
        for (at, method) in rules.methods.iter().enumerate() {
            if is_safelisted(method) {
                let message =
                    format!("`{method}` is safelisted: pages may send it whether it is listed or not");
                let span = subject.span(&cors.key("methods").index(at));
                report.add(Finding::new(&LINT, message).at(span, ""));
            }
        }
    }
}
