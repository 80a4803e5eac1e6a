//! The verbs.

pub(crate) mod compile;
