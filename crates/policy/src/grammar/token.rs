//! Method and header names: tokens of RFC 9110, 5.6.2, and the lists of them.

use core::fmt;
use std::collections::BinaryHeap;

/// A method, as [RFC 9110, 9.1] and Fetch have it: a token, with its case.
///
/// [RFC 9110, 9.1]: https://www.rfc-editor.org/rfc/rfc9110#section-9.1
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Method(String);

/// The name of a header field, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeaderName(String);

/// Why a text is not a method or a header name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// The text is empty, or has a character that tokens cannot contain.
    NotToken,
    /// A method that browsers never let a page use (Fetch, "forbidden method").
    ForbiddenMethod,
    /// A `*` that is neither alone nor at the end of the beginning of a header name.
    StrayWildcard,
    /// A family of header names that has reserved names.
    ReservedFamily,
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotToken => "not a token: letters, digits and ``!#$%&'*+-.^_`|~`` only",
            Self::ForbiddenMethod => "browsers never let a page use this method",
            Self::StrayWildcard => {
                "`*` means every name when it is alone, or every name with a beginning when it is at the end, as in \
                 `x-amz-meta-*`"
            }
            Self::ReservedFamily => {
                "this family has names that only a full name can list (`authorization`, cookies) or that no page can \
                 use (`access-control-`, `corsgate-`, `proxy-`, `sec-`)"
            }
        })
    }
}

impl core::error::Error for TokenError {}

impl Method {
    /// Reads a method that a policy can allow.
    ///
    /// # Errors
    /// When it is no token, or a [forbidden method](https://fetch.spec.whatwg.org/#forbidden-method).
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        if !is_token(text.as_bytes()) {
            return Err(TokenError::NotToken);
        }
        if is_forbidden_method(text) {
            return Err(TokenError::ForbiddenMethod);
        }
        Ok(Self(text.to_owned()))
    }

    /// The method.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl HeaderName {
    /// Reads a name; its case does not count.
    ///
    /// # Errors
    /// When it is no token.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        if is_token(text.as_bytes()) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(TokenError::NotToken)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// "forbidden method" of the Fetch Standard: a page that uses one gets a `TypeError`.
#[must_use]
pub fn is_forbidden_method(method: &str) -> bool {
    ["CONNECT", "TRACE", "TRACK"].iter().any(|forbidden| method.eq_ignore_ascii_case(forbidden))
}

/// Whether the bytes are a token.
pub fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty()
        && bytes.iter().all(|byte| {
            matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'!' | b'#' | b'$' | b'%' | b'&' | b'\''
                | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~')
        })
}

/// The members of a list (RFC 9110, 5.6.1), without its empty elements.
pub fn members(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(trimmed).filter(|member| !member.is_empty())
}

/// A text without the white space that may stand around it (RFC 9110, 5.6.3). By bytes: `trim_matches` is much code.
fn trimmed(text: &str) -> &str {
    let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t');
    let before = text.as_bytes().iter().take_while(is_blank).count();
    let behind = text.as_bytes().iter().rev().take_while(is_blank).count();
    text.get(before..text.len() - behind).unwrap_or_default()
}

/// Names in lower case, sorted, each once. A heap sorts in far less code than `sort`, which every isolate would have to load.
pub(crate) fn sorted_once<'n>(names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let names: BinaryHeap<_> = names.map(str::to_ascii_lowercase).collect();
    let mut names = names.into_sorted_vec();
    names.dedup();
    names
}

/// The first subprotocol that a WebSocket handshake offers (RFC 6455, 4.1), if it is a token of plausible
/// length.
#[must_use]
pub fn first_subprotocol(offered: &str) -> Option<&str> {
    const LONGEST: usize = 128;
    let names = offered.split(',').map(trimmed);
    names.into_iter().find(|name| name.len() <= LONGEST && is_token(name.as_bytes()))
}

/// Whether a text is an ASCII header field value (RFC 9110, 5.5). Policies allow ASCII only, because
/// recipients decode other bytes differently.
#[must_use]
pub fn is_field_value(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~')) && text.trim_ascii() == text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_keep_their_case_and_forbidden_ones_are_refused() {
        for (text, parsed) in [
            ("PUT", Ok("PUT")),
            ("patch", Ok("patch")),
            ("M-SEARCH", Ok("M-SEARCH")),
            ("", Err(TokenError::NotToken)),
            ("PU T", Err(TokenError::NotToken)),
            ("PUT,GET", Err(TokenError::NotToken)),
            ("TRACE", Err(TokenError::ForbiddenMethod)),
            ("track", Err(TokenError::ForbiddenMethod)),
            ("CONNECT", Err(TokenError::ForbiddenMethod)),
        ] {
            assert_eq!(Method::parse(text).as_ref().map(Method::as_str), parsed.as_ref().copied(), "{text}");
        }
    }

    #[test]
    fn header_names_are_lower_case() {
        assert_eq!(HeaderName::parse("X-Request-ID").expect("token").as_str(), "x-request-id");
        for text in ["", "x y", "x:y", "x\ny", "ü"] {
            assert_eq!(HeaderName::parse(text), Err(TokenError::NotToken), "{text}");
        }
    }

    #[test]
    fn the_first_subprotocol_is_one_that_could_be_selected() {
        let long = "x".repeat(129);
        for (offered, first) in [
            ("chat", Some("chat")),
            (" v2.chat , v1", Some("v2.chat")),
            (", a", Some("a")),
            ("a b;c, d", Some("d")),
            ("", None),
            (long.as_str(), None),
        ] {
            assert_eq!(first_subprotocol(offered), first, "{offered}");
        }
    }

    #[test]
    fn a_field_value_is_one_line_of_ascii() {
        for (text, valid) in
            [("", true), ("a b\tc", true), ("a\r\nb", false), ("a\0", false), (" a", false), ("ü", false)]
        {
            assert_eq!(is_field_value(text), valid, "{text:?}");
        }
    }
}
