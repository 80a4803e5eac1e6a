//! Rate limits: what this isolate knows of the counts, and the Durable Object that counts.

mod answers;
pub(crate) mod counting;
mod denials;
mod limiter;
mod local_counts;
mod object;
