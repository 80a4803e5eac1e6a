//! How sure it is that what was used was seen.

/// In parts of one: so seldom may an entry be missed that was used.
const MISSED: f64 = 0.05;

/// How many uses of an entry leave a record with a chance of 95 %, when each does with a chance of `millionths`; nothing
/// when none does.
///
/// All of `n` uses are missed with a chance of `(1 - p)^n`, so this is the least `n` for which that is at most 0.05. It is
/// found by squaring: a logarithm would be a library of its own in Wasm.
pub(crate) fn uses(millionths: u32) -> Option<u64> {
    let miss = 1.0 - f64::from(millionths.min(1_000_000)) / 1_000_000.0;
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
