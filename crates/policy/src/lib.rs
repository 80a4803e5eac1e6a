//! The compiled CORS policy of corsgate, and the one function that decides by it.
//!
//! Everything here is pure: no clock, no network, no platform. The Worker reads a [`Policy`] from
//! KV, gathers the [`Facts`] of a request, looks up what the policy asks for, and does what the
//! [`Decision`] says; the operator's tools call the same functions.
//!
//! The way of a request through the modules:
//!
//! 1. [`facts`]: what is known of it, and whether it is a preflight, a handshake or an actual request;
//! 2. [`path`] and [`host`] find its [`Route`];
//! 3. [`lookup`] names the lists and keys in KV that its origin must be looked up in;
//! 4. [`decide`](mod@decide): the [`Decision`], a [`Reason`] with every refusal;
//! 5. [`limit`], [`gcra`] and [`admission`]: what is counted, by which rate, and what becomes of it;
//! 6. [`forward`]: the URL and headers for the upstream;
//! 7. [`stamp`], [`vary`] and [`upstream`]: the headers of the response;
//! 8. [`upstream_cors`]: on a route that only reports, whether the upstream refuses the page;
//! 9. [`record`]: what is kept of it all.
//!
//! An [`Explanation`] goes the same way and tells of it: [`trace`] holds each check with what it found.
//!
//! ```
//! use corsgate_policy::{Answers, Facts, Outcome, Policy, RequestUrl, day::Day, decide::decide};
//!
//! let policy = Policy::read(br#"{
//!     "version": 1,
//!     "upstreams": { "api": "https://origin.example.net" },
//!     "routes": [{
//!         "name": "api", "path": "/*", "upstream": "api",
//!         "cors": { "origins": ["https://app.example.com"] }
//!     }]
//! }"#)?;
//! let facts = Facts {
//!     method: "GET",
//!     url: RequestUrl::parse("https://api.example.com/users").unwrap_or_default(),
//!     origin: Some("https://evil.example"),
//!     ..Facts::default()
//! };
//! let decision = decide(&policy, &facts, &Answers::default(), Day::from_unix_milliseconds(0.0));
//! assert!(matches!(decision.outcome, Outcome::Reject(reason) if reason.name() == "origin_not_listed"));
//! # Ok::<(), corsgate_policy::ReadError>(())
//! ```

pub mod admission;
mod allowed;
mod cors;
pub mod day;
pub mod decide;
mod decision;
pub mod document;
mod eight;
mod explanation;
pub mod facts;
pub mod forward;
pub mod gcra;
pub mod host;
pub mod key_value;
pub mod limit;
pub mod list;
pub mod lookup;
pub mod misleading;
pub mod origin;
pub mod origin_set;
pub mod path;
pub mod pattern;
mod policy;
mod reader;
pub mod reason;
pub mod record;
mod response_headers;
mod route;
mod route_index;
mod routing;
pub mod stamp;
pub mod token;
pub mod trace;
pub mod upstream;
pub mod upstream_cors;
pub mod vary;
pub mod violation;

pub use admission::Count;
pub use allowed::{MAX_REQUEST_HEADERS_BYTES, MAX_REQUEST_HEADERS_NAMES};
pub use decide::{Decision, Examined, Outcome};
pub use explanation::Explanation;
pub use facts::{Facts, Kind, RequestUrl};
pub use lookup::{Answers, KeyAnswer};
pub use policy::{KvList, Policy, ReadError};
pub use reason::Reason;
pub use route::Route;
