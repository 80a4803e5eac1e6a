//! What is kept of a decision: the data point for Analytics Engine, the log line, and the page about them.
//!
//! [`hostile`] makes records of anything that a client could send, and encodes them the slow, obvious way.
//! [`encoding`] compares data point and line with that. [`summary`] tests which decisions are recorded, [`decision`]
//! what a record contains, [`log_cap`] the limit of the log, and [`page`] what `docs/records.md` says.
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

/// The number of cases: enough to find faults, within a second.
fn bounded(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}
