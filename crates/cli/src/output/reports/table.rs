//! A table for a terminal: columns aligned by what letters take there, and no wider than it.

use crate::output::plain::{beginning, columns, plain};

/// The least that is left of a text that is cut.
const LEAST: usize = 12;
/// Between columns.
const GAP: &str = "  ";

/// How a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    /// Texts of others, which may be cut.
    Text,
    /// Texts of our own.
    Left,
    /// Figures.
    Right,
}

#[derive(Debug)]
pub(super) struct Table {
    stands: Vec<Stand>,
    /// The first is the heading.
    lines: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(columns: impl IntoIterator<Item = (Stand, String)>) -> Self {
        let (stands, heading) = columns.into_iter().unzip();
        Self { stands, lines: vec![heading] }
    }

    /// Adds a line; texts of others are made plain here.
    pub(super) fn push(&mut self, cells: Vec<String>) {
        let plained = cells.into_iter().zip(&self.stands).map(|(cell, stand)| match stand {
            Stand::Text => plain(&cell),
            Stand::Left | Stand::Right => cell,
        });
        self.lines.push(plained.collect());
    }

    /// The lines, no wider than this where its texts can be cut so far.
    pub(super) fn render(&self, most: Option<usize>) -> String {
        let widths = self.widths(most);
        let mut text = String::new();
        for line in &self.lines {
            let mut shown = String::new();
            for ((cell, stand), width) in line.iter().zip(&self.stands).zip(&widths) {
                let cell = cut(cell, *width);
                let space = " ".repeat(width.saturating_sub(columns(&cell)));
                let (before, behind) =
                    if *stand == Stand::Right { (space.as_str(), "") } else { ("", space.as_str()) };
                if !shown.is_empty() {
                    shown.push_str(GAP);
                }
                shown.extend([before, &cell, behind]);
            }
            text.push_str(shown.trim_end());
            text.push('\n');
        }
        text
    }

    fn widths(&self, most: Option<usize>) -> Vec<usize> {
        let width =
            |at: usize| self.lines.iter().filter_map(|line| line.get(at)).map(|cell| columns(cell)).max();
        let mut widths: Vec<_> = (0..self.stands.len()).map(|at| width(at).unwrap_or_default()).collect();
        let Some(most) = most else { return widths };
        let gaps = GAP.len() * widths.len().saturating_sub(1);
        let mut excess = (widths.iter().sum::<usize>() + gaps).saturating_sub(most);
        // The widest text gives way, until another is as wide.
        while excess > 0 {
            let texts = widths.iter_mut().zip(&self.stands).filter(|(_, stand)| **stand == Stand::Text);
            let Some((widest, _)) =
                texts.max_by_key(|(width, _)| **width).filter(|(width, _)| **width > LEAST)
            else {
                break;
            };
            *widest -= 1;
            excess -= 1;
        }
        widths
    }
}

/// Both ends of a text: of an origin, the scheme as well as the domain that somebody owns.
fn cut(text: &str, most: usize) -> String {
    if columns(text) <= most {
        return text.to_owned();
    }
    let room = most.saturating_sub(1);
    let front = beginning(text, room / 2);
    let mut back = text;
    while columns(back) > room - columns(front) {
        let mut letters = back.chars();
        letters.next();
        back = letters.as_str();
    }
    format!("{front}…{back}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_keeps_both_of_its_ends() {
        assert_eq!(cut("https://a.very.long.name.example", 20), "https://a….example");
        assert_eq!(cut("\u{6771}\u{4eac}\u{6771}\u{4eac}", 6), "\u{6771}…\u{4eac}");
        assert_eq!(cut("short", 5), "short");
    }

    proptest! {
        #[test]
        fn lines_fit(texts in prop::collection::vec((".{0,60}", ".{0,60}"), 1..6), most in 40_usize..100) {
            let heads = [Stand::Text, Stand::Text, Stand::Right].map(|stand| (stand, "head".to_owned()));
            let mut table = Table::new(heads);
            for (one, other) in texts {
                table.push(vec![one, other, "123456".to_owned()]);
            }
            for line in table.render(Some(most)).lines() {
                prop_assert!(columns(line) <= most, "{:?}", line);
            }
        }
    }
}
