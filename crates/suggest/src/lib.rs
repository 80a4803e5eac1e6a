//! Turns rejected requests into a patch of `policy.toml` that allows some of them, and into test cases that pin it.
//!
//! Pure: the text of a policy and the rows of a report in, the text of a policy out. Data flows one way:
//!
//! - `refusal` reads the rows of the report `top`, much of whose text was written by clients;
//! - `attack` sorts out origins that imitate a listed one, `risk` judges the others;
//! - `place` finds the list that decides for a route in the chosen environment;
//! - `edit` inserts lines into that list and changes no other byte;
//! - `cases` writes the test cases, and `verify` compiles, decides and compares the result before anybody sees it, to
//!   check that it does what was meant. `diff` writes the patch.
//!
//! Text from a client is always shown as ASCII without control characters (`shown`).

mod attack;
mod candidate;
mod cases;
mod diff;
mod edit;
mod insertion_point;
mod judge;
mod kin;
mod refusal;
mod request;
mod risk;
mod shown;
mod suggest;
mod unsound;
mod verify;

pub use candidate::{Addition, Because, LeftOut, RefusedOn, Target};
pub use cases::{CasesError, append, check as check_cases, forbidden};
pub use diff::unified;
pub use refusal::{Refusal, Refusals, ReportError};
pub use request::request_to;
pub use risk::{Risk, Warning};
pub use shown::shown;
pub use suggest::{SuggestError, SuggestOptions, Suggestions, suggest};
pub use unsound::Unsound;
