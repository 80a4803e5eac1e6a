//! What is kept of a decision: the point for Analytics Engine, the line for the log, and the page about them.
//!
//! [`hostile`] makes records of whatever a client could send and reads columns the slow obvious way; [`encoding`] holds
//! point and line against that, [`summary`] what is recorded at all, [`decision`] what gets into a record, [`log_cap`]
//! the log's bound, and [`page`] what `docs/records.md` says.
// Neither proptest nor the plain test harness runs in Wasm.
#![cfg(not(target_arch = "wasm32"))]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may fail loudly"
)]

mod decision;
mod encoding;
mod hostile;
mod log_cap;
mod page;
mod summary;

use proptest::test_runner::Config;

/// Enough to find what there is to find, in a second.
fn bounded(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}
