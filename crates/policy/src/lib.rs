//! The compiled CORS policy of corsgate, and the one function that decides by it.
//!
//! Everything here is pure: no clock, no network, no platform. The Worker reads a [`Policy`] from
//! KV, gathers the [`Facts`] of a request, looks up what the policy asks for, and does what the
//! [`Decision`] says; the operator's tools call the same functions.
//!
//! The way of a request through the modules:
//!
//! 1. [`decision::facts`]: what is known of it, and whether it is a preflight, a handshake or an actual request;
//! 2. [`path`] and [`grammar::host`] find its [`Route`] among those of [`policy`];
//! 3. [`decision::lookup`] names the lists and keys in KV that its [`origin`] must be looked up in;
//! 4. [`decision::decide`](mod@decision::decide): the [`Decision`], a [`Reason`] with every refusal;
//! 5. [`policy::limit`], [`gcra`] and [`decision::counts`]: what is counted, by which rate, and what becomes of it;
//! 6. [`response::forward`]: the URL and headers for the upstream;
//! 7. [`response::headers`] and [`response::vary`]: the headers of the response;
//! 8. [`response::upstream_cors`]: on a route that only reports, whether the upstream refuses the page;
//! 9. [`record`]: what is kept of it all.
//!
//! [`fetch`] is the other side: the checks of a browser.
//!
//! An [`Explanation`] goes the same way and tells of it: [`decision::trace`] holds each check with what it found.
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
pub use decision::reason::Reason;
pub use decision::{Decision, Outcome};
pub use explanation::Explanation;
pub use policy::methods_and_headers::{MAX_REQUEST_HEADERS_BYTES, MAX_REQUEST_HEADERS_NAMES};
pub use policy::route::Route;
pub use policy::{KvList, Policy, ReadError};
