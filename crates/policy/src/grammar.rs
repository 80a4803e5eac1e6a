//! The grammars on which everything else builds: hosts, tokens, days.

pub mod day;
pub(crate) mod eight_bytes;
pub mod family;
pub mod host;
pub mod token;
