//! Stores each value that KV returns in the memory that it is for.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::{faults, filter_store, key_store, list_store, policy_store};
use crate::records::log::{self, About, Event};
use crate::wire::read::Read;

/// KV's answer for a key.
pub(crate) enum Found<'a> {
    Text(&'a str),
    /// The bytes of a set or a filter, still in the memory of JavaScript.
    Set(&'a JsValue),
    /// There is no such key.
    Nothing,
    /// KV did not answer; the log has why.
    Failed,
}

/// For `kv.js`: stores KV's answer for a key. `line` is the message that asked for the read; `began` is when the request came
/// that needs it, in milliseconds since 1970. KV's answer is `bytes` for a set or a filter, and otherwise `text`. Returns the line of a
/// key that must be read next, if there is one.
#[wasm_bindgen]
#[must_use]
pub fn learn(
    context: &JsValue,
    line: &str,
    text: Option<String>,
    bytes: &JsValue,
    error: Option<String>,
    began: f64,
) -> Option<String> {
    let read = match Read::parse(line) {
        Ok(read) => read,
        Err(malformed) => {
            Event::MessageMalformed { message: malformed.0 }.error();
            return None;
        }
    };
    let found = match (&error, &text) {
        (Some(error), _) => {
            faults::note();
            log::capped(context, About::Faults, || Event::KvFailed { key: read.key(), error }.error());
            Found::Failed
        }
        (None, Some(text)) => Found::Text(text),
        (None, None) if bytes.is_undefined() => Found::Nothing,
        (None, None) => Found::Set(bytes),
    };
    let next = match &read {
        Read::Policy => policy_store::learn_current(context, &found, began),
        Read::PreviousPolicy { current, error } => {
            policy_store::learn_previous(context, *current, error, &found, began);
            None
        }
        Read::List(list) => {
            list_store::learn(context, list, &found, began);
            None
        }
        Read::Filter(key) => {
            filter_store::learn(context, key, &found, began);
            None
        }
        Read::Key { client, key } => {
            key_store::learn(context, client.as_deref(), key, &found, began);
            None
        }
    };
    next.as_ref().map(Read::line)
}
