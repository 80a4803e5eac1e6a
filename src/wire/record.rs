//! The message `record`: a record's index and blobs. Rust writes it, JavaScript reads it.

use corsgate_policy::record::Record;

const HEAD: &str = "record 1\n";

/// The index, then the blobs, in the order of [`corsgate_policy::record::columns::BLOBS`].
pub(crate) fn write(record: &Record<'_>) -> String {
    let mut message = HEAD.to_owned();
    record.write_lines(&mut message);
    message
}
