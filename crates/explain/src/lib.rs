//! Explains a page's request: what the gateway decides under a policy, and what the browser does with the result.
//!
//! Pure: takes a request and a policy, returns the explanation. The decision itself is made by
//! [`corsgate_policy::decision::decide`](mod@corsgate_policy::decision::decide). This crate covers the steps around it:
//!
//! - [`PageRequest`] (`page`, `sent`): what a page asks for, and what a browser sends for it, including the preflight;
//! - [`copied`]: what people copy out of a browser: commands, scripts, lines of the console, headers;
//! - [`har`]: HTTP archives, judged by their own headers;
//! - [`explain`] (`page_explanation`, [`browser`]): the decision about each request, and what a browser finds wrong;
//! - [`sentences`], [`browser_error`]: what each browser prints, and why it fails a request by itself;
//! - [`Kv`]: the known lists and keys of KV;
//! - [`nearest`] (`near`): the entry that differs from an origin in one respect;
//! - [`nearest_method`], [`meant_method`] (`near_method`): the same for methods, which differ in case.

pub mod browser;
pub mod browser_error;
pub mod copied;
mod engine;
pub mod har;
mod initiator;
mod kv;
mod near;
mod near_method;
mod page;
mod page_explanation;
mod page_url;
mod request_error;
pub mod sentences;
mod shown;
mod wire_request;

use corsgate_policy::grammar::day::Day;
use corsgate_policy::origin::set::OriginSet;
use corsgate_policy::{Facts, Policy};

pub use corsgate_policy::fetch::Blocked;
pub use corsgate_policy::fetch::request_header::Unsafe;
pub use engine::Browser;
pub use initiator::Initiator;
pub use kv::{KeyError, Kv, Unknown};
pub use near::{Difference, Near, nearest};
pub use near_method::{meant_method, nearest_method};
pub use page::{Cause, Need, NoNeed, PageRequest, Parts};
pub use page_explanation::{End, PageExplanation, Step};
pub use request_error::RequestError;
pub use shown::{printable, without_secrets};
pub use wire_request::WireRequest;

/// Explains a page's request, and passes the explanation to `hand_over`.
pub fn explain<T>(
    policy: &Policy,
    request: &PageRequest,
    kv: &Kv,
    today: Day,
    hand_over: impl FnOnce(&PageExplanation<'_>) -> T,
) -> T {
    let sent = request.sent();
    let facts: Vec<Facts<'_>> = sent.iter().map(WireRequest::facts).collect();
    let nothing = OriginSet::default();
    hand_over(&page_explanation::explain_page(policy, request, &sent, &facts, kv, &nothing, today))
}
