//! See `corsgate_fuzz::set`, which says what must hold.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| corsgate_fuzz::set::holds(input));
