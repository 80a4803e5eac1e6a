//! A browser's side of CORS: the checks of the Fetch Standard (<https://fetch.spec.whatwg.org/>), cited by the names
//! of its algorithms and by their steps.
//!
//! This is the only implementation outside tests. The Worker judges an upstream's own CORS headers by it, and the tools
//! predict and explain by it what a page gets. What only the tools call is dropped from the Wasm by the linker.
//!
//! - [`method`] and [`request_header`]: what a page may send without a preflight, and what it may never send;
//! - [`response_header`]: what a page may always read;
//! - [`header_list`]: the lists in `Access-Control-Allow-Methods` and `Access-Control-Allow-Headers`, which may fail to
//!   parse;
//! - [`mixed_content`]: whether a secure page may ask at all;
//! - [`cors_check`](mod@cors_check) and [`preflight_check`](mod@preflight_check): whether a [`CorsResponse`] passes for
//!   a [`CorsRequest`], or why it is [`Blocked`].

mod blocked;
pub mod cors_check;
pub mod header_list;
pub mod method;
pub mod mixed_content;
pub mod preflight_check;
pub mod request_header;
mod response;
pub mod response_header;

pub use blocked::{Blocked, ListHeader};
pub use response::{CorsResponse, is_ok_status, is_redirect_status};

/// The request of a page of another origin, as far as the checks look at it.
#[derive(Clone, Copy, Debug)]
pub struct CorsRequest<'a> {
    /// The value of `Origin`.
    pub origin: &'a str,
    /// The credentials mode is `include`.
    pub include_credentials: bool,
}
