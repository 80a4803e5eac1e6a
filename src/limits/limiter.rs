//! The counting algorithm of the policy crate, for `arrivals.js`, which is what the object that counts does.

use corsgate_policy::gcra::Rate;
use wasm_bindgen::prelude::wasm_bindgen;

/// The arrival time after a request, or `None` if the limit denies it. A rate of 0, which no policy
/// has, denies every request.
#[wasm_bindgen]
#[must_use]
pub fn admit(arrival: u64, now: f64, quota: u32, window: u32) -> Option<u64> {
    Rate::new(quota, window)?.admit(arrival, now)
}

/// The arrival time to store in place of the one in memory.
#[wasm_bindgen]
#[must_use]
pub fn storable(arrival: u64, quota: u32, window: u32) -> u64 {
    Rate::new(quota, window).map_or(arrival, |rate| rate.ahead(arrival))
}

/// The arrival time after the last request is refunded.
#[wasm_bindgen]
#[must_use]
pub fn refund(arrival: u64, quota: u32, window: u32) -> u64 {
    Rate::new(quota, window).map_or(arrival, |rate| rate.refund(arrival))
}

/// The arrival time after lending permits, or `None` if they are too many.
#[wasm_bindgen]
#[must_use]
pub fn lend(arrival: u64, now: f64, quota: u32, window: u32, permits: u32, lease: f64) -> Option<u64> {
    Rate::new(quota, window)?.lend(arrival, now, permits, lease)
}

/// The arrival time after permits are returned unused.
#[wasm_bindgen]
#[must_use]
pub fn take_back(arrival: u64, now: f64, quota: u32, window: u32, permits: u32, end: u64) -> u64 {
    Rate::new(quota, window).map_or(arrival, |rate| rate.take_back(arrival, now, permits, end))
}
