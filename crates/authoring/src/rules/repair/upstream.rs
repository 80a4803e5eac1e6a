//! Repairs upstreams.

use corsgate_policy::grammar::host::{HostError, is_loopback};
use corsgate_policy::origin::OriginError;
use corsgate_policy::path::PathError;
use corsgate_policy::policy::upstream::{Upstream, UpstreamError};

use url::Url;

use super::{MAX_STEPS, Repair, consider, origin, split_path, split_port, write};

/// Repairs an upstream, or advises what to write.
pub(super) fn repair(text: &str, error: UpstreamError) -> Option<Repair> {
    if let Some(repaired) = plain(text) {
        return Some(write(&repaired));
    }
    match error {
        UpstreamError::Origin(OriginError::Userinfo) => Some(consider(
            "leave the user name and password out: the gateway sends no credentials of its own",
        )),
        UpstreamError::Origin(OriginError::Host(HostError::Wildcard)) => {
            Some(consider("an upstream is a single server: write its host"))
        }
        UpstreamError::Insecure => {
            Some(consider("write an `https://` URL; WebSockets and event streams use it too"))
        }
        UpstreamError::ServiceName => {
            Some(consider("write the name of the binding in `wrangler.toml`: `service:BACKEND`"))
        }
        UpstreamError::OwnBinding => Some(consider(
            "bind the service under a name of its own in `wrangler.toml`, and write that: `service:BACKEND`",
        )),
        _ => None,
    }
}

/// Repairs one mistake after another until the text is an upstream.
fn plain(text: &str) -> Option<String> {
    let mut text = text.trim().to_owned();
    if text.split(':').next().is_some_and(|word| word.eq_ignore_ascii_case("zone")) {
        return Some("zone".to_owned());
    }
    if let Some(name) = text.strip_prefix("service:") {
        let trimmed = format!("service:{}", name.trim());
        return Upstream::parse(&trimmed).is_ok().then_some(trimmed);
    }
    for _ in 0..MAX_STEPS {
        text = match Upstream::parse(&text) {
            Ok(_) => return Some(text),
            Err(UpstreamError::Insecure) => secured(&text)?,
            Err(UpstreamError::Base(PathError::NotOnlyPath)) => text.split(['?', '#']).next()?.to_owned(),
            // The request's path is appended to the base anyway.
            Err(UpstreamError::Base(PathError::Wildcard)) => text.strip_suffix("/*")?.to_owned(),
            Err(UpstreamError::Base(PathError::EmptySegment)) => {
                let (head, base) = split_path(&text);
                let segments: Vec<_> = base.split('/').filter(|segment| !segment.is_empty()).collect();
                format!("{head}/{}", segments.join("/"))
            }
            Err(UpstreamError::Base(PathError::NotEncoded | PathError::DotSegment)) => {
                let (head, base) = split_path(&text);
                let mut url = Url::parse("https://x").ok()?;
                url.set_path(base);
                let base = url.path();
                format!("{head}{base}")
            }
            Err(UpstreamError::Origin(error)) => {
                let (head, base) = split_path(&text);
                format!("{}{base}", origin::one_step(head, error)?)
            }
            Err(_) => return None,
        };
    }
    None
}

/// The same URL with an accepted scheme. WebSockets use the same scheme as other requests.
fn secured(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let host = split_port(split_path(rest).0).0;
    match scheme {
        "ws" if is_loopback(host) => Some(format!("http://{rest}")),
        "http" | "ws" | "wss" => Some(format!("https://{rest}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upstreams_keep_their_base() {
        for (text, repaired) in [
            ("origin.example.net/base", Some("https://origin.example.net/base")),
            ("http://Origin.example.net:80/base", Some("https://origin.example.net/base")),
            ("127.0.0.1:9000", Some("http://127.0.0.1:9000")),
            ("ws://127.0.0.1:9000/ws", Some("http://127.0.0.1:9000/ws")),
            ("wss://origin.example.net/ws", Some("https://origin.example.net/ws")),
            ("https://origin.example.net/v1?key=1", Some("https://origin.example.net/v1")),
            ("https://origin.example.net#x", Some("https://origin.example.net")),
            ("https://origin.example.net/a//b", Some("https://origin.example.net/a/b")),
            ("https://origin.example.net/a/*", Some("https://origin.example.net/a")),
            ("https://origin.example.net/a b", Some("https://origin.example.net/a%20b")),
            ("https://origin.example.net/a/../b", Some("https://origin.example.net/b")),
            ("https://or\u{ed}gin.example.net/\u{e9}", Some("https://xn--orgin-0sa.example.net/%C3%A9")),
            ("Zone", Some("zone")),
            ("service: LEGACY", Some("service:LEGACY")),
            ("service:A-B", None),
            ("origin", None),
            ("ftp://origin.example.net", None),
        ] {
            assert_eq!(plain(text).as_deref(), repaired, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_repaired_is_explained() {
        for (text, advice) in [
            ("https://user:pw@origin.example.net", "leave the user name"),
            ("https://*.example.net", "a single server"),
            ("ftp://origin.example.net", "an `https://` URL"),
            ("service:A-B", "in `wrangler.toml`"),
        ] {
            let error = Upstream::parse(text).expect_err(text);
            let Some(Repair::Consider(found)) = repair(text, error) else { panic!("{text}") };
            assert!(found.contains(advice), "{text}: {found}");
        }
    }
}
