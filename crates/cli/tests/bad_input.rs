//! What every verb makes of what it cannot work with: a sentence, the right exit code, nothing half-written, in bounded
//! time and memory.

#![expect(clippy::expect_used, clippy::panic, reason = "tests may fail loudly")]
#![cfg(target_os = "linux")]

#[path = "bad_input/files.rs"]
mod files;
#[path = "bad_input/network.rs"]
mod network;
#[path = "bad_input/output.rs"]
mod output;
#[path = "bad_input/signals.rs"]
mod signals;
#[path = "bad_input/support.rs"]
mod support;
#[path = "bad_input/wrangler.rs"]
mod wrangler;
