//! Test cases of a policy: requests, and what must become of each.
//!
//! A file of cases is read as a policy is, with spans and every problem at once (`file`, `request`,
//! `expectation`, `kv`), into [`Cases`]. A [`Suite`] compiles the policy once for each environment
//! that the cases name (`stage`), and runs them without network or clock: the decision is that of
//! [`corsgate_policy::decision::decide`], and what it writes on a response is looked at (`run`, `comparison`).
//! [`Coverage`] says which routes and entries no run has reached.

mod comparison;
mod coverage;
mod expectation;
mod file;
mod impossible;
mod kv;
mod request;
mod run;
mod suite;
mod words;

pub use comparison::Mismatch;
pub use coverage::{Coverage, Uncovered};
pub use file::{Case, Cases, MAX_RUNS, read_cases};
pub use kv::ReadList;
pub use request::Request;
pub use run::{Decided, Ran, Verdict};
pub use suite::{Run, Suite, Unprepared};
