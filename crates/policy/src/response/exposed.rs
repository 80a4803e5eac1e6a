//! The response headers that families expose.
//!
//! `Access-Control-Expose-Headers` has no families: `*` is all there is, and with credentials it is a literal name
//! (Fetch, "main fetch"). So the gateway writes the names that the response has.

use crate::grammar::family::HeaderFamily;
use crate::grammar::token::{is_token, members, sorted_once};

/// The most names that families add to a response. Of more, the first in order are written.
pub const MAX_FAMILY_NAMES: usize = 100;

/// The value of `Access-Control-Expose-Headers` for a response with these headers: `listed`, and the names of a family,
/// in lower case, sorted and once. `families` have commas between them, `names` have spaces. Returns `None` if the
/// families add nothing.
#[must_use]
pub fn with_families(listed: &str, families: &str, names: &str) -> Option<String> {
    let families: Vec<_> = members(families).filter_map(|text| HeaderFamily::parse(text).ok()).collect();
    let is_new = |name: &&str| {
        is_token(name.as_bytes())
            && families.iter().any(|family| family.admits(name))
            && !members(listed).any(|known| known.eq_ignore_ascii_case(name))
    };
    let mut added = sorted_once(names.split(' ').filter(is_new));
    added.truncate(MAX_FAMILY_NAMES);
    if added.is_empty() {
        return None;
    }
    Some(members(listed).chain(added.iter().map(String::as_str)).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_families_come_after_the_listed_ones_sorted_and_once() {
        for (listed, names, value) in [
            ("x-id", "content-type x-amz-meta-b x-amz-meta-a", Some("x-id, x-amz-meta-a, x-amz-meta-b")),
            ("", "X-Amz-Meta-A x-amz-meta-a", Some("x-amz-meta-a")),
            ("x-amz-meta-a", "x-amz-meta-a", None),
            ("X-Amz-Meta-A", "x-amz-meta-a x-amz-meta-c", Some("X-Amz-Meta-A, x-amz-meta-c")),
            ("x-id", "content-type x-amz-acl x-amz-meta-", None),
            ("x-id", "", None),
        ] {
            assert_eq!(
                with_families(listed, "x-amz-meta-*, x-ratelimit-*", names).as_deref(),
                value,
                "{names}"
            );
        }
    }

    #[test]
    fn what_no_page_may_read_is_never_added() {
        let names = "set-cookie access-control-allow-origin corsgate-decision x,y";
        assert_eq!(with_families("", "set-*, a*, co*, access-control-*, x*", names), None);
    }

    #[test]
    fn the_first_hundred_names_are_added() {
        let names: Vec<_> = (100..300).rev().map(|at| format!("x-{at}")).collect();
        let value = with_families("x-id", "x-*", &names.join(" ")).expect("names");
        assert_eq!(members(&value).count(), 1 + MAX_FAMILY_NAMES);
        assert!(value.starts_with("x-id, x-100, x-101,") && value.ends_with(", x-199"), "{value}");
    }
}
