//! Rate limits: what this isolate knows of them, and the object that counts.

mod answers;
pub(crate) mod counting;
mod denials;
mod limiter;
mod local_counts;
mod object;
