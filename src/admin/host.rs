//! The host of the admin API: whatever is asked there is answered here, and nothing of it is forwarded or decided by the
//! policy.

use std::cell::OnceCell;

use corsgate_policy::{RequestUrl, policy::limit};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::wire::gathered;

#[wasm_bindgen(module = "/src/admin/host.js")]
extern "C" {
    #[wasm_bindgen(js_name = adminHost)]
    fn admin_host(env: &JsValue) -> Option<String>;
}

#[wasm_bindgen(module = "/src/admin/admin.js")]
extern "C" {
    #[wasm_bindgen(js_name = answerAdmin)]
    fn answer_admin(request: &JsValue, env: &JsValue, context: &JsValue, client: &str) -> JsValue;
}

/// The answer to a request for the admin host: a promise that is never rejected.
pub(crate) fn answer(request: &JsValue, env: &JsValue, context: &JsValue, lines: &str) -> Option<JsValue> {
    if !is_asked(env, lines) {
        return None;
    }
    let client = gathered::facts(lines).and_then(|facts| facts.client_ip.map(str::to_owned));
    Some(answer_admin(request, env, context, &limit::client_key(client.as_deref())))
}

/// Whether the lines of `gather` are of a request for the admin host.
pub(crate) fn is_asked(env: &JsValue, lines: &str) -> bool {
    with_host(env, |host| names(lines, host))
}

/// Read once: an isolate's variables never change.
fn with_host(env: &JsValue, is_asked: impl FnOnce(&str) -> bool) -> bool {
    thread_local! {
        static HOST: OnceCell<Option<String>> = const { OnceCell::new() };
    }
    HOST.with(|host| host.get_or_init(|| admin_host(env)).as_deref().is_some_and(is_asked))
}

/// Whether the lines of `gather` are of a request for a host. What URL parsing cannot read is for no host.
fn names(lines: &str, host: &str) -> bool {
    let href = lines.split('\n').nth(1).unwrap_or_default();
    let after_scheme = href.strip_prefix("https://").or_else(|| href.strip_prefix("http://"));
    // One look is enough for almost every request. What only begins like the host is read in full.
    after_scheme.is_some_and(|rest| rest.starts_with(host))
        && RequestUrl::parse(href).is_some_and(|url| url.host == host)
}
