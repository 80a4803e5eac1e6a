//! Adds names to the upstream's `Vary`; its own names are kept.

use crate::grammar::token::members;

/// Adds names to a value of `Vary` (RFC 9110, 12.5.5), each once, ignoring case. Returns the value to set,
/// or `None` if the current one already covers all names, as `*` does.
#[must_use]
pub fn merge(current: Option<&str>, additions: &str) -> Option<String> {
    let current = current.unwrap_or_default();
    if members(current).any(|member| member == "*") {
        return None;
    }
    let mut missing = members(additions)
        .filter(|addition| !members(current).any(|member| member.eq_ignore_ascii_case(addition)))
        .peekable();
    missing.peek()?;
    let merged: Vec<_> = members(current).chain(missing).collect();
    Some(merged.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_added_once_and_nothing_is_lost() {
        for (current, additions, merged) in [
            (None, "Origin", Some("Origin")),
            (Some(""), "Origin", Some("Origin")),
            (Some("Accept-Encoding"), "Origin", Some("Accept-Encoding, Origin")),
            (Some("Accept-Encoding, origin"), "Origin", None),
            (Some("ORIGIN"), "Origin", None),
            (Some("*"), "Origin", None),
            (Some("Accept, *"), "Origin", None),
            (Some("X-Origin"), "Origin", Some("X-Origin, Origin")),
            (Some("a,,,,,,,,,,,,b"), "Origin", Some("a, b, Origin")),
            (
                Some("origin"),
                "Origin, Access-Control-Request-Method",
                Some("origin, Access-Control-Request-Method"),
            ),
        ] {
            assert_eq!(merge(current, additions).as_deref(), merged, "{current:?} and {additions}");
        }
    }
}
