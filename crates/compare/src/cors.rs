//! Compares the CORS rules of a route, except its origins.

use corsgate_policy::fetch::{method, request_header, response_header};
use corsgate_policy::policy::document::{CorsDocument, LimitDocument};

use crate::change::{Line, Risk, Switch};
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
    lines.extend(METHODS.compare(before.names(|cors| &cors.methods), now.names(|cors| &cors.methods)));
    lines.extend(
        REQUEST_HEADERS
            .compare(before.names(|cors| &cors.request_headers), now.names(|cors| &cors.request_headers)),
    );
    lines.extend(EXPOSED_HEADERS.compare(&before.exposed(now), &now.exposed(before)));
    lines.extend(max_age(before.max_age(), now.max_age()));
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
