//! The results of the back end.

use core::fmt;

/// The results do not match the statements: the number of results is wrong, a row is too short, or a cell is
/// not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadResults;

impl fmt::Display for BadResults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the results of the back end do not match the statements")
    }
}

impl core::error::Error for BadResults {}

/// The results, statement by statement.
pub(crate) struct Results<'a>(pub(crate) core::slice::Iter<'a, Vec<Vec<String>>>);

impl<'a> Results<'a> {
    /// The rows of the next statement.
    pub(crate) fn next(&mut self) -> Result<impl Iterator<Item = Row<'a>> + use<'a>, BadResults> {
        Ok(self.0.next().ok_or(BadResults)?.iter().map(|row| Row(row.iter())))
    }

    /// The only row of the next statement, which has no keys. Without a row, all figures are zero.
    pub(crate) fn one<const N: usize>(&mut self) -> Result<[u64; N], BadResults> {
        match self.next()?.next() {
            Some(mut row) => row.numbers(),
            None => Ok([0; N]),
        }
    }
}

/// A row, read from the left.
pub(crate) struct Row<'a>(core::slice::Iter<'a, String>);

impl<'a> Row<'a> {
    /// The next cell.
    pub(crate) fn text(&mut self) -> Result<&'a str, BadResults> {
        self.0.next().map(String::as_str).ok_or(BadResults)
    }

    /// The next cells.
    pub(crate) fn texts(&mut self, count: usize) -> Result<Vec<&'a str>, BadResults> {
        (0..count).map(|_| self.text()).collect()
    }

    /// The next cell, a non-negative integer. A floating-point column may write it with a fraction of zeros,
    /// and no value as null.
    pub(crate) fn number(&mut self) -> Result<u64, BadResults> {
        let cell = self.text()?;
        let integer = cell.split_once('.').map_or(cell, |(integer, _)| integer);
        match integer {
            "" | "null" => Ok(0),
            _ => integer.parse().map_err(|_| BadResults),
        }
    }

    /// The next cells.
    pub(crate) fn numbers<const N: usize>(&mut self) -> Result<[u64; N], BadResults> {
        let mut numbers = [0; N];
        for number in &mut numbers {
            *number = self.number()?;
        }
        Ok(numbers)
    }
}
