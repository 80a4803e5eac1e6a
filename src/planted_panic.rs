//! A panic that a request asks for, to see what else it ends. Only in the tests' own build of the
//! Worker, by the feature `planted-panic`: no source of what is deployed can panic.

use std::time::Duration;

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::future_to_promise;
use worker::{Context, Delay};

use crate::glue;

/// The header that asks, by naming the moment.
const HEADER: &str = "corsgate-planted-panic";

/// Panics as the request asks: `now`, `later` in the future that answers it, or `behind` it in the
/// background, where the answer has long been given.
pub(crate) fn strike(request: &JsValue, context: &JsValue) -> Option<JsValue> {
    match glue::header(request, HEADER)?.as_str() {
        "now" => panic(),
        "later" => Some(future_to_promise(async { Ok(strike_after_a_moment().await) }).into()),
        _ => {
            Context::new(context.clone().unchecked_into()).wait_until(async {
                strike_after_a_moment().await;
            });
            None
        }
    }
}

async fn strike_after_a_moment() -> JsValue {
    Delay::from(Duration::from_millis(50)).await;
    panic()
}

#[expect(clippy::panic, reason = "the one panic there is, and only in the tests' build")]
fn panic() -> ! {
    panic!("planted by a test")
}
