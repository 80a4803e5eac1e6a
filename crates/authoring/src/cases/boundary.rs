//! The boundaries of lists: where one would grow without any case that fails.

use std::collections::BTreeSet;

use corsgate_policy::origin::Origin;
use corsgate_policy::origin::pattern::{OriginPattern, PatternForm};

use crate::cases::run::Refused;
use crate::domains::registrable_domain;
use crate::environment_policy::EnvironmentPolicy;

/// The boundaries that these refusals hold, as positions in the inventory: those of lists, and those of entries.
pub(super) fn held<'r>(
    compiled: &EnvironmentPolicy,
    refusals: impl Iterator<Item = &'r Refused>,
) -> BTreeSet<usize> {
    let mut held = BTreeSet::new();
    // Many runs refuse the same origin on the same route.
    for Refused { route, origin } in refusals.collect::<BTreeSet<_>>() {
        let Some(deciding) = compiled.deciding_lists(route.as_deref()) else { continue };
        let Ok(origin) = Origin::parse(origin) else { continue };
        for (at, boundary) in compiled.inventory.boundaries.iter().enumerate() {
            if held.contains(&at) || !deciding.lists.iter().any(|list| boundary.item.is_in(list)) {
                continue;
            }
            let pattern = boundary.is_wildcard.then(|| OriginPattern::parse(&boundary.item.text));
            let holds = match pattern {
                None => true,
                Some(pattern) => pattern.is_ok_and(|pattern| is_neighbour(&pattern.form(), &origin)),
            };
            if holds {
                held.insert(at);
            }
        }
    }
    held
}

/// Whether an origin that a wildcard does not match would match if the wildcard were a little wider: without its dot,
/// with the domain itself, for another scheme or port, one label further up, or with something behind it.
fn is_neighbour(form: &PatternForm<'_>, origin: &Origin<'_>) -> bool {
    let (host, wild) = (origin.host(), form.host);
    // Its own hosts, by another scheme or port, and the domain itself, and names that only end like it.
    if host.ends_with(wild) || host.starts_with(wild) || host.contains(&format!(".{wild}.")) {
        return true;
    }
    if !form.subdomains || form.scheme != origin.scheme() {
        return false;
    }
    let Some((_, parent)) = wild.split_once('.') else { return false };
    let is_own = registrable_domain(wild).is_some_and(|domain| domain != wild);
    is_own && host.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_told_from_strangers() {
        for (pattern, origin, near) in [
            ("https://*.preview.example.com", "https://preview.example.com", true),
            ("https://*.preview.example.com", "https://evilpreview.example.com", true),
            ("https://*.preview.example.com", "http://a.preview.example.com", true),
            ("https://*.preview.example.com", "https://a.preview.example.com:8443", true),
            ("https://*.preview.example.com", "https://a.preview.example.com.evil.example", true),
            ("https://*.preview.example.com", "https://preview.example.com.evil.example", true),
            ("https://*.preview.example.com", "https://app.example.com", true),
            ("https://*.preview.example.com", "https://evil.example", false),
            ("https://*.preview.example.com", "http://app.example.com", false),
            ("https://*.example.com", "https://example.net", false),
            ("https://*.example.com", "https://other.com", false),
            ("http://localhost:*", "https://localhost:5173", true),
            ("http://localhost:*", "http://localhost.evil.example", true),
            ("http://localhost:*", "http://127.0.0.1:5173", false),
        ] {
            let (parsed, origin) =
                (OriginPattern::parse(pattern).expect(pattern), Origin::parse(origin).expect(origin));
            assert_eq!(is_neighbour(&parsed.form(), &origin), near, "{pattern} {origin:?}");
        }
    }
}
