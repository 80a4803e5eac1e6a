//! The named reports of corsgate: what an operator can ask about decisions, defined once for both places where records
//! are kept.
//!
//! Everything here is pure. A report passes through the modules in this order:
//!
//! 1. [`ReportRequest::parse`] reads the name and the query string (`parameters`, `range`, `time`);
//! 2. the `report` lists the figures that it needs, each as an abstract `query` without SQL;
//! 3. a `dialect` writes each as a [`Statement`], which the caller runs;
//! 4. the report builds its rows from the `results`; `answer` writes the JSON around them.
//!
//! `docs/reports.md` is the operator's page.

mod answer;
mod bad_request;
mod class;
mod dialect;
mod dimension;
mod json;
mod order;
mod parameters;
mod places;
mod policy_entries;
mod query;
mod range;
mod report;
mod report_request;
mod results;
mod score;
mod seen;
mod statement;
pub mod time;

pub use bad_request::BadRequest;
pub use dialect::{Dialect, Source};
pub use places::Places;
pub use policy_entries::{ListedEntry, PolicyEntries};
pub use report_request::ReportRequest;
pub use results::BadResults;
pub use statement::Statement;
