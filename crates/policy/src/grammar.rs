//! The small languages that everything else is written in: hosts, tokens, days.

pub mod day;
pub(crate) mod eight_bytes;
pub mod host;
pub mod token;
