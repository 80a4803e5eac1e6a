//! What tests of the tool share.

pub mod server;
