//! Checks every byte of a text, eight bytes at a time.
//!
//! Every byte of every origin and path is checked first. Done byte by byte, that took half the time of a
//! decision.

/// Eight bytes of ASCII, the first in the lowest position. An answer sets the highest bit of each byte that
/// matches.
#[derive(Clone, Copy)]
pub(crate) struct EightBytes(u64);

/// The answer in which every byte matches.
pub(crate) const ALL: u64 = repeat(0x80);

/// Whether all overlapping parts of a text pass. Together, the parts contain every byte and every pair of
/// neighbours.
///
/// `None` for a text that is shorter than a part, or not ASCII.
#[inline]
pub(crate) fn all(text: &str, mut pass: impl FnMut(EightBytes) -> bool) -> Option<bool> {
    let mut rest = text.as_bytes();
    let last = u64::from_le_bytes(*rest.last_chunk::<8>()?);
    let (mut seen, mut passed) = (last, pass(EightBytes(last)));
    while let Some((part, _)) = rest.split_first_chunk::<8>() {
        let part = u64::from_le_bytes(*part);
        seen |= part;
        passed &= pass(EightBytes(part));
        rest = rest.get(7..).unwrap_or_default();
    }
    (seen & ALL == 0).then_some(passed)
}

impl EightBytes {
    /// The bytes from `first` to `last`, inclusive. Both are ASCII.
    pub(crate) const fn within(self, first: u8, last: u8) -> u64 {
        // With ASCII, no sum overflows its byte. Other bytes give a useless answer, but no panic.
        let from = self.0.wrapping_add(repeat(0x80 - first));
        let beyond = self.0.wrapping_add(repeat(0x7f - last));
        from & !beyond & ALL
    }
}

/// For each byte, whether the next one is in `these`. The neighbour of the last byte is in another part.
pub(crate) const fn before(these: u64) -> u64 {
    these >> 8
}

const fn repeat(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_within_whatever_stands_beside_it() {
        for byte in 0..0x80_u8 {
            for (first, last) in [(b'a', b'z'), (0, 0x7f), (0x7f, 0x7f), (0, 0), (b'.', b'.')] {
                for at in 0..8 {
                    for neighbour in [0, 0x7f] {
                        let mut bytes = [neighbour; 8];
                        bytes[at] = byte;
                        let found = EightBytes(u64::from_le_bytes(bytes)).within(first, last).to_le_bytes();
                        assert_eq!(found[at] == 0x80, (first..=last).contains(&byte), "{byte} at {at}");
                    }
                }
            }
        }
    }

    #[test]
    fn parts_hold_each_byte_and_each_pair() {
        for length in 8..40_u8 {
            let text: String = (0..length).map(char::from).collect();
            let mut parts = Vec::new();
            let keep = |part: EightBytes| {
                parts.push(part.0.to_le_bytes());
                true
            };
            assert_eq!(all(&text, keep), Some(true));
            for pair in text.as_bytes().windows(2) {
                assert!(
                    parts.iter().any(|part| part.windows(2).any(|found| found == pair)),
                    "{length} {pair:?}"
                );
            }
        }
        for text in ["", "1234567", "1234567é", "é12345678901234"] {
            assert_eq!(all(text, |_| true), None, "{text}");
        }
    }
}
