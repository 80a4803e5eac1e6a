//! The second Wasm module, which an isolate instantiates when the admin API first needs it: reports and explanations.
#![no_main]

extern crate corsgate as _;
