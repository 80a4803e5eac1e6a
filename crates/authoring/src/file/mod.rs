//! Reads the shape of `policy.toml`, version 1: one file a table.
//!
//! Reading checks only shapes: keys, types and words. [`corsgate_policy::Policy`] checks the values.

mod allowlist;
mod cors;
mod entry;
mod environment;
mod limit;
mod policy;
mod request;
mod response;
mod route;
mod security;
mod websocket;

pub use environment::environments;
pub(crate) use environment::names_in;
pub(crate) use policy::{Reading, read};
