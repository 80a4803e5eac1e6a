//! CG101.

use corsgate_policy::document::{AllowlistDocument, EntryDocument};
use corsgate_policy::pattern::{OriginPattern, PatternForm};
use corsgate_policy::violation::Place;
use psl::Type;

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::subject::origin_of;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::error(
    101,
    "a wildcard over a public suffix",
    r#"A public suffix is a name under which anybody can have a name of their own: `com`, `co.uk`, but also `github.io` or `pages.dev`. A wildcard directly over one admits whoever registers or deploys something there, for nothing, in a minute. With credentials they could act as your users.

Name the part that is yours:

    origins = ["https://*.shop.example.com", "https://team.github.io"]

Where every tenant of a platform really is meant, `dangerously_allow_public_suffix = true` in `[routes.cors]` admits it, without credentials only."#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (cors, rules) in subject.rules() {
        let switch = subject.spans.get(&cors).and_then(|cors| cors.child("dangerously_allow_public_suffix"));
        if !rules.credentials && switch.is_some_and(|switch| switch.is_true) {
            continue;
        }
        let credentials = rules.credentials.then(|| subject.span(&cors.key("credentials"))).flatten();
        let mut check = |list: &Place, entries: &[EntryDocument]| {
            for (at, entry) in entries.iter().enumerate().filter(|(_, entry)| origin_of(entry).contains("*."))
            {
                let Ok(pattern) = OriginPattern::parse(origin_of(entry)) else { continue };
                let Some(message) = message(&pattern.form()) else { continue };
                let finding = Finding::new(&LINT, message)
                    .at(subject.origin_span(list, at), "anybody can have a name under it")
                    .at(credentials.clone(), "with credentials");
                report.add(finding.help(match rules.credentials {
                    true => "name the part that is yours",
                    false => "name the part that is yours, or set `dangerously_allow_public_suffix`",
                }));
            }
        };
        check(&cors.key("origins"), &rules.origins);
        for name in rules.origins.iter().filter_map(|entry| origin_of(entry).strip_prefix('@')) {
            if let Some(AllowlistDocument::Entries(entries)) = subject.document.allowlists.get(name) {
                check(&Place::default().key("allowlists").key(name), entries);
            }
        }
    }
}

/// What is wrong with a line of a list in KV, which no switch excuses.
pub(crate) fn of_line(form: &PatternForm<'_>) -> Option<Finding> {
    Some(Finding::new(&LINT, message(form)?).help("name the part that is yours"))
}

fn message(form: &PatternForm<'_>) -> Option<String> {
    let kind = form.subdomains.then(|| kind(form.host)).flatten()?;
    let whose = match kind {
        Type::Icann => "of a registry",
        Type::Private => "of a platform",
    };
    Some(format!("`{}` is a public suffix {whose}; this admits every site under it", form.host))
}

/// The part of the list that has the host, or every name directly under it, as a suffix.
fn kind(host: &str) -> Option<Type> {
    let whole = |name: &str| {
        let suffix = psl::suffix(name.as_bytes())?;
        (suffix.as_bytes() == name.as_bytes()).then(|| suffix.typ()).flatten()
    };
    // Rules such as `*.ck` make suffixes of the names under `ck`. A name that no rule knows stands
    // for all of them.
    whole(host).or_else(|| whole(&format!("0.{host}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_of_registries_and_platforms_are_known() {
        for (host, known) in [
            ("com", Some(Type::Icann)),
            ("co.uk", Some(Type::Icann)),
            ("ck", Some(Type::Icann)),
            ("xn--p1ai", Some(Type::Icann)),
            ("github.io", Some(Type::Private)),
            ("pages.dev", Some(Type::Private)),
            ("example.com", None),
            ("example.co.uk", None),
            ("team.github.io", None),
            ("localhost", None),
            ("internal", None),
            ("a.example", None),
        ] {
            assert_eq!(kind(host), known, "{host}");
        }
    }
}
