//! Compares rate limits: whether one admits requests that another did not.

use corsgate_policy::policy::document::{LimitDocument, OnLimiterError, RouteDocument};

use crate::change::{Line, Risk, Switch};
use crate::kind::Kind;

const ON_LIMITER_ERROR: Switch = Switch {
    kind: Kind::OnLimiterError,
    risk: Risk::Medium,
    wide: (
        "requests pass while they cannot be counted",
        "an attacker who can disturb the counting has no limit",
    ),
    narrow: ("requests are refused while they cannot be counted", "if the limiter fails, the route fails"),
};

/// Compares the limits of two routes.
pub(crate) fn compare(before: &RouteDocument, now: &RouteDocument) -> Vec<Line> {
    let mut lines = Vec::new();
    for limit in missing(&before.limits, &now.limits) {
        let same_name = now.limits.iter().find(|other| other.name == limit.name);
        lines.push(match same_name {
            Some(other) => Line::widens(
                Kind::Limit,
                Risk::Medium,
                format!("the limit `{}` is {} instead of {}", limit.name, shown(other), shown(limit)),
                "a client may send more requests, or more at once",
            ),
            None => Line::widens(
                Kind::Limit,
                // Without any limit, a client can flood the upstream.
                if now.limits.is_empty() { Risk::High } else { Risk::Medium },
                format!("the limit `{}` ({}) is removed", limit.name, shown(limit)),
                if now.limits.is_empty() {
                    "no limit is left on the route"
                } else {
                    "no other limit is as tight"
                },
            ),
        });
    }
    for limit in missing(&now.limits, &before.limits) {
        lines.push(match before.limits.iter().find(|other| other.name == limit.name) {
            Some(other) => Line::narrows(
                Kind::Limit,
                format!("the limit `{}` is {}, and was {}", limit.name, shown(limit), shown(other)),
                "a client that sends more requests gets 429",
            ),
            None => Line::narrows(
                Kind::Limit,
                format!("the limit `{}` is added: {}", limit.name, shown(limit)),
                "a client that sends more requests gets 429",
            ),
        });
    }
    if lines.is_empty() && before.limits != now.limits {
        lines.push(Line::neutral(
            Kind::Limit,
            Risk::Low,
            "the limits are written differently, with the same effect",
            "they may start counting again",
        ));
    }
    if before.on_limiter_error != now.on_limiter_error {
        let passes = |route: &RouteDocument| route.on_limiter_error == OnLimiterError::Allow;
        if before.limits.is_empty() || now.limits.is_empty() {
            let text =
                if passes(now) { "`on_limiter_error` is `allow`" } else { "`on_limiter_error` is `deny`" };
            lines.push(Line::neutral(
                Kind::OnLimiterError,
                Risk::Low,
                text,
                "only a route with limits uses it",
            ));
        } else {
            lines.extend(ON_LIMITER_ERROR.turned(passes(before), passes(now)));
        }
    }
    lines
}

/// The limits for which none of `others` is at least as tight.
fn missing<'l>(limits: &'l [LimitDocument], others: &[LimitDocument]) -> Vec<&'l LimitDocument> {
    limits.iter().filter(|limit| !others.iter().any(|other| is_as_tight(other, limit))).collect()
}

/// Whether `tight` denies every request that `loose` denies: it counts at least the same requests together, admits no
/// more at once (burst = quota) and refills no faster.
fn is_as_tight(tight: &LimitDocument, loose: &LimitDocument) -> bool {
    let coarser = keys(tight).all(|key| keys(loose).any(|other| other == key));
    let slower =
        u64::from(tight.quota) * u64::from(loose.window) <= u64::from(loose.quota) * u64::from(tight.window);
    coarser && tight.quota <= loose.quota && slower
}

/// The keys that tell clients apart. `route` does not: it is the same for all requests of a route.
fn keys(limit: &LimitDocument) -> impl Iterator<Item = &str> {
    limit.by.iter().map(String::as_str).filter(|key| *key != "route")
}

fn shown(limit: &LimitDocument) -> String {
    format!("{} in {} s by {}", limit.quota, limit.window, limit.by.join(" and "))
}
