//! What becomes of a page's request: what the gateway decides about it by a policy, and what the browser makes of that.
//!
//! Pure: a request and a policy in, the whole story out. The decision is that of
//! [`corsgate_policy::decision::decide`](mod@corsgate_policy::decision::decide); here is what stands before and behind it:
//!
//! - [`PageRequest`] (`page`, `sent`): what a page asks for, and what a browser sends for it, preflight included;
//! - [`curl`] (`shell`) and [`har`] read requests from what people have at hand;
//! - [`explain`] (`told`, `browser`, `console`): each request as it is decided, and what Chromium prints;
//! - [`Kv`]: lists and keys, as far as they are known;
//! - [`nearest`] (`near`): the entry that an origin misses by one difference.

pub mod browser;
mod command_error;
mod console;
pub mod curl;
pub mod har;
mod kv;
mod near;
mod own_headers;
mod page;
mod page_url;
mod request_error;
mod sent;
mod shell;
mod told;

use corsgate_policy::grammar::day::Day;
use corsgate_policy::origin::set::OriginSet;
use corsgate_policy::{Facts, Policy};

pub use command_error::CommandError;
pub use console::sentence as console_sentence;
pub use corsgate_policy::fetch::Blocked;
pub use corsgate_policy::fetch::request_header::Unsafe;
pub use kv::{KeyError, Kv, Unknown};
pub use near::{Difference, Near, nearest};
pub use page::{Cause, Need, NoNeed, PageRequest, Parts};
pub use request_error::RequestError;
pub use sent::Sent;
pub use told::{End, Step, Told};

/// Explains what becomes of a page's request, and hands it over.
pub fn explain<T>(
    policy: &Policy,
    request: &PageRequest,
    kv: &Kv,
    today: Day,
    hand_over: impl FnOnce(&Told<'_>) -> T,
) -> T {
    let sent = request.sent();
    let facts: Vec<Facts<'_>> = sent.iter().map(Sent::facts).collect();
    let nothing = OriginSet::default();
    hand_over(&told::tell(policy, request, &sent, &facts, kv, &nothing, today))
}
