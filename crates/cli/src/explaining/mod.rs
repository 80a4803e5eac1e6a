//! What `corsgate explain` is asked about: whatever a person has in hand.
//!
//! - [`Source`] (`source`): where it comes from, and of which kind it is;
//! - [`question`] (`question`): the requests that it stands for;
//! - [`ask`] (`ask`): what a running gateway says about them.

mod ask;
mod question;
mod source;

pub(crate) use ask::ask;
pub(crate) use corsgate_answers::explained::Facts;
pub(crate) use question::{of_words, question};
pub(crate) use source::{Named, Source};
