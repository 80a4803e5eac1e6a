//! Names that mean this machine (RFC 6761, section 6.3), whatever the system's resolver says.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Whether a host of a URL is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    is_localhost(host) || bare.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Whether a host of a URL is `localhost` or a name below it.
pub(crate) fn is_localhost(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost")
}

/// Resolves names with the system's resolver, except for `localhost` and names below it.
#[derive(Debug, Default)]
pub(super) struct Localhost(DefaultResolver);

impl Resolver for Localhost {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let subdomain = uri.host().is_some_and(|host| is_localhost(host) && host.contains('.'));
        if !subdomain {
            return self.0.resolve(uri, config, timeout);
        }
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
        let mut addresses = self.0.empty();
        addresses.push(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        Ok(addresses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_addresses_and_names_are_this_machine() {
        for host in ["localhost", "admin.localhost", "ADMIN.LOCALHOST", "127.0.0.1", "127.8.8.8", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.example.com", "notlocalhost", "127.0.0.1.example.com", "10.0.0.1", "[::2]"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
