//! Compares security headers: whether one protects less than another.

use core::cmp::Ordering;

use corsgate_policy::policy::document::{HstsDocument, SecurityDocument, TimingDocument};

use crate::change::{Line, Risk, Switch, quoted};
use crate::kind::Kind;

const NOSNIFF: Switch = Switch {
    kind: Kind::Nosniff,
    risk: Risk::Medium,
    wide: (
        "`X-Content-Type-Options: nosniff` is gone",
        "browsers may run a response as a script or style that it is not",
    ),
    narrow: ("`X-Content-Type-Options: nosniff` is set", "a response with the wrong type is not run"),
};

const TIMING: Switch = Switch {
    kind: Kind::Timing,
    risk: Risk::Low,
    wide: (
        "allowed pages may read detailed timings",
        "the timing of each step can reveal the content of a response",
    ),
    narrow: ("allowed pages may no longer read detailed timings", "timings reveal less"),
};

/// Compares the security headers of two routes.
pub(crate) fn compare(before: &SecurityDocument, now: &SecurityDocument) -> Vec<Line> {
    let mut lines = Vec::new();
    lines.extend(hsts(before.hsts, now.hsts));
    let texts = [
        (Kind::Csp, "Content-Security-Policy", &before.csp, &now.csp),
        (Kind::PermissionsPolicy, "Permissions-Policy", &before.permissions_policy, &now.permissions_policy),
    ];
    for (kind, header, before, now) in texts {
        lines.extend(text(kind, header, before.as_deref(), now.as_deref()));
    }
    // A protection that is on is the narrow side of its switch.
    lines.extend(NOSNIFF.turned(!before.nosniff, !now.nosniff));
    lines.extend(timing(&before.timing_allow_origin, &now.timing_allow_origin));
    let scales = [
        (
            Kind::ReferrerPolicy,
            "Referrer-Policy",
            &before.referrer_policy,
            &now.referrer_policy,
            referrer as Scale,
        ),
        (Kind::Isolation, "Cross-Origin-Resource-Policy", &before.corp, &now.corp, corp),
        (Kind::Isolation, "Cross-Origin-Opener-Policy", &before.coop, &now.coop, coop),
        (Kind::Isolation, "Cross-Origin-Embedder-Policy", &before.coep, &now.coep, coep),
    ];
    for (kind, header, before, now, scale) in scales {
        lines.extend(on_scale(kind, header, before.as_deref(), now.as_deref(), scale));
    }
    lines
}

fn timing(before: &TimingDocument, now: &TimingDocument) -> Vec<Line> {
    const NOBODY: &[String] = &[];
    let listed = |timing: &'_ TimingDocument| match timing {
        TimingDocument::Follows(false) => Some(NOBODY.to_vec()),
        TimingDocument::Follows(true) => None,
        TimingDocument::Listed(origins) => Some(origins.clone()),
    };
    match (before, now) {
        (TimingDocument::Follows(before), TimingDocument::Follows(now)) => {
            return TIMING.turned(*before, *now).into_iter().collect();
        }
        (before, now) if before == now => return Vec::new(),
        _ => {}
    }
    let added = |from: &TimingDocument, to: &TimingDocument| match (listed(from), listed(to)) {
        (Some(from), Some(to)) => {
            let known = |origin: &String| from.iter().any(|known| known == origin || known == "*");
            quoted(to.iter().filter(|origin| !known(origin)).map(String::as_str))
        }
        (_, Some(to)) => quoted(to.iter().map(String::as_str)),
        (_, None) => "origins that CORS allows".to_owned(),
    };
    let mut lines = Vec::new();
    let (more, fewer) = (added(before, now), added(now, before));
    if !more.is_empty() {
        let text = format!("pages of {more} may read detailed timings");
        lines.push(Line::widens(Kind::Timing, Risk::Low, text, TIMING.wide.1));
    }
    if !fewer.is_empty() {
        let text = format!("pages of {fewer} may no longer read detailed timings");
        lines.push(Line::narrows(Kind::Timing, text, TIMING.narrow.1));
    }
    lines
}

fn hsts(before: Option<HstsDocument>, now: Option<HstsDocument>) -> Vec<Line> {
    const HEADER: &str = "Strict-Transport-Security";
    let (before, now) = match (before, now) {
        (before, now) if before == now => return Vec::new(),
        (Some(before), Some(now)) => (before, now),
        (Some(HstsDocument { max_age: 0, .. }), None) => {
            let text = format!("`{HEADER}` for 0 s is gone");
            return vec![Line::narrows(Kind::Hsts, text, "browsers keep the earlier value")];
        }
        (Some(_), None) => {
            let why = "browsers use plain `http` again once the earlier value has expired";
            return vec![Line::widens(Kind::Hsts, Risk::Medium, format!("`{HEADER}` is removed"), why)];
        }
        // A `max-age` of zero makes browsers forget the host (RFC 6797, 6.1.1); without the header they keep it.
        (None, Some(HstsDocument { max_age: 0, .. })) => {
            let text = format!("`{HEADER}` is set, for 0 s");
            let why = "browsers forget that they must use `https`";
            return vec![Line::widens(Kind::Hsts, Risk::Medium, text, why)];
        }
        _ => {
            let why = "browsers only use `https`, and this cannot be undone before it expires";
            return vec![Line::narrows(Kind::Hsts, format!("`{HEADER}` is set"), why)];
        }
    };
    let mut lines = Vec::new();
    let text = format!("`{HEADER}` holds for {} s instead of {} s", now.max_age, before.max_age);
    match now.max_age.cmp(&before.max_age) {
        Ordering::Less => {
            let why = "browsers that do not return in this time may use plain `http`";
            lines.push(Line::widens(Kind::Hsts, Risk::Medium, text, why));
        }
        Ordering::Greater => {
            lines.push(Line::narrows(Kind::Hsts, text, "browsers insist on `https` for longer"))
        }
        Ordering::Equal => {}
    }
    for (had, has, what) in [
        (before.include_subdomains, now.include_subdomains, "includeSubDomains"),
        (before.preload, now.preload, "preload"),
    ] {
        match (had, has) {
            (true, false) => {
                let text = format!("`{HEADER}` no longer has `{what}`");
                lines.push(Line::widens(
                    Kind::Hsts,
                    Risk::Medium,
                    text,
                    "it protects fewer names or first visits",
                ));
            }
            (false, true) => {
                let text = format!("`{HEADER}` now has `{what}`");
                lines.push(Line::narrows(Kind::Hsts, text, "it protects more names or first visits"));
            }
            _ => {}
        }
    }
    lines
}

/// Compares policies that browsers enforce. Only a reader can compare their texts in full, so what is not plainly
/// narrower counts as possibly wider.
fn text(kind: Kind, header: &str, before: Option<&str>, now: Option<&str>) -> Vec<Line> {
    match (before, now) {
        (before, now) if before == now => Vec::new(),
        (Some(_), None) => {
            let why = "browsers allow what it forbade";
            vec![Line::widens(kind, Risk::Medium, format!("`{header}` is removed"), why)]
        }
        (Some(before), Some(now)) => {
            let was = format!("`{header}` is `{now}`, and was `{before}`");
            let (wider, narrower) =
                ("its text may allow more than before: read both", "its text may allow less than before");
            vec![Line::widens(kind, Risk::Medium, was.clone(), wider), Line::narrows(kind, was, narrower)]
        }
        _ => {
            vec![Line::narrows(kind, format!("`{header}` is set"), "browsers forbid what it does not allow")]
        }
    }
}

/// How much a value allows; higher is wider. `None` is a header that is not set.
type Scale = fn(Option<&str>) -> u8;

fn on_scale(kind: Kind, header: &str, before: Option<&str>, now: Option<&str>, scale: Scale) -> Option<Line> {
    if before == now {
        return None;
    }
    let shown =
        |value: Option<&str>| value.map_or_else(|| "not set".to_owned(), |value| format!("`{value}`"));
    let text = format!("`{header}` is {}, and was {}", shown(now), shown(before));
    Some(match scale(now).cmp(&scale(before)) {
        Ordering::Greater => Line::widens(kind, Risk::Medium, text, "it keeps fewer sites away"),
        Ordering::Less => Line::narrows(kind, text, "it keeps more sites away"),
        Ordering::Equal => Line::neutral(kind, Risk::Low, text, "browsers do the same"),
    })
}

/// How much of a URL reaches other sites. Of several values, the last that a browser knows counts; without one,
/// the browser's default applies (Referrer Policy, 3 and 8.1).
fn referrer(value: Option<&str>) -> u8 {
    let last = value.and_then(|value| value.rsplit(',').next()).unwrap_or_default();
    match last.trim() {
        "no-referrer" => 0,
        "same-origin" => 1,
        "strict-origin" => 2,
        "origin" => 3,
        "origin-when-cross-origin" => 5,
        "no-referrer-when-downgrade" => 6,
        "unsafe-url" => 7,
        _ => 4,
    }
}

/// Whose pages may embed the response. Unset is stricter than `cross-origin`: isolated pages embed a response only if
/// it says `cross-origin` (Fetch, "cross-origin resource policy check").
fn corp(value: Option<&str>) -> u8 {
    match value {
        Some("same-origin") => 0,
        Some("same-site") => 1,
        Some("cross-origin") => 3,
        _ => 2,
    }
}

/// Which windows keep a reference to each other (HTML, "cross-origin opener policies").
fn coop(value: Option<&str>) -> u8 {
    match value {
        Some("same-origin") => 0,
        Some("noopener-allow-popups") => 1,
        Some("same-origin-allow-popups") => 2,
        _ => 3,
    }
}

/// What a page may embed without consent of the embedded resource (HTML, "cross-origin embedder policies").
fn coep(value: Option<&str>) -> u8 {
    match value {
        Some("require-corp") => 0,
        Some("credentialless") => 1,
        _ => 2,
    }
}
