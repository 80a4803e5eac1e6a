//! What the tool and the playground say about a policy, as data: the same JSON in a terminal and in a page.
//!
//! Pure: texts in, texts out. No clock, no files, no network.
//!
//! - [`findings`]: what `check` finds;
//! - [`explained`]: what becomes of a request, and why; [`trace`] has the checks as lines with their places;
//! - [`runs`]: the results of a file of cases;
//! - [`changes`]: what is different between two policies;
//! - [`suggested`]: what is suggested for refused origins;
//! - [`page`]: the questions that a page asks, as JSON in and JSON out;
//! - [`document`], [`region`], [`plural`](mod@plural): the frame of the JSON, places in files, numbers.

pub mod changes;
pub mod document;
pub mod explained;
pub mod findings;
pub mod page;
pub mod plural;
pub mod region;
pub mod runs;
pub mod suggested;
pub mod trace;
