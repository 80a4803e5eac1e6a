//! The message `failure`: the answer of the gateway where an upstream fails. Rust writes it, JavaScript reads it.

use corsgate_policy::response::headers::{PROBLEM_PROTECTION, Refusal, ResponseHeaderSink, describe_problem};

use super::headers::Headers;

/// As lines: the status, the body, the number of headers that are set, names and values of these, then names and values of
/// those that are set only where the route has no such headers of its own.
pub(crate) fn write(refusal: &Refusal<'_>) -> String {
    let mut headers = Headers::default();
    refusal.stamp(&mut headers);
    describe_problem(&mut headers);
    let count = headers.count();
    PROBLEM_PROTECTION.iter().for_each(|(name, value)| headers.set(name, value));
    format!("failure 1\n{}\n{}\n{count}{}", refusal.status(), refusal.problem(), headers.as_lines())
}
