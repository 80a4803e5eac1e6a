//! From what was refused to a patch of `policy.toml` that would allow some of it, and the test cases that pin it.
//!
//! Pure: the text of a policy and the rows of a report in, the text of a policy out. Data flows one way:
//!
//! - `refusal` reads the rows of the report `top`, which clients have written to a good part;
//! - `attack` sets apart what was made to be taken for a listed origin, `risk` (with `letters`) judges the rest;
//! - `place` finds the list that decides for a route, in the environment that is asked for;
//! - `edit` inserts lines into that list and touches no other byte;
//! - `cases` pins it, and `verify` holds the result to what was meant before anybody sees it: by compiling, deciding
//!   and comparing. `diff` writes the patch.
//!
//! What a client has sent is shown in ASCII without control characters (`shown`), wherever it goes.

mod attack;
mod candidate;
mod cases;
mod diff;
mod edit;
mod judge;
mod letters;
mod place;
mod refusal;
mod request;
mod risk;
mod shown;
mod suggest;
mod unsound;
mod verify;

pub use candidate::{Addition, Because, LeftOut, RefusedOn, Target};
pub use cases::{CasesError, append, check as check_cases};
pub use diff::unified;
pub use refusal::{Refusal, Refusals, ReportError};
pub use risk::{Risk, Warning};
pub use shown::shown;
pub use suggest::{Options, SuggestError, Suggestions, suggest};
pub use unsound::Unsound;
