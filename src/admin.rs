//! The Wasm's part of the admin API. JavaScript checks sign-in and queries the store.

#[cfg(feature = "admin")]
mod explain;
pub(crate) mod host;
#[cfg(feature = "admin")]
mod list;
mod policy;
mod problem;
#[cfg(feature = "admin")]
mod report;
mod status;
