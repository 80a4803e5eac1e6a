//! The text of a policy file, with the name people know it by.

use core::fmt;

use crate::finding::Span;

/// The longest policy file that is read, in bytes. What KV holds compiled is not much longer, and
/// long lists belong into KV themselves.
pub const MAX_SOURCE: usize = 16 * 1024 * 1024;

/// The text of a policy file.
#[derive(Clone, Debug)]
pub struct Source {
    name: String,
    text: String,
    /// Where each line begins.
    lines: Vec<usize>,
}

/// Why bytes are not the text of a policy file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceError {
    /// More than [`MAX_SOURCE`] bytes.
    TooLong,
    /// A NUL byte, which no text has.
    Binary,
    /// A byte sequence that is not UTF-8, on this line, counted from 1.
    NotUtf8 {
        /// The line.
        line: usize,
    },
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => {
                let mebibytes = MAX_SOURCE / (1024 * 1024);
                write!(f, "the file is longer than {mebibytes} MiB; long lists belong into KV")
            }
            Self::Binary => f.write_str("the file is binary, not the text of a policy"),
            Self::NotUtf8 { line } => write!(f, "the file is not UTF-8 text: see line {line}"),
        }
    }
}

impl core::error::Error for SourceError {}

impl Source {
    /// Takes the bytes of a file. `name` is what findings call it.
    ///
    /// # Errors
    /// When the bytes are too many, or no text.
    pub fn from_bytes(name: &str, bytes: Vec<u8>) -> Result<Self, SourceError> {
        if bytes.contains(&0) {
            return Err(SourceError::Binary);
        }
        if bytes.len() > MAX_SOURCE {
            return Err(SourceError::TooLong);
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
            SourceError::NotUtf8 { line: valid.filter(|byte| **byte == b'\n').count() + 1 }
        })?;
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Ok(Self { name: name.to_owned(), text, lines })
    }

    /// What the file is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The number of the line that a byte is in, counted from 1.
    #[must_use]
    pub fn line(&self, offset: usize) -> usize {
        self.lines.partition_point(|start| *start <= offset)
    }

    /// The number of the character of its line that a byte is in, counted from 1.
    #[must_use]
    pub fn column(&self, offset: usize) -> usize {
        let start = self.lines.get(self.line(offset).saturating_sub(1)).copied().unwrap_or_default();
        self.text.get(start..offset).map_or(1, |before| before.chars().count() + 1)
    }

    /// The whole lines that a range touches, without the last line break.
    #[must_use]
    pub fn lines(&self, span: &Span) -> Span {
        let start = self.lines.get(self.line(span.start).saturating_sub(1));
        let end = self.lines.get(self.line(span.end)).map(|next| next - 1);
        start.copied().unwrap_or_default()..end.unwrap_or(self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_refused_with_a_sentence() {
        for (bytes, error) in [
            (vec![b'#'; MAX_SOURCE + 1], SourceError::TooLong),
            (b"version = 1\0".to_vec(), SourceError::Binary),
            (b"version = 1\n# \xff\n".to_vec(), SourceError::NotUtf8 { line: 2 }),
        ] {
            assert_eq!(Source::from_bytes("policy.toml", bytes).expect_err("no text"), error);
        }
    }

    #[test]
    fn lines_are_found_by_their_bytes() {
        let source = Source::from_bytes("policy.toml", b"one\ntwo\n\nfour".to_vec()).expect("text");
        for (span, line, lines) in [
            (0..1, 1, "one"),
            (3..3, 1, "one"),
            (4..7, 2, "two"),
            (2..5, 1, "one\ntwo"),
            (8..8, 3, ""),
            (13..13, 4, "four"),
        ] {
            assert_eq!(source.line(span.start), line, "{span:?}");
            assert_eq!(source.text().get(source.lines(&span)), Some(lines), "{span:?}");
        }
    }
}
