//! Whether a secure page may ask for an insecure URL.

use crate::grammar::host::is_loopback;

/// "Should fetching request be blocked as mixed content?" (<https://w3c.github.io/webappsec-mixed-content/>, 4.4), for a
/// page and a URL by their origins; that of a WebSocket has `http` or `https`. Loopback URLs are potentially trustworthy
/// (<https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy>), but not every browser knows it.
#[must_use]
pub fn is_mixed(page: &str, url: &str, trusts_loopback: bool) -> bool {
    let Some(insecure) = url.strip_prefix("http://") else { return false };
    let host = match insecure.find(']') {
        Some(end) => insecure.get(..=end),
        None => insecure.split([':', '/']).next(),
    };
    let is_trusted = trusts_loopback && host.is_some_and(is_loopback);
    page.starts_with("https://") && !is_trusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_insecure_urls_of_secure_pages_are_mixed() {
        for (page, url, trusting, strict) in [
            ("https://app.example.com", "https://api.example.com", false, false),
            ("https://app.example.com", "http://api.example.com", true, true),
            ("https://app.example.com", "http://api.example.com:8080", true, true),
            ("http://app.example.com", "http://api.example.com", false, false),
            ("https://app.example.com", "http://localhost:3000", false, true),
            ("https://app.example.com", "http://api.localhost", false, true),
            ("https://app.example.com", "http://127.0.0.1:3000", false, true),
            ("https://app.example.com", "http://[::1]:3000", false, true),
            ("https://app.example.com", "http://localhost.example.com", true, true),
            ("https://app.example.com", "http://10.0.0.1", true, true),
            ("null", "http://api.example.com", false, false),
        ] {
            assert_eq!(is_mixed(page, url, true), trusting, "{page} {url}");
            assert_eq!(is_mixed(page, url, false), strict, "{page} {url}");
        }
    }
}
