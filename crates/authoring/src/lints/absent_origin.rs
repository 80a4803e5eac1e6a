//! CG242.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    242,
    "handshakes without `Origin`, with credentials",
    r#"Every browser sends `Origin` with a WebSocket handshake. With `require_origin = false` a handshake without one is forwarded, and on a route with credentials its cookies are too. Only programs send such a handshake, and so does anything that removes the header: a proxy, a browser extension. The origin then protects nothing, and the upstream alone decides.

Give programs a route of their own, without credentials. If the upstream checks a token in every handshake, say so:

    [check]
    allow = ["CG242"]"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (place, route) in subject.routes() {
        let credentials = route.cors.as_ref().is_some_and(|cors| cors.credentials);
        if !credentials || route.websocket.require_origin {
            continue;
        }
        let message =
            format!("route `{}` has credentials, and admits handshakes without an origin", route.name);
        let finding = Finding::new(&LINT, message)
            .at(subject.span(&place.key("websocket").key("require_origin")), "")
            .at(subject.span(&place.key("cors").key("credentials")), "with credentials");
        report.add(finding.help("give programs that are not browsers a route of their own"));
    }
}
