//! Paths of routes.

use core::fmt;

use super::MAX_PATH;
use super::folding::{Folded, Hidden};
use super::readings::{Reading, without_suffix};
use super::request::RequestPath;
use super::segments::{Decoding, decode, decoding, is_literal, is_plain, segments};

/// The path of a route: one path, or with a trailing `/*` a prefix and all paths below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern {
    /// The text without `/*`; empty for `/*` itself.
    stem: String,
    prefix: bool,
    /// The segment names as the loosest server reads them, each followed by `/`.
    loose: Vec<u8>,
}

/// Why a text is not the path of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathError {
    /// No `/` at the start.
    NotAbsolute,
    /// A `*` that is not the `/*` at the end.
    Wildcard,
    /// Two slashes in a row.
    EmptySegment,
    /// `.` or `..`, plain or encoded: URL parsing removes them, so they never match.
    DotSegment,
    /// A `%` without two hex digits, or one that encodes a `/`, `\` or control character.
    Escape,
    /// A `%` escape of a character that browsers write as it is.
    NeedlessEscape,
    /// A query or a fragment.
    NotOnlyPath,
    /// A character that URLs percent-encode.
    NotEncoded,
    /// A `;`: servers disagree about what follows it.
    Parameters,
    /// Characters that some server reads as a separator, a dot segment, or the end.
    Hidden,
    /// More than [`MAX_PATH`] bytes: requests for it are rejected.
    TooLong,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAbsolute => "a path begins with `/`",
            Self::Wildcard => "`*` is only allowed as `/*` at the end of a path",
            Self::EmptySegment => "a path has no empty segments",
            Self::DotSegment => "`.` and `..` are resolved before a path is matched",
            Self::Escape => "`%` must be followed by two hex digits of a character that a path can contain",
            Self::NeedlessEscape => "a character is percent-encoded although browsers do not encode it",
            Self::NotOnlyPath => "a path has no query and no fragment",
            Self::NotEncoded => "a character must be percent-encoded, as browsers encode it",
            Self::Parameters => "the path of a route cannot contain `;`",
            Self::Hidden => {
                "some servers read a part of this path as `/`, `..` or the end of the path, and others do not"
            }
            Self::TooLong => "a path has at most 8192 bytes",
        })
    }
}

impl core::error::Error for PathError {}

impl PathPattern {
    /// Reads `/auth/refresh`, `/api/*` or `/*`.
    ///
    /// # Errors
    /// When a request's path, once parsed, could never have this form.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let (stem, prefix) = match text.strip_suffix("/*") {
            Some(stem) => (stem, true),
            None => (text, false),
        };
        if !(stem.starts_with('/') || stem.is_empty() && prefix) {
            return Err(PathError::NotAbsolute);
        }
        check_stem(stem)?;
        if prefix && stem.ends_with('/') {
            return Err(PathError::EmptySegment);
        }
        let reading = Reading::plain(stem);
        let loose = match is_plain(stem) || stem.is_empty() {
            true => joined(reading),
            false => {
                let mut space = vec![0; stem.len()];
                let folded = Folded::new(stem, &mut space);
                if folded.hidden != Hidden::Nothing {
                    return Err(PathError::Hidden);
                }
                joined(Reading::of(&folded))
            }
        };
        Ok(Self { stem: stem.to_owned(), prefix, loose })
    }

    /// Whether the exact reading of a request's path matches. Segments are compared after percent-decoding
    /// once.
    pub(crate) fn matches(&self, path: RequestPath<'_>) -> bool {
        if path.is_plain() {
            return self.matches_plain(path.as_str());
        }
        self.begins(path).is_some_and(|whole| whole || self.prefix)
    }

    /// Whether the exact reading of a request's path is this pattern's path itself.
    pub(crate) fn names(&self, path: RequestPath<'_>) -> bool {
        self.begins(path) == Some(true)
    }

    /// Whether a path that begins with the pattern's path also ends there.
    fn begins(&self, path: RequestPath<'_>) -> Option<bool> {
        let mut asked = segments(path.as_str());
        for expected in segments(&self.stem) {
            if !decode(asked.next()?).eq(decode(expected)) {
                return None;
            }
        }
        Some(asked.next().is_none())
    }

    /// [`matches`](Self::matches) for a path without percent-encoding: compare bytes.
    fn matches_plain(&self, path: &str) -> bool {
        match path.strip_prefix(self.stem.as_str()) {
            Some("") => true,
            Some(rest) => self.prefix && rest.starts_with('/'),
            None => false,
        }
    }

    /// The segment names as the loosest server reads them, each followed by `/`. A prefix [covers](Self::covers) a
    /// path if its names begin those of the path.
    #[must_use]
    pub fn loose(&self) -> &[u8] {
        &self.loose
    }

    /// [`loose`](Self::loose); for a single path, without the suffix that some frameworks use to choose a
    /// format.
    pub(crate) fn loose_without_suffix(&self) -> Vec<u8> {
        let mut loose = self.loose.clone();
        if !self.prefix && loose.pop().is_some() {
            let start = loose.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
            let name = without_suffix(loose.get(start..).unwrap_or_default()).len();
            loose.truncate(start + name);
            loose.push(b'/');
        }
        loose
    }

    /// Whether the route matches all paths below its path.
    #[must_use]
    pub fn is_prefix(&self) -> bool {
        self.prefix
    }

    /// Whether the route matches every path in every reading.
    pub(crate) fn is_every_path(&self) -> bool {
        self.prefix && self.loose.is_empty()
    }

    /// Whether this pattern matches every path of `other` in the loosest reading. A route behind this one
    /// can then never be reached.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        match self.prefix {
            true => other.loose.starts_with(&self.loose),
            false => !other.prefix && other.loose == self.loose,
        }
    }

    /// Whether the exact and the loose reading of the pattern are the same.
    pub(crate) fn is_plain(&self) -> bool {
        self.stem.is_empty() || self.stem == "/" || is_plain(&self.stem)
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.stem, if self.prefix { "/*" } else { "" })
    }
}

fn check_stem(stem: &str) -> Result<(), PathError> {
    if stem.len() > MAX_PATH {
        return Err(PathError::TooLong);
    }
    for byte in stem.bytes() {
        match byte {
            b'*' => return Err(PathError::Wildcard),
            b'?' | b'#' => return Err(PathError::NotOnlyPath),
            b';' => return Err(PathError::Parameters),
            0..=b' ' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | 0x7f.. => {
                return Err(PathError::NotEncoded);
            }
            _ => {}
        }
    }
    let mut left = segments(stem).count();
    for segment in segments(stem) {
        left -= 1;
        if segment.is_empty() && left > 0 {
            return Err(PathError::EmptySegment);
        }
        if (1..=2).contains(&decode(segment).take(3).count()) && decode(segment).all(|byte| byte == b'.') {
            return Err(PathError::DotSegment);
        }
        if decoding(segment) != Decoding::Agreed {
            return Err(PathError::Escape);
        }
        if segment.contains('%') && has_needless_escape(segment) {
            return Err(PathError::NeedlessEscape);
        }
    }
    Ok(())
}

// Not inlined: most patterns have no escape.
#[inline(never)]
fn has_needless_escape(segment: &str) -> bool {
    let decoded = |escape| decode(&format!("%{escape}")).next();
    segment.split('%').skip(1).any(|escape| decoded(escape).is_some_and(is_literal))
}

fn joined(reading: Reading<'_>) -> Vec<u8> {
    let mut loose = Vec::new();
    for name in reading.names() {
        loose.extend_from_slice(name);
        loose.push(b'/');
    }
    loose
}
