//! What every verb makes of what it cannot work with: a sentence, the right exit code, nothing half-written, in bounded
//! time and memory.

#![expect(clippy::expect_used, clippy::panic, reason = "tests may fail loudly")]
#![cfg(target_os = "linux")]

mod files;
mod network;
mod output;
mod signals;
mod support;
mod wrangler;
