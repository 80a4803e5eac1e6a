//! The Worker: a thin shell over `corsgate-policy`.
//!
//! Each request crosses from JavaScript once, with every fact that its decision depends on, and the decision crosses back once:
//! a crossing costs about as much as the whole decision. Requests for the admin host take another path (`admin::host`).
//!
//! What most requests do without is in functions of its own, with `#[inline(never)]`, as `corsgate-policy` says.
//!
//! This library becomes two Wasm modules, each by a feature. `requests` is what every isolate loads. `admin` is what only
//! reports and explanations need; it has a memory of its own. Each file below `modules/` is one of them.

// The lints look at both modules together, and so find what neither uses.
#![cfg_attr(
    not(all(feature = "requests", feature = "admin")),
    expect(dead_code, reason = "each module leaves out some of what they share")
)]

mod admin;
mod exchange;
mod kv;
#[cfg(feature = "requests")]
mod limits;
mod platform;
mod records;
mod wire;

use wasm_bindgen::prelude::wasm_bindgen;

/// Runs once for each instance.
#[wasm_bindgen(start)]
pub fn start() {
    platform::console::survive_panics();
}

/// Does nothing: `entered.js` calls it before each call with arguments, and says why.
#[wasm_bindgen]
pub fn wake() {}
