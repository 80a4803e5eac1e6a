//! A saved answer.

use crate::failure::Failure;
use crate::input::{self, InputError};

/// The maximum size of a saved answer in bytes: more than any report has.
const MOST: usize = 32 * 1024 * 1024;

/// Reads the text; `-` is standard input.
pub(super) fn read(file: &str) -> Result<String, Failure> {
    let bytes = input::read_bytes(file, MOST)?;
    if bytes.len() > MOST {
        return Err(unusable(file, &format!("it is longer than {} MiB", MOST / (1024 * 1024))));
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(unusable(file, "the file is empty"));
    }
    String::from_utf8(bytes).map_err(|_| unusable(file, "it is not UTF-8 text"))
}

/// The error for a file that is not a report.
pub(super) fn unusable(file: &str, why: &str) -> Failure {
    InputError::unusable(
        input::name(file),
        format!("{why}; save the output of `corsgate report --format json`"),
    )
    .into()
}
