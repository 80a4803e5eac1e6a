//! The message `reply`: the Wasm's answer to the admin API. Rust writes it, and so does JavaScript when a description is
//! invalid; JavaScript reads it.

use serde::Serialize;

/// An answer: its status, then its JSON, which is a problem (RFC 9457) if the status is an error.
pub(crate) fn answer(status: u16, body: &impl Serialize) -> String {
    // Serializing texts and numbers cannot fail.
    answer_json(status, &serde_json::to_string(body).unwrap_or_default())
}

/// The same for JSON that is already serialized. It must not contain a line break.
pub(crate) fn answer_json(status: u16, json: &str) -> String {
    format!("reply 1 answer\n{status}\n{json}")
}

/// A request to read: the message [`learned`](super::learned), an empty line, and a line for each [`read`](super::read).
pub(crate) fn reads(learned: &str, reads: &str) -> String {
    format!("reply 1 reads\n{learned}\n\n{reads}")
}
