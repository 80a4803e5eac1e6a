//! CG208.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    208,
    "limits that are not enforced yet",
    r#"Rate limits are in the policy before they are in the gateway: they are checked and compiled, and their fields are exposed to pages, but the gateway of this version counts nothing. Until it does, limit in front of it or behind it."#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (place, route) in subject.routes().filter(|(_, route)| !route.limits.is_empty()) {
        let message = "rate limits are compiled, but the gateway of this version does not enforce them yet";
        let label = format!("limits of route `{}`", route.name);
        report.add(Finding::new(&LINT, message).at(subject.span(&place.key("limits")), label));
    }
}
