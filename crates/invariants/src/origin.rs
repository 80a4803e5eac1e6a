//! The parsers of origins and of patterns. The input is a text, or a pattern and an origin on two lines.
//!
//! An origin is accepted if and only if a browser could have serialized it, and its bytes are kept; the `url` crate
//! serializes origins of the web in the same way. A pattern matches what the obvious evaluation says, and never its
//! own parent domain.

use corsgate_policy::grammar::day::Day;
use corsgate_policy::origin::Origin;
use corsgate_policy::origin::entry::Entry;
use corsgate_policy::origin::pattern::OriginPattern;
use corsgate_policy::origin::set::{AcceptedEntries, Membership, OriginSet};
use url::Url;

use crate::reference;

/// Checks the rules above.
pub fn holds(input: &[u8]) {
    let text = crate::text(input);
    let (first, second) = text.split_once('\n').unwrap_or((&text, &text));
    check_origin(first);
    check_pattern(first, second);
}

fn check_origin(text: &str) {
    let parsed = Origin::parse(text);
    assert_eq!(parsed.is_ok(), reference::is_origin(text), "{text:?}: {parsed:?}");
    let Ok(origin) = parsed else { return };
    assert_eq!(origin.as_str(), text);
    let port = origin.port().map(|port| format!(":{port}")).unwrap_or_default();
    assert_eq!(format!("{}://{}{port}", origin.scheme(), origin.host()), text);
    assert_eq!(origin.is_insecure(), reference::is_insecure(text), "{text:?}");
    let is_web = ["http", "https"].contains(&origin.scheme());
    // The gateway does not check whether an A-label decodes: see `reference`.
    if is_web && !text.contains("xn--") {
        let serialized = Url::parse(text).map(|url| url.origin().ascii_serialization());
        assert_eq!(serialized.as_deref(), Ok(text));
    }
    let pattern = OriginPattern::parse(text).unwrap_or_else(|error| panic!("{text:?} is an entry: {error}"));
    let form = pattern.form();
    assert!(form.is_exact() && form.host == origin.host() && form.scheme == origin.scheme(), "{form:?}");
}

fn check_pattern(text: &str, other: &str) {
    let Ok(pattern) = OriginPattern::parse(text) else {
        return;
    };
    assert_eq!(pattern.as_str(), text);
    assert_eq!(pattern.form().is_insecure(), reference::is_insecure(&text.replacen("*.", "", 1)), "{text:?}");
    let set = OriginSet::new([Entry { pattern: pattern.clone(), expires: Day::NEVER }]);
    let lists = |origin: &str| {
        Origin::parse(origin).is_ok_and(|origin| {
            let found = set.find(&origin, AcceptedEntries::ALL, Day::NEVER);
            assert!(matches!(found, Membership::Absent) || found == Membership::Listed(text), "{found:?}");
            found != Membership::Absent
        })
    };
    let member = reference::member(text);
    // With one more label or a port, the longest patterns are longer than any origin.
    assert!(lists(&member) || !reference::is_origin(&member), "{text:?} stands for {member:?}");
    if pattern.form().subdomains {
        assert!(!lists(&member.replacen("://a.", "://", 1)), "{text:?} stands for its own parent");
    }
    assert_eq!(lists(other), reference::stands_for(text, other), "{text:?} and {other:?}");
    if let Ok(narrow) = OriginPattern::parse(other)
        && pattern.form().covers(&narrow.form())
    {
        let member = reference::member(other);
        assert!(lists(&member) || !reference::is_origin(&member), "{text:?} covers {other:?}");
    }
}
