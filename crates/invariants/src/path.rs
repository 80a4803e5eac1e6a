//! Paths. The input is patterns of routes, one a line, and on the last line a URL or a path.
//!
//! The URL is split as the `url` crate splits it. The path matches the first pattern by an obvious evaluation, or is
//! rejected; it is rejected whenever an obvious loose evaluation finds another route. A server that folds case, merges
//! slashes, drops parameters or dots, or decodes again finds the same route. The matched path itself is forwarded, at
//! the upstream and under its base.

use corsgate_policy::decision::decide::Examined;
use corsgate_policy::path::{MAX_PATH, PathPattern};
use corsgate_policy::policy::document::Document;
use corsgate_policy::{
    Answers, Facts, Outcome, Policy, Reason, RequestUrl, grammar::day::Day, response::forward,
};
use url::Url;

use crate::decide::case;

const GATEWAY: &str = "https://api.example.com";
const UPSTREAM: &str = "https://origin.example.net:8443/base";
/// More routes would repeat these.
const PATTERNS: usize = 6;

/// Checks the rules above.
pub fn holds(input: &[u8]) {
    let text = crate::text(input);
    let (patterns, request) = text.rsplit_once('\n').unwrap_or(("/*", &text));
    let document = document(patterns.split('\n').take(PATTERNS));
    let url = Url::parse(GATEWAY).and_then(|base| base.join(request));
    let Ok(url) = url else { return };
    let Some(cut) = RequestUrl::parse(url.as_str()) else {
        return;
    };
    check_cut(&url, &cut);
    check_route(&document, &cut);
}

/// The routes that a policy can have together.
fn document<'p>(patterns: impl Iterator<Item = &'p str>) -> Document {
    let upstreams = [("api".to_owned(), UPSTREAM.to_owned())].into();
    let mut document = Document { upstreams, ..case::document() };
    for (at, text) in patterns.enumerate() {
        if let Ok(pattern) = PathPattern::parse(text) {
            assert_eq!(pattern.to_string(), text);
            assert!(pattern.covers(&pattern), "{text:?}");
        }
        document.routes.push(case::route(&format!("r{at}"), text, None));
        if Policy::from_document(&document).is_err() {
            document.routes.pop();
        }
    }
    document
}

fn check_cut(url: &Url, cut: &RequestUrl<'_>) {
    assert_eq!(cut.origin, format!("{}://{}", cut.scheme, cut.authority));
    assert_eq!(cut.origin, url.origin().ascii_serialization());
    assert_eq!((cut.scheme, cut.path), (url.scheme(), url.path()), "{url}");
    assert_eq!(cut.query.strip_prefix('?'), url.query(), "{url}");
    let host = url.host_str().unwrap_or_default();
    assert_eq!(cut.host, host.strip_suffix('.').unwrap_or(host), "{url}");
}

fn check_route(document: &Document, url: &RequestUrl<'_>) {
    let Ok(policy) = Policy::from_document(document) else {
        assert!(document.routes.is_empty(), "each route was tried");
        return;
    };
    let facts = Facts { method: "GET", url: *url, ..Facts::default() };
    let decision = Examined::new(&policy, &facts).decide(&Answers::default(), Day::NEVER);
    let found = decision.route.and_then(|found| policy.routes().iter().position(|r| std::ptr::eq(r, found)));
    let patterns: Vec<_> = document.routes.iter().map(|route| route.path.as_str()).collect();
    let expected = expected(&patterns, url.path);
    match (expected, decision.outcome) {
        (Ok(None), Outcome::Reject(Reason::RouteNotFound)) => {}
        // More paths are ambiguous than two evaluations show.
        (_, Outcome::Reject(Reason::PathAmbiguous)) => {
            assert_eq!(found, None);
            assert!(
                expected.is_err() || !is_simple(url.path),
                "{} of {patterns:?} is {expected:?}",
                url.path
            );
        }
        (Ok(Some(at)), Outcome::Allow) => {
            assert_eq!(found, Some(at), "{} of {patterns:?}", url.path);
            check_lax_servers(&patterns, url.path, at);
        }
        (expected, outcome) => panic!("{} of {patterns:?}: {expected:?}, but {outcome:?}", url.path),
    }
    if let Some(route) = decision.route {
        let mut target = String::new();
        forward::write_target(route, &facts, &mut target);
        check_target(&target, url);
    }
}

/// Nothing in the target is resolved: it is the matched path at the upstream, byte for byte.
fn check_target(target: &str, url: &RequestUrl<'_>) {
    assert_eq!(target, format!("{UPSTREAM}{}{}", url.path, url.query));
    let parsed = Url::parse(target).unwrap_or_else(|error| panic!("{target}: {error}"));
    assert_eq!(parsed.as_str(), target, "URL parsing changes nothing");
    assert_eq!((parsed.host_str(), parsed.port()), (Some("origin.example.net"), Some(8443)));
    for segment in parsed.path_segments().into_iter().flatten() {
        let decoded = decoded(segment);
        let name = decoded.split(|byte| *byte == b';').next().unwrap_or_default();
        assert!(name != b"." && name != b"..", "{target}");
        assert!(!decoded.iter().any(|byte| b"/\\\0".contains(byte)), "{target}");
    }
}

/// Only case, slashes, parameters and single escapes of ASCII in the path can be read in two ways.
fn is_simple(path: &str) -> bool {
    let escapes = path.split('%').skip(1).all(|escape| {
        let code = escape.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        code.is_some_and(|code| code.is_ascii_graphic() && !b"%.?#".contains(&code))
    });
    escapes && path.is_ascii() && !path.contains('.') && path.len() <= MAX_PATH
}

/// The first pattern by the exact evaluation, unless the loose one finds another.
fn expected(patterns: &[&str], path: &str) -> Result<Option<usize>, ()> {
    let segments = segments(path);
    if path.len() > MAX_PATH {
        return Err(());
    }
    let escapes = path
        .split('%')
        .skip(1)
        .all(|escape| escape.len() >= 2 && escape.bytes().take(2).all(|digit| digit.is_ascii_hexdigit()));
    let harmless = segments.iter().all(|segment| {
        let name = segment.split(|byte| *byte == b';').next().unwrap_or_default();
        name != b"."
            && name != b".."
            && !segment.iter().any(|byte| matches!(byte, b'/' | b'\\' | 0..32 | 127))
    });
    if !escapes || !harmless {
        return Err(());
    }
    let first = |reading: fn(&str) -> Vec<Vec<u8>>| {
        patterns.iter().position(|pattern| {
            let (stem, prefix) = match pattern.strip_suffix("/*") {
                Some(stem) => (stem, true),
                None => (*pattern, false),
            };
            let (stem, path) = (reading(stem), reading(path));
            if prefix { path.starts_with(&stem) } else { path == stem }
        })
    };
    let exact = first(self::segments);
    if exact == first(loose_segments) { Ok(exact) } else { Err(()) }
}

/// However a lax server reads the path, it matches no other route.
fn check_lax_servers(patterns: &[&str], path: &str, at: usize) {
    let lower = path.to_ascii_lowercase();
    let merged = path.split('/').filter(|segment| !segment.is_empty()).collect::<Vec<_>>().join("/");
    let without_parameters = path.split('/').map(|segment| segment.split(';').next().unwrap_or_default());
    let without_parameters = without_parameters.collect::<Vec<_>>().join("/");
    let without_slash = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path).to_owned();
    let trimmed = path.split('/').map(|segment| match segment {
        "." | ".." => segment,
        name => name.trim_end_matches('.'),
    });
    let trimmed = trimmed.collect::<Vec<_>>().join("/");
    let again = String::from_utf8(decoded(path)).unwrap_or_else(|_| path.to_owned());
    for reading in [lower, format!("/{merged}"), without_parameters, without_slash, trimmed, again] {
        let other = expected(patterns, &reading);
        assert!(matches!(other, Ok(Some(found)) if found == at) || other.is_err(), "{path} as {reading}");
    }
}

fn segments(path: &str) -> Vec<Vec<u8>> {
    path.split('/').skip(1).map(decoded).collect()
}

fn loose_segments(path: &str) -> Vec<Vec<u8>> {
    let loosely = |mut segment: Vec<u8>| {
        segment.truncate(segment.iter().position(|byte| *byte == b';').unwrap_or(segment.len()));
        segment.make_ascii_lowercase();
        segment
    };
    segments(path).into_iter().map(loosely).filter(|segment| !segment.is_empty()).collect()
}

fn decoded(segment: &str) -> Vec<u8> {
    let bytes = segment.as_bytes();
    let mut decoded = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        let digits = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let value = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match value.filter(|_| *byte == b'%') {
            Some(value) => {
                decoded.push(value);
                at += 3;
            }
            None => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    decoded
}
