//! Compiles `policy.toml` into a policy for the gateway.
//!
//! Data flows one way:
//!
//! 1. `syntax` reads a [`Source`] as TOML with spans;
//! 2. `file` lays the chosen environment over the base and `[defaults]` under each route, and reads every value into a
//!    [`Document`](corsgate_policy::policy::document::Document), together with its place in the file;
//! 3. `rules` checks the rules of [`corsgate_policy::Policy`], which exist nowhere else;
//! 4. `lints` (one file each) checks what only tools can afford to know, such as public suffixes;
//! 5. `canonical` makes the canonical form and its id.
//!
//! [`cases`] reads a policy's test cases in the same way, and runs them.
//!
//! Every problem is a [`Finding`] in a [`Report`]: all problems at once, as data, each with a [`Code`] whose [`Lint`]
//! explains it. Callers decide how findings are shown.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use corsgate_authoring::{Source, compile};
//!
//! let text = r#"
//! version = 1
//! [upstreams]
//! api = "https://origin.example.net"
//! [[routes]]
//! name = "api"
//! path = "/*"
//! upstream = "api"
//! [routes.cors]
//! origins = ["https://app.example.com/"]
//! "#;
//! let source = Source::from_bytes("policy.toml", text.into())?;
//! let report = compile(&source, None).unwrap_err();
//! let finding = report.findings().first().ok_or("a finding")?;
//! assert_eq!(finding.message, "an origin has no trailing slash");
//! # Ok(())
//! # }
//! ```

mod calendar;
mod canonical;
pub mod cases;
mod compile;
mod compiled;
mod cursor;
pub mod domains;
mod environment_policy;
mod every_environment;
mod file;
mod finding;
mod inventory;
mod json_spans;
pub mod letters;
mod lint;
mod lints;
mod list;
mod misplaced_key;
mod mistakes;
mod nearest;
mod other_environments;
pub mod presets;
mod report;
mod retired;
mod rules;
mod schema;
mod slip;
mod source;
mod spans;
mod syntax;
mod table;
#[cfg(test)]
mod testing;
mod vocabulary;

pub use calendar::Calendar;
pub use canonical::{Wildcards, canonicalize, id_of};
pub use compile::{Checked, Compiled, MAX_COMPILED, MAX_ROUTES, check, compile};
pub use compiled::{check_compiled, fitting_id};
pub use environment_policy::EnvironmentPolicy;
pub use every_environment::check_every_environment;
pub use file::environments;
pub use finding::{Finding, Fix, Label, Severity, Span};
pub use lint::{Code, Lint};
pub use lints::{LOCAL_UPSTREAM, lints};
pub use list::{CheckedList, UnknownList, check_list, check_list_of, entries_of_list};
pub use other_environments::{ServedElsewhere, served_elsewhere};
pub use report::Report;
pub use retired::{Retired, retired};
pub use rules::repair::origin::pattern as nearest_origin;
pub use schema::POLICY_SCHEMA;
pub use source::{MAX_LIST, MAX_SOURCE, Source, SourceError};
