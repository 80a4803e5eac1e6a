//! The compiled policy as it is stored: the JSON document that `corsgate compile` writes and the
//! Worker reads.
//!
//! These types only mirror the document. [`Policy::from_document`](crate::Policy::from_document)
//! turns them into types that cannot hold an unsafe state. Optional fields are left out when they
//! have their default, so that the same policy always has the same bytes.

mod forms;
mod reading;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::grammar::day::Day;

/// The version of the document that this crate writes. A new field means a new version; a reader
/// accepts its own version and the one before.
pub const VERSION: u32 = 1;

/// A compiled policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// [`VERSION`].
    pub version: u32,
    /// The first 16 hex digits of the SHA-256 of the canonical document without this field.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// `https://origin.example.net/base`, `service:NAME` or `zone`, by name.
    pub upstreams: BTreeMap<String, String>,
    /// Allowlists that routes name as `@name`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub allowlists: BTreeMap<String, AllowlistDocument>,
    /// The routes in the order they are tried.
    pub routes: Vec<RouteDocument>,
    /// The `[defaults.cors]` of the policy. It gives CORS headers to the answers for requests that match
    /// no route, on hosts of the policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_cors: Option<CorsDocument>,
    /// Whether servers may treat `/users.json` as `/users`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub fold_suffixes: bool,
    /// What is recorded.
    #[serde(default, skip_serializing_if = "is_default")]
    pub records: RecordsDocument,
}

/// An allowlist: entries in the document, a list in KV, or one KV key for each origin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum AllowlistDocument {
    /// The entries themselves.
    Entries(Vec<EntryDocument>),
    /// A text in KV, key `allowlist/<kv>`.
    Kv {
        /// The name in the key.
        kv: String,
        /// Whether the text may contain wildcards.
        #[serde(default, skip_serializing_if = "is_default")]
        dangerously_unchecked_wildcards: bool,
    },
    /// Keys in KV, `origin/<kv_keys>/<origin>` or `origin/<kv_keys>/<host>/<origin>`.
    KvKeys {
        /// The name in the keys.
        kv_keys: String,
        /// Whether the request's host is part of the key.
        #[serde(default, skip_serializing_if = "is_default")]
        scope: Scope,
        /// Whether routes with credentials may use the keys although all hosts share them.
        #[serde(default, skip_serializing_if = "is_default")]
        dangerously_share_keys: bool,
    },
}

/// The hosts for which a per-origin key counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// All hosts of the route.
    #[default]
    Shared,
    /// The host in the key.
    Host,
}

/// An origin pattern, alone or with its last day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum EntryDocument {
    /// A pattern without a last day; in a route's origins also `@list` or a lone `*`.
    Lasting(String),
    /// A pattern that is valid through a day.
    Expiring {
        /// The pattern.
        origin: String,
        /// The last day, `YYYY-MM-DD`.
        expires: String,
    },
}

impl EntryDocument {
    /// The pattern; in a route's origins also `@list` or `*`.
    #[must_use]
    pub fn origin(&self) -> &str {
        match self {
            Self::Lasting(origin) | Self::Expiring { origin, .. } => origin,
        }
    }

    /// The last day as written, if there is one.
    #[must_use]
    pub fn expires(&self) -> Option<&str> {
        match self {
            Self::Lasting(_) => None,
            Self::Expiring { expires, .. } => Some(expires),
        }
    }

    /// The last day; [`Day::NEVER`] if there is none or it is not a valid day.
    #[must_use]
    pub fn last_day(&self) -> Day {
        self.expires().and_then(|day| Day::parse(day).ok()).unwrap_or(Day::NEVER)
    }
}

/// A route.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteDocument {
    /// `[a-z][a-z0-9_-]{0,47}`.
    pub name: String,
    /// Exact, or a prefix with `/*` at its end.
    pub path: String,
    /// The name of an upstream.
    pub upstream: String,
    /// Exact, or `*.example.com`; absent: every host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosts: Option<Vec<String>>,
    /// Whether rejections are enforced or only recorded.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mode: Mode,
    /// Absent: no cross-origin access.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cors: Option<CorsDocument>,
    /// What happens to an actual request from a disallowed origin.
    #[serde(default, skip_serializing_if = "is_default")]
    pub on_disallowed: OnDisallowed,
    /// Where a rejection can be read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub explain: Explain,
    /// Whether cacheable requests keep their `Origin`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub forward_origin: bool,
    /// Whether requests from other origins keep their cookies on a route without credentials.
    #[serde(default, skip_serializing_if = "is_default")]
    pub forward_cookies: bool,
    /// Whether listed origins may get the browser to repeat a request with cookies.
    #[serde(default, skip_serializing_if = "is_default")]
    pub storage_access: bool,
    /// Whether paths may contain encoded slashes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub encoded_slashes: EncodedSlashes,
    /// Whether records contain the paths of requests.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub record_path: bool,
    /// The timeout in seconds until the response's headers arrive, for requests without a body.
    #[serde(default = "default_timeout", skip_serializing_if = "is_default_timeout")]
    pub timeout: u32,
    /// The same for requests with a body; absent: no timeout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_timeout: Option<u32>,
    /// WebSocket handshakes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub websocket: WebSocketDocument,
    /// Rate limits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<LimitDocument>,
    /// What happens when the limiter cannot be reached.
    #[serde(default, skip_serializing_if = "is_default")]
    pub on_limiter_error: OnLimiterError,
    /// Headers of requests to the upstream.
    #[serde(default, skip_serializing_if = "is_default")]
    pub request: RequestDocument,
    /// Headers of responses.
    #[serde(default, skip_serializing_if = "is_default")]
    pub response: ResponseDocument,
    /// Security headers.
    #[serde(default, skip_serializing_if = "is_default")]
    pub security: SecurityDocument,
}

/// The CORS rules of a route.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorsDocument {
    /// Patterns, `@list` names, or a lone `*`.
    pub origins: Vec<EntryDocument>,
    /// Methods beyond the safelisted, or `*`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
    /// Request headers beyond the safelisted, or `*`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_headers: Vec<String>,
    /// Response headers beyond the safelisted, or `*`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exposed_headers: Vec<String>,
    /// Whether cookies and HTTP authentication are allowed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub credentials: bool,
    /// Seconds a browser may keep the answer to a preflight; absent: the browser's 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u32>,
    /// Whether requests from another origin may use the listed methods only, safelisted ones included.
    #[serde(default, skip_serializing_if = "is_default")]
    pub enforce_methods: bool,
    /// Whether `http` origins of other machines are allowed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub dangerously_allow_insecure_origins: bool,
    /// Whether `moz-extension://*` is allowed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub dangerously_allow_any_extension: bool,
}

/// Whether rejections are enforced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// They are enforced.
    #[default]
    Enforce,
    /// They are recorded, and CORS is left to the upstream.
    Report,
}

/// What happens to an actual request from a disallowed origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnDisallowed {
    /// The gateway responds with 403.
    #[default]
    Reject,
    /// The request is forwarded to the upstream, and its response is returned without CORS headers.
    Forward,
}

/// What happens to a request whose path has `%2f` or `%5c`, which only some servers decode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EncodedSlashes {
    /// It is rejected as ambiguous.
    #[default]
    Refuse,
    /// It is forwarded with the path as it came, if they stand behind the route's own path.
    Keep,
}

/// Where a rejection can be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Explain {
    /// In response headers.
    #[default]
    Headers,
    /// Also in the message that the browser prints to its console.
    Console,
}

/// What happens when the limiter cannot be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnLimiterError {
    /// The request is allowed.
    #[default]
    Allow,
    /// The request is answered with 429.
    Deny,
}

/// WebSocket handshakes of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebSocketDocument {
    /// Whether a handshake without `Origin` is rejected.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub require_origin: bool,
    /// How a handshake is rejected.
    #[serde(default, skip_serializing_if = "is_default")]
    pub on_reject: OnReject,
    /// Whether a route for any origin accepts handshakes from any origin.
    #[serde(default, skip_serializing_if = "is_default")]
    pub dangerously_allow_any_origin: bool,
}

impl Default for WebSocketDocument {
    fn default() -> Self {
        Self { require_origin: true, on_reject: OnReject::Handshake, dangerously_allow_any_origin: false }
    }
}

/// How a handshake is rejected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnReject {
    /// With 403, without an upgrade.
    #[default]
    Handshake,
    /// The socket is accepted and closed at once with a reason that pages can read.
    Close,
}

/// A rate limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitDocument {
    /// `[a-z][a-z0-9_-]{0,47}`, unique within the route.
    pub name: String,
    /// The number of requests allowed in a window; also the burst.
    pub quota: u32,
    /// The length of the window in seconds.
    pub window: u32,
    /// The parts of the key: `client_ip`, `origin`, `route`, `header:<name>`.
    pub by: Vec<String>,
}

/// Headers of requests to the upstream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestDocument {
    /// Set on every request to the upstream. `secret:NAME`, alone or after one word, names a secret of the Worker.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, String>,
    /// Removed from every request to the upstream.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
}

/// Headers of responses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponseDocument {
    /// Set on every response of the route.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, String>,
    /// Removed from every response of the upstream.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
    /// URLs and cookies of the upstream become the gateway's.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub rewrite: bool,
}

impl Default for ResponseDocument {
    fn default() -> Self {
        Self { set: BTreeMap::new(), remove: Vec::new(), rewrite: true }
    }
}

/// Security headers; each is off unless set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityDocument {
    /// `Strict-Transport-Security` (RFC 6797).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hsts: Option<HstsDocument>,
    /// `Content-Security-Policy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csp: Option<String>,
    /// `X-Content-Type-Options: nosniff`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub nosniff: bool,
    /// `Referrer-Policy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referrer_policy: Option<String>,
    /// `Permissions-Policy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions_policy: Option<String>,
    /// `Cross-Origin-Resource-Policy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corp: Option<String>,
    /// `Cross-Origin-Opener-Policy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coop: Option<String>,
    /// `Cross-Origin-Embedder-Policy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coep: Option<String>,
    /// `Timing-Allow-Origin`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub timing_allow_origin: TimingDocument,
}

/// Who may read the timing of a response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum TimingDocument {
    /// Nobody, or with `true` the origins that CORS allows.
    Follows(bool),
    /// These origins, or with a lone `*` every origin.
    Listed(Vec<String>),
}

impl Default for TimingDocument {
    fn default() -> Self {
        Self::Follows(false)
    }
}

/// The parts of `Strict-Transport-Security`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HstsDocument {
    /// Seconds.
    pub max_age: u32,
    /// `includeSubDomains`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub include_subdomains: bool,
    /// `preload`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub preload: bool,
}

/// What is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordsDocument {
    /// The share of plain allows that is recorded, from 0 to 1.
    pub sample_allowed: f64,
}

impl Default for RecordsDocument {
    fn default() -> Self {
        Self { sample_allowed: 0.01 }
    }
}

/// The default timeout in seconds until the response's headers arrive.
pub const DEFAULT_TIMEOUT: u32 = 30;

fn default_timeout() -> u32 {
    DEFAULT_TIMEOUT
}

fn is_default_timeout(timeout: &u32) -> bool {
    *timeout == DEFAULT_TIMEOUT
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_true(value: &bool) -> bool {
    *value
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
