//! The message `headers`: the headers of a response by the gateway itself. Rust writes it, JavaScript reads it.

use corsgate_policy::response::headers::ResponseHeaderSink;

const HEAD: &str = "headers 1";

/// Names and values alternate, one a line.
pub(crate) struct Headers(String);

impl Default for Headers {
    fn default() -> Self {
        Self(HEAD.to_owned())
    }
}

impl Headers {
    pub(crate) fn as_message(&self) -> &str {
        &self.0
    }

    /// The names and values without the first line of the message. A line break precedes each.
    pub(crate) fn as_lines(&self) -> &str {
        self.0.get(HEAD.len()..).unwrap_or_default()
    }

    /// How many headers there are.
    pub(crate) fn count(&self) -> usize {
        self.0.bytes().filter(|byte| *byte == b'\n').count() / 2
    }
}

impl ResponseHeaderSink for Headers {
    /// Does nothing: the response has no headers of an upstream to remove.
    fn remove(&mut self, _name: &str) {}

    fn set(&mut self, name: &str, value: &str) {
        for line in [name, value] {
            self.0.push('\n');
            self.0.push_str(line);
        }
    }

    fn append(&mut self, name: &str, value: &str) {
        self.set(name, value);
    }

    fn vary(&mut self, names: &'static str) {
        self.set("vary", names);
    }
}
