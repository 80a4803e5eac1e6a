//! Compares two routes field by field.

use std::collections::BTreeMap;

use corsgate_policy::policy::document::{
    CorsDocument, Document, EncodedSlashes, EntryDocument, Explain, Mode, OnDisallowed, OnReject,
    RouteDocument,
};

use crate::change::{Line, Risk, Switch};
use crate::cors::{self, Rules};
use crate::kind::Kind;
use crate::origin_risk::ListedDomains;
use crate::origins::{self, Allowlists, Origins};
use crate::{limits, request, response, security};

const ON_DISALLOWED: Switch = Switch {
    kind: Kind::OnDisallowed,
    risk: Risk::Medium,
    wide: (
        "requests from refused origins reach the upstream, but the pages cannot read the responses",
        "a request has its effect, whether or not the page can read the response",
    ),
    narrow: (
        "requests from refused origins get 403 and do not reach the upstream",
        "form posts from other sites are refused too",
    ),
};

const ENCODED_SLASHES: Switch = Switch {
    kind: Kind::EncodedSlashes,
    risk: Risk::Medium,
    wide: (
        "paths may contain `%2f` and `%5c`",
        "the upstream gets paths that it could decode into others of this route",
    ),
    narrow: ("paths may not contain `%2f` and `%5c`", "they get 400"),
};

const STORAGE_ACCESS: Switch = Switch {
    kind: Kind::StorageAccess,
    risk: Risk::Medium,
    wide: (
        "browsers may repeat a request with cookies that they held back",
        "pages of listed origins act in the user's name where they are third parties",
    ),
    narrow: (
        "browsers no longer repeat requests with cookies that they held back",
        "embedded pages are signed out",
    ),
};

const FORWARD_COOKIES: Switch = Switch {
    kind: Kind::ForwardCookies,
    risk: Risk::Medium,
    wide: (
        "requests from other origins keep their `Cookie`",
        "a page can change what the user may change, although it cannot read the response",
    ),
    narrow: ("requests from other origins lose their `Cookie`", "they act without the user's cookies"),
};

const REQUIRE_ORIGIN: Switch = Switch {
    kind: Kind::Handshakes,
    risk: Risk::Medium,
    wide: ("WebSocket handshakes without `Origin` are accepted", "clients that are not browsers may connect"),
    narrow: (
        "WebSocket handshakes without `Origin` are refused",
        "clients that are not browsers must send one",
    ),
};

const REPORT: &str = "`mode` is `report`: nothing is refused, and CORS is left to the upstream";
const ENFORCE: &str = "`mode` is `enforce`: what the rules do not allow is refused";

/// The part of a route that says which origins it allows: entries, credentials, insecure origins, extensions.
type Written<'d> = Option<(&'d [EntryDocument], bool, bool, bool)>;

/// Compares routes of two policies. Most routes inherit their origins, so equal pairs of origins are compared once.
pub(crate) struct Comparer<'d> {
    before: &'d Document,
    now: &'d Document,
    /// The allowlists of both policies.
    allowlists: (Allowlists<'d>, Allowlists<'d>),
    known: ListedDomains,
    compared: BTreeMap<(Written<'d>, Written<'d>, (bool, bool)), Vec<Line>>,
}

impl<'d> Comparer<'d> {
    pub(crate) fn new(before: &'d Document, now: &'d Document) -> Self {
        let allowlists = Allowlists::of_both(before, now);
        Self { before, now, allowlists, known: ListedDomains::of(before), compared: BTreeMap::new() }
    }

    /// The changes for requests that `old` took and `new` takes.
    pub(crate) fn routes(&mut self, old: &'d RouteDocument, new: &'d RouteDocument) -> Vec<Line> {
        let mut lines = mode(old.mode, new.mode);
        lines.extend(self.upstream(old, new));
        let switches =
            (old.websocket.dangerously_allow_any_origin, new.websocket.dangerously_allow_any_origin);
        lines.extend(self.origins(old.cors.as_ref(), new.cors.as_ref(), switches));
        lines.extend(cors::compare(
            &Rules { cors: old.cors.as_ref(), limits: &old.limits },
            &Rules { cors: new.cors.as_ref(), limits: &new.limits },
        ));
        lines.extend(on_disallowed(old, new));
        lines.extend(forward_cookies(old, new));
        let activates = |route: &RouteDocument| {
            route.storage_access && route.cors.as_ref().is_some_and(|cors| cors.credentials)
        };
        if old.storage_access != new.storage_access {
            lines.extend(STORAGE_ACCESS.turned(activates(old), activates(new)));
        }
        let keeps = |route: &RouteDocument| route.encoded_slashes == EncodedSlashes::Keep;
        lines.extend(ENCODED_SLASHES.turned(keeps(old), keeps(new)));
        lines.extend(handshakes(old, new));
        lines.extend(limits::compare(old, new));
        lines.extend(security::compare(&old.security, &new.security));
        lines.extend(request::compare(&old.request, &new.request));
        lines.extend(response::compare(&old.response, &new.response));
        lines.extend(details(old, new));
        let unplaced = |route: &RouteDocument| RouteDocument {
            name: String::new(),
            path: String::new(),
            hosts: None,
            ..route.clone()
        };
        if lines.is_empty() && unplaced(old) != unplaced(new) {
            lines.push(Line::neutral(
                Kind::Cors,
                Risk::Low,
                "its rules are written differently",
                "they allow the same as before",
            ));
        }
        lines
    }

    /// Compares `[defaults.cors]`, which decides the CORS headers of the gateway's errors if no route matches.
    pub(crate) fn defaults(&mut self) -> Vec<Line> {
        let (old, new) = (self.before.default_cors.as_ref(), self.now.default_cors.as_ref());
        let mut lines = self.origins(old, new, (false, false));
        let rules = |cors| Rules { cors, limits: &[] };
        lines.extend(cors::compare(&rules(old), &rules(new)));
        // A handshake that matches no route is rejected, whatever the defaults say.
        lines.retain(|line| line.kind != Kind::Handshakes);
        if lines.is_empty() && old != new {
            lines.push(Line::neutral(
                Kind::Cors,
                Risk::Low,
                "its rules are written differently",
                "they allow the same",
            ));
        }
        // These origins can read only the gateway's own errors.
        lines.into_iter().map(|line| line.at_risk(Risk::Low)).collect()
    }

    fn origins(
        &mut self,
        old: Option<&'d CorsDocument>,
        new: Option<&'d CorsDocument>,
        any_handshakes: (bool, bool),
    ) -> Vec<Line> {
        let written = |cors: Option<&'d CorsDocument>| -> Written<'d> {
            cors.map(|cors| {
                let extensions = cors.dangerously_allow_any_extension;
                (
                    cors.origins.as_slice(),
                    cors.credentials,
                    cors.dangerously_allow_insecure_origins,
                    extensions,
                )
            })
        };
        let Self { allowlists: (before, now), known, compared, .. } = self;
        let lines = compared.entry((written(old), written(new), any_handshakes)).or_insert_with(|| {
            origins::compare(&Origins::of(before, old), &Origins::of(now, new), any_handshakes, known)
        });
        lines.clone()
    }

    /// Compares the upstreams: a new server receives the requests, and the old one no longer does.
    fn upstream(&self, old: &RouteDocument, new: &RouteDocument) -> Vec<Line> {
        let target =
            |document: &'d Document, name: &str| document.upstreams.get(name).map_or("", String::as_str);
        let (was, is) = (target(self.before, &old.upstream), target(self.now, &new.upstream));
        if was != is {
            let text = format!("requests go to `{is}` instead of `{was}`");
            let why = "another server gets the requests, with their cookies and `Authorization`, and responds to them";
            return vec![
                Line::widens(Kind::Upstream, Risk::High, text, why),
                Line::narrows(
                    Kind::Upstream,
                    format!("requests no longer go to `{was}`"),
                    "what only that server provides is no longer available",
                ),
            ];
        }
        if old.upstream == new.upstream {
            return Vec::new();
        }
        let text = format!("the upstream `{}` is renamed to `{}`", old.upstream, new.upstream);
        vec![Line::neutral(Kind::Upstream, Risk::Low, text, "it is the same server")]
    }
}

/// Compares the modes. Either switch opens something: in report mode, pages read what only the upstream allows; in
/// enforce mode, what only the policy allows.
fn mode(old: Mode, new: Mode) -> Vec<Line> {
    match (old, new) {
        (Mode::Enforce, Mode::Report) => vec![
            Line::widens(Kind::Mode, Risk::High, REPORT, "whatever the upstream allows is allowed"),
            Line::narrows(
                Kind::Mode,
                REPORT,
                "pages that only the policy allows are refused by the upstream's headers",
            ),
        ],
        (Mode::Report, Mode::Enforce) => vec![
            Line::narrows(Kind::Mode, ENFORCE, "what only the upstream allowed is refused"),
            Line::widens(
                Kind::Mode,
                Risk::Low,
                ENFORCE,
                "pages that the policy allows can read what the upstream did not let them read",
            ),
        ],
        _ => Vec::new(),
    }
}

fn on_disallowed(old: &RouteDocument, new: &RouteDocument) -> Option<Line> {
    let forwards = |route: &RouteDocument| route.on_disallowed == OnDisallowed::Forward;
    let any = |route: &RouteDocument| {
        let origins = route.cors.as_ref().map(|cors| cors.origins.as_slice());
        matches!(origins, Some([EntryDocument::Lasting(star)]) if star == "*")
    };
    if forwards(old) != forwards(new) && any(old) && any(new) {
        let text = if forwards(new) { "`on_disallowed` is `forward`" } else { "`on_disallowed` is `reject`" };
        return Some(Line::neutral(
            Kind::OnDisallowed,
            Risk::Low,
            text,
            "any origin is allowed, so this never applies",
        ));
    }
    ON_DISALLOWED.turned(forwards(old), forwards(new))
}

/// With credentials, cookies pass whatever the switch says; a change of credentials has its own line.
fn forward_cookies(old: &RouteDocument, new: &RouteDocument) -> Option<Line> {
    let pass = |route: &RouteDocument| {
        route.cors.as_ref().is_some_and(|cors| cors.credentials || route.forward_cookies)
    };
    if old.forward_cookies == new.forward_cookies {
        return None;
    }
    FORWARD_COOKIES.turned(pass(old), pass(new))
}

fn handshakes(old: &RouteDocument, new: &RouteDocument) -> Vec<Line> {
    let mut lines = Vec::new();
    lines.extend(REQUIRE_ORIGIN.turned(!old.websocket.require_origin, !new.websocket.require_origin));
    if old.websocket.on_reject != new.websocket.on_reject {
        let text = match new.websocket.on_reject {
            OnReject::Close => "a refused handshake is accepted and closed at once with the reason",
            OnReject::Handshake => "a refused handshake gets 403",
        };
        lines.push(Line::neutral(
            Kind::Handshakes,
            Risk::Low,
            text,
            "it does not reach the upstream either way",
        ));
    }
    lines
}

/// Compares the fields that do not decide which origins are allowed.
fn details(old: &RouteDocument, new: &RouteDocument) -> Vec<Line> {
    let mut lines = Vec::new();
    if old.explain != new.explain {
        let text = match new.explain {
            Explain::Console => "the browser's console shows the reason for a refusal",
            Explain::Headers => "only headers show the reason for a refusal",
        };
        lines.push(Line::neutral(Kind::Explain, Risk::Low, text, "the origin it names can never exist"));
    }
    if old.forward_origin != new.forward_origin {
        let text = match new.forward_origin {
            true => "cacheable requests keep their `Origin`",
            false => "cacheable requests lose their `Origin`",
        };
        let why = "a cache behind the gateway stores one response for all origins, or one for each";
        lines.push(Line::neutral(Kind::ForwardOrigin, Risk::Low, text, why));
    }
    if old.record_path != new.record_path {
        let (text, risk, why) = match new.record_path {
            true => ("paths are recorded", Risk::Medium, "paths may identify people"),
            false => ("paths are not recorded", Risk::Low, "reports by path are not possible"),
        };
        lines.push(Line::neutral(Kind::RecordPath, risk, text, why));
    }
    let seconds =
        |bound: Option<u32>| bound.map_or_else(|| "unlimited".to_owned(), |seconds| format!("{seconds} s"));
    for (what, was, is) in [
        ("timeout", Some(old.timeout), Some(new.timeout)),
        ("upload_timeout", old.upload_timeout, new.upload_timeout),
    ] {
        if was != is {
            let text = format!("`{what}` is {}, and was {}", seconds(is), seconds(was));
            let why = "the gateway waits longer or shorter for a slow upstream";
            lines.push(Line::neutral(Kind::Timeout, Risk::Low, text, why));
        }
    }
    lines
}
