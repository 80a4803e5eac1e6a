//! CG111.

use corsgate_policy::policy::document::{SecurityDocument, TimingDocument};

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::error(
    111,
    "conflicting rules for a response header",
    r#"A route sets one header in two places (`[routes.security]` and `[routes.response]`), or both sets and removes it. Only one of the two can happen, and for a security header it matters which. Write it once.

    [routes.security]
    nosniff = true   # and not also set = { "x-content-type-options" = "nosniff" }"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (place, route) in subject.routes() {
        let (response, security) = (place.key("response"), place.key("security"));
        let secured = fields(&route.security);
        for name in route.response.set.keys() {
            let field = secured.iter().find(|(_, header)| header.eq_ignore_ascii_case(name));
            let Some((field, _)) = field else { continue };
            let tree = subject.spans.get(&response.key("set").key(name));
            let finding = Finding::new(
                &LINT,
                format!("the header `{name}` is also set by `{field}` of the security headers"),
            );
            let finding = finding.at(tree.and_then(|tree| tree.name.clone()), "");
            report.add(finding.at(subject.span(&security.key(field)), "set here"));
        }
        for (at, name) in route.response.remove.iter().enumerate() {
            let set = route.response.set.keys().find(|set| set.eq_ignore_ascii_case(name));
            let field = secured.iter().find(|(_, header)| header.eq_ignore_ascii_case(name));
            let other = match (set, field) {
                (Some(set), _) => {
                    subject.spans.get(&response.key("set").key(set)).and_then(|tree| tree.name.clone())
                }
                (None, Some((field, _))) => subject.span(&security.key(field)),
                (None, None) => continue,
            };
            let finding = Finding::new(&LINT, format!("the header `{name}` is both set and removed"));
            let finding = finding.at(subject.span(&response.key("remove").index(at)), "");
            report.add(
                finding
                    .at(other, "set here")
                    .help("leave it out here: setting a header already replaces the upstream's"),
            );
        }
    }
}

/// The security fields that are set, each with its header.
fn fields(security: &SecurityDocument) -> Vec<(&'static str, &'static str)> {
    let fields = [
        (security.hsts.is_some(), "hsts", "strict-transport-security"),
        (security.csp.is_some(), "csp", "content-security-policy"),
        (security.nosniff, "nosniff", "x-content-type-options"),
        (security.referrer_policy.is_some(), "referrer_policy", "referrer-policy"),
        (security.permissions_policy.is_some(), "permissions_policy", "permissions-policy"),
        (security.corp.is_some(), "corp", "cross-origin-resource-policy"),
        (security.coop.is_some(), "coop", "cross-origin-opener-policy"),
        (
            matches!(&security.timing_allow_origin, TimingDocument::Listed(origins) if !origins.is_empty()),
            "timing_allow_origin",
            "timing-allow-origin",
        ),
        (security.coep.is_some(), "coep", "cross-origin-embedder-policy"),
    ];
    fields.into_iter().filter(|(set, ..)| *set).map(|(_, field, header)| (field, header)).collect()
}
