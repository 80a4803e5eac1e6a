//! CG203.

use corsgate_policy::grammar::day::Day;

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    203,
    "an entry that has expired",
    r#"The last day of the entry has passed, so the gateway rejects its origin (`origin_expired`). Give it a later day, or remove it. Compiling does not read the clock, so only `check` reports this.

    staff = [{ origin = "https://admin.example.com", expires = 2031-01-31 }]"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    let Some(today) = subject.today else { return };
    for list in subject.lists() {
        for (at, entry) in list.entries.iter().enumerate() {
            if let Some(finding) = of_life(entry.last_day(), today) {
                report.add(finding.at(subject.span(&list.place.index(at).key("expires")), ""));
            }
        }
    }
}

/// The finding for an entry with this last day, if it has expired.
pub(crate) fn of_life(life: Day, today: Day) -> Option<Finding> {
    (life < today).then(|| Finding::new(&LINT, format!("the entry expired on {life}")))
}
