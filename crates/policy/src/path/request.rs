//! Paths of requests.

use super::pattern::PathPattern;
use super::segments;

/// The path of a request: what URL parsing (WHATWG URL, "path state") has made of its target.
#[derive(Clone, Copy, Debug)]
pub struct RequestPath<'a> {
    text: &'a str,
    reading: Reading,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// Lower-case, nothing encoded, no empty segment, no `;`: loosely read, it is itself.
    Plain,
    Odd,
}

/// A path that could be read as another one: an encoded slash, backslash, control character or dot
/// segment, a bad escape, or a loosest reading that belongs to another route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AmbiguousPath;

impl<'a> RequestPath<'a> {
    /// Takes a parsed pathname.
    ///
    /// # Errors
    /// When the path is ambiguous whatever the routes are.
    pub fn new(text: &'a str) -> Result<Self, AmbiguousPath> {
        if text == "/" || segments::is_plain(text) {
            return Ok(Self { text, reading: Reading::Plain });
        }
        if !text.starts_with('/') || !segments::segments(text).all(segments::is_unambiguous) {
            return Err(AmbiguousPath);
        }
        Ok(Self { text, reading: Reading::Odd })
    }

    /// The path as it is compared when it is not plain.
    #[cfg(test)]
    pub(super) fn read_carefully(text: &'a str) -> Self {
        Self { text, reading: Reading::Odd }
    }

    pub(super) fn as_str(&self) -> &'a str {
        self.text
    }

    /// Whether both readings are the same bytes.
    pub(super) fn is_plain(&self) -> bool {
        self.reading == Reading::Plain
    }

    /// The first of the patterns that the path belongs to.
    ///
    /// `plain_patterns` says that each pattern reads the same both ways, which spares a plain path
    /// the second reading.
    ///
    /// # Errors
    /// When its loosest reading belongs to another one.
    pub fn first_match<'p, I>(self, patterns: I, plain_patterns: bool) -> Result<Option<usize>, AmbiguousPath>
    where
        I: Iterator<Item = (usize, &'p PathPattern)> + Clone,
    {
        let first = |matches: fn(&PathPattern, Self) -> bool| {
            patterns.clone().find(|(_, pattern)| matches(pattern, self)).map(|(at, _)| at)
        };
        let exact = first(PathPattern::matches);
        if plain_patterns && self.is_plain() {
            return Ok(exact);
        }
        let loose = first(PathPattern::matches_loosely);
        if loose == exact { Ok(exact) } else { Err(AmbiguousPath) }
    }
}

/// Whether all patterns are such that a plain path reads the same both ways.
pub(crate) fn plain_patterns<'p>(mut patterns: impl Iterator<Item = &'p PathPattern>) -> bool {
    patterns.all(PathPattern::is_plain)
}
