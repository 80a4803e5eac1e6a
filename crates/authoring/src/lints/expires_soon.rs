//! CG247.

use corsgate_policy::grammar::day::Day;

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    247,
    "an entry that expires soon",
    r#"The last day of the entry is near. After it, the gateway rejects the origin (`origin_expired`). Only `check --expires-within` reports this, so a job that runs every day can ask in time:

    corsgate check policy.toml --expires-within 14d --deny warnings

Give the entry a later day, or let it expire."#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for list in subject.lists() {
        for (at, entry) in list.entries.iter().enumerate() {
            if let Some(finding) = of_life(entry.last_day(), subject.today, subject.soon) {
                report.add(finding.at(subject.span(&list.place.index(at).key("expires")), ""));
            }
        }
    }
}

/// The finding for an entry with this last day, if that is neither past nor after `soon`.
pub(crate) fn of_life(life: Day, today: Option<Day>, soon: Option<Day>) -> Option<Finding> {
    let (today, soon) = (today?, soon?);
    let left = life.days().checked_sub(today.days())?;
    (life <= soon && life != Day::NEVER).then(|| {
        let when = match left {
            0 => "today is its last day".to_owned(),
            1 => "tomorrow is its last day".to_owned(),
            days => format!("{days} days are left"),
        };
        Finding::new(&LINT, format!("the entry expires on {life}: {when}"))
    })
}
