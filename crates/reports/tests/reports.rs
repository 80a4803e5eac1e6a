//! The reports as their callers see them: requests, rejections and answers.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

#[path = "reports/answers.rs"]
mod answers;
#[path = "reports/literals.rs"]
mod literals;
#[path = "reports/page.rs"]
mod page;
#[path = "reports/refusals.rs"]
mod refusals;
#[path = "reports/snapshot.rs"]
mod snapshot;
#[path = "reports/statements.rs"]
mod statements;

/// 2026-11-23T06:45:36Z, the time of every request here.
const NOW: u64 = 1_795_416_336;
