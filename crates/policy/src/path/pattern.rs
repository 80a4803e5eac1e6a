//! Paths of routes.

use core::fmt;

use super::request::RequestPath;
use super::segments::{decode, is_literal, is_plain, is_unambiguous, loose_segments, segments};

/// The path of a route: one path, or with `/*` at its end all below a prefix, the prefix too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern {
    /// The text without `/*`; empty for `/*` itself.
    stem: String,
    prefix: bool,
    exact: Vec<Vec<u8>>,
    loose: Vec<Vec<u8>>,
}

/// What keeps a text from being the path of a route.
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
    /// A `%` without two hex digits, or one that hides a `/`, `\` or control character.
    Escape,
    /// A `%` escape of a character that browsers write as it is.
    NeedlessEscape,
    /// A query or a fragment.
    NotOnlyPath,
    /// A character that URLs percent-encode.
    NotEncoded,
    /// A `;`, behind which servers disagree.
    Parameters,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAbsolute => "a path begins with `/`",
            Self::Wildcard => "`*` can only stand as `/*` at the end of a path",
            Self::EmptySegment => "a path has no empty segments",
            Self::DotSegment => "`.` and `..` are resolved before a path is matched",
            Self::Escape => "a `%` is not followed by two hex digits of a character a path can hold",
            Self::NeedlessEscape => "a character is percent-encoded that browsers write as it is",
            Self::NotOnlyPath => "a path has no query and no fragment",
            Self::NotEncoded => "a character must be percent-encoded, as browsers do",
            Self::Parameters => "`;` cannot stand in the path of a route",
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
        let exact = segments(stem).map(|segment| decode(segment).collect()).collect();
        let loose = loose_segments(stem).map(Iterator::collect).collect();
        Ok(Self { stem: stem.to_owned(), prefix, exact, loose })
    }

    /// Whether the path of a request, read exactly, belongs to the route. Segments are compared
    /// percent-decoded once.
    pub(super) fn matches(&self, path: RequestPath<'_>) -> bool {
        if path.is_plain() {
            self.matches_plain(path.as_str())
        } else {
            is_prefix(&self.exact, segments(path.as_str()).map(decode), self.prefix)
        }
    }

    /// [`matches`](Self::matches) for a path in which nothing is encoded: the bytes decide.
    fn matches_plain(&self, path: &str) -> bool {
        match path.strip_prefix(self.stem.as_str()) {
            Some("") => true,
            Some(rest) => self.prefix && rest.starts_with('/'),
            None => false,
        }
    }

    /// Whether the path of a request, read as loosely as any server does, belongs to the route.
    pub(super) fn matches_loosely(&self, path: RequestPath<'_>) -> bool {
        is_prefix(&self.loose, loose_segments(path.as_str()), self.prefix)
    }

    /// Whether every path of `other`, read as loosely as any server does, is one of this pattern:
    /// then a route behind this one can never be told from it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        (self.prefix || !other.prefix)
            && is_prefix(&self.loose, other.loose.iter().map(|segment| segment.iter().copied()), self.prefix)
    }

    /// Whether both readings of the pattern are one.
    pub(super) fn is_plain(&self) -> bool {
        self.stem.is_empty() || self.stem == "/" || is_plain(&self.stem)
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.stem, if self.prefix { "/*" } else { "" })
    }
}

fn check_stem(stem: &str) -> Result<(), PathError> {
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
        let decoded: Vec<u8> = decode(segment).collect();
        if matches!(decoded.as_slice(), b"." | b"..") {
            return Err(PathError::DotSegment);
        }
        if !is_unambiguous(segment) {
            return Err(PathError::Escape);
        }
        if segment
            .split('%')
            .skip(1)
            .any(|escape| decode(&format!("%{escape}")).next().is_some_and(is_literal))
        {
            return Err(PathError::NeedlessEscape);
        }
    }
    Ok(())
}

/// Whether the segments are those of the pattern, or with `prefix` begin with them.
fn is_prefix(
    pattern: &[Vec<u8>],
    mut segments: impl Iterator<Item = impl Iterator<Item = u8>>,
    prefix: bool,
) -> bool {
    let begins = pattern
        .iter()
        .all(|expected| segments.next().is_some_and(|segment| segment.eq(expected.iter().copied())));
    begins && (prefix || segments.next().is_none())
}
