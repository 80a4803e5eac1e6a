//! The probed server.

use std::path::PathBuf;

use ureq::http::Uri;

use crate::failure::UsageError;
use crate::gateway::localhost::is_loopback;

/// The address of the server.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The URL as written, with `http` or `https` in place of `ws` or `wss`.
    pub(crate) url: String,
    pub(crate) is_https: bool,
    /// The host, without the brackets of an IPv6 address.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// `host[:port]`, the value of `Host`.
    pub(crate) authority: String,
    /// The path and query.
    pub(crate) path: String,
    pub(crate) is_loopback: bool,
    pub(crate) is_websocket: bool,
    /// A file of certificates that are trusted in addition to those that browsers trust.
    pub(crate) ca: Option<PathBuf>,
}

impl Target {
    /// Reads a URL.
    pub(crate) fn of(url: &str) -> Result<Self, UsageError> {
        let wanted = "write the whole URL, such as `https://api.example.com/users`";
        let no_url = || UsageError::new(format!("`{}` is not a URL: {wanted}", url.escape_debug()));
        let uri: Uri = url.parse().map_err(|_| no_url())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(no_url());
        };
        // It may be in a log of CI, so the secret is not repeated.
        if let Some((_, host)) = authority.as_str().rsplit_once('@') {
            return Err(UsageError::new(format!(
                "the URL of `{host}` has a user name or password, which the probe never sends: leave it out"
            )));
        }
        let (is_https, is_websocket) = match scheme {
            "https" => (true, false),
            "http" => (false, false),
            "wss" => (true, true),
            "ws" => (false, true),
            _ => {
                let sentence = format!("the scheme `{scheme}` cannot be probed: write `https` or `http`");
                return Err(UsageError::new(sentence));
            }
        };
        let scheme = if is_https { "https" } else { "http" };
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self {
            url: format!("{scheme}://{authority}{path}"),
            is_https,
            host: authority.host().trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: authority.port_u16().unwrap_or(if is_https { 443 } else { 80 }),
            authority: authority.as_str().to_owned(),
            path,
            is_loopback: is_loopback(authority.host()),
            is_websocket,
            ca: None,
        })
    }

    pub(crate) fn scheme(&self) -> &'static str {
        if self.is_https { "https" } else { "http" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_become_targets() {
        let target = Target::of("wss://api.example.com/chat?x=1").expect("a URL");
        assert!(target.is_https && target.is_websocket && !target.is_loopback);
        assert_eq!((target.url.as_str(), target.port), ("https://api.example.com/chat?x=1", 443));
        let target = Target::of("http://[::1]:8787").expect("a URL");
        assert!(target.is_loopback && !target.is_https);
        assert_eq!((target.host.as_str(), target.path.as_str(), target.port), ("::1", "/", 8787));
        for wrong in
            ["api.example.com", "/users", "", "ftp://x.example/", "https://a:b@c.example/", "https://"]
        {
            assert!(Target::of(wrong).is_err(), "{wrong}");
        }
    }
}
