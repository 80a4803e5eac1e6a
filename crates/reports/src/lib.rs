//! The named reports of corsgate: what an operator can ask about decisions, defined once for both places where records
//! are kept.
//!
//! Everything here is pure. A report passes through the modules in this order:
//!
//! 1. [`Request::parse`] reads the name and the query string (`parameters`, `range`, `time`);
//! 2. the `report` says which figures it needs, each an abstract `query` without SQL;
//! 3. a `dialect` writes each as a [`Statement`], which the caller runs;
//! 4. the report builds its rows from the `results`; `answer` writes the JSON around them.
//!
//! `docs/reports.md` is the operator's page.

mod answer;
mod bad_request;
mod dialect;
mod dimension;
mod json;
mod listed;
mod order;
mod parameters;
mod places;
mod query;
mod range;
mod report;
mod request;
mod results;
mod score;
mod seen;
mod statement;
pub mod time;

pub use bad_request::BadRequest;
pub use dialect::{Dialect, Source};
pub use listed::{Listed, ListedEntry};
pub use places::Places;
pub use request::Request;
pub use results::BadResults;
pub use statement::Statement;
