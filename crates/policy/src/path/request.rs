//! Paths of requests.

use super::MAX_PATH;
use super::readings::{self, Reading};
use super::segments::{self, Decoding};

/// The path of a request, after URL parsing (WHATWG URL, "path state").
#[derive(Clone, Copy, Debug)]
pub struct RequestPath<'a> {
    text: &'a str,
    plain: bool,
    encoded_slashes: bool,
}

/// A path that servers may read differently: it is too long, contains an encoded control character or dot
/// segment, or a bad escape, contains an encoded slash or backslash that its route does not keep, or has a
/// reading that matches another route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AmbiguousPath;

impl<'a> RequestPath<'a> {
    /// Takes a parsed pathname.
    ///
    /// # Errors
    /// When the path is ambiguous whatever the routes are.
    pub fn new(text: &'a str) -> Result<Self, AmbiguousPath> {
        // Check this first, so that no work grows with what a client sends.
        if text.len() > MAX_PATH {
            return Err(AmbiguousPath);
        }
        if text == "/" || segments::is_plain(text) {
            return Ok(Self { text, plain: true, encoded_slashes: false });
        }
        Self::unusual(text)
    }

    /// A path that only some servers read as it is.
    // Not inlined: what most paths need stays short.
    #[inline(never)]
    fn unusual(text: &'a str) -> Result<Self, AmbiguousPath> {
        if !text.starts_with('/') {
            return Err(AmbiguousPath);
        }
        let mut encoded_slashes = false;
        for segment in segments::segments(text) {
            match segments::decoding(segment) {
                Decoding::Agreed => {}
                Decoding::Slashes => encoded_slashes = true,
                Decoding::Disputed => return Err(AmbiguousPath),
            }
        }
        Ok(Self { text, plain: false, encoded_slashes })
    }

    pub(crate) fn as_str(&self) -> &'a str {
        self.text
    }

    /// Whether every server reads the path in the same way: lower-case, without percent-encoding, empty
    /// segments or `;`.
    pub(crate) fn is_plain(&self) -> bool {
        self.plain
    }

    /// Whether the path has an encoded slash or backslash, which only some servers decode.
    pub(crate) fn has_encoded_slashes(&self) -> bool {
        self.encoded_slashes
    }

    /// The only reading of a [plain](Self::is_plain) path.
    pub(crate) fn plain_reading(&self) -> Reading<'a> {
        Reading::plain(self.text)
    }

    /// Whether `holds` is true for every reading of the path. It stops at the first `false`.
    ///
    /// `None` for a path with more readings than the gateway checks.
    pub(crate) fn all_readings(&self, holds: &mut dyn FnMut(Reading<'_>) -> bool) -> Option<bool> {
        if self.plain { Some(holds(self.plain_reading())) } else { readings::all(self.text, holds) }
    }
}
