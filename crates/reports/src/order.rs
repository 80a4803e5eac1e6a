//! One sort for the whole crate: the standard library's would add ten kilobytes of Wasm, and as much again
//! for each further type.

use core::cmp::Ordering;

/// The sorted items; equal items keep their order.
pub(crate) fn ordered<T>(items: Vec<T>, compare: impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    let positions = order(items.len(), &|one, other| match (items.get(one), items.get(other)) {
        (Some(one), Some(other)) => compare(one, other),
        _ => Ordering::Equal,
    });
    let mut items: Vec<_> = items.into_iter().map(Some).collect();
    positions.into_iter().filter_map(|at| items.get_mut(at)?.take()).collect()
}

/// The positions in order, by merging: runs of one, of two, of four …
fn order(length: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut positions: Vec<usize> = (0..length).collect();
    let mut run = 1;
    while run < length {
        let mut merged = Vec::with_capacity(length);
        for runs in positions.chunks(run * 2) {
            let (left, right) = runs.split_at(run.min(runs.len()));
            let (mut left, mut right) = (left.iter().copied().peekable(), right.iter().copied().peekable());
            while let (Some(one), Some(other)) = (left.peek(), right.peek()) {
                // Of equal items the left one comes first.
                let next = if compare(*one, *other).is_le() { &mut left } else { &mut right };
                merged.extend(next.next());
            }
            merged.extend(left);
            merged.extend(right);
        }
        positions = merged;
        run *= 2;
    }
    positions
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_sorts_as_the_standard_library_does(items: Vec<(u8, u16)>) {
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0);
            prop_assert_eq!(ordered(items, |one, other| one.0.cmp(&other.0)), expected);
        }
    }
}
