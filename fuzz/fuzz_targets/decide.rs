//! See `corsgate_invariants::decide`, which says what must hold.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| corsgate_invariants::decide::holds(input));
