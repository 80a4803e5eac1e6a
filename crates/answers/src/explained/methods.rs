//! What is said of a method that a route does not allow, and that differs only in case from one that is listed or in use.

use corsgate_explain::{Difference, PageRequest, Step, meant_method, nearest_method};
use corsgate_policy::decision::trace::Check;
use corsgate_policy::grammar::token::members;
use corsgate_policy::{Reason, Route};

use super::conclusion::NearMiss;
use super::{Ground, words};
use crate::trace::At;

/// The methods that the route lists, as `Access-Control-Allow-Methods` has them.
pub(super) fn listed<'s>(step: &'s Step<'_>) -> Option<&'s str> {
    step.explanation.trace().iter().find_map(|check| match check {
        Check::Method { allowed, .. } => Some(&**allowed),
        _ => None,
    })
}

/// The listed method from which that of the request differs only in case.
pub(super) fn near_miss(request: &PageRequest, step: &Step<'_>, ground: &Ground<'_>) -> Option<NearMiss> {
    let method = request.method();
    let entry = nearest_method(method, members(listed(step)?))?;
    let route = step.decision.route.map(Route::name);
    let span = ground.texts.compiled.place_of_setting(route, &["cors", "methods"]);
    let place = span.map(|span| At::of(span, ground.texts.policy));
    let at = place.as_ref().map(|at| format!(" ({at})")).unwrap_or_default();
    let sentence = format!("`{method}` differs only in case from `{entry}`, which is listed{at}");
    Some(NearMiss { entry: entry.to_owned(), differs: Difference::Case, sentence, place })
}

/// How to make a request with this method succeed that is refused for this reason.
pub(super) fn advice(method: &str, reason: Reason, listed: Option<&str>) -> String {
    let Some(meant) = meant_method(method).filter(|_| reason == Reason::MethodNotAllowed) else {
        return reason.detail().to_owned();
    };
    let is_listed = listed.is_some_and(|listed| members(listed).any(|known| known == meant));
    let and = if is_listed { String::new() } else { format!(" The route's `methods` must have `{meant}`.") };
    format!("{}{and}", words::write_method(meant))
}
