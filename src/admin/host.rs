//! The host of the admin API. Every request for it is answered here: the policy does not decide it, and nothing is forwarded.

use std::cell::OnceCell;

use corsgate_policy::RequestUrl;
#[cfg(feature = "requests")]
use corsgate_policy::policy::limit::client_key;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[cfg(feature = "requests")]
use crate::exchange::lead::refuse_malformed;
use crate::wire::gathered;

#[wasm_bindgen(module = "/src/admin/host.js")]
extern "C" {
    #[wasm_bindgen(js_name = adminHost)]
    fn admin_host(env: &JsValue) -> Option<String>;
}

#[cfg(feature = "requests")]
#[wasm_bindgen(module = "/src/admin/deferred.js")]
extern "C" {
    #[wasm_bindgen(js_name = answerAdmin)]
    fn answer_admin(request: &JsValue, env: &JsValue, context: &JsValue, client: &str) -> JsValue;
}

/// The response to a request for the admin host: a promise that is never rejected. `message` is the
/// message [`gathered`].
#[cfg(feature = "requests")]
pub(crate) fn answer(request: &JsValue, env: &JsValue, context: &JsValue, message: &str) -> Option<JsValue> {
    if !is_admin_host(env, message) {
        return None;
    }
    let facts = match gathered::read(message) {
        Ok(facts) => facts,
        Err(malformed) => return Some(refuse_malformed(malformed)),
    };
    let client = facts.and_then(|facts| facts.client_ip);
    Some(answer_admin(request, env, context, &client_key(client)))
}

/// Whether a request is for the admin host.
pub(crate) fn is_admin_host(env: &JsValue, message: &str) -> bool {
    with_host(env, |host| names(gathered::href(message), host))
}

/// Read once: an isolate's variables never change.
fn with_host(env: &JsValue, is_host: impl FnOnce(&str) -> bool) -> bool {
    thread_local! {
        static HOST: OnceCell<Option<String>> = const { OnceCell::new() };
    }
    HOST.with(|host| host.get_or_init(|| admin_host(env)).as_deref().is_some_and(is_host))
}

/// Whether a URL is on a host. A URL that cannot be parsed is on no host.
fn names(href: &str, host: &str) -> bool {
    let after_scheme = href.strip_prefix("https://").or_else(|| href.strip_prefix("http://"));
    // A comparison of prefixes rules out almost every request. Only a URL that begins with the host is parsed in full.
    after_scheme.is_some_and(|rest| rest.starts_with(host))
        && RequestUrl::parse(href).is_some_and(|url| url.host == host)
}
