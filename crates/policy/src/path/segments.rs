//! The segments of a path, and how servers read them.

use crate::grammar::eight_bytes;

/// Whether every server reads a path in the same way: lower-case, without percent-encoding, `;`, empty
/// segments, or dots at the start or end of a segment.
pub(super) fn is_plain(path: &str) -> bool {
    let known = eight_bytes::all(path, |part| {
        // The range from `&` to `:` contains punctuation, `/` and the digits.
        let literals = part.within(b'&', b':') | part.within(b'a', b'z') | part.within(b'_', b'_');
        let slashes = part.within(b'/', b'/');
        let marks = slashes | part.within(b'.', b'.');
        literals == eight_bytes::ALL
            && (slashes & eight_bytes::before(marks) | marks & eight_bytes::before(slashes)) == 0
    });
    let within = known == Some(true) || is_plain_within(path);
    within && path.starts_with('/') && !matches!(path.as_bytes().last(), Some(b'/' | b'.'))
}

/// The same for short paths and for paths with rarer bytes, byte by byte, but for both ends.
// Not inlined: what most paths need stays short.
#[inline(never)]
fn is_plain_within(path: &str) -> bool {
    let plain = |byte| byte == b'/' || is_literal(byte) && !byte.is_ascii_uppercase();
    let apart = || path.as_bytes().windows(2).all(|two| !matches!(two, b"//" | b"/." | b"./"));
    path.bytes().all(plain) && apart()
}

/// Whether URLs contain a character unencoded in a segment and all servers read it literally: RFC 3986,
/// `pchar`, without the `;` that starts parameters on some servers.
pub(super) fn is_literal(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,=:@".contains(&byte)
}

/// The segments of an absolute path: `/a/b/` has `a`, `b` and an empty one, the empty stem none.
pub(super) fn segments(path: &str) -> impl Iterator<Item = &str> {
    let mut segments = path.split('/');
    // Not by `skip`, which is much code.
    segments.next();
    segments
}

/// Percent-decodes once. An invalid escape stands for itself; [`decoding`] finds it.
pub(super) fn decode(segment: &str) -> Decoded<'_> {
    Decoded(segment.as_bytes())
}

/// The bytes of a segment, decoded.
#[derive(Clone)]
pub(super) struct Decoded<'s>(&'s [u8]);

impl Iterator for Decoded<'_> {
    type Item = u8;

    // Only unusual paths reach this code, and inlining would repeat it a dozen times in the Wasm.
    #[inline(never)]
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        if *first == b'%'
            && let [high, low, behind @ ..] = rest
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            self.0 = behind;
            return Some(high << 4 | low);
        }
        Some(*first)
    }
}

pub(super) fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// What servers get when they decode a segment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Decoding {
    /// All get the same.
    Agreed,
    /// It has an encoded slash or backslash, and nothing else on which they disagree.
    Slashes,
    /// It has a control character, a dot segment or a bad escape.
    Disputed,
}

/// Whether two hex digits follow each `%`.
// Not inlined: most paths have none.
#[inline(never)]
fn has_only_escapes(segment: &str) -> bool {
    segment.split('%').skip(1).all(|escape| {
        let mut bytes = escape.bytes();
        bytes.next().and_then(hex).is_some() && bytes.next().and_then(hex).is_some()
    })
}

/// How servers decode a segment. What stands between encoded slashes is a segment for some of them.
pub(super) fn decoding(segment: &str) -> Decoding {
    if segment.contains('%') && !has_only_escapes(segment) {
        return Decoding::Disputed;
    }
    let mut found = Decoding::Agreed;
    // Of the part since the last encoded slash, up to its `;`: the number of dots, and whether there is more.
    let (mut dots, mut is_named, mut is_over) = (0_u32, false, false);
    for byte in decode(segment).map(Some).chain([None]) {
        match byte {
            None | Some(b'/' | b'\\') => {
                if !is_named && matches!(dots, 1 | 2) {
                    return Decoding::Disputed;
                }
                if byte.is_some() {
                    found = Decoding::Slashes;
                }
                (dots, is_named, is_over) = (0, false, false);
            }
            Some(..0x20 | 0x7f) => return Decoding::Disputed,
            Some(b';') => is_over = true,
            Some(_) if is_over => {}
            Some(b'.') => dots += 1,
            Some(_) => is_named = true,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_answer_is_that_of_a_plain_look() {
        let bytes = || (0..=0x7f_u8).map(char::from);
        let around = ["", "/", "/users", "/users/42", "."];
        for (before, after) in
            around.iter().flat_map(|before| around.iter().map(move |after| (before, after)))
        {
            for (a, b) in bytes().flat_map(|a| bytes().map(move |b| (a, b))) {
                let path = format!("{before}{a}{b}{after}");
                let literal = |byte| byte == b'/' || is_literal(byte) && !byte.is_ascii_uppercase();
                let segment = |name: &str| !name.is_empty() && !name.starts_with('.') && !name.ends_with('.');
                let plain =
                    path.bytes().all(literal) && path.starts_with('/') && segments(&path).all(segment);
                assert_eq!(is_plain(&path), plain, "{path:?}");
            }
        }
    }
}
