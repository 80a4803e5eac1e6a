//! See `corsgate_invariants::header_list`, which says what must hold.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| corsgate_invariants::header_list::holds(input));
