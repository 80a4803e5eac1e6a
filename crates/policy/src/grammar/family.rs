//! Families of header names: the beginning of a name and one final `*`.

use crate::grammar::token::{HeaderName, TokenError, is_token};

/// All header names with the same beginning, such as `x-amz-meta-*`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeaderFamily {
    /// In lower case, without the `*`.
    prefix: String,
}

/// An entry of a list of header names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListedHeader {
    /// One name.
    Name(HeaderName),
    /// All names with one beginning.
    Family(HeaderFamily),
}

/// Names with these beginnings are between browsers, gateways and proxies.
const RESERVED_PREFIXES: [&str; 4] = ["access-control-", "corsgate-", "proxy-", "sec-"];
/// Credentials. Whoever lets pages send or read one writes its name in full; `*` does not cover `authorization`
/// either (Fetch, "CORS non-wildcard request-header name").
const RESERVED_NAMES: [&str; 5] = ["authorization", "cookie", "cookie2", "set-cookie", "set-cookie2"];

impl ListedHeader {
    /// Reads an entry; the case does not count. The lone `*` is none: the list has to know its own.
    ///
    /// # Errors
    /// When it is neither a name nor a family.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        if text.contains('*') {
            HeaderFamily::parse(text).map(Self::Family)
        } else {
            HeaderName::parse(text).map(Self::Name)
        }
    }
}

impl HeaderFamily {
    /// Reads a family.
    ///
    /// # Errors
    /// When it is not the beginning of a name and one final `*`, or when a name of the family is reserved.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        if !is_token(text.as_bytes()) {
            return Err(TokenError::NotToken);
        }
        let prefix = text.strip_suffix('*').unwrap_or_default().to_ascii_lowercase();
        if prefix.is_empty() || prefix.contains('*') {
            return Err(TokenError::StrayWildcard);
        }
        let overlaps = |reserved: &&str| reserved.starts_with(&prefix) || prefix.starts_with(*reserved);
        if RESERVED_PREFIXES.iter().any(overlaps)
            || RESERVED_NAMES.iter().any(|reserved| reserved.starts_with(&prefix))
        {
            return Err(TokenError::ReservedFamily);
        }
        Ok(Self { prefix })
    }

    /// The beginning of the names, in lower case.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Whether the name is in the family, in any case. The beginning alone is not.
    #[must_use]
    pub fn admits(&self, name: &str) -> bool {
        name.split_at_checked(self.prefix.len())
            .is_some_and(|(start, rest)| !rest.is_empty() && start.eq_ignore_ascii_case(&self.prefix))
    }

    /// Whether every name of the other family is in this one.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.prefix.starts_with(&self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_the_beginning_of_a_name_and_one_final_star() {
        for (text, prefix) in [
            ("x-amz-meta-*", Ok("x-amz-meta-")),
            ("X-Amz-*", Ok("x-amz-")),
            ("x*", Ok("x")),
            ("mcp-param-*", Ok("mcp-param-")),
            ("content-*", Ok("content-")),
            ("cookie-consent-*", Ok("cookie-consent-")),
            ("", Err(TokenError::NotToken)),
            ("x *", Err(TokenError::NotToken)),
            ("x-a*, x-b*", Err(TokenError::NotToken)),
            ("ü*", Err(TokenError::NotToken)),
            ("*", Err(TokenError::StrayWildcard)),
            ("**", Err(TokenError::StrayWildcard)),
            ("x-**", Err(TokenError::StrayWildcard)),
            ("*-x", Err(TokenError::StrayWildcard)),
            ("x-*-y", Err(TokenError::StrayWildcard)),
            ("x-*-*", Err(TokenError::StrayWildcard)),
        ] {
            assert_eq!(
                HeaderFamily::parse(text).as_ref().map(HeaderFamily::prefix),
                prefix.as_ref().copied(),
                "{text}"
            );
        }
    }

    #[test]
    fn a_family_with_a_reserved_name_is_refused_however_short_or_long() {
        for text in [
            "a*",
            "ac*",
            "access-control-*",
            "Access-Control-Allow-*",
            "s*",
            "se*",
            "sec*",
            "sec-*",
            "sec-fetch-*",
            "p*",
            "proxy*",
            "proxy-*",
            "proxy-auth*",
            "c*",
            "co*",
            "cors*",
            "corsgate-*",
            "corsgate-x*",
            "au*",
            "authorization*",
            "cook*",
            "cookie*",
            "set-*",
            "set-cookie*",
        ] {
            assert_eq!(HeaderFamily::parse(text), Err(TokenError::ReservedFamily), "{text}");
        }
        for text in ["secret-*", "acme-*", "proxied-*", "setting-*", "authz-*", "cors-*"] {
            assert!(HeaderFamily::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_name_is_in_a_family_with_its_beginning() {
        let family = HeaderFamily::parse("x-amz-meta-*").expect("a family");
        for (name, admitted) in [
            ("x-amz-meta-colour", true),
            ("X-Amz-Meta-Colour", true),
            ("x-amz-meta-*", true),
            ("x-amz-meta-", false),
            ("x-amz-meta", false),
            ("x-amz-acl", false),
            ("", false),
            ("x-amz-metaü", false),
        ] {
            assert_eq!(family.admits(name), admitted, "{name}");
        }
        let wide = HeaderFamily::parse("x-*").expect("a family");
        assert!(wide.covers(&family) && wide.covers(&wide) && !family.covers(&wide));
    }

    #[test]
    fn an_entry_is_a_name_or_a_family() {
        assert!(
            matches!(ListedHeader::parse("X-Id"), Ok(ListedHeader::Name(name)) if name.as_str() == "x-id")
        );
        assert!(
            matches!(ListedHeader::parse("X-*"), Ok(ListedHeader::Family(family)) if family.prefix() == "x-")
        );
        assert_eq!(ListedHeader::parse("x y"), Err(TokenError::NotToken));
    }
}
