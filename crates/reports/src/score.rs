//! How far a figure is above its own history.
//!
//! This is the modified z-score of Iglewicz and Hoaglin (*How to Detect and Handle Outliers*, 1993), which a few outliers
//! in the history hardly change: the distance from the median, in units of 1.4826 times the median absolute deviation.
//! For normally distributed figures, that unit is the standard deviation (1 / 1.4826 = 0.6745). The unit has a minimum,
//! because it would be zero for a key without decisions on most days: the standard deviation of random counts, which is
//! the square root of the expected count.

use crate::order::ordered;

/// The lowest score, in thousandths, of an unusual figure, as proposed by Iglewicz and Hoaglin.
const UNUSUAL: i64 = 3_500;

/// The score of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Score {
    /// The score in thousandths.
    pub(crate) thousandths: i64,
    /// The median of the history, in thousandths.
    pub(crate) median: i64,
}

impl Score {
    /// The score of a figure against its history: `(x - m) / max(1.4826 MAD, sqrt(m), 1)`; `None` without
    /// history.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "figures are far below 2^53, and what is shown has three decimals"
    )]
    pub(crate) fn new(figure: u64, history: &[u64]) -> Option<Self> {
        // Twice the median, so that it is an integer.
        let doubled = double_median(history)?;
        let deviations: Vec<_> =
            history.iter().map(|past| past.saturating_mul(2).abs_diff(doubled)).collect();
        let quadrupled = double_median(&deviations)?;
        let median = doubled as f64 / 2.0;
        let deviation = quadrupled as f64 / 4.0;
        let scale = (1.4826_f64 * deviation).max(median.sqrt()).max(1.0);
        let score = (figure as f64 - median) / scale;
        Some(Self { thousandths: (score * 1_000.0).round() as i64, median: (median * 1_000.0) as i64 })
    }

    /// Whether the figure is far above its history.
    pub(crate) fn is_unusual(&self) -> bool {
        self.thousandths >= UNUSUAL
    }
}

/// Twice the median.
fn double_median(numbers: &[u64]) -> Option<u64> {
    let numbers = ordered(numbers.to_vec(), u64::cmp);
    let upper = numbers.get(numbers.len() / 2)?;
    let lower = numbers.get((numbers.len().checked_sub(1)?) / 2)?;
    Some(upper.saturating_add(*lower))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The example of docs/reports.md.
    #[test]
    fn the_worked_example() {
        let history = [13, 14, 15, 12, 13, 14, 16, 12, 90, 13, 14, 11, 15, 12];
        assert_eq!(Score::new(40, &history), Some(Score { thousandths: 7_212, median: 13_500 }));
        assert!(Score::new(40, &history).is_some_and(|score| score.is_unusual()));
        let below = Score::new(26, &history).expect("there is a history");
        assert_eq!((below.thousandths, below.is_unusual()), (3_402, false));
    }

    #[test]
    fn a_quiet_key_does_not_explode() {
        assert_eq!(Score::new(10, &[0; 14]), Some(Score { thousandths: 10_000, median: 0 }));
        assert_eq!(Score::new(0, &[100; 14]), Some(Score { thousandths: -10_000, median: 100_000 }));
        assert_eq!(Score::new(3, &[]), None);
    }

    fn median(numbers: &[f64]) -> f64 {
        let mut numbers = numbers.to_vec();
        numbers.sort_by(f64::total_cmp);
        let (lower, upper) = (numbers[(numbers.len() - 1) / 2], numbers[numbers.len() / 2]);
        (lower + upper) / 2.0
    }

    proptest! {
        #[test]
        fn it_is_the_formula(
            figure in 0..1_000_000_u64,
            history in proptest::collection::vec(0..1_000_000_u64, 1..15),
        ) {
            let past: Vec<_> = history.iter().map(|figure| *figure as f64).collect();
            let middle = median(&past);
            let deviation = median(&past.iter().map(|figure| (figure - middle).abs()).collect::<Vec<_>>());
            let scale = (1.4826 * deviation).max(middle.sqrt()).max(1.0);
            let expected = ((figure as f64 - middle) / scale * 1_000.0).round() as i64;
            let score = Score::new(figure, &history).expect("there is a history");
            prop_assert!(score.thousandths.abs_diff(expected) <= 1, "{} {}", score.thousandths, expected);
            prop_assert_eq!(score.median, (middle * 1_000.0) as i64);
        }
    }
}
