//! One test program for the whole crate: linking one for each file takes longer than the tests.
//!
//! A new file needs its line here; `tests/test-programs.test.mjs` finds the files that have none.

mod allocations;
mod browser;
mod decisions;
mod documents;
mod explanations;
mod gcra;
#[path = "support/implied.rs"]
mod implied;
mod records;
mod routing;
mod support;
#[path = "support/table.rs"]
mod table;
