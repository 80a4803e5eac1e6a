//! Rewritten URLs compared with the WHATWG parser, which is too large for the Wasm: a rewritten URL points at the same
//! resource, and never leaves the gateway.

use corsgate_policy::policy::upstream::UpstreamUrl;
use corsgate_policy::response::rewrite::rewrite;
use proptest::prelude::*;
use proptest::sample::select;
use url::Url;

const PARTS: &[&str] = &[
    "https:",
    "http:",
    "HTTP:",
    "ftp:",
    "//",
    "/",
    "\\",
    "origin.example.net",
    "ORIGIN.example.net",
    "evil.com",
    "user@",
    "@",
    ":443",
    ":80",
    ":8443",
    ":",
    "/base",
    "base",
    "/x",
    "x",
    "..",
    ".",
    "%2e",
    "%2f",
    "?",
    "#",
    "\t",
    " ",
    "\u{0}",
    "ü",
    "。",
];

proptest! {
    #[test]
    fn a_rewritten_url_is_the_same_resource_at_the_gateway(
        start in select(&["", "/base", "//origin.example.net/base", "https://origin.example.net", "http://origin.example.net/base"][..]),
        rest in proptest::collection::vec(select(PARTS), 0..8),
    ) {
        let text = [start, &rest.concat()].concat();
        let upstream = UpstreamUrl::from_text("https://origin.example.net/base").expect("an upstream");
        let Some(public) = rewrite("location", &text, &upstream, "https://api.example.com") else {
            return Ok(());
        };
        let request = Url::parse("https://origin.example.net/base/items/1").expect("a URL");
        let meant = request.join(&text).expect("it was read as a URL of the upstream");
        prop_assert_eq!(meant.host_str(), Some("origin.example.net"));
        prop_assert!(matches!(meant.port_or_known_default(), Some(443 | 80)));
        prop_assert!(meant.username().is_empty() && meant.password().is_none());

        let public = Url::parse(&public).expect("it is absolute");
        prop_assert_eq!(public.origin().ascii_serialization(), "https://api.example.com");
        prop_assert!(public.username().is_empty() && public.password().is_none());
        let path = meant.path().strip_prefix("/base").expect("it is under the base");
        prop_assert_eq!(public.path(), if path.is_empty() { "/" } else { path });
        prop_assert_eq!(public.query(), meant.query());
        prop_assert_eq!(public.fragment(), meant.fragment());
    }

    #[test]
    fn any_text_is_unchanged_or_rewritten(value in ".*", name in select(&["location", "link", "refresh", "set-cookie"][..])) {
        let upstream = UpstreamUrl::from_text("https://origin.example.net/base").expect("an upstream");
        let rewritten = rewrite(name, &value, &upstream, "https://api.example.com");
        prop_assert_ne!(rewritten, Some(value));
    }
}
