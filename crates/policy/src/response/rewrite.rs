//! URLs and cookies in the upstream's response headers, as those of the gateway.
//!
//! What the upstream has under `https://origin.example.net/base`, the gateway has at its root. Only what certainly points
//! there is changed; whatever a browser could read as another place stays as the upstream wrote it.

use core::ops::Range;

use crate::origin::split_scheme;
use crate::policy::upstream::UpstreamUrl;

/// Space and tab: what may surround the parts of a field.
const BLANK: [char; 2] = [' ', '\t'];

/// The value of a response header with the upstream's URLs, path and domain replaced by the gateway's, or `None` if it
/// stays as it is.
///
/// `name`, in lower case, is `link`, `refresh`, `set-cookie` (the value is then one cookie), or a header whose value is
/// a URL: `location` or `content-location`.
#[must_use]
pub fn rewrite(name: &str, value: &str, upstream: &UpstreamUrl, public_origin: &str) -> Option<String> {
    let rewriting = Rewriting { upstream, public_origin };
    match name {
        "link" => rewriting.links(value),
        "refresh" => rewriting.refresh(value),
        "set-cookie" => rewriting.cookie(value),
        _ => rewriting.url(value),
    }
}

struct Rewriting<'a> {
    upstream: &'a UpstreamUrl,
    /// The gateway's origin, as the client sees it.
    public_origin: &'a str,
}

impl Rewriting<'_> {
    /// The gateway's form of a URL under the upstream's origin and base. It is always absolute: `/base//evil.com` must
    /// not become `//evil.com`, which is another host.
    fn url(&self, url: &str) -> Option<String> {
        // A browser removes tabs and line breaks before it reads a URL (WHATWG URL, "basic URL parser").
        if url.contains(|c: char| c.is_ascii_control()) {
            return None;
        }
        let path = self.after_authority(url)?.strip_prefix(self.upstream.base())?;
        let on_boundary = path.is_empty() || path.starts_with(['/', '?', '#']);
        let end = path.find(['?', '#']).unwrap_or(path.len());
        if !on_boundary || !is_literal(path.get(..end)?) {
            return None;
        }
        let slash = if path.starts_with('/') { "" } else { "/" };
        Some([self.public_origin, slash, path].concat())
    }

    /// What follows the authority of a URL that has the upstream's, or that is relative to the root.
    fn after_authority<'u>(&self, url: &'u str) -> Option<&'u str> {
        let (scheme, authority) = split_scheme(self.upstream.origin())?;
        let (rest, its_scheme) = if let Some(rest) = url.strip_prefix("//") {
            (rest, scheme)
        } else if url.starts_with('/') {
            // Without a base, it is the same at the gateway.
            return (!self.upstream.base().is_empty()).then_some(url);
        } else if let Some(rest) = strip_prefix_ignore_case(url, "https://") {
            (rest, "https")
        } else {
            (strip_prefix_ignore_case(url, "http://")?, "http")
        };
        let (host, port) = split_port(authority);
        let rest = strip_prefix_ignore_case(rest, host)?;
        let (its_port, rest) = match rest.strip_prefix(':') {
            Some(rest) => {
                rest.split_at_checked(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()))?
            }
            None => ("", rest),
        };
        let port = if port.is_empty() { default_port(scheme) } else { port };
        let its_port = if its_port.is_empty() { default_port(its_scheme) } else { its_port };
        // A server behind something that ends TLS writes `http`, with its own port, the default one, or none.
        let both_default = port == default_port(scheme) && its_port == default_port(its_scheme);
        (its_port == port || both_default).then_some(rest)
    }

    /// The targets of `Link` (RFC 8288, section 3): what stands in `<>` at the beginning of each link. A value that
    /// cannot be read to its end stays.
    fn links(&self, value: &str) -> Option<String> {
        let mut written = String::with_capacity(value.len());
        let mut changed = false;
        let mut rest = value;
        // The grammar of lists allows empty elements (RFC 9110, section 5.6.1.2).
        while let Some(start) = rest.find(|c| c != ',' && !BLANK.contains(&c)) {
            let (gap, link) = rest.split_at_checked(start)?;
            let (target, parameters) = link.strip_prefix('<')?.split_once('>')?;
            let (parameters, next) = parameters.split_at_checked(parameters_end(parameters)?)?;
            let public = self.url(target);
            changed |= public.is_some();
            for part in [gap, "<", public.as_deref().unwrap_or(target), ">", parameters] {
                written.push_str(part);
            }
            rest = next;
        }
        written.push_str(rest);
        changed.then_some(written)
    }

    fn refresh(&self, value: &str) -> Option<String> {
        let Range { start, end } = refresh_url(value)?;
        let public = self.url(value.get(start..end)?)?;
        Some([value.get(..start)?, &public, value.get(end..)?].concat())
    }

    /// One `Set-Cookie`, its attributes found as browsers find them (RFC 6265bis, section 5.6).
    fn cookie(&self, cookie: &str) -> Option<String> {
        let mut parts = cookie.split(';');
        let mut written = parts.next()?.to_owned();
        let mut changed = false;
        for attribute in parts {
            let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            let (name, trimmed) = (name.trim_matches(BLANK), value.trim_matches(BLANK));
            if name.eq_ignore_ascii_case("domain") && self.refuses_domain(trimmed) {
                changed = true;
                continue;
            }
            written.push(';');
            let path = if name.eq_ignore_ascii_case("path") { self.cookie_path(trimmed) } else { None };
            let Some(path) = path else {
                written.push_str(attribute);
                continue;
            };
            changed = true;
            let lead = attribute.len() - value.trim_start_matches(BLANK).len();
            for part in [attribute.get(..lead)?, path, attribute.get(lead + trimmed.len()..)?] {
                written.push_str(part);
            }
        }
        changed.then_some(written)
    }

    /// The same part of the gateway. A path above the base covers all of the base, and so all of the gateway.
    fn cookie_path<'p>(&self, path: &'p str) -> Option<&'p str> {
        let base = self.upstream.base();
        if base.is_empty() || path == "/" || !is_literal(path) {
            return None;
        }
        if let Some(rest) = path.strip_prefix(base) {
            return match rest {
                "" => Some("/"),
                _ => rest.starts_with('/').then_some(rest),
            };
        }
        let below = base.strip_prefix(path)?;
        (path.starts_with('/') && (path.ends_with('/') || below.starts_with('/'))).then_some("/")
    }

    /// Whether browsers would refuse the cookie for its `Domain`, because it names the upstream or a domain above it that
    /// is not also the gateway's.
    fn refuses_domain(&self, domain: &str) -> bool {
        let domain = domain.strip_prefix('.').unwrap_or(domain).to_ascii_lowercase();
        let covers = |origin: &str| {
            let (_, authority) = split_scheme(origin).unwrap_or_default();
            let (host, _) = split_port(authority);
            host.strip_suffix(domain.as_str()).is_some_and(|above| above.is_empty() || above.ends_with('.'))
        };
        !domain.is_empty() && covers(self.upstream.origin()) && !covers(self.public_origin)
    }
}

/// The place of the URL in a `Refresh` (HTML, "shared declarative refresh steps"); `None` if it has none.
fn refresh_url(value: &str) -> Option<Range<usize>> {
    // Infra, "ASCII whitespace", without the line breaks that a header cannot hold.
    let trim = |text: &'_ str| text.len() - text.trim_start_matches(BLANK).len();
    let skip = |at: usize| value.get(at..).map(|rest| at + trim(rest));
    let byte = |at: usize| value.as_bytes().get(at).copied();

    let start = skip(0)?;
    let time = value.get(start..)?;
    let time = time.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(time.len());
    let after_time = start + time;
    if time == 0 || !matches!(byte(after_time)?, b';' | b',' | b' ' | b'\t') {
        return None;
    }
    let mut at = skip(after_time)?;
    if matches!(byte(at)?, b';' | b',') {
        at = skip(at + 1)?;
    }
    // `URL =` is optional. Without its `=`, it is itself the beginning of a relative URL.
    if strip_prefix_ignore_case(value.get(at..)?, "url").is_some() {
        let equals = skip(at + 3)?;
        if byte(equals) == Some(b'=') {
            at = skip(equals + 1)?;
        }
    }
    let end = match byte(at)? {
        quote @ (b'"' | b'\'') => {
            at += 1;
            value.get(at..)?.find(char::from(quote)).map(|length| at + length)
        }
        _ => None,
    };
    Some(at..end.unwrap_or(value.len()))
}

/// Where the parameters of a link end: at a comma outside of quotes. `None` if a quote does not end.
fn parameters_end(parameters: &str) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    for (at, byte) in parameters.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => return Some(at),
            _ => {}
        }
    }
    (!quoted).then_some(parameters.len())
}

/// Whether a browser takes each segment of a path as it is written. It would resolve backslashes and dot segments, which
/// could leave the base.
fn is_literal(path: &str) -> bool {
    path.split('/').all(|segment| !segment.contains('\\') && !is_dot_segment(segment))
}

/// WHATWG URL, "single-dot" and "double-dot URL path segment".
fn is_dot_segment(segment: &str) -> bool {
    [".", "%2e", "..", ".%2e", "%2e.", "%2e%2e"].iter().any(|dots| segment.eq_ignore_ascii_case(dots))
}

/// Host and port of an authority in canonical form; an empty port if it has none. An IPv6 address ends with `]`.
fn split_port(authority: &str) -> (&str, &str) {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port),
        _ => (authority, ""),
    }
}

fn default_port(scheme: &str) -> &'static str {
    if scheme == "https" { "443" } else { "80" }
}

fn strip_prefix_ignore_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, tail) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    const API: &str = "https://api.example.com";
    const BASE: &str = "https://origin.example.net/base";

    #[track_caller]
    fn check(name: &str, upstream: &str, public_origin: &str, rows: &[(&str, Option<&str>)]) {
        let upstream = UpstreamUrl::from_text(upstream).expect("an upstream");
        for (value, expected) in rows {
            let rewritten = rewrite(name, value, &upstream, public_origin);
            assert_eq!(rewritten.as_deref(), *expected, "{name}: {value}");
        }
    }

    #[test]
    fn urls_under_the_base_become_public_and_others_stay() {
        check(
            "location",
            BASE,
            API,
            &[
                ("https://origin.example.net/base/x", Some("https://api.example.com/x")),
                ("https://origin.example.net/base/x?y#z", Some("https://api.example.com/x?y#z")),
                ("https://origin.example.net/base", Some("https://api.example.com/")),
                ("https://origin.example.net/base?y", Some("https://api.example.com/?y")),
                ("HTTPS://Origin.Example.NET:443/base/x", Some("https://api.example.com/x")),
                ("https://origin.example.net:/base/x", Some("https://api.example.com/x")),
                // Relative to the root.
                ("/base/items/", Some("https://api.example.com/items/")),
                ("/base", Some("https://api.example.com/")),
                ("/base/", Some("https://api.example.com/")),
                ("/base?y=/../", Some("https://api.example.com/?y=/../")),
                ("/base#z", Some("https://api.example.com/#z")),
                ("/base/ü", Some("https://api.example.com/ü")),
                ("/base//evil.com/x", Some("https://api.example.com//evil.com/x")),
                // Without a scheme.
                ("//origin.example.net/base/x", Some("https://api.example.com/x")),
                ("//ORIGIN.example.net:443/base", Some("https://api.example.com/")),
                // Of the other scheme.
                ("http://origin.example.net/base/x", Some("https://api.example.com/x")),
                ("HTTP://origin.example.net:80/base/x", Some("https://api.example.com/x")),
                ("http://origin.example.net:443/base/x", Some("https://api.example.com/x")),
                // Relative to the request: the same at the gateway.
                ("", None),
                ("items/", None),
                ("../x", None),
                ("?q", None),
                ("#f", None),
                // Elsewhere.
                ("https://origin.example.net/baseless", None),
                ("https://origin.example.net/other", None),
                ("https://origin.example.net", None),
                ("https://origin.example.net:8443/base/x", None),
                ("https://origin.example.net:80/base/x", None),
                ("https://origin.example.net:0443/base/x", None),
                ("https://origin.example.net.evil.com/base/x", None),
                ("https://origin.example.net./base/x", None),
                ("https://elsewhere.example/base/x", None),
                ("http://origin.example.net:8080/base/x", None),
                ("//origin.example.net:80/base/x", None),
                ("//elsewhere.example/base/x", None),
                ("///origin.example.net/base/x", None),
                ("/", None),
                ("/baseless", None),
                ("/Base/x", None),
                ("/other", None),
                ("ftp://origin.example.net/base/x", None),
                ("wss://origin.example.net/base/x", None),
                ("ü", None),
            ],
        );
    }

    #[test]
    fn urls_that_browsers_read_differently_stay() {
        check(
            "location",
            BASE,
            API,
            &[
                ("https://user:secret@origin.example.net/base/x", None),
                ("https://origin.example.net@evil.com/base/x", None),
                ("https://origin.example.net:443@evil.com/base/x", None),
                ("//user@origin.example.net/base/x", None),
                ("https://origin.example.net\\base\\x", None),
                ("https:\\\\origin.example.net/base/x", None),
                ("https:/origin.example.net/base/x", None),
                ("https:base/x", None),
                ("\\base\\x", None),
                ("/\\origin.example.net/base/x", None),
                ("/base\\x", None),
                ("/base/x\\..\\..", None),
                ("/base/../x", None),
                ("/base/./x", None),
                ("/base/%2E%2e/x", None),
                ("/base/.%2e", None),
                ("/base/x/..?y", None),
                ("/base/.\t./x", None),
                ("/base/\u{0}", None),
                ("\t/base/x", None),
                ("/b%61se/x", None),
                ("https://%6frigin.example.net/base/x", None),
                ("https://origin。example。net/base/x", None),
                // A backslash that is no separator.
                ("/base/x?y=\\", Some("https://api.example.com/x?y=\\")),
            ],
        );
        check(
            "location",
            "https://xn--bcher-kva.example/base",
            API,
            &[
                ("https://xn--bcher-kva.example/base/x", Some("https://api.example.com/x")),
                // Its A-label would need IDNA, which is not in the Wasm.
                ("https://bücher.example/base/x", None),
                ("//BÜCHER.example/base/x", None),
            ],
        );
    }

    #[test]
    fn without_a_base_the_root_is_the_same() {
        check(
            "location",
            "http://127.0.0.1:9000",
            "http://localhost:8787",
            &[
                ("http://127.0.0.1:9000/json", Some("http://localhost:8787/json")),
                ("http://127.0.0.1:9000", Some("http://localhost:8787/")),
                ("http://127.0.0.1:9000//evil.com", Some("http://localhost:8787//evil.com")),
                ("https://127.0.0.1:9000/json", Some("http://localhost:8787/json")),
                ("//127.0.0.1:9000/json", Some("http://localhost:8787/json")),
                ("//127.0.0.1/json", None),
                ("http://127.0.0.1:90001/json", None),
                ("http://127.0.0.1/json", None),
                ("/json", None),
                ("/", None),
            ],
        );
        check(
            "location",
            "http://[::1]:9000",
            API,
            &[("http://[::1]:9000/x", Some("https://api.example.com/x")), ("http://[::1]/x", None)],
        );
        check(
            "location",
            "https://o.example:8443/base",
            API,
            &[
                ("http://o.example:8443/base/x", Some("https://api.example.com/x")),
                ("http://o.example/base/x", None),
                ("https://o.example/base/x", None),
                ("//o.example/base/x", None),
            ],
        );
    }

    #[test]
    fn targets_of_links_change_and_nothing_else_does() {
        check(
            "link",
            BASE,
            API,
            &[
                (r#"</base/x>; rel="next""#, Some(r#"<https://api.example.com/x>; rel="next""#)),
                (
                    r#"<https://origin.example.net/base/?p=2,3>;rel=next , ,<//cdn.example/y>; rel=preload,</base>"#,
                    Some(
                        r#"<https://api.example.com/?p=2,3>;rel=next , ,<//cdn.example/y>; rel=preload,<https://api.example.com/>"#,
                    ),
                ),
                (
                    r#"</base/x>; title="a, </base/y>; \", \\"; anchor="/base/z", </base/y>"#,
                    Some(
                        r#"<https://api.example.com/x>; title="a, </base/y>; \", \\"; anchor="/base/z", <https://api.example.com/y>"#,
                    ),
                ),
                ("</base/x>; rel=</base/y>", Some("<https://api.example.com/x>; rel=</base/y>")),
                (" </base/x>,", Some(" <https://api.example.com/x>,")),
                // Nothing of the upstream's.
                ("", None),
                (",,", None),
                ("</other>; rel=next", None),
                ("<?page=2>; rel=next", None),
                // Malformed.
                ("/base/x; rel=next", None),
                ("</base/x", None),
                ("</base/x>; title=\"a, </base/y>", None),
                ("</base/x>, rel=next", None),
                ("< /base/x >", None),
            ],
        );
    }

    #[test]
    fn a_refresh_is_read_as_browsers_read_it() {
        check(
            "refresh",
            BASE,
            API,
            &[
                ("5; url=/base/x", Some("5; url=https://api.example.com/x")),
                ("0;URL = '/base/x' y", Some("0;URL = 'https://api.example.com/x' y")),
                ("1.5,uRl=\"/base/x\"", Some("1.5,uRl=\"https://api.example.com/x\"")),
                ("\t5 \t/base/x", Some("\t5 \thttps://api.example.com/x")),
                (".5;/base/x", Some(".5;https://api.example.com/x")),
                ("5;'/base/x", Some("5;'https://api.example.com/x")),
                ("5;url='//origin.example.net/base/x'", Some("5;url='https://api.example.com/x'")),
                ("5;;url=/base/x", None),
                ("", None),
                ("5", None),
                ("5;", None),
                ("5; url=", None),
                ("5; url", None),
                ("5; url='", None),
                ("5; url /base/x", None),
                ("5; u=/base/x", None),
                ("5;ü/base/x", None),
                ("5x; url=/base/x", None),
                ("-5; url=/base/x", None),
                ("; url=/base/x", None),
                ("url=/base/x", None),
                ("5; url=https://elsewhere.example/base/x", None),
                ("5; url=\"/ba\"se/x", None),
            ],
        );
    }

    #[test]
    fn paths_of_cookies_are_mapped_and_the_rest_stays() {
        check(
            "set-cookie",
            BASE,
            API,
            &[
                ("a=b; Path=/base", Some("a=b; Path=/")),
                ("a=b; Path=/base/", Some("a=b; Path=/")),
                ("a=b;path=/base/x;Secure", Some("a=b;path=/x;Secure")),
                ("a=b; HttpOnly ;\tPATH = /base/x\t; x", Some("a=b; HttpOnly ;\tPATH = /x\t; x")),
                // The last one counts.
                ("a=b; Path=/other; Path=/base/x", Some("a=b; Path=/other; Path=/x")),
                ("a=b; Path=/base/x; Path=/base", Some("a=b; Path=/x; Path=/")),
                ("__Host-a=b; Secure; Path=/base", Some("__Host-a=b; Secure; Path=/")),
                ("a=\"Path=/base\"; Path=/base", Some("a=\"Path=/base\"; Path=/")),
                ("a=ü; Path=/base; x=ü", Some("a=ü; Path=/; x=ü")),
                ("; Path=/base", Some("; Path=/")),
                ("a=b; Path=/", None),
                ("a=b; Path=/baseless", None),
                ("a=b; Path=/Base", None),
                ("a=b; Path=/other", None),
                ("a=b; Path=/ba", None),
                ("a=b; Path=/base?x", None),
                ("a=b; Path=/base/../x", None),
                ("a=b; Path=/base\\x", None),
                ("a=b", None),
                // Browsers take the default path: that of the request, which is the gateway's.
                ("a=b; Path", None),
                ("a=b; Path=", None),
                ("a=b; Path=base", None),
                ("a=b; Path=\"/base\"", None),
                // Not an attribute.
                ("Path=/base", None),
                ("a=b, Path=/base", None),
                ("a=b; xPath=/base", None),
                ("", None),
                (";;;", None),
                ("=;=;=", None),
            ],
        );
        check(
            "set-cookie",
            "https://o.example/a/b",
            API,
            &[
                ("x=y; Path=/a", Some("x=y; Path=/")),
                ("x=y; Path=/a/", Some("x=y; Path=/")),
                ("x=y; Path=/a/b/c", Some("x=y; Path=/c")),
                ("x=y; Path=/a/bc", None),
                ("x=y; Path=/a/c", None),
            ],
        );
        check("set-cookie", "https://o.example", API, &[("x=y; Path=/a", None), ("x=y; Path=/", None)]);
    }

    #[test]
    fn a_domain_of_the_upstream_alone_is_dropped() {
        check(
            "set-cookie",
            BASE,
            API,
            &[
                ("a=b; Domain=origin.example.net; Secure", Some("a=b; Secure")),
                ("a=b;domain=.Example.NET", Some("a=b")),
                ("a=b; DOMAIN = net ; Path=/base ;x", Some("a=b; Path=/ ;x")),
                ("a=b; Domain=example.net; Domain=origin.example.net", Some("a=b")),
                ("a=b; Domain=api.example.com; Domain=example.net", Some("a=b; Domain=api.example.com")),
                ("__Host-a=b; Secure; Path=/; Domain=example.net", Some("__Host-a=b; Secure; Path=/")),
                ("a=b; Domain=api.example.com", None),
                ("a=b; Domain=.example.com", None),
                ("a=b; Domain=elsewhere.example", None),
                ("a=b; Domain=x.origin.example.net", None),
                ("a=b; Domain=le.net", None),
                ("a=b; Domain=origin.example.net.", None),
                ("a=b; Domain", None),
                ("a=b; Domain=", None),
                ("a=b; Domain=.", None),
                ("a=b; Domain=\"example.net\"", None),
                ("Domain=example.net", None),
            ],
        );
        // A domain that is above both is valid at the gateway too.
        check(
            "set-cookie",
            "https://origin.example.com:8443",
            "https://api.example.com:8443",
            &[
                ("a=b; Domain=example.com", None),
                ("a=b; Domain=origin.example.com", Some("a=b")),
                ("a=b; Domain=api.example.com", None),
            ],
        );
        check(
            "set-cookie",
            "http://127.0.0.1:9000",
            "http://localhost:8787",
            &[("a=b; Domain=127.0.0.1", Some("a=b")), ("a=b; Domain=localhost", None)],
        );
    }
}
