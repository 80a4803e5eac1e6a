//! CG246.

use corsgate_policy::origin::pattern::{OriginPattern, PatternForm};

use crate::finding::Finding;
use crate::letters::homograph;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    246,
    "a host that looks like another one",
    r#"A label that begins with `xn--` is the ASCII form of a name in another script. Some of those letters look like ASCII letters: `xn--pple-43d.com` has a Cyrillic letter and looks like `apple.com`, but it belongs to somebody else. If such a name was copied from a mail or a ticket, it may list an attacker's site.

Write the name in ASCII letters. If the listed name is the one that you mean, say so:

    [check]
    allow = ["CG246"]"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for list in subject.lists() {
        for (at, entry) in list.entries.iter().enumerate() {
            if !entry.origin().contains("xn--") {
                continue;
            }
            let Ok(pattern) = OriginPattern::parse(entry.origin()) else { continue };
            if let Some(finding) = of_line(&pattern.form()) {
                report.add(finding.at(subject.origin_span(&list.place, at), ""));
            }
        }
    }
}

/// The finding for the host of an entry.
pub(crate) fn of_line(form: &PatternForm<'_>) -> Option<Finding> {
    let why = homograph(form.host).filter(|_| matches!(form.scheme, "http" | "https"))?;
    Some(
        Finding::new(&LINT, why)
            .help("write the name in ASCII letters, unless this is the name that you mean"),
    )
}
