//! CG202.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    202,
    "a max-age that browsers shorten",
    r#"WebKit caches a preflight response for at most 600 seconds and Chromium for at most 7200. Only Firefox caches it for up to 86400. A longer max-age saves fewer preflights than it seems to, and browsers that honour it keep using a removed method or header for that long.

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
                "Chromium caches a preflight response for at most 7200 seconds, and WebKit for at most 600"
            }
            Some(seconds) if seconds > WEBKIT && seconds <= CHROMIUM => {
                "WebKit caches a preflight response for at most 600 seconds"
            }
            _ => continue,
        };
        let span = subject.span(&cors.key("max_age"));
        let finding = Finding::new(&LINT, message).at(span, "");
        report.add(finding.help("browsers also keep using a removed method or header for this long"));
    }
}
