//! The values of `Access-Control-Allow-Methods` (`#method`) and `Access-Control-Allow-Headers` (`#field-name`).

use crate::grammar::token::{is_token, members};

/// A list of methods or header names that has parsed.
#[derive(Clone, Copy, Debug)]
pub struct TokenList<'a>(&'a str);

impl<'a> TokenList<'a> {
    /// "extract header list values", by the grammar in "HTTP new-header syntax". A value that does not parse is a
    /// failure as a whole, not a list with odd names in it. A missing header is an empty list: the difference matters
    /// only with the use-CORS-preflight flag.
    ///
    /// # Errors
    /// The first member that is not a token.
    pub fn extract(value: Option<&'a str>) -> Result<Self, &'a str> {
        let value = value.unwrap_or_default();
        match members(value).find(|member| !is_token(member.as_bytes())) {
            Some(member) => Err(member),
            None => Ok(Self(value)),
        }
    }

    /// Whether a member is the same bytes.
    #[must_use]
    pub fn has(self, token: &str) -> bool {
        members(self.0).any(|member| member == token)
    }

    /// Whether a member is a "byte-case-insensitive" match.
    #[must_use]
    pub fn has_name(self, name: &str) -> bool {
        members(self.0).any(|member| member.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_parses_as_a_whole_or_not_at_all() {
        for (value, failure) in [
            (None, None),
            (Some(""), None),
            (Some(" ,\t, "), None),
            (Some("*"), None),
            (Some("PUT, DELETE"), None),
            (Some("content-type,,x-a\t, X-B "), None),
            (Some("content-type authorization"), Some("content-type authorization")),
            (Some("PUT, DE LETE"), Some("DE LETE")),
            (Some("PUT; DELETE"), Some("PUT; DELETE")),
            (Some("[\"x-a\"]"), Some("[\"x-a\"]")),
            (Some("x-a, x-ü"), Some("x-ü")),
            (Some("x-a,\u{b}x-b"), Some("\u{b}x-b")),
        ] {
            assert_eq!(TokenList::extract(value).err(), failure, "{value:?}");
        }
    }

    #[test]
    fn methods_keep_their_case_and_names_do_not() {
        let list = TokenList::extract(Some("PUT, X-Trace")).expect("a list");
        assert!(list.has("PUT") && !list.has("put") && !list.has("PU"));
        assert!(list.has_name("x-trace") && !list.has_name("x-trac"));
    }
}
