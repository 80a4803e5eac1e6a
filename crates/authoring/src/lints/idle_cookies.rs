//! CG320.

use corsgate_policy::policy::document::Mode;

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::info(
    320,
    "`forward_cookies` where it has no effect",
    r#"A route without `credentials` removes `Cookie` from requests from another origin, and `forward_cookies = true` keeps it. The key has no effect on other routes. A route with credentials keeps cookies anyway. A route without CORS rules allows no request from another origin, and the requests that it forwards with `on_disallowed = "forward"` keep their cookies. A route with `mode = "report"` removes nothing.

    forward_cookies = true   # only beside [routes.cors] without credentials"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (place, route) in subject.routes() {
        if !route.forward_cookies || subject.is_broken(&place.key("cors")) {
            continue;
        }
        let why = match &route.cors {
            None => "has no CORS rules, so no request from another origin is allowed",
            Some(cors) if cors.credentials => "has credentials, so cookies are forwarded anyway",
            Some(_) if route.mode == Mode::Report => "only reports, so cookies are forwarded anyway",
            Some(_) => continue,
        };
        // A value in `[defaults]` is meant for other routes.
        let own = subject.spans.get(&place).and_then(|route| route.child("forward_cookies"));
        if own.is_some_and(|key| key.inherited) {
            continue;
        }
        let message = format!("route `{}` {why}", route.name);
        let span = subject.span(&place.key("forward_cookies"));
        report.add(Finding::new(&LINT, message).at(span, "").help("leave `forward_cookies` out"));
    }
}
