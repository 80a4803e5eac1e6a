//! What the Wasm needs of the Workers platform, beside the messages of [`wire`](crate::wire).

pub(crate) mod bounded_map;
pub(crate) mod console;
#[cfg(feature = "planted-panic")]
pub(crate) mod planted_panic;
pub(crate) mod request;
pub(crate) mod variables;
