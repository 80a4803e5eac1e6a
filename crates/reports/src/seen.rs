//! How many uses of an entry are needed until a record exists with high probability.

/// The accepted probability that a used entry has no record.
const MISSED: f64 = 0.05;

/// The number of uses of an entry that leave a record with a probability of 95 %, if each use is recorded with a
/// probability of `millionths`; `None` if no use is recorded.
///
/// The probability that none of `n` uses is recorded is `(1 - p)^n`, so the result is the least `n` for which it is at
/// most 0.05. It is found by repeated squaring, because a logarithm would add a library to the Wasm.
pub(crate) fn uses(millionths: u32) -> Option<u64> {
    let miss = f64::from(1_000_000_u32.saturating_sub(millionths)) / 1_000_000.0;
    if millionths == 0 {
        return None;
    }
    let mut powers = vec![miss];
    while let Some(last) = powers.last().filter(|last| **last > MISSED) {
        powers.push(last * last);
    }
    // Invariant: `(1 - p)^uses` is above the bound. At the end, it would not be for one use more.
    let (mut uses, mut missed) = (0_u64, 1.0);
    for (power, chance) in powers.iter().enumerate().rev() {
        if missed * chance > MISSED {
            missed *= chance;
            uses += 1_u64 << power;
        }
    }
    Some(uses + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_entry_is_seen_sooner_the_more_is_recorded() {
        for (millionths, expected) in [
            (0, None),
            (1, Some(2_995_731)),
            (10_000, Some(299)),
            (100_000, Some(29)),
            (500_000, Some(5)),
            (950_000, Some(1)),
            (1_000_000, Some(1)),
            (u32::MAX, Some(1)),
        ] {
            assert_eq!(uses(millionths), expected, "{millionths}");
        }
    }

    proptest! {
        #[test]
        fn it_is_the_least_number_that_suffices(millionths in 1..950_000_u32) {
            let miss = 1.0 - f64::from(millionths) / 1e6;
            let expected = (MISSED.ln() / miss.ln()).ceil() as u64;
            // At the exact bound, the two may differ by rounding.
            prop_assert!(uses(millionths).unwrap_or(0).abs_diff(expected) <= 1);
            let missed = |uses: u64| miss.powf(uses as f64);
            let uses = uses(millionths).unwrap_or(0);
            prop_assert!(missed(uses) <= MISSED + 1e-9 && missed(uses - 1) > MISSED - 1e-9);
        }
    }
}
