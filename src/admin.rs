//! The Wasm's part of the admin API. JavaScript checks sign-in and queries the store.

mod explain;
pub(crate) mod host;
mod problem;
mod report;
mod status;
