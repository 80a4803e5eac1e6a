//! CG107.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::error(
    107,
    "handshake rules on a route that allows no handshake",
    r#"The origins of the route's CORS rules decide about WebSocket handshakes too: browsers send no preflight for a handshake, so only the server can reject it. A route without CORS rules allows no handshake from another origin, so its `[routes.websocket]` could only say how they are rejected. Usually the origins were forgotten.

    [routes.cors]
    origins = ["https://app.example.com"]
    [routes.websocket]
    on_reject = "close""#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    // CG303 reports inherited tables, and a compiled policy does not say which were inherited.
    if subject.is_compiled {
        return;
    }
    for (place, route) in subject.routes() {
        let table = subject.spans.get(&place).and_then(|route| route.child("websocket"));
        let Some(table) = table.filter(|table| route.cors.is_none() && !table.inherited) else { continue };
        // A `cors` that could not be read was already reported.
        if subject.is_broken(&place.key("cors")) {
            continue;
        }
        let finding = Finding::new(
            &LINT,
            "this route has no CORS rules, so it allows no handshake from another origin",
        );
        report.add(
            finding
                .at(table.span.clone(), "")
                .help("name the origins in `[routes.cors]`, or leave this table out"),
        );
    }
}
