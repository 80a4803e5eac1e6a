//! A record as a line of the log.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Record, text};

impl Record<'_> {
    /// One line of JSON: the non-empty columns by name, cut as in a data point; the status; and the names of the
    /// exhausted limits, if any.
    #[must_use]
    pub fn log_line(&self, limits: &[&str]) -> String {
        // Any text can be written as JSON, so this does not fail.
        serde_json::to_string(&LogLine { record: self, limits }).unwrap_or_default()
    }
}

struct LogLine<'a> {
    record: &'a Record<'a>,
    limits: &'a [&'a str],
}

impl Serialize for LogLine<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut line = serializer.serialize_map(None)?;
        line.serialize_entry("event", "decision")?;
        let mut kept = String::new();
        for (slot, value) in self.record.blobs().filter(|(_, value)| !value.is_empty()) {
            kept.clear();
            text::push(value, slot.longest, &mut kept);
            line.serialize_entry(slot.name, &kept)?;
        }
        line.serialize_entry("status", &self.record.status)?;
        if !self.limits.is_empty() {
            line.serialize_entry("limits", self.limits)?;
        }
        line.end()
    }
}
