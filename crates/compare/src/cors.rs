//! Compares the CORS rules of a route, except its origins.

use corsgate_policy::fetch::{method, request_header, response_header};
use corsgate_policy::policy::document::{CorsDocument, LimitDocument};

use crate::change::{Direction, Line, Risk, Switch};
use crate::kind::Kind;
use crate::names::Names;

/// Seconds for which browsers cache a preflight response without max-age (Fetch, "CORS-preflight fetch").
const BROWSERS_MAX_AGE: u32 = 5;

const METHODS: Names = Names {
    kind: Kind::Methods,
    star_covers: |_| true,
    always: method::is_safelisted,
    risk: |_| Risk::Medium,
    may: "use the methods",
    why: "preflights for them succeed, so other origins can make the changes that these methods make",
};

const ENFORCED_METHODS: Names =
    Names { always: |_| false, why: "requests from other origins reach the upstream with them", ..METHODS };

const REQUEST_HEADERS: Names = Names {
    kind: Kind::RequestHeaders,
    star_covers: |name| !request_header::is_non_wildcard(name),
    always: |_| false,
    risk: |name| if matches!(name, "*" | "authorization") { Risk::Medium } else { Risk::Low },
    may: "send the headers",
    why: "preflights for them succeed",
};

const EXPOSED_HEADERS: Names = Names {
    kind: Kind::ExposedHeaders,
    star_covers: |_| true,
    always: response_header::is_safelisted,
    risk: |name| {
        let is_family = name.ends_with('*');
        // Nobody knows which names a family will have.
        if is_family || matches!(name, "authorization" | "location" | "link") {
            Risk::Medium
        } else {
            Risk::Low
        }
    },
    may: "read the response headers",
    why: "pages of other origins learn their values",
};

/// The response headers that pages can read on every route with limits.
const RATE_LIMIT_FIELDS: [&str; 3] = ["ratelimit", "ratelimit-policy", "retry-after"];

const CREDENTIALS: Switch = Switch {
    kind: Kind::Credentials,
    risk: Risk::High,
    wide: (
        "pages may send cookies and HTTP authentication, and read the response",
        "a page of an allowed origin can act as the signed-in visitor",
    ),
    narrow: (
        "pages may no longer send cookies and HTTP authentication",
        "browsers do not let the page read responses to requests with cookies",
    ),
};

/// The CORS rules of a route. No rules allow nothing.
pub(crate) struct Rules<'d> {
    pub(crate) cors: Option<&'d CorsDocument>,
    pub(crate) limits: &'d [LimitDocument],
}

impl<'d> Rules<'d> {
    fn names(&self, names: impl Fn(&'d CorsDocument) -> &'d Vec<String>) -> &'d [String] {
        self.cors.map_or(&[], |cors| names(cors))
    }

    fn credentials(&self) -> bool {
        self.cors.is_some_and(|cors| cors.credentials)
    }

    fn max_age(&self) -> Option<u32> {
        self.cors.and_then(|cors| cors.max_age)
    }

    fn extensions(&self) -> bool {
        self.cors.is_some_and(|cors| cors.dangerously_allow_any_extension)
    }

    fn insecure(&self) -> bool {
        self.cors.is_some_and(|cors| cors.dangerously_allow_insecure_origins)
    }

    /// The exposed headers. A header that limits expose anyway is included if `other` lists it.
    fn exposed(&self, other: &Self) -> Vec<String> {
        let mut names = self.names(|cors| &cors.exposed_headers).to_vec();
        let listed = other.names(|cors| &cors.exposed_headers);
        let implied = |name: &&str| listed.iter().any(|listed| listed == name) && !self.limits.is_empty();
        for name in RATE_LIMIT_FIELDS.into_iter().filter(implied) {
            if self.cors.is_some() && !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        names
    }
}

/// Compares two sets of rules.
pub(crate) fn compare(before: &Rules<'_>, now: &Rules<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    lines.extend(CREDENTIALS.turned(before.credentials(), now.credentials()));
    lines.extend(methods(before, now));
    lines.extend(
        REQUEST_HEADERS
            .compare(before.names(|cors| &cors.request_headers), now.names(|cors| &cors.request_headers)),
    );
    lines.extend(EXPOSED_HEADERS.compare(&before.exposed(now), &now.exposed(before)));
    lines.extend(max_age(before.max_age(), now.max_age()));
    if before.extensions() != now.extensions() {
        let state = if now.extensions() { "on" } else { "off" };
        lines.push(Line::neutral(
            Kind::AnyExtension,
            if now.extensions() { Risk::High } else { Risk::Low },
            format!("`dangerously_allow_any_extension` is {state}"),
            "`moz-extension://*` is every extension of Firefox; the allowed origins are listed separately",
        ));
    }
    if before.insecure() != now.insecure() {
        let state = if now.insecure() { "on" } else { "off" };
        lines.push(Line::neutral(
            Kind::InsecureOrigins,
            if now.insecure() { Risk::High } else { Risk::Low },
            format!("`dangerously_allow_insecure_origins` is {state}"),
            "an attacker on the network can replace pages that are loaded over `http`; the allowed origins are listed separately",
        ));
    }
    lines
}

/// Compares the methods. Where a side enforces its list, the safelisted methods count like any other.
fn methods(before: &Rules<'_>, now: &Rules<'_>) -> Vec<Line> {
    let any = |rules: &Rules<'_>| rules.names(|cors| &cors.methods).iter().any(|name| name == "*");
    let enforces = |rules: &Rules<'_>| rules.cors.is_some_and(|cors| cors.enforce_methods) && !any(rules);
    if !enforces(before) && !enforces(now) {
        return METHODS.compare(before.names(|cors| &cors.methods), now.names(|cors| &cors.methods));
    }
    let usable = |rules: &Rules<'_>| {
        let mut names = rules.names(|cors| &cors.methods).to_vec();
        let implied: &[&str] = match enforces(rules) {
            false if any(rules) => &[],
            false => &["GET", "HEAD", "POST"],
            true if names.iter().any(|name| name == "GET") => &["HEAD"],
            true => &[],
        };
        for name in implied {
            if !names.iter().any(|known| known == name) {
                names.push((*name).to_owned());
            }
        }
        names
    };
    let mut lines = ENFORCED_METHODS.compare(&usable(before), &usable(now));
    let is = |direction| move |line: &Line| line.direction == direction;
    if enforces(before) && !enforces(now) && !lines.iter().any(is(Direction::Widens)) {
        let why = "requests with other methods reach the upstream; only browsers ask first";
        lines.push(Line::widens(Kind::Methods, Risk::Low, "the methods of requests are not enforced", why));
    }
    if !enforces(before) && enforces(now) && !lines.iter().any(is(Direction::Narrows)) {
        let why = "requests from other origins with other methods get 403";
        lines.push(Line::narrows(Kind::Methods, "the methods of requests are enforced", why));
    }
    lines
}

fn max_age(before: Option<u32>, now: Option<u32>) -> Option<Line> {
    if before == now {
        return None;
    }
    let shown =
        |age: Option<u32>| age.map_or_else(|| "the browser's 5 s".to_owned(), |age| format!("{age} s"));
    let text = format!("browsers cache a preflight response for {} instead of {}", shown(now), shown(before));
    let seconds = |age: Option<u32>| age.unwrap_or(BROWSERS_MAX_AGE);
    // Chromium caches a preflight for at most two hours.
    let risk = if seconds(now) > 7200 { Risk::Medium } else { Risk::Low };
    Some(match seconds(before).cmp(&seconds(now)) {
        core::cmp::Ordering::Less => Line::widens(
            Kind::MaxAge,
            risk,
            text,
            "browsers keep using a removed method or header for that long",
        ),
        core::cmp::Ordering::Greater => Line::narrows(
            Kind::MaxAge,
            text,
            "a removed method or header is refused earlier, and there are more preflights",
        ),
        core::cmp::Ordering::Equal => Line::neutral(Kind::MaxAge, Risk::Low, text, "the same"),
    })
}
