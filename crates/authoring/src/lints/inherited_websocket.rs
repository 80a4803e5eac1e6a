//! CG303.

use corsgate_policy::policy::violation::DocumentPath;

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::info(
    303,
    "inherited handshake rules on a route without CORS",
    r#"`[defaults.websocket]` applies to every route, also to routes without CORS rules. Such a route never allows a handshake from another origin. But the defaults still say how it rejects one (`on_reject`), and whether a client that is not a browser may leave `Origin` out (`require_origin`). A route with CORS rules can have a `[routes.websocket]` of its own.

    [defaults.websocket]
    on_reject = "close"   # a route without CORS closes every handshake of another origin with 4403"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    let inherits = |place: &DocumentPath| {
        let table = subject.spans.get(place).and_then(|route| route.child("websocket"));
        table.filter(|table| table.inherited).and_then(|table| table.span.clone())
    };
    let without_cors = subject
        .routes()
        .filter(|(place, route)| route.cors.is_none() && !subject.is_broken(&place.key("cors")))
        .find_map(|(place, route)| Some((inherits(&place)?, route)));
    let Some((span, route)) = without_cors else { return };
    let message = format!(
        "route `{}` inherits this and has no CORS rules: it allows no handshake from another origin",
        route.name
    );
    let finding = Finding::new(&LINT, message).at(Some(span), "");
    report.add(match route.websocket.require_origin {
        true => finding,
        false => finding.help(
            "`require_origin = false` applies there too: handshakes without an `Origin` reach its upstream",
        ),
    });
}
