//! CG262.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    262,
    "`enforce_methods` without methods",
    r#"With `enforce_methods = true` a page of another origin may use the methods in `methods` and no other, not even GET. So without `methods` every such request is refused, although the origins are listed. Name what pages need; GET includes HEAD:

    methods         = ["GET"]
    enforce_methods = true"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (cors, rules) in
        subject.rules().filter(|(_, rules)| rules.enforce_methods && rules.methods.is_empty())
    {
        if subject.is_broken(&cors.key("methods")) || rules.origins.is_empty() {
            continue;
        }
        let finding = Finding::new(&LINT, "no method is listed, so pages of other origins may use none");
        let finding = finding.at(subject.span(&cors.key("enforce_methods")), "");
        report.add(finding.help("list the methods that pages need, GET and POST included"));
    }
}
