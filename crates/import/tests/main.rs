//! One test program for the whole crate: linking one per file takes longer than the tests.
//!
//! A new file needs its line here; `tests/test-programs.test.mjs` finds the files that have none.

mod gateways;
mod soundness;
mod soundness_django;
mod soundness_python;
mod soundness_spring;
mod spring_meaning;
