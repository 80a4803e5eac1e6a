//! Requests that no browser sends: look-alikes of listed origins, and arbitrary bytes.

use proptest::prelude::*;

use crate::browser::rules::{Origins, PATTERNS, Rules, stands_for};
use crate::browser::{GATEWAY, bounded, gateway};
use crate::support::{Request, Response};

/// An actual request, a preflight and a handshake from the origin.
fn requests(origin: &str) -> [Request; 3] {
    let url = format!("{GATEWAY}/x");
    [
        Request::new("GET", &url).with("origin", origin),
        Request::new("OPTIONS", &url).with("origin", origin).with("access-control-request-method", "PUT"),
        Request::new("GET", &url).with("origin", origin).with("upgrade", "websocket"),
    ]
}

fn is_granted(response: &Response) -> bool {
    response.headers.lines().any(|(name, _)| name.starts_with("access-control-"))
}

/// Rules with all patterns: the widest policy that does not allow any origin.
fn policy() -> corsgate_policy::Policy {
    Rules::listing(PATTERNS.to_vec()).policy()
}

/// An origin that the pattern matches.
fn origin_of(pattern: &str) -> String {
    pattern.replace("*.", "www.").replace(":*", ":5000")
}

/// Texts that resemble a listed origin but name another origin, or none.
fn look_alikes(origin: &str) -> Vec<String> {
    let (scheme, authority) = origin.split_once("://").expect(origin);
    let (host, port) = match authority.rsplit_once(':').filter(|(_, port)| !port.contains(']')) {
        Some((host, port)) => (host, format!(":{port}")),
        None => (authority, String::new()),
    };
    let mut texts = vec![
        // Prefix, suffix and substring.
        format!("{scheme}://{authority}.evil.com"),
        format!("{scheme}://{host}.evil.com{port}"),
        format!("{scheme}://{host}evil.com{port}"),
        format!("{scheme}://evil.com/{authority}"),
        format!("{scheme}://evil.com?{authority}"),
        format!("{scheme}://evil.com#{authority}"),
        format!("{scheme}://evil.com\\{authority}"),
        format!("{scheme}://evil.com/.{authority}"),
        format!("{scheme}://{}", host.get(1..).expect(host)),
        // Another scheme, or none.
        format!("x{origin}"),
        format!("{scheme}:{authority}"),
        format!("//{authority}"),
        authority.to_owned(),
        format!("{scheme}s://{authority}"),
        format!("javascript://{authority}"),
        // Another port.
        format!("{scheme}://{host}:81"),
        format!("{scheme}://{host}:0"),
        format!("{scheme}://{host}:"),
        format!("{scheme}://{host}:65536"),
        format!("{scheme}://{host}:0443"),
        format!("{scheme}://{host}:443"),
        format!("{scheme}://{host}:80"),
        format!("{scheme}://{host}:{}", "9".repeat(40)),
        format!("{scheme}://{host}:81{port}"),
        // More text than an origin.
        format!("{origin}/"),
        format!("{origin}/x"),
        format!("{origin}?"),
        format!("{origin}#"),
        format!("{scheme}://user@{authority}"),
        format!("{scheme}://user:pass@{authority}"),
        format!("{scheme}://{authority}@evil.com"),
        format!("{origin}, {origin}"),
        format!("{origin},{origin}"),
        format!("{origin} {origin}"),
        format!(" {origin}"),
        format!("{origin} "),
        format!("{origin}\t"),
        format!("{origin}\r\nx: y"),
        format!("{origin}\n"),
        format!("{origin}\0"),
        format!("{origin}\u{feff}"),
        // Other spellings of the host.
        format!("{scheme}://{host}.{port}"),
        format!("{scheme}://{host}..{port}"),
        format!("{scheme}://.{authority}"),
        format!("{scheme}://..{authority}"),
        format!("{scheme}://[{host}]{port}"),
        origin.to_uppercase(),
        origin.replacen("://", "://A", 1),
        origin.replace('.', "\u{3002}"),
        origin.replace('.', "%2e"),
        origin.replace('a', "\u{430}"),
        format!("{}{}", origin, "a".repeat(512)),
    ];
    // Unescaped dots.
    texts.extend(origin.match_indices('.').map(|(at, dot)| {
        let mut text = origin.to_owned();
        text.replace_range(at..at + dot.len(), "x");
        text
    }));
    // Special characters beside the host.
    for special in
        "_-\"{}+^%!~$&'()*,;=|\\`<>@:/?#[] \u{7f}\u{e9}".chars().map(String::from).chain(["%60".to_owned()])
    {
        texts.push(format!("{scheme}://{host}{special}{port}"));
        texts.push(format!("{scheme}://{host}{special}.evil.com{port}"));
        texts.push(format!("{scheme}://{host}{special}evil.com{port}"));
        texts.push(format!("{scheme}://evil.com{special}{authority}"));
        texts.push(format!("{scheme}://{special}{authority}"));
    }
    texts
}

#[test]
fn no_look_alike_of_a_listed_origin_is_granted_anything() {
    let mut tried = 0;
    for pattern in PATTERNS {
        let policy = Rules::listing(vec![pattern]).policy();
        let origin = origin_of(pattern);
        assert!(is_granted(&gateway(&policy, &requests(&origin)[0])), "{origin} is listed");
        // A wildcard matches labels, and some look-alikes only have other labels.
        for text in look_alikes(&origin).iter().filter(|text| !stands_for(pattern, text)) {
            for request in requests(text) {
                let response = gateway(&policy, &request);
                assert_eq!(response.status, 403, "{pattern} and {text:?}");
                assert!(!is_granted(&response), "{pattern} and {text:?}: {response:?}");
            }
            tried += 1;
        }
    }
    assert!(tried > 2_000, "{tried} look-alikes");
}

#[test]
fn a_text_that_is_no_origin_is_never_granted_anything() {
    for origin in
        ["null", "NULL", "*", "", "undefined", "file://", "about:blank", "data:,x", "https://", "://"]
    {
        for request in requests(origin) {
            let response = gateway(&policy(), &request);
            assert!(response.status == 403 && !is_granted(&response), "{origin:?}: {response:?}");
        }
    }
}

/// A listed origin with one byte changed, inserted or removed.
fn damaged_origin() -> impl Strategy<Value = String> {
    let place = (0..PATTERNS.len(), any::<prop::sample::Index>(), 0..3_u8);
    (place, any::<u8>()).prop_map(|((pattern, at, how), byte)| {
        let mut text: Vec<_> = origin_of(PATTERNS[pattern]).chars().collect();
        let at = at.index(text.len());
        match how {
            0 => text[at] = char::from(byte),
            1 => text.insert(at, char::from(byte)),
            _ => drop(text.remove(at)),
        }
        text.into_iter().collect()
    })
}

/// The characters that a header value can contain after the platform has decoded it, and more.
fn header_value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        prop::collection::vec(any::<u8>(), 0..40)
            .prop_map(|bytes| bytes.into_iter().map(char::from).collect()),
        "[a-zA-Z*,\t ;:-]{0,20}",
        damaged_origin(),
    ]
}

/// Characters that are never part of an origin, a method or a header name of a policy.
const MARKER: &str = "marker-7f3a";

proptest! {
    #![proptest_config(bounded(4_000))]

    #[test]
    fn a_damaged_origin_is_granted_only_what_its_new_text_is_listed_for(origin in damaged_origin()) {
        // Changing one letter turns `app` into the gateway's own `api`, which needs no grant.
        let listed = origin != GATEWAY && PATTERNS.iter().any(|pattern| stands_for(pattern, &origin));
        for request in requests(&origin) {
            prop_assert_eq!(is_granted(&gateway(&policy(), &request)), listed, "{:?}", origin);
        }
    }

    #[test]
    fn arbitrary_bytes_in_the_three_headers_are_granted_nothing_unlisted(
        rules in Rules::any(),
        method in prop_oneof![Just("OPTIONS"), Just("GET"), Just("POST")],
        origin in header_value(),
        requested_method in header_value(),
        requested_headers in header_value(),
    ) {
        let request = Request::new(method, &format!("{GATEWAY}/x"))
            .with("origin", &origin)
            .with("access-control-request-method", &requested_method)
            .with("access-control-request-headers", &requested_headers);
        let response = gateway(&rules.policy(), &request);
        let granted: Vec<_> = response.headers.all("access-control-allow-origin").collect();
        let explained = granted.iter().all(|granted| granted.ends_with(".corsgate.invalid"));
        let listed = match rules.origins {
            Origins::Anyone => granted == ["*"],
            _ => granted == [origin.as_str()] && rules.lists(&origin),
        };
        prop_assert!(explained || listed, "{:?}", granted);
    }

    #[test]
    fn text_from_a_client_is_never_echoed_in_a_header(
        rules in Rules::any(),
        method in prop_oneof![Just("OPTIONS"), Just("GET"), Just("HEAD")],
        present in any::<[bool; 12]>(),
        form in prop_oneof![
            Just(MARKER.to_owned()),
            Just(format!("https://{MARKER}.evil.com")),
            Just(format!("https://app.example.com, {MARKER}")),
            Just(format!("a,{MARKER},\"b")),
        ],
    ) {
        const NAMES: [&str; 12] = [
            "origin",
            "access-control-request-method",
            "access-control-request-headers",
            "access-control-allow-origin",
            "vary",
            "upgrade",
            "accept",
            "authorization",
            "sec-fetch-site",
            "corsgate-hop",
            "corsgate-decision",
            "cf-connecting-ip",
        ];
        let request = NAMES
            .into_iter()
            .zip(present)
            .filter(|(_, present)| *present)
            .fold(Request::new(method, &format!("{GATEWAY}/{MARKER}?{MARKER}")), |request, (name, _)| {
                request.with(name, &form)
            });
        let response = gateway(&rules.policy(), &request);
        for (name, value) in response.headers.lines() {
            prop_assert!(!name.contains(MARKER) && !value.contains(MARKER), "{}: {}", name, value);
        }
    }
}
