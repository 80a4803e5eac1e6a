//! The text of a policy file, with its name in findings.

use core::fmt;

use crate::compile::MAX_COMPILED;
use crate::finding::Span;

/// The longest policy file that is read, in bytes. A compiled policy in KV cannot be much longer, and long lists belong
/// into KV themselves.
pub const MAX_SOURCE: usize = 16 * 1024 * 1024;

/// The longest list that is read, in bytes. Of so many origins, the set is about as long as a value in KV may be.
pub const MAX_LIST: usize = 64 * 1024 * 1024;

/// The text of a policy file, with an index of its lines and characters.
#[derive(Clone, Debug)]
pub struct Source {
    name: String,
    text: String,
    /// The byte offset at which each line begins.
    lines: Vec<usize>,
    /// The number of characters before each [`STRIDE`]th byte. Without it, thousands of findings in one long line would
    /// each count the whole line.
    characters: Vec<usize>,
}

/// The number of bytes between two counts of characters.
const STRIDE: usize = 1024;

/// Why bytes are not the text of a policy file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceError {
    /// More than [`MAX_SOURCE`] bytes.
    TooLong,
    /// A NUL byte, so that the file is not text.
    Binary,
    /// A byte sequence that is not UTF-8, on this line, counted from 1.
    NotUtf8 {
        /// The number of the line.
        line: usize,
    },
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => {
                let mebibytes = MAX_SOURCE / (1024 * 1024);
                write!(f, "the file is longer than {mebibytes} MiB; keep long lists in KV")
            }
            Self::Binary => f.write_str("the file is binary, not text"),
            Self::NotUtf8 { line } => write!(f, "the file is not UTF-8 text: see line {line}"),
        }
    }
}

impl core::error::Error for SourceError {}

impl Source {
    /// Takes the bytes of a file. `name` is its name in findings.
    ///
    /// # Errors
    /// When the bytes are too many or not text.
    pub fn from_bytes(name: &str, bytes: Vec<u8>) -> Result<Self, SourceError> {
        Self::read(name, bytes, MAX_SOURCE)
    }

    /// Takes the bytes of a compiled policy, which may be longer.
    ///
    /// # Errors
    /// When the bytes are too many or not text.
    pub fn from_compiled(name: &str, bytes: Vec<u8>) -> Result<Self, SourceError> {
        Self::read(name, bytes, MAX_COMPILED)
    }

    /// Takes the bytes of a text list, which may be longer too.
    ///
    /// # Errors
    /// When the bytes are too many or not text.
    pub fn from_list(name: &str, bytes: Vec<u8>) -> Result<Self, SourceError> {
        Self::read(name, bytes, MAX_LIST)
    }

    fn read(name: &str, bytes: Vec<u8>, most: usize) -> Result<Self, SourceError> {
        if bytes.contains(&0) {
            return Err(SourceError::Binary);
        }
        if bytes.len() > most {
            return Err(SourceError::TooLong);
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
            SourceError::NotUtf8 { line: valid.filter(|byte| **byte == b'\n').count() + 1 }
        })?;
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        let counts = text.as_bytes().chunks(STRIDE).scan(0, |count, chunk| {
            let before = *count;
            *count += begun_in(chunk);
            Some(before)
        });
        let characters = counts.collect();
        Ok(Self { name: name.to_owned(), text, lines, characters })
    }

    /// The name of the file in findings.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text that the places of findings count in.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line that contains a byte, counted from 1.
    #[must_use]
    pub fn line(&self, offset: usize) -> usize {
        self.lines.partition_point(|start| *start <= offset)
    }

    /// The column of a byte: the position of its character in the line, counted from 1.
    #[must_use]
    pub fn column(&self, offset: usize) -> usize {
        let start = self.lines.get(self.line(offset).saturating_sub(1)).copied().unwrap_or_default();
        self.characters_before(offset) - self.characters_before(start) + 1
    }

    fn characters_before(&self, offset: usize) -> usize {
        let counted = self.characters.get(offset / STRIDE).copied();
        let rest = self.text.as_bytes().get(offset - offset % STRIDE..offset).unwrap_or_default();
        // An offset after the last byte has no count of its own if the text ends with a full stride.
        counted.unwrap_or_else(|| begun_in(self.text.as_bytes())) + begun_in(rest)
    }

    /// The complete lines that a range touches, without the last line break.
    #[must_use]
    pub fn lines(&self, span: &Span) -> Span {
        let start = self.lines.get(self.line(span.start).saturating_sub(1));
        let end = self.lines.get(self.line(span.end)).map(|next| next - 1);
        start.copied().unwrap_or_default()..end.unwrap_or(self.text.len())
    }
}

/// The number of characters that begin in these bytes: all bytes but continuation bytes (RFC 3629, 3).
fn begun_in(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_that_is_not_text_is_rejected_with_a_sentence() {
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

    #[test]
    fn columns_count_characters_on_lines_of_any_length() {
        let text = format!("é\n{}", "aü€𝄞".repeat(700));
        let source = Source::from_bytes("policy.toml", text.clone().into_bytes()).expect("text");
        let line = text.find('\n').expect("a line break") + 1;
        for (at, _) in text.char_indices().skip(2).chain([(text.len(), ' ')]) {
            assert_eq!(
                source.column(at),
                text.get(line..at).expect("in the text").chars().count() + 1,
                "{at}"
            );
        }
        let full = Source::from_bytes("policy.toml", vec![b'x'; 2 * STRIDE]).expect("text");
        assert_eq!(full.column(2 * STRIDE), 2 * STRIDE + 1);
    }
}
