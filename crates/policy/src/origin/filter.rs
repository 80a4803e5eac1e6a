//! A filter of the keys of a list in KV that has a key for each origin: it says for most keys that do not exist that they
//! do not, so that unknown origins cost no reads.
//!
//! It is a binary fuse filter with fingerprints of eight bits ([Graf and Lemire, "Binary Fuse Filters"]), of about nine bits
//! for each key: one of 256 keys that do not exist must be looked up all the same. A key that exists is never ruled out if
//! the filter was written after it was, or names it among the later ones.
//!
//! All numbers are little-endian:
//!
//! | at | bytes | |
//! | --- | --- | --- |
//! | 0 | 12 | `MAGIC` |
//! | 12 | 8 | the checksum of the list's name and of all bytes after it |
//! | 20 | 8 | the seed with which the keys have places |
//! | 28 | 4 | the binary logarithm of `l`, the length of a segment |
//! | 32 | 4 | `s`, the number of segments in which the first place of a key may be |
//! | 36 | (`s` + 2) `l` | the fingerprints |
//! | | 8 each | the hashes of later keys, at most `MOST_LATER` |
//!
//! A key has a place in each of three neighbouring segments. The fingerprints there, combined, are that of the key.
//!
//! [Graf and Lemire, "Binary Fuse Filters"]: https://arxiv.org/abs/2201.01174

mod write;

pub use write::{filter_of, with_later_keys, write_filter};

use super::sorted::{checksum, number};

/// The beginning of every filter: what it is, and the version, 1. No UTF-8 text has a byte 0xff, and no set of origins begins
/// in this way.
const MAGIC: [u8; 12] = *b"\xfffilter\xff\x01\0\0\0";
/// The length of the fields before what the checksum covers.
const SIGNED: usize = 20;
/// The length of the fields before the fingerprints.
const HEADER: usize = 36;

/// The most later keys. A lookup compares its key with each.
pub const MOST_LATER: usize = 1_000;
/// What is wrong with bytes that are no filter, for operators.
pub const UNREADABLE_FILTER: &str = "the filter is damaged, or of another list or version of corsgate";

/// A filter, searched in its bytes.
#[derive(Debug)]
pub struct KeyFilter {
    bytes: Vec<u8>,
    shape: Shape,
}

/// What the places of a key follow from.
#[derive(Clone, Copy, Debug)]
struct Shape {
    seed: u64,
    /// The length of a segment: a power of two.
    segment: usize,
    /// The number of places that may be the first of a key: those of whole segments.
    first_places: usize,
}

/// A key as the filter knows it.
#[must_use]
pub fn hash_of(key: &str) -> u64 {
    checksum(key.as_bytes())
}

impl KeyFilter {
    /// Takes the bytes of the filter of a list. `None` if they have been cut or changed, or are no filter of this list and
    /// version.
    #[must_use]
    pub fn read(list: &str, bytes: Vec<u8>) -> Option<Self> {
        let (sum, checked) = bytes.strip_prefix(&MAGIC)?.split_first_chunk()?;
        if *sum != signature(list, checked) {
            return None;
        }
        let (seed, rest) = checked.split_first_chunk()?;
        let (logarithm, rest) = number(rest)?;
        let (segments, rest) = number(rest)?;
        let segment = 1_usize.checked_shl(logarithm as u32)?;
        let shape =
            Shape { seed: u64::from_le_bytes(*seed), segment, first_places: segments.checked_mul(segment)? };
        // Neither length is more than a part of the memory, so their sum does not overflow.
        let fits = segment.max(shape.first_places) <= rest.len() && shape.length() <= rest.len();
        (fits && (rest.len() - shape.length()).is_multiple_of(8)).then_some(Self { bytes, shape })
    }

    /// Whether a key may exist. If not, it does not, or it is newer than the filter.
    #[must_use]
    pub fn may_have(&self, key: &str) -> bool {
        let hash = hash_of(key);
        let (fingerprint, places) = self.shape.places(hash);
        let rest = self.bytes.get(HEADER..).unwrap_or_default();
        let at = |place: usize| rest.get(place).copied().unwrap_or_default();
        places.into_iter().fold(fingerprint, |rest, place| rest ^ at(place)) == 0
            || self.later().contains(&hash.to_le_bytes())
    }

    /// The hashes of later keys.
    fn later(&self) -> &[[u8; 8]] {
        self.bytes.get(HEADER + self.shape.length()..).unwrap_or_default().as_chunks().0
    }

    /// Whether these bytes begin the value that the filter was read from. Twenty of them, with the checksum, tell two apart.
    #[must_use]
    pub fn begins_with(&self, beginning: &[u8]) -> bool {
        self.bytes.starts_with(beginning)
    }
}

impl Shape {
    /// The number of all places.
    fn length(self) -> usize {
        self.first_places + 2 * self.segment
    }

    /// The fingerprint of a key, and its places.
    fn places(self, hash: u64) -> (u8, [usize; 3]) {
        let Self { segment, first_places, .. } = self;
        // Every bit of the key decides about each bit of the result (the finalizer of MurmurHash3).
        let mut mixed = hash.wrapping_add(self.seed);
        for odd in [0xff51_afd7_ed55_8ccd, 0xc4ce_b9fe_1a85_ec53] {
            mixed = (mixed ^ mixed >> 33).wrapping_mul(odd);
        }
        mixed ^= mixed >> 33;
        // The upper half, scaled to the number of places.
        let first = ((mixed >> 32).wrapping_mul(first_places as u64) >> 32) as usize;
        let within = segment - 1;
        let second = (first + segment) ^ ((mixed >> 18) as usize & within);
        let third = (first + 2 * segment) ^ (mixed as usize & within);
        ((mixed ^ mixed >> 32) as u8, [first, second, third])
    }
}

/// The checksum of a filter. It depends on the list that the filter is for: that of another list would rule out every key.
fn signature(list: &str, checked: &[u8]) -> [u8; 8] {
    (checksum(checked) ^ checksum(list.as_bytes())).to_le_bytes()
}

#[cfg(test)]
#[path = "filter_tests.rs"]
mod tests;
