//! What the Workers platform is to the Wasm.

pub(crate) mod fingerprint;
pub(crate) mod memory;
#[cfg(feature = "planted-panic")]
pub(crate) mod planted_panic;
pub(crate) mod request;
