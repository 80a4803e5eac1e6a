//! The set form of an allowlist in KV: bytes that are searched as KV returns them.
//!
//! A text is parsed line by line, which a long list makes every new isolate pay for. A set is sorted when it is written,
//! so that reading it is one pass that compares neighbours, and allocates nothing for an origin.
//!
//! All numbers are little-endian:
//!
//! | at | bytes | |
//! | --- | --- | --- |
//! | 0 | 8 | `MAGIC` |
//! | 8 | 4 | `VERSION` |
//! | 12 | 8 | the checksum of all bytes after it |
//! | 20 | 4 | `w`, the length of the wildcards |
//! | 24 | 4 | `n`, the number of origins |
//! | 28 | `w` | the wildcards, as lines of a text list: they are few, and found by their parts |
//! | | 4 for each block | where the block begins, counted from the first origin; a block has `BLOCK` origins, the last has the rest |
//! | | | the origins, sorted by their keys, without duplicates |
//!
//! The key of an origin is its text without `https://`, from the last byte to the first: origins of one domain stand
//! together, and share the beginning of their keys. Each origin has two bytes that say how many bytes of its key are those
//! of the origin before it (six bits; none for the first of a block), whether it has a last day (one bit), and how many
//! more bytes its key has, less one (nine bits); then these bytes, and the day, as four.

mod write;

pub use write::{set_of, text_of_set, write_set};

use core::cmp::Ordering;
use core::fmt;

use crate::grammar::day::Day;

/// The beginning of every set. No UTF-8 text has a byte 0xff, and there are two of them so that no single damaged byte
/// makes a set look like a text.
const MAGIC: [u8; 8] = *b"\xfforigin\xff";
const VERSION: u32 = 1;
/// The length of the fields in front of the wildcards.
const HEADER: usize = 28;
/// The number of origins in a block. A lookup finds the block, and reads half of it on average.
const BLOCK: usize = 32;
/// What all keys leave out.
const COMMON_SCHEME: &str = "https://";

/// The bytes of a stored list are no list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnreadableSet {
    /// They are a set of another version of corsgate.
    Version,
    /// They have been cut or changed, or were not written by corsgate.
    Damaged,
}

impl UnreadableSet {
    /// What is wrong, for operators.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Version => "the list is a set that another version of corsgate wrote",
            Self::Damaged => "the list is a set whose bytes are damaged",
        }
    }
}

impl fmt::Display for UnreadableSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl core::error::Error for UnreadableSet {}

/// Whether the value of a list is a set, whole or damaged, and not a text.
#[must_use]
pub fn is_set(value: &[u8]) -> bool {
    value.iter().take(MAGIC.len()).any(|byte| *byte == 0xff)
}

/// What tells two sets apart: the checksum in the first 20 bytes. `None` if these do not begin a set of this version.
#[must_use]
pub fn set_fingerprint(beginning: &[u8]) -> Option<u64> {
    let (magic, rest) = beginning.split_first_chunk()?;
    let (version, rest) = number(rest)?;
    let (checksum, _) = rest.split_first_chunk()?;
    (*magic == MAGIC && version == VERSION as usize).then_some(u64::from_le_bytes(*checksum))
}

/// The exact origins of a set, searched in its bytes.
///
/// Invariant: [`SortedOrigins::read`] has seen that the blocks begin where the index says, that they hold `count` origins and
/// nothing else, and that their keys ascend.
#[derive(Debug)]
pub(crate) struct SortedOrigins {
    bytes: Vec<u8>,
    count: usize,
    /// Where the index of the blocks begins.
    index: usize,
    /// Where the origins begin.
    origins: usize,
    /// How many bytes all keys have in common.
    common: usize,
    /// The [step](step_of) of each block's first key. They ascend, and stand side by side: in a long list, the first keys
    /// themselves are far apart, and reading each waits for memory.
    steps: Vec<u64>,
}

/// An origin in the bytes.
struct Packed<'s> {
    /// The number of bytes that its key has in common with the key before it. It may have more in common.
    shared: usize,
    /// The rest of its key.
    rest: &'s [u8],
    last_day: Day,
}

/// The origins in some bytes.
struct PackedOrigins<'s>(&'s [u8]);

impl<'s> Iterator for PackedOrigins<'s> {
    type Item = Packed<'s>;

    fn next(&mut self) -> Option<Packed<'s>> {
        let (head, bytes) = self.0.split_first_chunk()?;
        let head = usize::from(u16::from_le_bytes(*head));
        let (rest, bytes) = bytes.split_at_checked((head & 0x1ff) + 1)?;
        let (last_day, bytes) = match head & 0x200 {
            0 => (Day::NEVER, bytes),
            _ => {
                let (day, bytes) = bytes.split_first_chunk()?;
                (Day::from_days(u32::from_le_bytes(*day)), bytes)
            }
        };
        self.0 = bytes;
        Some(Packed { shared: head >> 10, rest, last_day })
    }
}

impl SortedOrigins {
    /// Takes the bytes of a set.
    pub(crate) fn read(bytes: Vec<u8>) -> Result<Self, UnreadableSet> {
        let known = bytes.starts_with(&MAGIC);
        match bytes.get(MAGIC.len()..).and_then(number) {
            Some((version, _)) if known && version != VERSION as usize => Err(UnreadableSet::Version),
            _ => Self::read_whole(bytes).ok_or(UnreadableSet::Damaged),
        }
    }

    fn read_whole(bytes: Vec<u8>) -> Option<Self> {
        let expected = set_fingerprint(&bytes)?;
        let checked = bytes.get(20..)?;
        if checksum(checked) != expected {
            return None;
        }
        let (wildcards, rest) = number(checked)?;
        let (count, rest) = number(rest)?;
        let (lines, rest) = rest.split_at_checked(wildcards)?;
        core::str::from_utf8(lines).ok()?;
        let (index, _origins) = rest.split_at_checked(count.div_ceil(BLOCK) * 4)?;
        let origins = HEADER + wildcards + index.len();
        let mut set = Self { count, index: HEADER + wildcards, origins, common: 0, steps: Vec::new(), bytes };
        let last = set.last_key()?;
        let common = in_common(set.first_key(0), &last);
        let steps = (0..count.div_ceil(BLOCK)).map(|block| step_of(set.first_key(block), common)).collect();
        (set.common, set.steps) = (common, steps);
        Some(set)
    }

    /// The last key; `None` if the invariant does not hold.
    fn last_key(&self) -> Option<Vec<u8>> {
        let all = self.bytes.get(self.origins..)?;
        let mut packed = PackedOrigins(all);
        let mut key = Vec::new();
        for at in 0..self.count {
            let start = all.len() - packed.0.len();
            let origin = packed.next()?;
            let begins_block = at.is_multiple_of(BLOCK);
            if begins_block && (origin.shared > 0 || self.start(at / BLOCK) != Some(start)) {
                return None;
            }
            if origin.rest <= key.get(origin.shared..)? {
                return None;
            }
            key.truncate(origin.shared);
            key.extend_from_slice(origin.rest);
        }
        packed.0.is_empty().then_some(key)
    }

    /// The wildcards of the set, as a text list.
    pub(crate) fn wildcards(&self) -> &str {
        let lines = self.bytes.get(HEADER..self.index).unwrap_or_default();
        core::str::from_utf8(lines).unwrap_or_default()
    }

    /// The number of exact origins.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// The last day of an origin, if the set has it.
    #[inline(never)]
    pub(crate) fn find(&self, origin: &str) -> Option<Day> {
        let key: Vec<u8> = key_of(origin).collect();
        let step = step_of(&key, self.common);
        let (mut low, mut high) = (0, self.steps.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            let begins_before = match self.steps.get(middle)?.cmp(&step) {
                // Only now is it worth waiting for the key.
                Ordering::Equal => self.first_key(middle) <= key.as_slice(),
                order => order.is_lt(),
            };
            if begins_before {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        // How many bytes the key has in common with the origin that was looked at last.
        let mut matched = 0;
        for origin in self.block(low.checked_sub(1)?).take(BLOCK) {
            // It differs from the key where the one before it did, which came before the key: so does it.
            if origin.shared > matched {
                continue;
            }
            let wanted = key.get(origin.shared..)?;
            let common = in_common(origin.rest, wanted);
            if common == origin.rest.len() && common == wanted.len() {
                return Some(origin.last_day);
            }
            if origin.rest > wanted {
                return None;
            }
            matched = origin.shared + common;
        }
        None
    }

    /// Where a block begins, counted from the first origin.
    fn start(&self, block: usize) -> Option<usize> {
        Some(number(self.bytes.get(self.index + 4 * block..)?)?.0)
    }

    /// The origins from the beginning of a block on.
    fn block(&self, block: usize) -> PackedOrigins<'_> {
        let bytes = self.start(block).and_then(|start| self.bytes.get(self.origins + start..));
        PackedOrigins(bytes.unwrap_or_default())
    }

    /// The first key of a block.
    fn first_key(&self, block: usize) -> &[u8] {
        self.block(block).next().map_or(&[], |origin| origin.rest)
    }

    /// The origins in the order of their keys, each with its last day.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (String, Day)> {
        let mut key = Vec::new();
        self.block(0).map(move |origin| {
            key.truncate(origin.shared);
            key.extend_from_slice(origin.rest);
            let text = key.iter().rev().map(|byte| char::from(*byte));
            let has_scheme = key.windows(3).any(|three| three == b"//:");
            let scheme = if has_scheme { "" } else { COMMON_SCHEME };
            (scheme.chars().chain(text).collect(), origin.last_day)
        })
    }
}

/// The key of an origin.
fn key_of(origin: &str) -> impl Iterator<Item = u8> {
    origin.strip_prefix(COMMON_SCHEME).unwrap_or(origin).bytes().rev()
}

/// The eight bytes of a key behind those that all have in common, as a number: of two keys, the lower has no higher one.
#[inline(never)]
fn step_of(key: &[u8], common: usize) -> u64 {
    let mut step = [0; 8];
    for (to, from) in step.iter_mut().zip(key.get(common..).unwrap_or_default()) {
        *to = *from;
    }
    u64::from_be_bytes(step)
}

/// How many bytes two keys have in common.
fn in_common(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).take_while(|(a, b)| a == b).count()
}

/// The number at the beginning of some bytes, and the bytes after it.
pub(super) fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u32::from_le_bytes(*number) as usize, rest))
}

/// A sum that differs between any two texts that differ in one word of eight bytes: each step can be undone. Of other
/// changes, one in 2^64 goes unnoticed. It detects damage; whoever may write to KV may write another list.
pub(super) fn checksum(bytes: &[u8]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, rest) = bytes.as_chunks();
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    words.iter().chain([&last]).fold(bytes.len() as u64, |sum, word| {
        let sum = (sum ^ u64::from_le_bytes(*word)).wrapping_mul(ODD);
        sum ^ (sum >> 32)
    })
}

#[cfg(test)]
#[path = "sorted_tests.rs"]
mod tests;
