//! One test program for the whole crate: linking one for each file takes longer than the tests.
//!
//! A new file needs its line here; `tests/test-programs.test.mjs` finds the files that have none.

mod bad_input;
mod check;
mod compile;
mod compiled;
mod diff;
mod examples;
mod explain;
mod generated;
mod hostile_text;
mod input;
mod interrupted;
mod list;
mod probe;
mod publish;
mod report;
mod sarif;
mod suggest;
mod support;
mod test;
