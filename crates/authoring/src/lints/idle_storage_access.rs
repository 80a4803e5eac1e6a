//! CG263.

use corsgate_policy::policy::document::Mode;

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    263,
    "`storage_access` where it has no effect",
    r#"With `storage_access = true` the gateway asks a browser to repeat a request with the cookies that it held back, if the user has allowed them. Without `credentials` no page may read the response to such a request, so the gateway does not ask. A route without CORS rules lists no origin that it could name, and a route with `mode = "report"` leaves CORS to the upstream.

    storage_access   = true
    cors.credentials = true"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (place, route) in subject.routes() {
        if !route.storage_access || subject.is_broken(&place.key("cors")) {
            continue;
        }
        let (why, help) = match &route.cors {
            None => ("has no CORS rules, so no origin can be named", "leave `storage_access` out"),
            Some(cors) if !cors.credentials => (
                "has no credentials, so there are no cookies to ask for",
                "set `credentials = true`, or leave `storage_access` out",
            ),
            Some(_) if route.mode == Mode::Report => (
                "only reports, so the upstream decides about storage access",
                "leave `storage_access` out until the route enforces",
            ),
            Some(_) => continue,
        };
        // A value in `[defaults]` is meant for other routes.
        let own = subject.spans.get(&place).and_then(|route| route.child("storage_access"));
        if own.is_some_and(|key| key.inherited) {
            continue;
        }
        let message = format!("route `{}` {why}", route.name);
        let span = subject.span(&place.key("storage_access"));
        report.add(Finding::new(&LINT, message).at(span, "").help(help));
    }
}
