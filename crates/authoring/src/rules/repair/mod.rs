//! Suggests what to write instead of an invalid value: one file a kind of value.

mod host;
mod name;
pub(crate) mod origin;
pub(crate) mod path;
mod regular_expression;
mod token;
mod upstream;

use corsgate_policy::grammar::token::TokenError;
use corsgate_policy::policy::document::Document;
use corsgate_policy::policy::violation::Violation;

use crate::cursor::quoted;
use crate::nearest::{listed, nearest};

/// A suggestion for an invalid value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Repair {
    /// Write this TOML in its place.
    Write(String),
    /// Follow this advice, which is a sentence.
    Consider(String),
}

/// The most steps of a repair. With more, it is no longer obvious.
const MAX_STEPS: usize = 6;

/// The obvious repair of a text that breaks a rule, if there is one. `in_list` says whether the text is in a list that
/// can have more elements.
pub(crate) fn repair(
    violation: &Violation,
    text: &str,
    in_list: bool,
    document: &Document,
) -> Option<Repair> {
    match violation {
        Violation::Pattern(_) if document.allowlists.contains_key(text) => Some(write(&format!("@{text}"))),
        Violation::Pattern(error) => origin::repair(text, error, in_list),
        Violation::Host(_) => host::repair(text, in_list),
        Violation::Upstream(error) => upstream::repair(text, *error),
        Violation::Path(_) => path::repair(text),
        Violation::Token(TokenError::NotToken) => token::repair(text, in_list),
        Violation::Token(TokenError::ForbiddenMethod) => Some(consider("leave it out")),
        Violation::Token(TokenError::StrayWildcard) => token::family(text).map(consider),
        Violation::Token(TokenError::ReservedFamily) => {
            Some(consider("write a longer beginning, or list the names that pages use"))
        }
        Violation::Name => name::repair(text, in_list),
        Violation::UnknownUpstream(name) => {
            unknown(name, document.upstreams.keys().map(String::as_str), "[upstreams]", "")
        }
        Violation::UnknownAllowlist(name) => {
            unknown(name, document.allowlists.keys().map(String::as_str), "[allowlists]", "@")
        }
        Violation::LimitKey => token::limit_key(text),
        Violation::SecurityValue(values) => nearest(text, values.iter().copied()).map(write),
        Violation::Version(_) => Some(Repair::Write("1".to_owned())),
        Violation::MaxAge => Some(Repair::Write("86400".to_owned())),
        _ => None,
    }
}

fn write(text: &str) -> Repair {
    Repair::Write(quoted(text))
}

fn consider(sentence: impl Into<String>) -> Repair {
    Repair::Consider(sentence.into())
}

/// Splits a text that holds several values into one string for each.
fn separated<'p>(parts: impl IntoIterator<Item = &'p str>, in_list: bool, what: &str) -> Repair {
    let parts: Vec<_> = parts.into_iter().map(quoted).collect();
    match in_list {
        true => Repair::Write(parts.join(", ")),
        false => consider(format!("write each {what} in a string of its own: {}", parts.join(", "))),
    }
}

/// The most names that an unknown name is compared with. There may be many of both.
const MOST_COMPARED: usize = 256;
/// The most names in a sentence.
const MOST_LISTED: usize = 20;

fn unknown<'k>(
    name: &str,
    known: impl Iterator<Item = &'k str> + Clone,
    table: &str,
    mark: &str,
) -> Option<Repair> {
    let count = known.clone().count();
    let near = Some(known.clone()).filter(|_| count <= MOST_COMPARED).and_then(|known| nearest(name, known));
    if let Some(near) = near {
        return Some(Repair::Write(quoted(&format!("{mark}{near}"))));
    }
    let some = listed(known.take(MOST_LISTED), if count > MOST_LISTED { "," } else { "and" });
    Some(Repair::Consider(match count.checked_sub(MOST_LISTED) {
        None | Some(0) if some.is_empty() => format!("`{table}` is empty"),
        None | Some(0) => format!("`{table}` has {some}"),
        Some(more) => format!("`{table}` has {some} and {more} more"),
    }))
}

/// The new text, unless it is the same as before.
fn changed(before: &str, after: String) -> Option<String> {
    (before != after).then_some(after)
}

/// Splits an authority into the host and the port with its colon.
fn split_port(authority: &str) -> (&str, &str) {
    let colon =
        authority.rfind(':').filter(|at| authority.get(*at..).is_some_and(|port| !port.contains(']')));
    authority.split_at_checked(colon.unwrap_or(authority.len())).unwrap_or((authority, ""))
}

/// Splits a URL before its path.
fn split_path(url: &str) -> (&str, &str) {
    let start = url.find("://").map_or(0, |at| at + 3);
    let slash = url.get(start..).and_then(|rest| rest.find('/')).map_or(url.len(), |at| start + at);
    url.split_at_checked(slash).unwrap_or((url, ""))
}
