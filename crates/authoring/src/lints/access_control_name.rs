//! CG104.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::error(
    104,
    "a CORS header among the listed names",
    r#"Browser and gateway use the `Access-Control-*` headers between themselves. No page can set or read them, so listing one has no effect. Usually a response header was mistaken for a request header.

    request_headers = ["authorization", "content-type"]   # and not "access-control-allow-origin""#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (cors, rules) in subject.rules() {
        for (field, names) in
            [("request_headers", &rules.request_headers), ("exposed_headers", &rules.exposed_headers)]
        {
            for (at, name) in names.iter().enumerate() {
                // A family of such names breaks a rule.
                if !name.to_ascii_lowercase().starts_with("access-control-") || name.ends_with('*') {
                    continue;
                }
                let message =
                    format!("`{name}` is used only between browser and gateway; no page can set or read it");
                let span = subject.span(&cors.key(field).index(at));
                report.add(Finding::new(&LINT, message).at(span, "").help("leave it out"));
            }
        }
    }
}
