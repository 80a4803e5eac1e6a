//! The first Wasm module, which every isolate loads: what decides requests.
#![no_main]

extern crate corsgate as _;
