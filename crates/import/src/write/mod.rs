//! The text of the imported policy and of its test cases.

mod cases;
mod placed;
mod policy;

pub use policy::{WriteError, Written, merged, written};

use corsgate_policy::policy::document::Mode;

/// What the source does not say, and the operator may.
#[derive(Clone, Debug)]
pub struct Target {
    /// The public host names of the API.
    pub hosts: Vec<String>,
    /// Where requests go.
    pub upstream: Option<String>,
    /// Whether routes only report.
    pub mode: Mode,
}

/// Names under `.invalid` never resolve (RFC 6761, 6.4), and `check` points at them.
const HOST_PLACEHOLDER: &str = "api.invalid";
const UPSTREAM_PLACEHOLDER: &str = "https://upstream.invalid";

impl Target {
    fn hosts(&self) -> Vec<String> {
        if self.hosts.is_empty() { vec![HOST_PLACEHOLDER.to_owned()] } else { self.hosts.clone() }
    }

    fn upstream(&self) -> &str {
        self.upstream.as_deref().unwrap_or(UPSTREAM_PLACEHOLDER)
    }
}

/// A text as a basic string of TOML.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            _ if character.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(character))),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}
