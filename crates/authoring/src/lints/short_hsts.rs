//! CG244.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    244,
    "HSTS that lasts only a moment",
    r#"A browser uses only `https` for the domain until `max_age` seconds have passed since the last response (RFC 6797, 6.1.1). With less than five minutes the next visit is unprotected again. Five minutes are the usual first step when a domain begins with HSTS, two years the last. `max_age = 0` is something else: it makes browsers forget the domain.

    hsts = { max_age = 63072000, include_subdomains = true }

<https://hstspreload.org/#deployment-recommendations>"#,
);

/// The first step of the recommendations, in seconds.
const SHORTEST: u32 = 300;

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (place, route) in subject.routes() {
        let Some(hsts) = route.security.hsts.filter(|hsts| (1..SHORTEST).contains(&hsts.max_age)) else {
            continue;
        };
        let seconds =
            if hsts.max_age == 1 { "1 second".to_owned() } else { format!("{} seconds", hsts.max_age) };
        let span = subject.span(&place.key("security").key("hsts").key("max_age"));
        let message = format!("HSTS protects a visitor only for {seconds} after a response");
        report.add(
            Finding::new(&LINT, message).at(span, "").help("`max_age` is in seconds: two years are 63072000"),
        );
    }
}
