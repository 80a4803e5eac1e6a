//! See `corsgate_invariants::policy`, which says what must hold.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| corsgate_invariants::policy::holds(input));
