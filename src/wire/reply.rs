//! The message `reply`: what the Wasm answers the admin API. Rust writes it, and JavaScript where it describes a request; JavaScript
//! reads it.

use serde::Serialize;

/// An answer: its status, then its JSON, which is a problem (RFC 9457) where the status is one of an error.
pub(crate) fn answer(status: u16, body: &impl Serialize) -> String {
    // Texts and numbers can always be written.
    answer_json(status, &serde_json::to_string(body).unwrap_or_default())
}

/// The same of JSON that is written already. It holds no line break.
pub(crate) fn answer_json(status: u16, json: &str) -> String {
    format!("reply 1 answer\n{status}\n{json}")
}

/// The wish to read: the message [`learned`](super::learned), an empty line, and a line for each [`read`](super::read).
pub(crate) fn reads(learned: &str, reads: &str) -> String {
    format!("reply 1 reads\n{learned}\n\n{reads}")
}
