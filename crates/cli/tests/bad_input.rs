//! What every verb does with bad input: it prints a sentence, exits with the right code and writes nothing half, in
//! bounded time and memory.

#![expect(clippy::expect_used, clippy::panic, reason = "tests may fail loudly")]
#![cfg(target_os = "linux")]

mod files;
mod network;
mod output;
mod signals;
mod support;
mod wrangler;
