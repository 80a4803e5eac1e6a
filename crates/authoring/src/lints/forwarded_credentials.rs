//! CG241.

use corsgate_policy::policy::document::{Mode, OnDisallowed};

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    241,
    "rejected origins whose requests are forwarded",
    r#"With `on_disallowed = "forward"` a request from a rejected origin reaches the upstream with its cookies; only its response stays unreadable. A form on any site can so change something as the user who is signed in (CSRF). A route that pages call with credentials rarely needs this: it is for the routes that other sites post forms to (the callback of an identity provider, 3-D Secure). Give these a route of their own, without CORS rules:

    [[routes]]
    name          = "callback"
    path          = "/auth/callback"
    upstream      = "api"
    on_disallowed = "forward"
    cors          = false

If the upstream checks a token against CSRF on every request, say so:

    [check]
    allow = ["CG241"]"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (place, route) in subject.routes() {
        let credentials = route.cors.as_ref().is_some_and(|cors| cors.credentials);
        if !credentials || route.on_disallowed != OnDisallowed::Forward || route.mode == Mode::Report {
            continue;
        }
        let message = format!(
            "route `{}` has credentials, and forwards requests of rejected origins with cookies",
            route.name
        );
        let finding = Finding::new(&LINT, message)
            .at(subject.span(&place.key("on_disallowed")), "")
            .at(subject.span(&place.key("cors").key("credentials")), "with credentials");
        report.add(
            finding.help("give the path that other sites post to a route of its own, with `cors = false`"),
        );
    }
}
