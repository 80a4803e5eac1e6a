//! The message `failure`: the gateway's response when an upstream fails. Rust writes it, JavaScript reads it.

use corsgate_policy::response::headers::{PROBLEM_PROTECTION, Refusal, ResponseHeaderSink, describe_problem};

use super::headers::Headers;

/// The lines: the status, the body, the number of headers to set, their names and values, then the names and values of
/// headers to set only if the route has none of its own.
pub(crate) fn write(refusal: &Refusal<'_>) -> String {
    let mut headers = Headers::default();
    refusal.write_headers(&mut headers);
    describe_problem(&mut headers);
    let count = headers.count();
    PROBLEM_PROTECTION.iter().for_each(|(name, value)| headers.set(name, value));
    format!("failure 1\n{}\n{}\n{count}{}", refusal.status(), refusal.problem(), headers.as_lines())
}
