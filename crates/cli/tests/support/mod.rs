//! Shared code of the tool's tests.

pub mod kv;
pub mod server;
