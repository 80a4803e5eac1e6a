//! The requests that probe a live CORS server, and the meaning of its responses.
//!
//! Pure: this crate sends nothing. It plans requests and judges responses as data; the CLI does the I/O.
//!
//! - [`Ask`] and [`Answer`] (`ask`, `answer`): a request and a response on the wire, byte for byte;
//! - [`Plan`] (`plan`): the requests for a server whose policy is unknown, for the origins that the user names;
//! - [`derive()`] (`hostile`, `technique`): origins that a careless check mistakes for a listed one;
//! - [`compare`] (`prediction`): compares a response with what
//!   [`corsgate_policy::decision::decide`](mod@corsgate_policy::decision::decide) says about the request;
//! - [`judge()`] (`allowed`, `granted`, `cached`): judges responses by what a browser does with them;
//! - [`PageOutcome`] (`page_outcome`): whether a page may read the response, and what the browser prints otherwise;
//! - [`Finding`] (`finding`, `mistake`): what is wrong, how severe it is, how it is exploited, what to write instead.

mod answer;
mod ask;
mod browser_checks;
mod cached;
mod finding;
mod granted;
mod hostile;
mod in_front;
mod judge;
mod listed_origins;
mod mistake;
mod page_outcome;
mod plan;
mod prediction;
mod severity;
mod technique;
mod upgrade;

pub use answer::{Answer, Closed, Malformed};
pub use ask::Ask;
pub use finding::{Finding, Seen};
pub use hostile::{Derived, derive};
pub use judge::judge;
pub use listed_origins::{ListedOrigins, NotAnOrigin};
pub use mistake::Mistake;
pub use page_outcome::{PageOutcome, page_outcomes};
pub use plan::{Plan, Probe, Purpose, Wanted};
pub use prediction::{Compared, Difference, compare};
pub use severity::Severity;
pub use technique::{Danger, Technique};
