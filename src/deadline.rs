//! Waiting for something, but not for ever.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(handler: &Function, milliseconds: f64) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// The future's value, or nothing where that takes longer.
///
/// Not with `worker::Delay`, which wakes whoever polled it first: that is nobody where a future is
/// tried once before a promise is made of it.
pub(crate) async fn within<T>(time: Duration, future: impl Future<Output = T>) -> Option<T> {
    let mut timer = None;
    let passed = Promise::new(&mut |resolve, _reject| {
        let id = set_timeout(&resolve, time.as_secs_f64() * 1000.0);
        timer = Some(Timer { id, resolve });
    });
    match select(pin!(future), JsFuture::from(passed)).await {
        Either::Left((value, _passed)) => Some(value),
        Either::Right(_) => None,
    }
}

/// Ends with the wait. A timer that is still set would keep its request's context alive, and a promise
/// that never settles the closures that wait for it, in the memory of the isolate.
struct Timer {
    id: JsValue,
    resolve: Function,
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.id);
        // Resolving throws nothing, and nobody waits for it any more.
        let _settled = self.resolve.call0(&JsValue::UNDEFINED);
    }
}
