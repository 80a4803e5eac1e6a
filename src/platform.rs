//! What the Workers platform is to the Wasm.

pub(crate) mod bounded_map;
pub(crate) mod fingerprint;
#[cfg(feature = "planted-panic")]
pub(crate) mod planted_panic;
pub(crate) mod request;
