//! Problems of the admin API that the Wasm finds (RFC 9457).

use corsgate_policy::response::headers::PROBLEM_TYPE;
use serde::Serialize;

use crate::wire::{Malformed, reply};

/// A problem document.
#[derive(Serialize)]
pub(super) struct Problem<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    /// The parameter of the query that the problem is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<&'a str>,
}

impl<'a> Problem<'a> {
    /// `slug` is the last part of the problem's type; `detail` says what to do about it.
    pub(super) fn new(slug: &str, title: &'a str, status: u16, detail: &'a str) -> Self {
        Self { r#type: PROBLEM_TYPE.to_owned() + slug, title, status, detail, parameter: None }
    }

    /// Names the parameter that the problem is about.
    pub(super) fn about(self, parameter: Option<&'a str>) -> Self {
        Self { parameter, ..self }
    }

    pub(super) fn reply(&self) -> String {
        reply::answer(self.status, self)
    }
}

/// JavaScript sent a message that this build does not know. Only a fault in the build can cause this.
pub(super) fn malformed(malformed: Malformed) -> String {
    let detail = malformed.to_string();
    Problem::new("message_malformed", "The Worker is not of one build", 500, &detail).reply()
}
