//! Repairs methods, names of headers, and keys of limits.

use corsgate_policy::grammar::family::HeaderFamily;
use corsgate_policy::grammar::token::HeaderName;

use super::{Repair, consider, separated, write};
use crate::nearest::nearest;
use crate::slip;

/// Repairs a method or the name of a header.
pub(super) fn repair(text: &str, in_list: bool) -> Option<Repair> {
    let is_token = |name: &str| HeaderName::parse(name).is_ok();
    if let Some((name, _value)) = text.split_once(':').filter(|(name, _)| is_token(name.trim())) {
        return Some(consider(format!("write the name alone, without a value: `{}`", name.trim())));
    }
    let mut parts = slip::elements(text).peekable();
    parts.peek()?;
    let parts: Option<Vec<_>> = parts.map(|part| is_token(part).then_some(part)).collect();
    parts.map(|parts| separated(parts, in_list, "name"))
}

/// The family of headers up to the first `*`, as advice: it may have more names than were meant.
pub(super) fn family(text: &str) -> Option<String> {
    let (beginning, _) = text.split_once('*')?;
    let family = format!("{beginning}*");
    HeaderFamily::parse(&family).is_ok().then(|| format!("list the names, or the family `{family}`"))
}

/// Repairs the key of a limit.
pub(super) fn limit_key(text: &str) -> Option<Repair> {
    const ADDRESSES: [&str; 8] =
        ["ip", "client", "address", "ip_address", "remote_addr", "remote_ip", "x-forwarded-for", "x-real-ip"];
    let lower = text.trim().to_ascii_lowercase();
    if ADDRESSES.contains(&lower.as_str()) || lower == "cf-connecting-ip" {
        return Some(write("client_ip"));
    }
    if let Some(near) = nearest(text, ["client_ip", "origin", "route"]) {
        return Some(write(near));
    }
    let name =
        lower.strip_prefix("header").map_or(lower.as_str(), |rest| rest.trim_start_matches([':', ' ', '=']));
    match HeaderName::parse(name).is_ok() {
        _ if name.is_empty() => Some(consider("name the header too: `header:x-api-key`")),
        // A name with a dash is almost certainly a header.
        true if name.contains('-') || lower.starts_with("header") => Some(write(&format!("header:{name}"))),
        _ => Some(consider(
            "`route` counts each route separately; write `header:x-api-key` to count by the value of a header",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_one_string_come_apart() {
        for (text, written) in [
            ("PUT, DELETE", "\"PUT\", \"DELETE\""),
            ("PUT DELETE", "\"PUT\", \"DELETE\""),
            (" x-id ", "\"x-id\""),
        ] {
            assert_eq!(repair(text, true), Some(Repair::Write(written.to_owned())), "{text}");
        }
        let Some(Repair::Consider(advice)) = repair("x-a: 1", true) else { panic!("no advice") };
        assert!(advice.ends_with("`x-a`"), "{advice}");
        assert_eq!(repair("", true), None);
        assert_eq!(repair("ü", true), None);
    }

    #[test]
    fn a_star_inside_a_name_is_read_as_the_family_before_it() {
        assert_eq!(family("x-*-meta").as_deref(), Some("list the names, or the family `x-*`"));
        assert_eq!(family("*-meta"), None);
        assert_eq!(family("a*b"), None);
    }

    #[test]
    fn keys_of_limits_are_found_under_their_other_names() {
        for (text, key) in [
            ("ip", Some("client_ip")),
            ("CF-Connecting-IP", Some("client_ip")),
            ("clientip", Some("client_ip")),
            ("x-api-key", Some("header:x-api-key")),
            ("header: x-api-key", Some("header:x-api-key")),
            ("header=user", Some("header:user")),
        ] {
            assert_eq!(limit_key(text), key.map(write), "{text}");
        }
        assert!(matches!(limit_key("user"), Some(Repair::Consider(_))));
        assert_eq!(limit_key("header:"), Some(consider("name the header too: `header:x-api-key`")));
    }
}
