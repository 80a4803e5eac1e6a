//! Test cases of a policy: requests, and the decision that each must get.
//!
//! A file of cases is read into [`Cases`] in the same way as a policy, with spans and all problems at once (`file`,
//! `request`, `expectation`, `kv`). A [`Suite`] compiles the policy once for each environment that the cases name
//! (`environment_policy`), and runs them without network or clock: [`corsgate_policy::decision::decide`] decides, and the decision
//! and the headers that it sets are compared with the expectation (`run`, `comparison`). [`Coverage`] says which routes
//! and entries no run reached.

mod boundary;
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
pub use request::CaseRequest;
pub use run::{Decided, MissingKv, Ran, Verdict};
pub use suite::{Run, Suite, Unprepared};
