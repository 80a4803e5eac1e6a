//! A request on the wire.

use corsgate_policy::{Facts, Kind, RequestUrl};

/// The parts of a request on the wire that affect the decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireRequest {
    pub(crate) kind: Kind,
    pub(crate) method: String,
    pub(crate) href: String,
    pub(crate) origin: Option<String>,
    pub(crate) requested_method: Option<String>,
    pub(crate) requested_headers: Option<String>,
    pub(crate) same_origin: bool,
    pub(crate) authorization: bool,
    pub(crate) accept: Option<String>,
}

impl WireRequest {
    /// The kind of the request in CORS.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The method on the wire: `OPTIONS` for a preflight.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The headers that affect the gateway's decision, with names in lower case.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, &str)> {
        let upgrade = (self.kind == Kind::Handshake).then_some("websocket");
        let headers = [
            ("origin", self.origin.as_deref()),
            ("access-control-request-method", self.requested_method.as_deref()),
            ("access-control-request-headers", self.requested_headers.as_deref()),
            ("upgrade", upgrade),
        ];
        headers.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// What the gateway knows about the request.
    #[must_use]
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            method: &self.method,
            url: RequestUrl::parse(&self.href).unwrap_or_default(),
            origin: self.origin.as_deref(),
            requested_method: self.requested_method.as_deref(),
            requested_headers: self.requested_headers.as_deref(),
            sec_fetch_site: Some(if self.same_origin { "same-origin" } else { "cross-site" }),
            upgrade: (self.kind == Kind::Handshake).then_some("websocket"),
            accept: self.accept.as_deref(),
            has_authorization: self.authorization,
            ..Facts::default()
        }
    }
}
