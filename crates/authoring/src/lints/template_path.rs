//! CG211.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;
use crate::rules::repair::path::{only_wildcard, template};

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    211,
    "a path that looks like a router's template",
    r#"Many routers have placeholders: `/users/:id`, `/users/[id]`, `/users/{id}`. In a policy these are ordinary characters, so the route matches only this literal path. `/*` at the end of a path is the only wildcard.

    path = "/users/*""#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (place, route) in subject.routes() {
        let place = place.key("path");
        // The error for an invalid path gives the same advice.
        if subject.is_broken(&place) || route.path.contains(['{', '<']) {
            continue;
        }
        let Some(stem) = template(&route.path) else { continue };
        let message = format!("`{}` matches only this literal path: there are no placeholders", route.path);
        report.add(Finding::new(&LINT, message).at(subject.span(&place), "").help(only_wildcard(stem)));
    }
}
