//! What must hold for any input, with one module for each target of `npm run fuzz` (`fuzz/fuzz_targets`).
//!
//! A target passes the fuzzer's bytes to its module; `holds` panics if a rule is broken. The first lines of each
//! module say what it checks, and against which slow and obvious evaluation ([`reference`](mod@reference),
//! [`decision`]). Inputs are text where possible, so that seeds can be written by hand and a crash can be read without
//! tools.
//!
//! The fuzzer starts with the seeds in `fuzz/seeds/`, which include every input that once broke a rule; `tests/seeds.rs`
//! replays them without a fuzzer.

pub mod check;
pub mod decide;
pub mod decision;
pub mod filter;
pub mod header_list;
#[path = "../../policy/tests/support/implied.rs"]
pub mod implied;
pub mod list;
pub mod origin;
pub mod path;
pub mod policy;
pub mod reference;
pub mod set;
#[path = "../../policy/tests/support/mod.rs"]
pub mod support;

use std::borrow::Cow;

/// The bytes as the text that a program sees: UTF-8, or the Fetch Standard's "isomorphic decode" of the bytes of a
/// header.
#[must_use]
pub fn text(input: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(input) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => input.iter().copied().map(char::from).collect(),
    }
}
