//! CG205.

use crate::cursor::quoted;
use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::nearest::nearest;
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    205,
    "an unknown directive of Content-Security-Policy",
    r#"Browsers ignore a directive that they do not know, so a typo in its name silently removes the protection.

    csp = "default-src 'none'; frame-ancestors 'none'""#,
);

/// The directives of CSP level 3 and of the specifications that extend it.
const DIRECTIVES: [&str; 29] = [
    "base-uri",
    "block-all-mixed-content",
    "child-src",
    "connect-src",
    "default-src",
    "fenced-frame-src",
    "font-src",
    "form-action",
    "frame-ancestors",
    "frame-src",
    "img-src",
    "manifest-src",
    "media-src",
    "object-src",
    "prefetch-src",
    "report-to",
    "report-uri",
    "require-trusted-types-for",
    "sandbox",
    "script-src",
    "script-src-attr",
    "script-src-elem",
    "style-src",
    "style-src-attr",
    "style-src-elem",
    "trusted-types",
    "upgrade-insecure-requests",
    "webrtc",
    "worker-src",
];

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (place, route) in subject.routes() {
        let Some(csp) = &route.security.csp else { continue };
        let names = csp.split(';').filter_map(|directive| directive.split_whitespace().next());
        for name in names.filter(|name| !DIRECTIVES.iter().any(|known| known.eq_ignore_ascii_case(name))) {
            let span = subject.span(&place.key("security").key("csp"));
            let finding =
                Finding::new(&LINT, format!("browsers know no directive `{name}`")).at(span.clone(), "");
            report.add(match (near(name), span) {
                (Some(near), Some(span)) => finding.fix(span, quoted(&csp.replacen(name, near, 1))),
                _ => finding,
            });
        }
    }
}

/// The nearest directive. Longer names than any directive are skipped: they cannot be near, and are slow to compare.
fn near(name: &str) -> Option<&'static str> {
    const LONGEST: usize = 64;
    (name.len() <= LONGEST).then(|| nearest(name, DIRECTIVES)).flatten()
}
