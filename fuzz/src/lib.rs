//! What must hold for any input, one module for each target of `npm run fuzz`.
//!
//! A target hands its module whatever bytes the fuzzer made; `holds` panics when something that must
//! never be is. Each module says in its first lines what it holds, and against which slow and obvious
//! reading ([`reference`](mod@reference), [`decision`]). Inputs are text wherever they can be, so that
//! seeds are written by hand and a crash is read without tools.
//!
//! The seeds in `seeds/` are where the fuzzer begins, and every input that once broke something is
//! among them; `tests/seeds.rs` replays them without a fuzzer.

pub mod check;
pub mod decide;
pub mod decision;
pub mod header_list;
#[path = "../../crates/policy/tests/support/implied.rs"]
pub mod implied;
pub mod list;
pub mod origin;
pub mod path;
pub mod policy;
pub mod reference;
#[path = "../../crates/policy/tests/support/mod.rs"]
pub mod support;

use std::borrow::Cow;

/// The bytes as the text that a program sees: UTF-8, or what the Fetch Standard makes of the bytes of
/// a header ("isomorphic decode").
#[must_use]
pub fn text(input: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(input) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => input.iter().copied().map(char::from).collect(),
    }
}
