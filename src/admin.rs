//! The Wasm's part of the admin API. JavaScript signs in, and asks the store.

mod explain;
pub(crate) mod host;
mod problem;
mod report;
mod status;
