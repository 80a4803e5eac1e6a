//! Origins that a careless check mistakes for a listed one.

use std::collections::HashSet;

use corsgate_authoring::domains::registrable_domain;
use corsgate_policy::origin::Origin;

use crate::technique::Technique;

/// An unlisted origin, derived from a listed one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derived {
    /// The technique that derived it.
    pub technique: Technique,
    /// The values of the `Origin` lines.
    pub lines: Vec<Vec<u8>>,
    /// The values of `Access-Control-Allow-Origin` that grant it.
    pub grants: Vec<String>,
}

/// The attacker's domain. Nobody can register a name below `.example` (RFC 6761), so no real host is involved.
pub(crate) const EVIL: &str = "evil.example";

/// Characters that some parser has been seen to end a host at; `%60` is a backtick.
const SPECIAL: &[&str] = &[
    "_", "-", "\"", "{", "}", "+", "^", "%", "!", "~", "$", "&", "'", "(", ")", "*", ",", ";", "=", "|",
    "\\", "`", "%60",
];

/// Far longer than any host (RFC 1035, 2.3.4), but not longer than a header that servers accept.
const OVERSIZE: usize = 4000;

/// The name of the header that [`Technique::LineBreak`] tries to inject into the response.
pub(crate) const INJECTED: &str = "corsgate-probe";

impl Derived {
    fn text(technique: Technique, value: String) -> Self {
        Self { technique, lines: vec![value.clone().into_bytes()], grants: vec![value] }
    }
}

/// Derives origins from the listed ones, in the order of the techniques and without duplicates. Origins that
/// `is_allowed` accepts are left out, because they may be listed too.
pub fn derive(listed: &[String], is_allowed: impl Fn(&str) -> bool) -> Vec<Derived> {
    let mut seen = HashSet::new();
    let mut all = vec![
        Derived::text(Technique::Reflection, format!("https://{EVIL}")),
        Derived::text(Technique::Null, "null".to_owned()),
        Derived::text(Technique::Star, "*".to_owned()),
        Derived::text(Technique::Oversize, format!("https://{}.{EVIL}", "a".repeat(OVERSIZE))),
    ];
    all.extend(listed.iter().filter_map(|origin| Origin::parse(origin).ok()).flat_map(|it| of(&it)));
    all.retain(|derived| {
        let granted = derived.grants.iter().any(|value| is_allowed(value) || listed.contains(value));
        !granted && seen.insert(derived.lines.clone())
    });
    // The sort is stable, so each technique keeps the order of derivation.
    all.sort_by_key(|derived| derived.technique);
    all
}

fn of(listed: &Origin<'_>) -> Vec<Derived> {
    let (origin, scheme, host) = (listed.as_str(), listed.scheme(), listed.host());
    let port = listed.port().map(|port| format!(":{port}")).unwrap_or_default();
    let at = |host: &str| format!("{scheme}://{host}{port}");
    let mut all = Vec::new();
    let mut add = |technique, value: String| all.push(Derived::text(technique, value));
    let is_name = !host.starts_with('[') && host.parse::<std::net::Ipv4Addr>().is_err();

    // Keep the port in its place. The host ends in the attacker's domain.
    add(Technique::Suffix, at(&format!("{host}.{EVIL}")));
    add(Technique::Substring, at(&format!("x{host}.{EVIL}")));
    for special in SPECIAL {
        add(Technique::SpecialCharacter, at(&format!("{host}{special}.{EVIL}")));
    }
    add(Technique::Userinfo, format!("{origin}@{EVIL}"));
    add(Technique::Userinfo, format!("{scheme}://{EVIL}@{host}{port}"));
    add(Technique::Path, format!("{origin}/"));
    for mark in ["/", "?", "#"] {
        add(Technique::Path, format!("{scheme}://{EVIL}{mark}{host}{port}"));
        add(Technique::Path, format!("{scheme}://{EVIL}{mark}.{host}{port}"));
    }
    if is_name {
        names(listed, &port, &mut add);
    } else {
        addresses(listed, &port, &mut add);
    }
    ports_and_schemes(listed, &mut add);
    let evil = format!("https://{EVIL}");
    for (first, second) in [(origin, evil.as_str()), (&evil, origin)] {
        let value = format!("{first}, {second}");
        let lines = vec![first.as_bytes().to_vec(), second.as_bytes().to_vec()];
        let grants = vec![evil.clone(), value.clone()];
        all.push(Derived {
            technique: Technique::Comma,
            lines: vec![value.into_bytes()],
            grants: grants.clone(),
        });
        all.push(Derived { technique: Technique::DuplicateLines, lines, grants });
    }
    // A raw line feed cannot be tried: it ends the line, and the rest becomes another line of the request.
    for value in [format!("{origin}%0d%0a{INJECTED}:%201"), format!("{origin}\r{INJECTED}: 1")] {
        all.push(Derived::text(Technique::LineBreak, value));
    }
    all.push(Derived::text(Technique::Nul, format!("{origin}\0.{EVIL}")));
    all
}

/// Derives origins from a host name.
fn names(listed: &Origin<'_>, port: &str, add: &mut impl FnMut(Technique, String)) {
    let (scheme, host) = (listed.scheme(), listed.host());
    let at = |host: &str| format!("{scheme}://{host}{port}");
    let domain = registrable_domain(host).unwrap_or(host);
    add(Technique::Prefix, at(&format!("evil{domain}")));
    add(Technique::Prefix, at(&format!("evil-{domain}")));
    for (dot, _) in host.match_indices('.') {
        let (before, after) = host.split_at(dot);
        let changed = format!("{before}x{}", after.trim_start_matches('.'));
        // Without a remaining dot there is no domain to register. Below the same domain, the host is the owner's.
        if changed.contains('.') && registrable_domain(&changed) != Some(domain) {
            add(Technique::UnescapedDot, at(&changed));
        }
    }
    add(Technique::Subdomain, at(&format!("evil.{host}")));
    add(Technique::Subdomain, at(&format!("a.b.{host}")));
    if let Some((_, above)) = host.split_once('.').filter(|_| host != domain) {
        add(Technique::Sibling, at(&format!("evil{host}")));
        add(Technique::Sibling, at(&format!("evil.{above}")));
        add(Technique::Sibling, at(&format!("evil.{domain}")));
        add(Technique::Parent, at(above));
        add(Technique::Parent, at(domain));
    }
    add(Technique::UpperCase, at(&host.to_ascii_uppercase()));
    // The hosts of apps are kept as they are written, so one in upper case has a neighbour in lower case.
    add(Technique::UpperCase, at(&host.to_ascii_lowercase()));
    add(Technique::TrailingDot, at(&format!("{host}.")));
    add(Technique::Brackets, at(&format!("[{host}]")));
    add(Technique::EmptyLabel, at(&format!("..{host}")));
}

/// Derives origins from an IP address.
fn addresses(listed: &Origin<'_>, port: &str, add: &mut impl FnMut(Technique, String)) {
    let (scheme, host) = (listed.scheme(), listed.host());
    if let Ok(address) = host.parse::<std::net::Ipv4Addr>() {
        let [a, b, c, d] = address.octets();
        let number = u32::from(address);
        for form in [
            format!("{number}"),
            format!("{number:#x}"),
            format!("0{a:o}.{b}.{c}.{d}"),
            format!("[::ffff:{host}]"),
        ] {
            add(Technique::AddressForm, format!("{scheme}://{form}{port}"));
        }
    }
}

fn ports_and_schemes(listed: &Origin<'_>, add: &mut impl FnMut(Technique, String)) {
    let (scheme, host) = (listed.scheme(), listed.host());
    let other = if listed.port() == Some(8443) { 9443 } else { 8443 };
    add(Technique::Port, format!("{scheme}://{host}:{other}"));
    add(Technique::Port, format!("{scheme}://{host}:1"));
    if listed.port().is_some() {
        add(Technique::Port, format!("{scheme}://{host}"));
    }
    let port = listed.port().map(|port| format!(":{port}")).unwrap_or_default();
    match scheme {
        "https" => add(Technique::Scheme, format!("http://{host}{port}")),
        // A list with `http` is already open to attackers on the network.
        "http" => {}
        _ => add(Technique::Scheme, format!("http://{host}{port}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(listed: &str) -> Vec<(Technique, String)> {
        let derived = derive(&[listed.to_owned()], |_| false);
        derived.iter().map(|it| (it.technique, it.grants.last().cloned().unwrap_or_default())).collect()
    }

    #[test]
    fn each_technique_makes_what_it_says() {
        let all = values("https://app.example.com");
        for (technique, value) in [
            (Technique::Reflection, "https://evil.example"),
            (Technique::Null, "null"),
            (Technique::Suffix, "https://app.example.com.evil.example"),
            (Technique::Prefix, "https://evilexample.com"),
            (Technique::Sibling, "https://evilapp.example.com"),
            (Technique::Substring, "https://xapp.example.com.evil.example"),
            (Technique::UnescapedDot, "https://appxexample.com"),
            (Technique::SpecialCharacter, "https://app.example.com%60.evil.example"),
            (Technique::Userinfo, "https://app.example.com@evil.example"),
            (Technique::Path, "https://evil.example/.app.example.com"),
            (Technique::Subdomain, "https://evil.app.example.com"),
            (Technique::Sibling, "https://evil.example.com"),
            (Technique::Parent, "https://example.com"),
            (Technique::Scheme, "http://app.example.com"),
            (Technique::Port, "https://app.example.com:8443"),
            (Technique::Star, "*"),
            (Technique::UpperCase, "https://APP.EXAMPLE.COM"),
            (Technique::TrailingDot, "https://app.example.com."),
            (Technique::Brackets, "https://[app.example.com]"),
            (Technique::EmptyLabel, "https://..app.example.com"),
            (Technique::Comma, "https://app.example.com, https://evil.example"),
            (Technique::DuplicateLines, "https://evil.example, https://app.example.com"),
            (Technique::LineBreak, "https://app.example.com%0d%0acorsgate-probe:%201"),
            (Technique::Nul, "https://app.example.com\0.evil.example"),
        ] {
            assert!(
                all.contains(&(technique, value.to_owned())),
                "{technique}: {value} is not among {all:#?}"
            );
        }
        let address = values("http://127.0.0.1:3000");
        assert!(
            address.contains(&(Technique::AddressForm, "http://0x7f000001:3000".to_owned())),
            "{address:#?}"
        );
        assert!(address.contains(&(Technique::Port, "http://127.0.0.1".to_owned())));
        assert!(!address.iter().any(|(technique, _)| *technique == Technique::Scheme));
        let used: HashSet<_> = all.iter().chain(&address).map(|(technique, _)| technique.name()).collect();
        assert_eq!(used.len(), Technique::ALL.len(), "{used:?}");
    }

    /// Another case is another app, and the listed origin itself is never taken for an attack.
    #[test]
    fn apps_have_neighbours_too() {
        for (listed, neighbours) in [
            (
                "safari-web-extension://140BB581-ABCD",
                &["safari-web-extension://140bb581-abcd", "safari-web-extension://140BB581-ABCD:1"][..],
            ),
            ("app://.", &["app://..", "http://.", "app://.:8443"]),
            (
                "moz-extension://4ed7f644-c3b5-4bf1-983f-2c8718f52222",
                &["moz-extension://4ED7F644-C3B5-4BF1-983F-2C8718F52222"],
            ),
        ] {
            let derived = derive(&[listed.to_owned()], |origin| origin == listed);
            let has = |value: &str| derived.iter().any(|it| it.lines == [value.as_bytes()]);
            for neighbour in neighbours {
                assert!(has(neighbour), "{listed}: {neighbour}");
            }
            assert!(!has(listed), "{listed}");
        }
    }

    #[test]
    fn covered_entries_are_left_out_and_nothing_is_listed_twice() {
        let listed = ["https://app.example.com", "https://example.com", "https://evil.app.example.com"];
        let listed = listed.map(str::to_owned);
        let derived = derive(&listed, |origin| origin.ends_with(":8443"));
        let mut lines = HashSet::new();
        for one in &derived {
            assert!(
                !one.grants.iter().any(|value| listed.contains(value) || value.ends_with(":8443")),
                "{one:?}"
            );
            assert!(lines.insert(&one.lines), "{one:?}");
        }
        assert!(derived.is_sorted_by_key(|one| one.technique));
    }
}
