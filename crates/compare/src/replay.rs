//! Decides recorded requests by two policies: what a change would have done to real traffic.
//!
//! [`read()`] reads exported records one at a time, and [`Replay`] decides each by both policies. Memory is bounded
//! for any length of export: equal outcomes are counted together, and only the first [`MOST_GROUPS`] different ones
//! are kept apart.

mod decided;
mod groups;
mod read;
mod row;

pub use decided::{Decided, Lists, Undecided};
pub use groups::{Effect, Group, MOST_GROUPS, Replay, Tally};
pub use read::{Malformed, read};
pub use row::Row;
