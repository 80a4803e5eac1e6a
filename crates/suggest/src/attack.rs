//! Origins that imitate a listed one: what scanners and attackers try against CORS rules.

use corsgate_authoring::domains;
use corsgate_explain::{Difference, nearest};
use corsgate_policy::grammar::host::is_address;
use corsgate_policy::origin::Origin;
use corsgate_policy::origin::pattern::OriginPattern;

/// The most entries that an origin is compared with. More would make a long list slow.
const MOST_COMPARED: usize = 2000;

/// If an origin looks derived from a listed entry, a sentence that names the entry and says how.
pub(crate) fn derived_from(origin: &str, entries: &[&str]) -> Option<String> {
    let compared = entries.iter().copied().take(MOST_COMPARED);
    match Origin::parse(origin) {
        Ok(origin) => compared.into_iter().find_map(|entry| around(&origin, entry)),
        Err(_) => malformed(origin, compared.collect()),
    }
}

/// An origin that no browser sends: it was written by hand or sent by another kind of client.
fn malformed(origin: &str, entries: Vec<&str>) -> Option<String> {
    let near = nearest(origin, entries.iter().copied());
    if let Some(near) = near.filter(|near| near.differs < Difference::Scheme) {
        return Some(format!("no browser sends it: it {} `{}`", near.differs.phrase(), near.entry));
    }
    let hosts = entries.iter().filter_map(|entry| named_host(entry).map(|host| (*entry, host)));
    let lower = origin.to_ascii_lowercase();
    let found = hosts.into_iter().find(|(_, host)| lower.contains(host.as_str()));
    found.map(|(entry, _)| format!("no browser sends it: it contains `{entry}`"))
}

/// The host of an entry, if it is a name with more than one label.
fn named_host(entry: &str) -> Option<String> {
    let pattern = OriginPattern::parse(entry).ok()?;
    let host = pattern.form().host;
    (host.contains('.') && !is_address(host)).then(|| host.to_owned())
}

/// A well-formed origin of another owner whose host contains the listed one. Rules that only compare a prefix, a
/// suffix or a part allow it (`app.example.com.evil.example`, `evilexample.com`, `appXexample.com`).
fn around(origin: &Origin<'_>, entry: &str) -> Option<String> {
    let host = origin.host();
    let listed = named_host(entry)?;
    let (own, theirs) = (domains::registrable_domain(host)?, domains::registrable_domain(&listed)?);
    if own == theirs {
        return None;
    }
    // The same name under another suffix, such as `example.com.br`, may have the same owner: a risk, not an attack.
    let label = |domain: &str| domain.split('.').next().map(str::to_owned);
    if label(own) == label(theirs) {
        return None;
    }
    let suffixed = host.strip_prefix(listed.as_str()).is_some_and(|rest| rest.starts_with(['.', '-', '_']));
    let prefixed = [listed.as_str(), theirs]
        .into_iter()
        .any(|name| host.strip_suffix(name).is_some_and(|rest| !rest.is_empty() && !rest.ends_with('.')));
    let undotted = host.len() == listed.len()
        && listed.bytes().zip(host.bytes()).all(|(dot, byte)| dot == byte || dot == b'.')
        && listed != host;
    match (suffixed, undotted, prefixed) {
        (true, ..) => Some(format!("it begins like `{entry}`, but `{own}` is a different domain")),
        (_, true, _) => {
            Some(format!("it is `{entry}` with a dot replaced, but `{own}` is a different domain"))
        }
        (_, _, true) => Some(format!("it ends like `{entry}`, but `{own}` is a different domain")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_made_from_a_listed_one_are_distinguished_from_new_ones() {
        let entries = ["http://localhost:5173", "https://app.example.com", "https://*.preview.example.com"];
        for (origin, why) in [
            ("https://app.example.com.evil.example", "it begins like"),
            ("https://app.example.com-evil.example", "it begins like"),
            ("https://evilexample.com", "it ends like"),
            ("https://xpreview.example.com.evilexample.com", "it ends like"),
            ("https://appxexample.com", "it is `https://app.example.com` with a dot replaced"),
            ("https://app.example.com@evil.example", "no browser sends it: it contains"),
            ("https://evil.example/app.example.com", "no browser sends it: it contains"),
            ("https://app.example.com.", "no browser sends it: it differs only in the dot after its host"),
            ("https://app.example.com/", "no browser sends it: it differs only in the slash at its end"),
            ("https://APP.example.com", "no browser sends it: it differs only in upper case"),
            ("https://app.example.com%60.evil.example", "no browser sends it: it contains"),
            ("https://app.example.com, https://evil.example", "no browser sends it: it contains"),
        ] {
            let found = derived_from(origin, &entries);
            assert!(found.as_deref().is_some_and(|found| found.starts_with(why)), "{origin}: {found:?}");
        }
        for origin in [
            "https://shop.example",
            "https://beta.example.com",
            "https://beta.app.example.com",
            "https://evilapp.example.com",
            "https://app.example.com:8443",
            "http://app.example.com",
            "https://example.com.br",
            "https://app.example.net",
            "http://localhost:3000",
            "https://[::1]",
            "null",
            "nonsense",
        ] {
            assert_eq!(derived_from(origin, &entries), None, "{origin}");
        }
    }
}
