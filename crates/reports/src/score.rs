//! How far a figure is above its own history.
//!
//! The modified z-score of Iglewicz and Hoaglin (*How to Detect and Handle Outliers*, 1993), which a few wild days in the
//! history do not move: the distance from the median in units of the median absolute deviation, 1.4826 times which is
//! the standard deviation where figures are normally distributed (1 / 1.4826 = 0.6745). The scale has a floor: of counts
//! that come by chance the standard deviation is the square root of what is expected, and a key that is quiet on most
//! days would have none at all.

/// From this score on, in thousandths, a figure is unusual: what Iglewicz and Hoaglin propose.
pub(crate) const UNUSUAL: i64 = 3_500;

/// What the score of a figure says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Score {
    /// In thousandths.
    pub(crate) thousandths: i64,
    /// The median of the history, in thousandths.
    pub(crate) median: i64,
}

impl Score {
    /// The score of a figure against its history: `(x - m) / max(1.4826 MAD, sqrt(m), 1)`. Nothing without history.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "figures are far below 2^53, and what is shown has three decimals"
    )]
    pub(crate) fn new(figure: u64, history: &[u64]) -> Option<Self> {
        // Doubled, medians are integers.
        let doubled = double_median(history.to_vec())?;
        let deviations = history.iter().map(|past| (past * 2).abs_diff(doubled)).collect();
        let quadrupled = double_median(deviations)?;
        let median = doubled as f64 / 2.0;
        let deviation = quadrupled as f64 / 4.0;
        let scale = (1.4826_f64 * deviation).max(median.sqrt()).max(1.0);
        let score = (figure as f64 - median) / scale;
        Some(Self { thousandths: (score * 1_000.0).round() as i64, median: (median * 1_000.0) as i64 })
    }
}

/// Twice the median.
fn double_median(mut numbers: Vec<u64>) -> Option<u64> {
    numbers.sort_unstable();
    let upper = numbers.get(numbers.len() / 2)?;
    let lower = numbers.get((numbers.len().checked_sub(1)?) / 2)?;
    Some(upper + lower)
}
