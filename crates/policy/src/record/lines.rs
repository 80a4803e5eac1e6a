//! A record as one text, which crosses to the platform at once.

use core::fmt::Write;

use super::{Record, bucket, columns, text};

impl Record<'_> {
    /// Appends the index and the blobs: 16 lines, with a line feed between two, none of them within a value.
    ///
    /// What the text needs is reserved at once, so a flood costs one allocation a record at most.
    pub fn write_lines(&self, lines: &mut String) {
        let blobs_bytes: usize = self.blobs().map(|(slot, value)| value.len().min(slot.longest)).sum();
        lines.reserve(columns::INDEX.longest + columns::BLOB_COUNT + blobs_bytes);
        text::push(self.route, columns::LONGEST_ROUTE, lines);
        lines.push('|');
        text::push(self.reason, columns::LONGEST_REASON, lines);
        // Of what is kept: an origin of any length costs no more. A String takes all that is written to it.
        let _ = write!(lines, "|{}", bucket(text::cut(&self.origin, columns::LONGEST_ORIGIN)));
        for (slot, value) in self.blobs() {
            lines.push('\n');
            text::push(value, slot.longest, lines);
        }
    }
}
