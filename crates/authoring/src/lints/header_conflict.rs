//! CG111.

use std::collections::BTreeMap;

use corsgate_policy::policy::document::{RequestDocument, SecurityDocument, TimingDocument};
use corsgate_policy::policy::violation::DocumentPath;

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::error(
    111,
    "conflicting rules for a header",
    r#"A route sets one header in two places (`[routes.security]` and `[routes.response]`), or both sets and removes it. Only one of the two can happen, and for a security header it matters which. Write it once. In `[routes.request]` two spellings of one header conflict too: servers read `x-a` and `x_a` as the same.

`remove` and `set` take whole names. A `*` in them would stand for itself and match no header, so each header is named.

    [routes.security]
    nosniff = true   # and not also set = { "x-content-type-options" = "nosniff" }"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (place, route) in subject.routes() {
        of_request(subject, &place.key("request"), &route.request, report);
        for (key, set, remove) in [
            ("request", route.request.set.keys().collect::<Vec<_>>(), &route.request.remove),
            ("response", route.response.set.keys().collect(), &route.response.remove),
        ] {
            families(subject, &place.key(key), &set, remove, report);
        }
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

/// Reports headers of requests that are set twice, or set and removed, in spellings that servers take for one name.
fn of_request(subject: &Subject<'_>, place: &DocumentPath, request: &RequestDocument, report: &mut Report) {
    let folded = |name: &str| name.to_ascii_lowercase().replace('_', "-");
    let span_of_set =
        |name: &str| subject.spans.get(&place.key("set").key(name)).and_then(|tree| tree.name.clone());
    let mut set: BTreeMap<String, &str> = BTreeMap::new();
    for name in request.set.keys() {
        match set.get(&folded(name)) {
            // Two spellings that differ in case alone are one header, which the reader of the file reports.
            Some(first) if first.eq_ignore_ascii_case(name) => {}
            Some(first) => {
                let message = format!("servers read `{first}` and `{name}` as one header, and both are set");
                let finding = Finding::new(&LINT, message).at(span_of_set(name), "");
                report.add(
                    finding
                        .at(span_of_set(first), "set here")
                        .help("keep the spelling that the upstream reads"),
                );
            }
            None => {
                set.insert(folded(name), name);
            }
        }
    }
    for (at, name) in request.remove.iter().enumerate() {
        let Some(set) = set.get(&folded(name)) else { continue };
        // Removing the other spelling, which a client could send, is what makes the value that is set certain.
        if !set.eq_ignore_ascii_case(name) {
            continue;
        }
        let finding = Finding::new(&LINT, format!("the header `{name}` is both set and removed"));
        let finding =
            finding.at(subject.span(&place.key("remove").index(at)), "").at(span_of_set(set), "set here");
        report.add(finding.help("leave it out here: setting a header already replaces the client's"));
    }
}

/// Reports names with a `*` among the headers that a route sets or removes.
fn families(
    subject: &Subject<'_>,
    place: &DocumentPath,
    set: &[&String],
    remove: &[String],
    report: &mut Report,
) {
    let set = set.iter().map(|name| {
        let tree = subject.spans.get(&place.key("set").key(name));
        (name.as_str(), tree.and_then(|tree| tree.name.clone()))
    });
    let remove = remove
        .iter()
        .enumerate()
        .map(|(at, name)| (name.as_str(), subject.span(&place.key("remove").index(at))));
    for (name, span) in set.chain(remove).filter(|(name, _)| name.contains('*')) {
        let message = format!("`{name}` is no family of headers here: the `*` would stand for itself");
        report.add(Finding::new(&LINT, message).at(span, "").help("name each header"));
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

#[cfg(test)]
mod tests {
    use crate::testing::findings;

    fn conflicts(rules: &str) -> Vec<String> {
        let text = format!(
            "version = 1\nupstreams.api = \"https://origin.example.net\"\n[[routes]]\nname = \"r\"\npath = \"/r\"\n\
             upstream = \"api\"\n{rules}\n"
        );
        let found = findings(&text).into_iter().filter(|finding| finding.code.to_string() == "CG111");
        found.map(|finding| finding.message).collect()
    }

    #[test]
    fn rules_that_contradict_each_other_are_named() {
        let both = "the header `X` is both set and removed";
        for (rules, expected) in [
            ("request = { set = { x = \"1\" }, remove = [\"X\"] }", &[both][..]),
            ("response = { set = { x = \"1\" }, remove = [\"X\"] }", &[both]),
            (
                "request.set = { x-a = \"1\", x_a = \"2\" }",
                &["servers read `x-a` and `x_a` as one header, and both are set"],
            ),
            (
                "response.remove = [\"x-*\"]",
                &["`x-*` is no family of headers here: the `*` would stand for itself"],
            ),
            (
                "response.remove = [\"*\"]",
                &["`*` is no family of headers here: the `*` would stand for itself"],
            ),
            (
                "request.remove = [\"x-*\"]",
                &["`x-*` is no family of headers here: the `*` would stand for itself"],
            ),
            (
                "request.set = { \"x-*\" = \"1\" }",
                &["`x-*` is no family of headers here: the `*` would stand for itself"],
            ),
            // A client could send the other spelling.
            ("request = { set = { x-a = \"1\" }, remove = [\"x_a\"] }", &[]),
            ("request = { set = { x-a = \"1\" }, remove = [\"x-b\"] }", &[]),
            ("response.set = { x-a = \"1\", x_a = \"2\" }", &[]),
        ] {
            assert_eq!(conflicts(rules), expected, "{rules}");
        }
    }
}
