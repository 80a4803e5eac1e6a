//! Reads Permissions-Policy as browsers do: as a dictionary of structured fields (RFC 9651, 3.2).

use std::collections::HashSet;

use sfv::{BareItem, Dictionary, ListEntry, Parser};
use thiserror::Error;
use url::Url;

/// Why browsers drop the whole header.
#[derive(Debug, Error)]
pub(crate) enum Unreadable {
    #[error("there is a comma without a feature before or after it")]
    EmptyMember,
    #[error("separate features by commas, not by `;`")]
    Semicolons,
    #[error("`{0}` is not a feature with its list, such as `geolocation=()`")]
    NotAFeature(String),
    #[error("`{0}` stands twice, and browsers take the last; write it once")]
    Twice(String),
    #[error("browsers cannot parse it: {0}")]
    Syntax(sfv::Error),
}

/// Reads the features and their allowlists, or says why browsers drop the whole header.
pub(crate) fn read(policy: &str) -> Result<Dictionary, Unreadable> {
    let unreadable = match Parser::new(policy).parse::<Dictionary>() {
        Ok(dictionary) => return Ok(dictionary),
        Err(error) => error,
    };
    let member = members(policy).into_iter().map(str::trim).find(|member| !is_member(member));
    Err(match member {
        Some("") => Unreadable::EmptyMember,
        Some(member) if members_end_with_semicolons(member) => Unreadable::Semicolons,
        Some(member) => Unreadable::NotAFeature(member.to_owned()),
        None => Unreadable::Syntax(unreadable),
    })
}

/// The mistake in the value of a feature, if there is one.
///
/// Browsers accept `*`, `self`, `src` and origins in quotes, and silently ignore anything else
/// ([Permissions Policy, "construct policy from dictionary and origin"]).
///
/// [Permissions Policy, "construct policy from dictionary and origin"]: https://www.w3.org/TR/permissions-policy/#algo-construct-policy
pub(crate) fn fault(feature: &str, value: &ListEntry) -> Option<String> {
    let parameters = match value {
        ListEntry::Item(item) => &item.params,
        ListEntry::InnerList(list) => &list.params,
    };
    if parameters.keys().any(|name| name.as_str() != "report-to") {
        return Some(Unreadable::Semicolons.to_string());
    }
    match value {
        ListEntry::Item(item) => match &item.bare_item {
            BareItem::Token(word) if matches!(word.as_str(), "*" | "self" | "src") => None,
            BareItem::Token(word) => Some(unknown_word(feature, word.as_str())),
            BareItem::String(origin) => Some(format!(
                "write an origin in parentheses: `{feature}=(\"{}\")`; without them no origin gets the feature",
                origin.as_str()
            )),
            // The value of a name without `=`, and `?1`.
            _ => Some(format!(
                "`{feature}` has no list; write `{feature}=()` for no origin, `{feature}=(self)` for this one"
            )),
        },
        ListEntry::InnerList(list) => list.items.iter().find_map(|item| match &item.bare_item {
            BareItem::Token(word) if matches!(word.as_str(), "*" | "self" | "src") => None,
            BareItem::Token(word) => Some(unknown_word(feature, word.as_str())),
            BareItem::String(origin) => fault_of_origin(feature, origin.as_str()),
            _ => Some(format!("the list of `{feature}` can only have `self`, `*` and origins in quotes")),
        }),
    }
}

/// The feature that stands twice in a header that browsers can parse: the last one counts (RFC 9651, 4.2.2), and whoever reads
/// the first is mistaken.
pub(crate) fn repeated(policy: &str) -> Option<String> {
    let mut seen = HashSet::new();
    let names =
        members(policy).into_iter().map(|member| member.trim().split(['=', ';']).next().unwrap_or_default());
    let repeated = names.into_iter().find(|name| !seen.insert(*name))?;
    Some(Unreadable::Twice(repeated.to_owned()).to_string())
}

/// What is wrong with a text in the list of a feature. Browsers ignore one that is no URL with a host.
fn fault_of_origin(feature: &str, text: &str) -> Option<String> {
    if matches!(text, "self" | "*" | "src") {
        return Some(format!(
            "`{text}` is a word without quotes: `{feature}=({text})`; browsers ignore it in quotes"
        ));
    }
    let is_origin = Url::parse(text).is_ok_and(|url| url.has_host());
    (!is_origin).then(|| {
        format!("browsers ignore `{text}`; an origin has a scheme: `{feature}=(\"https://app.example.com\")`")
    })
}

fn unknown_word(feature: &str, word: &str) -> String {
    let meant = if word == "none" { "" } else { "an origin in quotes, or " };
    format!("browsers ignore `{word}`; write {meant}`{feature}=()` for no origin")
}

/// The parts between commas that are neither in quotes nor in parentheses.
fn members(policy: &str) -> Vec<&str> {
    let (mut quoted, mut escaped, mut depth) = (false, false, 0_u32);
    policy
        .split(|character: char| {
            match character {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                '(' if !quoted => depth += 1,
                ')' if !quoted => depth = depth.saturating_sub(1),
                ',' => return !quoted && depth == 0,
                _ => {}
            }
            false
        })
        .collect()
}

fn is_member(member: &str) -> bool {
    Parser::new(member).parse::<Dictionary>().is_ok_and(|dictionary| dictionary.len() == 1)
}

/// Whether semicolons separate the features, as in CSP and the older Feature-Policy.
fn members_end_with_semicolons(member: &str) -> bool {
    member.split_once(';').is_some_and(|(first, _)| is_member(first.trim()) || first.contains(" '"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first mistake in a header.
    fn wrong(policy: &str) -> Option<String> {
        match read(policy) {
            Ok(dictionary) => {
                let fault = dictionary.iter().find_map(|(name, value)| fault(name.as_str(), value));
                fault.or_else(|| repeated(policy))
            }
            Err(message) => Some(message.to_string()),
        }
    }

    #[test]
    fn what_browsers_read_is_fine() {
        for policy in [
            "geolocation=()",
            "camera=*",
            "camera=self, microphone=(self)",
            "camera=(self \"https://call.example.com\")",
            "camera=(\"https://a.example,b;c\"), microphone=()",
            "camera=(\"https://a.example\" \"https://b.example\"),microphone=*",
            "camera=( self )",
            "camera=(\"https://*.example.com\" \"wss://a.example:8443\")",
            "camera=(self);report-to=endpoint",
        ] {
            assert_eq!(wrong(policy), None, "{policy}");
        }
    }

    #[test]
    fn what_browsers_drop_or_ignore_is_named() {
        for (policy, message) in [
            ("camera", "`camera` has no list"),
            ("camera=?0", "`camera` has no list"),
            ("camera 'none'", "`camera 'none'` is not a feature"),
            ("camera=none", "browsers ignore `none`; write `camera=()` for no origin"),
            ("camera=(none)", "browsers ignore `none`"),
            (
                "camera=(example.com)",
                "browsers ignore `example.com`; write an origin in quotes, or `camera=()`",
            ),
            ("camera=('self')", "`camera=('self')` is not a feature"),
            ("camera=(self", "`camera=(self` is not a feature"),
            ("camera=(self,src)", "`camera=(self,src)` is not a feature"),
            ("camera=(\"x.example\")", "browsers ignore `x.example`; an origin has a scheme"),
            ("camera=(self \"x.example:8080\")", "browsers ignore `x.example:8080`"),
            ("camera=(\"\")", "browsers ignore ``"),
            ("camera=(\"none\")", "browsers ignore `none`"),
            ("camera=(\"self\")", "`self` is a word without quotes: `camera=(self)`"),
            ("camera=(\"*\")", "`*` is a word without quotes"),
            ("camera=(), microphone=(), camera=*", "`camera` stands twice, and browsers take the last"),
            ("camera=*, camera", "`camera` has no list"),
            ("camera=(1)", "the list of `camera`"),
            (
                "camera=\"https://a.example\"",
                "write an origin in parentheses: `camera=(\"https://a.example\")`",
            ),
            ("Camera=()", "`Camera=()` is not a feature"),
            ("=()", "`=()` is not a feature"),
            ("camera = ()", "`camera = ()` is not a feature"),
            ("camera=(),", "there is a comma without a feature before or after it"),
            (", camera=()", "there is a comma without a feature before or after it"),
            ("geolocation 'none'; camera 'none'", "separate features by commas"),
            ("geolocation=(); camera=()", "separate features by commas"),
            ("geolocation=*; camera=*", "separate features by commas"),
            ("camera=(\"https://a.example;b)", "is not a feature"),
        ] {
            let found = wrong(policy).unwrap_or_default();
            assert!(found.contains(message), "{policy}: {found}");
        }
    }
}
