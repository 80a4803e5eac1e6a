//! How lax servers transform the characters of a path.
//!
//! One server decodes `%252f` twice, another replaces an overlong or full-width form of a character by the
//! character, a third drops what it cannot display. This module applies all of that until the path is
//! stable. A separator or an end that appears only on the way gets its own mark, so that the path can also
//! be split as by servers that transform less.

use super::segments::hex;

/// A `/` or `\` that some servers see and others do not.
pub(super) const HIDDEN_SEPARATOR: u8 = 1;
/// A `?`, `#` or NUL, where the path ends for servers that parse what they have decoded.
pub(super) const HIDDEN_END: u8 = 2;

/// The maximum number of decoding rounds.
const MOST_ROUNDS: usize = 3;

/// A path in the characters of the loosest reading.
pub(super) struct Folded<'b> {
    bytes: &'b mut [u8],
    length: usize,
    pub(super) hidden: Hidden,
}

/// The structure that only some servers see in a path: separators, parameters, dot segments, an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hidden {
    /// All servers see the same structure.
    Nothing,
    /// Every server that sees any of it sees all of it.
    Something,
    /// There are too many readings to check: the parts appear one after another, or the path is encoded more
    /// than [`MOST_ROUNDS`] times.
    Tangle,
}

impl<'b> Folded<'b> {
    /// Folds a path into a buffer that must be at least as long; the rest of a longer path would be ignored.
    pub(super) fn new(path: &str, space: &'b mut [u8]) -> Self {
        let mut folded = Self { bytes: space, length: 0, hidden: Hidden::Nothing };
        for (byte, place) in path.bytes().zip(folded.bytes.iter_mut()) {
            *place = byte.to_ascii_lowercase();
            folded.length += 1;
        }
        folded.decode();
        // Unencoded dot segments and ends do not occur: URL parsing has removed them. A separator that was encoded
        // counts as hidden.
        let separators = path.bytes().filter(|byte| *byte == b'/').count() + 1;
        let mut seen = Structure { dots: 0, ends: 0, separators, ..folded.structure() };
        for round in 0.. {
            folded.see(&mut seen);
            if !folded.as_bytes().iter().any(|byte| *byte == b'%' || *byte >= 0x80) {
                break;
            }
            let normalized = folded.normalize();
            folded.see(&mut seen);
            if !folded.decode() && !normalized {
                break;
            }
            if round == MOST_ROUNDS {
                folded.hidden = Hidden::Tangle;
                break;
            }
        }
        folded
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// Removes the marks of an end, for servers that continue after a NUL.
    pub(super) fn drop_ends(&mut self) -> bool {
        self.rewrite(|rest, out| {
            let byte = *rest.first()?;
            if byte != HIDDEN_END {
                out.put(byte);
            }
            Some((1, byte == HIDDEN_END))
        })
    }

    /// Records whether the structure has changed.
    fn see(&mut self, seen: &mut Structure) {
        let structure = self.structure();
        if structure != *seen {
            self.hidden = match self.hidden {
                Hidden::Nothing => Hidden::Something,
                Hidden::Something | Hidden::Tangle => Hidden::Tangle,
            };
            *seen = structure;
        }
    }

    fn structure(&self) -> Structure {
        let mut structure = Structure::default();
        for segment in self.as_bytes().split(|byte| matches!(*byte, b'/' | HIDDEN_SEPARATOR)) {
            structure.separators += 1;
            structure.ends += count(segment, HIDDEN_END);
            structure.parameters += count(segment, b';');
            structure.dots += usize::from(dots(segment) > 0);
        }
        structure
    }

    /// Percent-decodes once, including `%u002f`.
    fn decode(&mut self) -> bool {
        self.rewrite(|rest, out| {
            let (first, behind) = rest.split_first()?;
            if *first == b'%'
                && let [b'u' | b'U', a, b, c, d, ..] = behind
                && let Some(code) = number(&[*a, *b, *c, *d])
                && let Some(character) = char::from_u32(code)
            {
                let mut buffer = [0; 4];
                for byte in character.encode_utf8(&mut buffer).bytes() {
                    out.put_character(byte);
                }
                return Some((6, true));
            }
            match behind {
                [high, low, ..] if *first == b'%' => match number(&[*high, *low]) {
                    Some(code) => {
                        out.put_character(u8::try_from(code).unwrap_or_default());
                        Some((3, true))
                    }
                    None => Some((out.put(*first), false)),
                },
                _ => Some((out.put(*first), false)),
            }
        })
    }

    /// Replaces each character that some server treats as an ASCII character.
    fn normalize(&mut self) -> bool {
        self.rewrite(|rest, out| {
            let first = *rest.first()?;
            let Some((code, length)) = character(rest) else {
                out.put(first);
                return Some((1, false));
            };
            let Some((ascii, times)) = likeness(code) else {
                for byte in rest.iter().take(length) {
                    out.put(*byte);
                }
                return Some((length, false));
            };
            for _ in 0..times {
                out.put_character(ascii);
            }
            Some((length, true))
        })
    }

    /// Rewrites the text. `step` reads from the rest of the text, writes at most as many bytes as it reads,
    /// and returns that number and whether anything relevant changed.
    fn rewrite(&mut self, step: Step) -> bool {
        let (mut read, mut written, mut changed) = (0, 0, false);
        while let Some(rest) = self.bytes.get(read..self.length) {
            let mut out = Short::default();
            let Some((length, changes)) = step(rest, &mut out) else { break };
            read += length;
            changed |= changes;
            for (byte, place) in out.bytes().iter().zip(self.bytes.iter_mut().skip(written)) {
                *place = *byte;
            }
            written += out.length;
        }
        self.length = written;
        changed
    }
}

/// The parts of a path on which servers can disagree, apart from names.
#[derive(Default, PartialEq, Eq)]
struct Structure {
    separators: usize,
    ends: usize,
    parameters: usize,
    dots: usize,
}

fn count(segment: &[u8], mark: u8) -> usize {
    segment.iter().filter(|byte| **byte == mark).count()
}

/// 1 or 2 for a segment that some server reads as `.` or `..`, ignoring parameters and spaces.
pub(super) fn dots(segment: &[u8]) -> usize {
    let mut dots = 0;
    for byte in segment.iter().take_while(|byte| **byte != b';') {
        match byte {
            b'.' => dots += 1,
            b' ' => {}
            _ => return 0,
        }
    }
    if dots > 2 { 0 } else { dots }
}

/// Reads from the rest of a text and writes; returns the number of bytes read and whether anything relevant
/// changed.
type Step = fn(&[u8], &mut Short) -> Option<(usize, bool)>;

/// The output of one step.
#[derive(Default)]
struct Short {
    bytes: [u8; 4],
    length: usize,
}

impl Short {
    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    fn put(&mut self, byte: u8) -> usize {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
        1
    }

    /// A byte that was written as something else.
    fn put_character(&mut self, byte: u8) {
        match byte {
            b'/' | b'\\' => self.put(HIDDEN_SEPARATOR),
            b'?' | b'#' | 0 => self.put(HIDDEN_END),
            // URL parsers drop them (WHATWG URL, "tab or newline"); other servers cut the path there.
            ..0x20 | 0x7f => 0,
            _ => self.put(byte.to_ascii_lowercase()),
        };
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| Some(number << 4 | u32::from(hex(*digit)?)))
}

/// The character beyond ASCII that a text begins with in UTF-8, or would in the longer forms that
/// UTF-8 forbids (RFC 3629, 10), and its length.
fn character(text: &[u8]) -> Option<(u32, usize)> {
    let (first, rest) = text.split_first()?;
    let (more, bits) = match first {
        0xc0..0xe0 => (1, 0x1f),
        0xe0..0xf0 => (2, 0x0f),
        0xf0..0xf8 => (3, 0x07),
        _ => return None,
    };
    let code = rest.get(..more)?.iter().try_fold(u32::from(first & bits), |code, byte| {
        (byte & 0xc0 == 0x80).then_some(code << 6 | u32::from(byte & 0x3f))
    })?;
    Some((code, more + 1))
}

/// The ASCII character, and how many of it, that servers may substitute when they normalize (Unicode, NFKC),
/// fold case or convert to a smaller character set, as far as that needs no table; `None` if there is none.
fn likeness(code: u32) -> Option<(u8, usize)> {
    let from = |first: u8, at: u32| first.wrapping_add(u8::try_from(at).unwrap_or_default());
    let ascii = match code {
        0..=0x7f => from(0, code),
        // Controls of ISO 8859, soft hyphen, zero-width and direction marks.
        0x80..=0x9f | 0xad | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x2064 | 0xfeff => 0x7f,
        0xa0 | 0x2000..=0x200a | 0x202f | 0x205f | 0x3000 => b' ',
        // Dotted and dotless i, long s, Kelvin.
        0x130 | 0x131 => b'i',
        0x17f => b's',
        0x212a => b'k',
        0x37e => b';',
        // One, two and three dots in one character.
        0x2024..=0x2026 => return Some((b'.', usize::try_from(code - 0x2023).unwrap_or_default())),
        0xfe52 => b'.',
        0x2044 | 0x2215 => b'/',
        0xa5 | 0x2216 | 0xfe68 => b'\\',
        // Circled, full-width, mathematical.
        0x24b6..=0x24e9 => from(b'a', (code - 0x24b6) % 26),
        0xff01..=0xff5e => from(0, code - 0xfee0),
        0x1d400..=0x1d6a3 => from(b'a', (code - 0x1d400) % 26),
        0x1d7ce..=0x1d7ff => from(b'0', (code - 0x1d7ce) % 10),
        _ => return None,
    };
    Some((ascii, 1))
}
