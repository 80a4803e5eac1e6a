//! Figures as a row of blocks.

const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A block for each figure: `█` for the greatest, and a space only for zero.
pub(super) fn line(figures: &[u64]) -> String {
    let most = figures.iter().copied().max().unwrap_or_default();
    let block = |figure: u64| {
        let level = u128::from(figure) * 8;
        let level = level.div_ceil(u128::from(most.max(1)));
        usize::try_from(level)
            .ok()
            .and_then(|level| LEVELS.get(level.checked_sub(1)?))
            .copied()
            .unwrap_or(' ')
    };
    figures.iter().copied().map(block).collect()
}

/// Sums of neighbours: each sum has `together` figures.
pub(super) fn merged(figures: &[u64], together: usize) -> Vec<u64> {
    figures.chunks(together.max(1)).map(|chunk| chunk.iter().sum()).collect()
}

/// A share from 0 to 1 as a bar of ten blocks.
pub(super) fn bar(share: f64) -> String {
    let full = (0..10).take_while(|place| share * 10.0 >= f64::from(*place) + 0.5).count();
    let full = if share > 0.0 { full.max(1) } else { full };
    format!("{}{}", "█".repeat(full), "░".repeat(10 - full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_figure_is_a_full_block_and_only_zero_is_empty() {
        assert_eq!(line(&[0, 1, 2, 3, 4, 5, 6, 7, 8]), " ▁▂▃▄▅▆▇█");
        assert_eq!(line(&[1, 1_000]), "▁█");
        assert_eq!(line(&[u64::MAX, 0]), "█ ");
        assert_eq!(line(&[0, 0]), "  ");
        assert_eq!(line(&merged(&[1, 2, 3, 4, 5], 2)), "▄█▆");
    }

    #[test]
    fn a_bar_shows_a_share() {
        assert_eq!(bar(0.0), "░░░░░░░░░░");
        assert_eq!(bar(0.001), "█░░░░░░░░░");
        assert_eq!(bar(0.5), "█████░░░░░");
        assert_eq!(bar(1.0), "██████████");
    }
}
