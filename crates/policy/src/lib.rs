//! The compiled CORS policy of corsgate, and the only function that decides by it.
//!
//! Everything here is pure: no clock, no network, no platform. The Worker reads a [`Policy`] from KV, collects the
//! [`Facts`] of a request, reads the lists and keys that the policy needs, and carries out the [`Decision`]. The
//! operator's tools call the same functions.
//!
//! How a request passes through the modules:
//!
//! 1. [`decision::facts`]: the facts about it, and whether it is a preflight, a handshake or an actual request;
//! 2. [`path`] and [`grammar::host`] find its [`Route`] among the routes of [`policy`];
//! 3. [`decision::lookup`] names the lists and keys in KV in which its [`origin`] must be looked up;
//! 4. [`decision::decide`](mod@decision::decide) makes the [`Decision`], which has a [`Reason`] if it is a rejection;
//! 5. [`policy::limit`], [`gcra`] and [`decision::counts`] count the request and apply the limits;
//! 6. [`response::forward`] makes the URL and the headers for the upstream;
//! 7. [`response::headers`] and [`response::vary`] make the headers of the response;
//! 8. [`response::upstream_cors`] tells, for a route in report mode, whether the upstream rejects the page;
//! 9. [`record`] makes the record of all this.
//!
//! [`fetch`] has the checks of a browser.
//!
//! V8 compiles a function of the Worker's Wasm when it is first called, and all of it. So what most policies or requests do
//! without is in functions of its own, with `#[inline(never)]`: an isolate that does not need it never compiles it.
//!
//! An [`Explanation`] goes the same way: [`decision::trace`] holds each check and its result.
//!
//! ```
//! use corsgate_policy::{Answers, Facts, Outcome, Policy, RequestUrl, grammar::day::Day, decision::decide::decide};
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

pub mod decision;
mod explanation;
pub mod fetch;
pub mod gcra;
pub mod grammar;
mod json;
pub mod kv;
pub mod origin;
pub mod path;
pub mod policy;
pub mod record;
pub mod response;

pub use decision::counts::Count;
pub use decision::decide::Examined;
pub use decision::facts::{Facts, Kind, RequestUrl};
pub use decision::lookup::{Answers, KeyAnswer};
pub use decision::reason::{Reason, ReasonClass};
pub use decision::{Decision, Outcome};
pub use explanation::Explanation;
pub use policy::methods_and_headers::{MAX_REQUEST_HEADERS_BYTES, MAX_REQUEST_HEADERS_NAMES};
pub use policy::route::Route;
pub use policy::{KvList, NamedList, Policy, ReadError};
