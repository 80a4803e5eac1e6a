//! Repairs names of routes, limits, lists and upstreams.

use super::{Repair, consider, write};

/// The longest name, in bytes.
const MAX_NAME: usize = 48;

/// Repairs a name, which is a value or the key of a table that others refer to.
pub(super) fn repair(text: &str, is_key: bool) -> Option<Repair> {
    // In a key of KV, the gateway adds the prefix; in a file name, the list's name comes before the dot.
    let bare = ["allowlist/", "origin/"].iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(text);
    let bare = bare.strip_suffix(".txt").unwrap_or(bare);
    let plain: String = bare
        .trim()
        .chars()
        .map(|character| match character.to_ascii_lowercase() {
            letter @ ('a'..='z' | '0'..='9' | '_' | '-') => letter,
            _ => '-',
        })
        .collect();
    let plain = plain.trim_start_matches(|first: char| !first.is_ascii_lowercase()).trim_end_matches('-');
    let usable = !plain.is_empty() && plain.len() <= MAX_NAME && plain != text;
    usable.then(|| match is_key {
        true => consider(format!("call it `{plain}`, here and where it is used")),
        false => write(plain),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_plain() {
        for (text, plain) in [
            ("allowlist/x", Some("x")),
            ("origin/tenants", Some("tenants")),
            ("partners.txt", Some("partners")),
            ("Token Refresh", Some("token-refresh")),
            ("2nd", Some("nd")),
            ("ü", None),
            ("", None),
        ] {
            assert_eq!(repair(text, false), plain.map(write), "{text}");
        }
        assert_eq!(repair("Legacy", true), Some(consider("call it `legacy`, here and where it is used")));
        assert_eq!(repair(&"a".repeat(49), false), None);
    }
}
