//! Work behind an answer.

use std::future::Future;
use std::pin::Pin;

use worker::Context;

/// Runs work that no answer waits for, while the platform lets it: up to thirty seconds after the answer.
///
/// As one type, whatever the work is: for each type the Wasm would hold two kilobytes of its own.
pub(crate) fn run(context: &Context, work: impl Future<Output = ()> + 'static) {
    let work: Pin<Box<dyn Future<Output = ()>>> = Box::pin(work);
    context.wait_until(work);
}
