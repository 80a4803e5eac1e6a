//! CG202.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    202,
    "a max-age that browsers cut",
    r#"WebKit keeps the answer to a preflight for at most 600 seconds and Chromium for at most 7200; only Firefox goes to 86400. A longer max-age does not save what it seems to save, and it is how long a withdrawn method or header lives on in the browsers that honour it.

    max_age = 600"#,
);

const WEBKIT: u32 = 600;
const CHROMIUM: u32 = 7_200;
/// The longest time that Firefox caches a preflight, in seconds. The rules reject a greater value.
const FIREFOX: u32 = 86_400;

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (cors, rules) in subject.rules() {
        let message = match rules.max_age {
            Some(seconds) if seconds > CHROMIUM && seconds <= FIREFOX => {
                "Chromium keeps the answer to a preflight for at most 7200 seconds, WebKit for 600"
            }
            Some(seconds) if seconds > WEBKIT && seconds <= CHROMIUM => {
                "WebKit keeps the answer to a preflight for at most 600 seconds"
            }
            _ => continue,
        };
        let span = subject.span(&cors.key("max_age"));
        let finding = Finding::new(&LINT, message).at(span, "");
        report.add(finding.help("this is also how long a withdrawn method or header lives on in browsers"));
    }
}
