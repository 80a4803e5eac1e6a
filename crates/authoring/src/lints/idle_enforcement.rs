//! CG341.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::info(
    341,
    "`enforce_methods` where it has no effect",
    r#"`enforce_methods = true` refuses the methods that `methods` does not list. With `"*"` every method is listed, so nothing is refused. Name the methods, or leave the key out.

    methods         = ["GET", "PUT"]   # and not ["*"]
    enforce_methods = true"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (cors, rules) in subject.rules() {
        if !rules.enforce_methods || !rules.methods.iter().any(|method| method == "*") {
            continue;
        }
        let finding = Finding::new(&LINT, "`*` lists every method, so `enforce_methods` refuses none");
        let finding = finding.at(subject.span(&cors.key("enforce_methods")), "");
        report.add(finding.at(subject.span(&cors.key("methods")), "every method").help("name the methods"));
    }
}
