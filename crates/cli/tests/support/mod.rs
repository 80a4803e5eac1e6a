//! Shared code of the tool's tests.

pub mod kv;
#[cfg(unix)]
pub mod program;
pub mod server;
