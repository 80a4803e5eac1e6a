//! A record as one text, so that it is passed to the platform in one call.

use core::fmt::Write;

use super::{Record, bucket, columns, text};

impl Record<'_> {
    /// Appends the index and the blobs: 16 lines, separated by line feeds. No value contains a line feed.
    ///
    /// The text's memory is reserved at once, so each record costs at most one allocation.
    pub fn write_lines(&self, lines: &mut String) {
        let blobs_bytes: usize = self.blobs().map(|(slot, value)| value.len().min(slot.longest)).sum();
        lines.reserve(columns::INDEX.longest + columns::BLOB_COUNT + blobs_bytes);
        text::push(self.route, columns::LONGEST_ROUTE, lines);
        lines.push('|');
        text::push(self.reason, columns::LONGEST_REASON, lines);
        // Only the recorded part is hashed, so a very long origin costs no more. Writing to a String does not fail.
        let _ = write!(lines, "|{}", bucket(text::cut(&self.origin, columns::LONGEST_ORIGIN)));
        for (slot, value) in self.blobs() {
            lines.push('\n');
            text::push(value, slot.longest, lines);
        }
    }
}
