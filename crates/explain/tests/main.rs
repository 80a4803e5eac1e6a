//! One test program for the whole crate: linking one per file takes longer than the tests.
//!
//! A new file needs its line here; `tests/test-programs.test.mjs` finds the files that have none.

mod agreement;
mod browsers_page;
mod console_page;
mod gateway_answers;
mod unparsable;
