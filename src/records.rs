//! Records of decisions, and the log of requests and faults.

pub(crate) mod log;
pub(crate) mod recording;
