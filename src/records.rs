//! Records of decisions, and the log of requests and faults.

pub(crate) mod log;
#[cfg(feature = "requests")]
pub(crate) mod recording;
