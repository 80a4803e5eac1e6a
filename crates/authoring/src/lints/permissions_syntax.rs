//! CG110.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject, permissions};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::error(
    110,
    "a Permissions-Policy that browsers cannot read",
    r#"The header is a structured field (RFC 9651): features stand apart by commas, and each has `=` and a list in parentheses, `*` or `self`; origins stand in the list, in quotes. Browsers drop a header that they cannot read as a whole, and pass over a word that they do not know. The older Feature-Policy looked like CSP (`geolocation 'none'; camera 'none'`), and that is the usual mistake.

    permissions_policy = "geolocation=(), camera=(self \"https://call.example.com\")""#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (place, route) in subject.routes() {
        let Some(policy) = route.security.permissions_policy.as_ref().filter(|text| !text.is_empty()) else {
            continue;
        };
        let faults = match permissions::read(policy) {
            Ok(features) => {
                features.iter().filter_map(|(name, value)| permissions::fault(name.as_str(), value)).collect()
            }
            Err(unreadable) => vec![unreadable.to_string()],
        };
        let span = subject.span(&place.key("security").key("permissions_policy"));
        for fault in faults {
            report.add(Finding::new(&LINT, fault).at(span.clone(), ""));
        }
    }
}
