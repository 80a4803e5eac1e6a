//! What a live CORS server is asked, and what its answers mean.
//!
//! Pure: nothing is sent here. What is asked and what came back are data; the tool sends the one and reads the other.
//!
//! - [`Ask`] and [`Answer`] (`ask`, `answer`): a request and a response as they go over the wire, byte for byte;
//! - [`Plan`] (`plan`): what is asked of a server whose policy is not known, for the origins that somebody names;
//! - [`derive()`] (`hostile`, `technique`): origins that a careless check takes for a listed one;
//! - [`compare`] (`prediction`): an answer, held to what [`corsgate_policy::decision::decide`](mod@corsgate_policy::decision::decide) says of
//!   the request;
//! - [`judge()`] (`allowed`, `granted`, `cached`): answers, held to what a browser makes of them;
//! - [`Finding`] (`finding`, `mistake`): what is wrong, how bad it is, what somebody does with it, what to write instead.

mod allowed;
mod answer;
mod ask;
mod cached;
mod finding;
mod granted;
mod hostile;
mod judge;
mod listed;
mod mistake;
mod plan;
mod prediction;
mod severity;
mod technique;

pub use answer::{Answer, Closed, Malformed};
pub use ask::Ask;
pub use finding::{Finding, Seen};
pub use hostile::{Derived, derive};
pub use judge::judge;
pub use listed::{Listed, NotAnOrigin};
pub use mistake::Mistake;
pub use plan::{Plan, Probe, Purpose, Wanted};
pub use prediction::{Compared, Difference, compare};
pub use severity::Severity;
pub use technique::{Danger, Technique};
