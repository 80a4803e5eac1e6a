//! How many uses of an entry are needed until a record exists with high probability.

/// The accepted probability that a used entry has no record.
const MISSED: f64 = 0.05;

/// How many uses of an entry leave a record with a chance of 95 %, when each does with a chance of `millionths`; nothing
/// when none does.
///
/// All of `n` uses are missed with a chance of `(1 - p)^n`, so this is the least `n` for which that is at most 0.05. It is
/// found by squaring: a logarithm would be a library of its own in Wasm.
pub(crate) fn uses(millionths: u32) -> Option<u64> {
    let miss = f64::from(1_000_000_u32.saturating_sub(millionths)) / 1_000_000.0;
    if millionths == 0 {
        return None;
    }
    let mut powers = vec![miss];
    while let Some(last) = powers.last().filter(|last| **last > MISSED) {
        powers.push(last * last);
    }
    // `(1 - p)^n` is above the bound for this `n`, and would not be for one more.
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
            // On the very edge, rounding may tell them apart.
            prop_assert!(uses(millionths).unwrap_or(0).abs_diff(expected) <= 1);
            let missed = |uses: u64| miss.powf(uses as f64);
            let uses = uses(millionths).unwrap_or(0);
            prop_assert!(missed(uses) <= MISSED + 1e-9 && missed(uses - 1) > MISSED - 1e-9);
        }
    }
}
