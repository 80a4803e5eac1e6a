//! See `corsgate_invariants::set`, which says what must hold.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| corsgate_invariants::set::holds(input));
