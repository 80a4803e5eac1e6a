//! Rate limits: what this isolate knows of them, and the object that counts.

pub(crate) mod counting;
mod denials;
mod limiter;
pub(crate) mod local_counts;
