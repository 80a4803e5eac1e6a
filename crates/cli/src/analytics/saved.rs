//! An answer that was saved.

use crate::failure::Failure;
use crate::input::{self, InputError};

/// More than any answer has.
const MOST: usize = 32 * 1024 * 1024;

/// Its text; `-` is standard input.
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

/// That it is no answer of a report.
pub(super) fn unusable(file: &str, why: &str) -> Failure {
    InputError::unusable(
        input::name(file),
        format!("{why}; save the output of `corsgate report --format json`"),
    )
    .into()
}
