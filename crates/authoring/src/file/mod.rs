//! The shape of `policy.toml`, version 1: one file a table.
//!
//! Reading checks shapes only: keys, types and words. What the values must be is a matter of
//! [`corsgate_policy::Policy`].

mod allowlist;
mod cors;
mod entry;
mod environment;
mod limit;
mod policy;
mod response;
mod route;
mod security;
mod websocket;

pub(crate) use environment::names_in;
pub(crate) use policy::{Reading, read};
