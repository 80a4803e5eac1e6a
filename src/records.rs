//! What is written down of requests and of faults.

pub(crate) mod log;
pub(crate) mod recording;
