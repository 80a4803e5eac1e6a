//! CG108.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::error(
    108,
    "HSTS preloading without its requirements",
    r#"`preload` asks browsers to ship the domain in their list of domains that only use `https`. The list accepts a domain only with a max-age of at least a year and with all subdomains. Otherwise `preload` has no effect. Preloading is hard to undo, so be sure that you want it.

    hsts = { max_age = 63072000, include_subdomains = true, preload = true }

<https://hstspreload.org>"#,
);

const YEAR: u32 = 31_536_000;

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (place, route) in subject.routes() {
        let Some(hsts) = route.security.hsts.filter(|hsts| hsts.preload) else { continue };
        let missing = match (hsts.max_age >= YEAR, hsts.include_subdomains) {
            (true, true) => continue,
            (false, true) => "a `max_age` of at least 31536000",
            (true, false) => "`include_subdomains = true`",
            (false, false) => "a `max_age` of at least 31536000 and `include_subdomains = true`",
        };
        let span = subject.span(&place.key("security").key("hsts").key("preload"));
        report.add(Finding::new(&LINT, format!("preloading needs {missing}")).at(span, ""));
    }
}
