//! CG110.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject, permissions};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::error(
    110,
    "a Permissions-Policy that browsers cannot read",
    r#"The header is a structured field (RFC 9651). Features are separated by commas. After each feature comes `=`, then `*`, `self` or a list in parentheses, in which origins are quoted and have a scheme. Of a feature that stands twice, the last counts. Browsers drop the whole header if they cannot parse it, and ignore words that they do not know. The usual mistake is the syntax of the older Feature-Policy, which looked like CSP (`geolocation 'none'; camera 'none'`).

    permissions_policy = "geolocation=(), camera=(self \"https://call.example.com\")""#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (place, route) in subject.routes() {
        let Some(policy) = route.security.permissions_policy.as_ref().filter(|text| !text.is_empty()) else {
            continue;
        };
        let faults = match permissions::read(policy) {
            Ok(features) => {
                let faults =
                    features.iter().filter_map(|(name, value)| permissions::fault(name.as_str(), value));
                faults.chain(permissions::repeated(policy)).collect()
            }
            Err(unreadable) => vec![unreadable.to_string()],
        };
        let span = subject.span(&place.key("security").key("permissions_policy"));
        for fault in faults {
            report.add(Finding::new(&LINT, fault).at(span.clone(), ""));
        }
    }
}
