//! The texts that cross between Rust and JavaScript.

pub(crate) mod gathered;
pub(crate) mod learned;
pub(crate) mod reads;
