//! What the index of the routes looks up with.

/// A table of positions by the hashes of what is there.
///
/// Invariant: at least half of the slots are empty, so every search ends. Only the operator's entries are in the table:
/// nobody else can choose what collides.
#[derive(Debug, Default)]
pub(crate) struct Slots(Vec<Slot>);

#[derive(Clone, Debug, Default)]
struct Slot {
    /// The lower half of the hash, to tell most others apart without a look at what is there.
    hash: u32,
    /// The position and one; 0 if the slot is empty.
    next: u32,
}

impl Slots {
    /// A table for so many positions.
    pub(crate) fn new(count: usize) -> Self {
        Self(vec![Slot::default(); (2 * count).next_power_of_two()])
    }

    /// Adds a position, of which there are no more than the table was made for.
    pub(crate) fn insert(&mut self, hash: u64, position: usize) {
        let free = self.end(hash, &|_other| false);
        if let Some(slot) = self.0.get_mut(free) {
            *slot = Slot { hash: hash as u32, next: u32::try_from(position + 1).unwrap_or_default() };
        }
    }

    /// The wanted one of the positions with this hash.
    pub(crate) fn find(&self, hash: u64, is_it: &dyn Fn(usize) -> bool) -> Option<usize> {
        let slot = self.0.get(self.end(hash, is_it))?;
        (slot.next as usize).checked_sub(1)
    }

    /// The slot at which a search ends: that of the wanted position, or an empty one.
    // Not inlined: once in the Wasm instead of at each call.
    #[inline(never)]
    fn end(&self, hash: u64, is_it: &dyn Fn(usize) -> bool) -> usize {
        let last = self.0.len().wrapping_sub(1);
        // The higher half depends on every byte.
        let mut at = (hash >> 32) as usize & last;
        while let Some(slot) = self.0.get(at)
            && let Some(position) = (slot.next as usize).checked_sub(1)
            && !(slot.hash == hash as u32 && is_it(position))
        {
            at = (at + 1) & last;
        }
        at
    }
}

/// The hash of a text with one more byte.
pub(crate) fn mixed(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Some numbers, those from 63 on as one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Depths(u64);

impl Depths {
    pub(crate) fn add(&mut self, depth: usize) {
        self.0 |= 1 << depth.min(63);
    }

    pub(crate) fn has(self, depth: usize) -> bool {
        self.0 >> depth.min(63) & 1 == 1
    }

    pub(crate) fn has_more_than(self, depth: usize) -> bool {
        self.0 >> (depth + 1).min(63) > 0
    }
}
