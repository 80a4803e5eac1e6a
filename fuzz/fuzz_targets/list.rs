//! See `corsgate_invariants::list`, which says what must hold.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| corsgate_invariants::list::holds(input));
