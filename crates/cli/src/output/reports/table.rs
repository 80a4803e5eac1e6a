//! A table for a terminal: its columns are aligned by the width of their letters, and it fits the width of the
//! terminal.

use crate::output::plain::{beginning, columns, plain};

/// The least width to which a text is cut.
const LEAST: usize = 8;
/// The space between columns.
const GAP: &str = "  ";

/// The content and alignment of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    /// Texts from others, which may be cut.
    Text,
    /// The tool's own texts.
    Left,
    /// Numbers, aligned to the right.
    Right,
}

#[derive(Debug)]
pub(super) struct Table {
    stands: Vec<Stand>,
    /// The first line is the heading.
    lines: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(columns: impl IntoIterator<Item = (Stand, String)>) -> Self {
        let (stands, heading) = columns.into_iter().unzip();
        Self { stands, lines: vec![heading] }
    }

    /// Adds a line; texts from others are escaped here.
    pub(super) fn push(&mut self, cells: Vec<String>) {
        let plained = cells.into_iter().zip(&self.stands).map(|(cell, stand)| match stand {
            Stand::Text => plain(&cell),
            Stand::Left | Stand::Right => cell,
        });
        self.lines.push(plained.collect());
    }

    /// The lines, no wider than `most` if the texts can be cut so far.
    pub(super) fn render(&self, most: Option<usize>) -> String {
        let widths = self.widths(most);
        let mut text = String::new();
        for line in &self.lines {
            let mut shown = String::new();
            let columns_of_line = line.iter().zip(&self.stands).zip(&widths);
            for ((cell, stand), width) in columns_of_line.filter(|(_, width)| **width > 0) {
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
        // Leave out a column that has only its heading.
        let is_none =
            |at: usize| self.lines.iter().skip(1).all(|line| line.get(at).is_none_or(String::is_empty));
        let width = |at: usize| if is_none(at) { None } else { width(at) };
        let mut widths: Vec<_> = (0..self.stands.len()).map(|at| width(at).unwrap_or_default()).collect();
        let Some(most) = most else { return widths };
        let gaps = GAP.len() * widths.iter().filter(|width| **width > 0).count().saturating_sub(1);
        let mut excess = (widths.iter().sum::<usize>() + gaps).saturating_sub(most);
        // Narrow the widest text, one column at a time.
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

/// Cuts the middle of a text: of an origin, the scheme and the registrable domain stay.
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
    fn a_cut_text_keeps_both_ends() {
        assert_eq!(cut("https://a.very.long.name.example", 20), "https://a…me.example");
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
