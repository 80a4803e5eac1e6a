//! Writes filters. Only the tools do this.

use super::{HEADER, KeyFilter, MAGIC, MOST_LATER, SIGNED, Shape, signature};

/// The longest segment. Longer ones make no filter smaller.
const LONGEST_SEGMENT: f64 = 262_144.0;
/// The number of seeds that are tried before the filter becomes longer. Nearly always one of the first few fits.
const SEEDS_OF_LENGTH: u64 = 32;

/// The bytes of the filter of a list with these keys, each as its [hash](super::hash_of). They depend on the keys alone,
/// not on their order.
#[must_use]
pub fn write_filter(list: &str, mut hashes: Vec<u64>) -> Vec<u8> {
    // Two equal keys could never be told apart, and would have no places.
    hashes.sort_unstable();
    hashes.dedup();
    let mut seed = 0;
    loop {
        let room =
            hashes.len() + hashes.len() / 16 * usize::try_from(seed / SEEDS_OF_LENGTH).unwrap_or_default();
        let shape = Shape { seed, ..Shape::fitting(room) };
        if let Some(order) = shape.order(&hashes) {
            return filter_of(list, &shape.body(&shape.fill(order)));
        }
        seed += 1;
    }
}

/// The filter with later keys. `None` if it is no filter of this list, or has too many of them.
#[must_use]
pub fn with_later_keys(list: &str, filter: Vec<u8>, hashes: &[u64]) -> Option<Vec<u8>> {
    let read = KeyFilter::read(list, filter)?;
    let mut all: Vec<_> =
        read.later().iter().copied().chain(hashes.iter().map(|hash| hash.to_le_bytes())).collect();
    all.sort_unstable();
    all.dedup();
    let filter = read.bytes.get(SIGNED..HEADER + read.shape.length())?;
    (all.len() <= MOST_LATER).then(|| filter_of(list, &[filter, all.as_flattened()].concat()))
}

/// A filter with these bytes after its checksum, which is correct whatever they are. Tests make hostile filters with it.
#[must_use]
pub fn filter_of(list: &str, checked: &[u8]) -> Vec<u8> {
    [MAGIC.as_slice(), &signature(list, checked), checked].concat()
}

/// A key with a place that no key before it in the order has.
struct Placed {
    hash: u64,
    /// Which of its places that is.
    own: u8,
}

/// The keys that have a place, combined.
#[derive(Clone, Copy, Default)]
struct Crowd {
    hashes: u64,
    count: u32,
    /// Which of their places it is, combined.
    which: u8,
}

impl Crowd {
    fn toggle(&mut self, hash: u64, which: u8) {
        self.hashes ^= hash;
        self.which ^= which;
    }
}

impl Shape {
    /// The lengths for so many keys, as Graf and Lemire give them for three places.
    fn fitting(keys: usize) -> Self {
        let keys = (keys as f64).max(2.0);
        let segment = (keys.ln() / 3.33_f64.ln() + 2.25).floor().exp2().min(LONGEST_SEGMENT);
        let per_key = (0.875 + 0.25 * 1e6_f64.ln() / keys.ln()).max(1.125);
        let segments = ((keys * per_key / segment).ceil() - 2.0).max(1.0);
        Self { seed: 0, segment: segment as usize, first_places: (segments * segment) as usize }
    }

    /// The keys in an order in which each has a place that no key after it has; `None` if this seed gives none.
    fn order(self, hashes: &[u64]) -> Option<Vec<Placed>> {
        let mut crowds = vec![Crowd::default(); self.length()];
        for hash in hashes {
            for (which, place) in (0..).zip(self.places(*hash).1) {
                let crowd = crowds.get_mut(place)?;
                crowd.count += 1;
                crowd.toggle(*hash, which);
            }
        }
        let mut alone: Vec<_> =
            crowds.iter().enumerate().filter(|(_, crowd)| crowd.count == 1).map(|(place, _)| place).collect();
        let mut order = Vec::with_capacity(hashes.len());
        while let Some(place) = alone.pop() {
            let Some(&Crowd { hashes: hash, count: 1, which: own }) = crowds.get(place) else { continue };
            order.push(Placed { hash, own });
            for (which, place) in (0..).zip(self.places(hash).1) {
                let crowd = crowds.get_mut(place)?;
                crowd.count -= 1;
                crowd.toggle(hash, which);
                if crowd.count == 1 {
                    alone.push(place);
                }
            }
        }
        (order.len() == hashes.len()).then_some(order)
    }

    /// The fingerprints at all places.
    fn fill(self, order: Vec<Placed>) -> Vec<u8> {
        let mut filled = vec![0; self.length()];
        for Placed { hash, own } in order.into_iter().rev() {
            let (fingerprint, places) = self.places(hash);
            let at = |place: usize| filled.get(place).copied().unwrap_or_default();
            // Its own place is still empty.
            let missing = places.into_iter().fold(fingerprint, |rest, place| rest ^ at(place));
            let own = places.get(usize::from(own)).and_then(|place| filled.get_mut(*place));
            if let Some(own) = own {
                *own = missing;
            }
        }
        filled
    }

    fn body(self, fingerprints: &[u8]) -> Vec<u8> {
        let field = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
        let fields = [field(self.segment.ilog2() as usize), field(self.first_places / self.segment)];
        [self.seed.to_le_bytes().as_slice(), fields.as_flattened(), fingerprints].concat()
    }
}
