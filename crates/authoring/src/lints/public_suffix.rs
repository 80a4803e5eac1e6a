//! CG101.

use std::collections::HashSet;

use corsgate_policy::origin::pattern::{OriginPattern, PatternForm};
use corsgate_policy::policy::document::{AllowlistDocument, EntryDocument};
use corsgate_policy::policy::violation::DocumentPath;
use psl::{Info, List, Psl as _, Type};

use crate::finding::{Finding, Severity};
use crate::lint::Lint;
use crate::lints::{Check, Subject, open_hosts};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::error(
    101,
    "a wildcard over a public suffix",
    r#"A public suffix is a domain under which anybody can get a name: `com`, `co.uk`, but also `github.io` or `pages.dev`. A wildcard directly under a public suffix allows everybody who registers or deploys something there, often free of charge and within a minute. So does a wildcard under a top-level domain that is new or only known in one network, such as `local`. So does a wildcard further up, for example under `amazonaws.com`, which has public suffixes such as `s3.amazonaws.com` under it. The public suffix list does not have every such domain, so the tool knows some more: `nip.io` and `sslip.io`, where every IP address has a name at any depth (so `*.1.nip.io` is open too), tunnels and development environments (`loca.lt`, `lhr.life`, `devtunnels.ms`, `gitpod.io`, `app.github.dev`), and help desks (`zendesk.com`, `freshdesk.com`). With credentials, such a site could act as your users.

Name the part that belongs to you:

    origins = ["https://*.shop.example.com", "https://team.github.io"]

If you really mean every tenant of a platform, `dangerously_allow_public_suffix = true` in `[routes.cors]` allows it, but only without credentials."#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    let mut checked = HashSet::new();
    // Rules with credentials first: each list is judged once, and for them no switch and no missing source lowers the
    // finding.
    let (credentialed, anonymous): (Vec<_>, Vec<_>) =
        subject.rules().partition(|(_, rules)| rules.credentials);
    for (cors, rules) in credentialed.into_iter().chain(anonymous) {
        let switch = subject.spans.get(&cors).and_then(|cors| cors.child("dangerously_allow_public_suffix"));
        if !rules.credentials && switch.is_some_and(|switch| switch.is_true) {
            continue;
        }
        let credentials = rules.credentials.then(|| subject.span(&cors.key("credentials"))).flatten();
        let mut check = |list: &DocumentPath, entries: &[EntryDocument]| {
            for (at, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.origin().contains("*.")) {
                let Ok(pattern) = OriginPattern::parse(entry.origin()) else { continue };
                let Some((message, label)) = message(&pattern.form()) else { continue };
                let mut finding = Finding::new(&LINT, message)
                    .at(subject.origin_span(list, at), label)
                    .at(credentials.clone(), "with credentials");
                // Only the compiler reads the switch, so a compiled policy does not show whether it was set.
                if subject.is_compiled && !rules.credentials {
                    finding.severity = Severity::Warning;
                }
                report.add(finding.help(match rules.credentials {
                    true => "name the part that belongs to you",
                    false => "name the part that belongs to you, or set `dangerously_allow_public_suffix`",
                }));
            }
        };
        check(&cors.key("origins"), &rules.origins);
        for name in rules.origins.iter().filter_map(|entry| entry.origin().strip_prefix('@')) {
            // The finding names the first of these routes that uses the list.
            if let Some(AllowlistDocument::Entries(entries)) = subject.document.allowlists.get(name)
                && checked.insert(name)
            {
                check(&DocumentPath::default().key("allowlists").key(name), entries);
            }
        }
    }
}

/// The finding for a line of a list in KV. No switch allows such a line.
pub(crate) fn of_line(form: &PatternForm<'_>) -> Option<Finding> {
    Some(Finding::new(&LINT, message(form)?.0).help("name the part that belongs to you"))
}

/// Whether anybody can get a name somewhere under a domain.
pub(crate) fn has_many_owners(domain: &str) -> bool {
    kind(domain).is_some() || is_unlisted_top(domain) || is_above_suffixes(domain)
}

/// Whether a pattern allows sites that anybody can make.
pub(crate) fn is_open(form: &PatternForm<'_>) -> bool {
    message(form).is_some()
}

/// The registered domain of a name: the longest public suffix and the label before it. `None` for a suffix itself.
pub(crate) fn registrable_domain(host: &str) -> Option<&str> {
    let suffix = suffix_len(host);
    let label = host.len().checked_sub(suffix + 1)?;
    let start = host.get(..label)?.rfind('.').map_or(0, |dot| dot + 1);
    host.get(start..)
}

/// The length of the longest public suffix of a host, or of the longest domain that the list lacks.
fn suffix_len(host: &str) -> usize {
    look_up(&mut labels(host)).len.max(open_hosts::suffix_len(host).unwrap_or_default())
}

/// The message about a pattern, and the text at its place.
fn message(form: &PatternForm<'_>) -> Option<(String, &'static str)> {
    let host = form.host;
    let whose = match form.subdomains.then(|| kind(host))? {
        Some(Type::Icann) => "of a registry",
        Some(Type::Private) => "of a hosting platform",
        None if is_unlisted_top(host) => {
            let message = format!("`{host}` is a top-level domain; this allows every site under it");
            return Some((message, "anybody can get a name under it"));
        }
        None if is_above_suffixes(host) => {
            let message =
                format!("there are public suffixes under `{host}`; this also allows every site under those");
            return Some((message, "anybody can get a name further down"));
        }
        None => return None,
    };
    let message = format!("`{host}` is a public suffix {whose}; this allows every site under it");
    Some((message, "anybody can get a name under it"))
}

/// The section of the list in which the host, or every name directly under it, is a suffix.
pub(crate) fn kind(host: &str) -> Option<Type> {
    if open_hosts::is_open(host) {
        return Some(Type::Private);
    }
    let whole = |name: &str| {
        let suffix = look_up(&mut labels(name));
        (suffix.len == name.len()).then_some(suffix.typ).flatten()
    };
    // Rules such as `*.ck` make every name under `ck` a suffix. Test them with a name that no rule mentions.
    whole(host).or_else(|| whole(&format!("0.{host}")))
}

/// Whether a host is a top-level domain that the list lacks, which is a suffix all the same
/// ([the list's algorithm](https://github.com/publicsuffix/list/wiki/Format#algorithm): "If no rules match, the prevailing
/// rule is `*`"). Nobody gets a name under those that are reserved for tests and examples (RFC 6761, 6.2 to 6.5), nor under
/// `internal`, which is reserved for private networks (resolution 2024.07.29.06 of ICANN's board).
fn is_unlisted_top(host: &str) -> bool {
    !host.contains('.') && !matches!(host, "test" | "localhost" | "invalid" | "example" | "internal")
}

/// Whether a suffix belongs to a platform, not to a registry.
pub(crate) fn is_of_platform(suffix: &str) -> bool {
    kind(suffix) == Some(Type::Private)
}

/// Whether the list has rules for names under the host, such as `s3.amazonaws.com` under `amazonaws.com`.
///
/// The list is a tree of labels without an API for the children of a node. But a lookup takes the labels of a name one
/// by one, and stops where the tree ends. So it takes a label after the host's own only if the node has children.
fn is_above_suffixes(host: &str) -> bool {
    if open_hosts::is_above(host) {
        return true;
    }
    let mut goes_on = false;
    let behind = std::iter::once_with(|| {
        goes_on = true;
        // The list does not have this label. Rules for every label are handled by `kind`.
        b"0".as_slice()
    });
    look_up(&mut labels(host).chain(behind));
    goes_on
}

fn labels(name: &str) -> impl Iterator<Item = &[u8]> {
    name.rsplit('.').map(str::as_bytes)
}

/// The longest suffix along the labels, from the last to the first. Not generic, because the whole list is compiled
/// once for each type of iterator.
fn look_up(labels: &mut dyn Iterator<Item = &[u8]>) -> Info {
    List.find(labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_above_suffixes_are_known() {
        for (host, above) in [
            ("amazonaws.com", true),
            ("windows.net", true),
            ("core.windows.net", true),
            ("us-east-1.amazonaws.com", true),
            ("example.com", false),
            ("example.co.uk", false),
            ("shop.example.com", false),
            ("team.github.io", false),
            ("s3.amazonaws.com", false),
            ("my-bucket.s3.amazonaws.com", false),
            ("localhost", false),
            ("internal", false),
            ("github.dev", true),
        ] {
            assert_eq!(is_above_suffixes(host), above, "{host}");
        }
    }

    #[test]
    fn a_wildcard_over_a_top_level_domain_is_open_whether_the_list_has_it_or_not() {
        for (pattern, open) in [
            ("https://*.com", true),
            ("https://*.newtld", true),
            ("https://*.zz", true),
            ("https://*.local", true),
            ("https://*.internal:8443", false),
            ("https://*.xn--unlisted", true),
            ("https://*.corp.internal", false),
            ("https://*.shop.newtld", false),
            ("https://newtld", false),
            ("https://*.example", false),
            ("https://*.test", false),
            ("http://*.localhost", false),
        ] {
            let pattern = OriginPattern::parse(pattern).expect(pattern);
            assert_eq!(is_open(&pattern.form()), open, "{pattern}");
        }
    }

    #[test]
    fn the_part_that_somebody_registered_is_found() {
        for (host, domain) in [
            ("example.com", Some("example.com")),
            ("a.b.example.co.uk", Some("example.co.uk")),
            ("team.github.io", Some("team.github.io")),
            ("x.team.github.io", Some("team.github.io")),
            ("partner.example", Some("partner.example")),
            ("a.shop.zendesk.com", Some("shop.zendesk.com")),
            ("8080-a.ws-eu1.gitpod.io", Some("8080-a.ws-eu1.gitpod.io")),
            ("nip.io", None),
            ("com", None),
            ("github.io", None),
            ("localhost", None),
        ] {
            assert_eq!(registrable_domain(host), domain, "{host}");
        }
    }

    #[test]
    fn suffixes_of_registries_and_platforms_are_known() {
        for (host, known) in [
            ("com", Some(Type::Icann)),
            ("co.uk", Some(Type::Icann)),
            ("ck", Some(Type::Icann)),
            ("xn--p1ai", Some(Type::Icann)),
            ("github.io", Some(Type::Private)),
            ("pages.dev", Some(Type::Private)),
            ("nip.io", Some(Type::Private)),
            ("1.nip.io", Some(Type::Private)),
            ("ws-eu1.gitpod.io", Some(Type::Private)),
            ("shop.zendesk.com", None),
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
