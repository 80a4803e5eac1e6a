//! Domains under which anybody can get a name although the public suffix list does not have them.

/// A domain that the public suffix list lacks.
struct OpenHost {
    name: &'static str,
    depth: Depth,
}

/// How far under the domain anybody can get a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// One label further down. What is under a name belongs to whoever has the name.
    Names,
    /// Two labels further down, behind the name of a region, as in `8080-name.ws-eu1.gitpod.io`.
    NamesInRegions,
    /// At any depth: an address has several labels, and `6.6.6.1.nip.io` under `1.nip.io` is the machine `6.6.6.1`.
    Everything,
}

const fn open(name: &'static str) -> OpenHost {
    OpenHost { name, depth: Depth::Names }
}

const fn with_regions(name: &'static str) -> OpenHost {
    OpenHost { name, depth: Depth::NamesInRegions }
}

const fn everything(name: &'static str) -> OpenHost {
    OpenHost { name, depth: Depth::Everything }
}

/// Short on purpose: services whose hosts are found in allowlists. A test removes what the public suffix list gets.
const OPEN: [OpenHost; 9] = [
    // Codespaces, by forwarded port:
    // <https://docs.github.com/en/codespaces/developing-in-a-codespace/forwarding-ports-in-your-codespace>
    open("app.github.dev"),
    // Dev tunnels: <https://learn.microsoft.com/azure/developer/dev-tunnels/overview>
    with_regions("devtunnels.ms"),
    // <https://support.freshdesk.com/support/solutions/articles/228112-how-to-add-apps-to-my-freshdesk-account->
    open("freshdesk.com"),
    // Workspaces, by port: <https://github.com/gitpod-io/gitpod/blob/main/components/gitpod-cli/cmd/url.go>
    with_regions("gitpod.io"),
    // localhost.run: <https://localhost.run/docs/>
    open("lhr.life"),
    // <https://github.com/localtunnel/localtunnel>
    open("loca.lt"),
    // Any IP address has a name here, also with other labels in front: <https://nip.io>
    everything("nip.io"),
    // The same, of any address that a name contains: <https://sslip.io>
    everything("sslip.io"),
    // <https://developer.zendesk.com/api-reference/introduction/requests/>
    open("zendesk.com"),
];

/// The length of the longest such domain that is the host, or above it.
pub(super) fn suffix_len(host: &str) -> Option<usize> {
    let of = |open: &OpenHost| {
        let under = host.strip_suffix(open.name)?;
        if under.is_empty() {
            return Some(host.len());
        }
        let under = under.strip_suffix('.')?;
        let region = under.rsplit('.').next().unwrap_or(under);
        Some(open.name.len() + if open.depth == Depth::NamesInRegions { region.len() + 1 } else { 0 })
    };
    OPEN.iter().filter_map(of).max()
}

/// Whether anybody can get a name under the host.
pub(super) fn is_open(host: &str) -> bool {
    let any_depth = |open: &OpenHost| {
        open.depth == Depth::Everything
            && host.strip_suffix(open.name).is_some_and(|under| under.is_empty() || under.ends_with('.'))
    };
    suffix_len(host) == Some(host.len()) || OPEN.iter().any(any_depth)
}

/// Whether such a domain is under the host.
pub(super) fn is_above(host: &str) -> bool {
    OPEN.iter().any(|open| open.name.strip_suffix(host).is_some_and(|rest| rest.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use psl::Psl as _;

    use super::*;

    #[test]
    fn what_the_public_suffix_list_has_is_not_listed_again() {
        for OpenHost { name, .. } in OPEN {
            let below = format!("corsgate.{name}");
            let suffix = psl::List.suffix(below.as_bytes()).expect("a name has a suffix");
            assert!(suffix.as_bytes().len() < name.len(), "`{name}` is on the public suffix list now");
        }
        assert!(OPEN.is_sorted_by_key(|open| open.name));
    }

    #[test]
    fn a_wildcard_is_open_as_deep_as_anybody_gets_names() {
        for (host, open) in [
            ("1.nip.io", true),
            ("0.0.1.nip.io", true),
            ("10-0-0-1.nip.io", true),
            ("app.10.0.0.1.sslip.io", true),
            ("unip.io", false),
            ("1.unip.io", false),
            ("nip.io.example", false),
            ("gitpod.io", true),
            ("myteam.gitpod.io", true),
            ("8080-a.ws-eu1.gitpod.io", false),
            ("x.8080-a.ws-eu1.gitpod.io", false),
            ("euw.devtunnels.ms", true),
            ("a-8080.euw.devtunnels.ms", false),
            ("app.github.dev", true),
            ("a-8080.app.github.dev", false),
            ("freshdesk.com", true),
            ("shop.freshdesk.com", false),
            ("shop.zendesk.com", false),
            ("a.loca.lt", false),
            ("a.lhr.life", false),
        ] {
            assert_eq!(is_open(host), open, "{host}");
        }
    }

    #[test]
    fn names_are_told_from_the_domains_above_them() {
        for (host, length) in [
            ("nip.io", Some("nip.io")),
            ("10-0-0-1.nip.io", Some("nip.io")),
            ("unip.io", None),
            ("gitpod.io", Some("gitpod.io")),
            ("ws-eu1.gitpod.io", Some("ws-eu1.gitpod.io")),
            ("8080-a.ws-eu1.gitpod.io", Some("ws-eu1.gitpod.io")),
            ("github.dev", None),
            ("x.app.github.dev", Some("app.github.dev")),
            ("app.github.dev.example", None),
        ] {
            assert_eq!(suffix_len(host), length.map(str::len), "{host}");
        }
        for (host, above) in
            [("github.dev", true), ("dev", true), ("app.github.dev", false), ("hub.dev", false)]
        {
            assert_eq!(is_above(host), above, "{host}");
        }
    }
}
