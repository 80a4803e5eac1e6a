//! The verbs.

pub(crate) mod check;
pub(crate) mod compile;
pub(crate) mod diff;
