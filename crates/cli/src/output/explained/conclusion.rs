//! The conclusion from the result of a request: the verdict, the deciding rule, and the nearest entry.

use corsgate_explain::{
    Blocked, Difference, End, Near, PageExplanation, PageRequest, Step, Unknown, nearest,
};
use corsgate_policy::decision::trace::{Check, ListResult, ListSource};
use corsgate_policy::response::headers::CLOSE_REFUSED;
use corsgate_policy::{Kind, Reason, Route};

use super::Ground;
use crate::output::trace::{self, At};

/// The conclusion about a request.
pub(super) struct Conclusion {
    pub(super) allowed: bool,
    /// In a sentence.
    pub(super) verdict: String,
    /// The deciding rule, and its place in the file.
    pub(super) decided_by: Option<(String, Option<At>)>,
    pub(super) nearest: Option<NearMiss>,
    /// How to make the request succeed.
    pub(super) advice: Option<String>,
    /// The line that Chromium prints, if it prints one.
    pub(super) console: Option<String>,
    /// Sentences about what is not known.
    pub(super) notes: Vec<String>,
}

/// The entry that the origin misses by one difference.
pub(super) struct NearMiss {
    pub(super) entry: String,
    pub(super) differs: Difference,
    pub(super) sentence: String,
    pub(super) place: Option<At>,
}

impl Conclusion {
    pub(super) fn new(request: &PageRequest, explained: &PageExplanation<'_>, ground: &Ground<'_>) -> Self {
        let last = explained.steps.last();
        let reason = match explained.end {
            End::Refused(reason) | End::Stripped(reason) | End::LeftToUpstream(Some(reason)) => Some(reason),
            End::LeftToUpstream(None) | End::Allowed | End::Blocked => None,
        };
        let blocked = last.and_then(|step| step.blocked.as_ref()).filter(|_| explained.end == End::Blocked);
        Self {
            allowed: explained.end.is_allowed(),
            verdict: verdict(request, explained, last),
            decided_by: last.and_then(|step| decided_by(step, reason, blocked, ground)),
            nearest: last.and_then(|step| near_miss(request, step, reason?, ground)),
            advice: match (blocked, reason) {
                (Some(_), _) => Some(
                    "let the page leave cookies out (`credentials: \"same-origin\"`), or set `credentials = true` on the route, with each origin listed."
                        .to_owned(),
                ),
                (None, reason) => reason.map(|reason| reason.detail().to_owned()),
            },
            console: last.and_then(|step| step.console.clone()),
            notes: explained.unknown.iter().map(|unknown| note(unknown, reason)).collect(),
        }
    }
}

fn verdict(request: &PageRequest, explained: &PageExplanation<'_>, last: Option<&Step<'_>>) -> String {
    let asked_first = explained.steps.len() > 1;
    let kind = last.map_or(Kind::Actual, |step| step.decision.kind);
    let status = last.and_then(|step| step.explanation.status()).unwrap_or_default();
    let route = last.and_then(|step| step.decision.route).map(Route::name).unwrap_or_default();
    match explained.end {
        End::Allowed if request.is_websocket() => {
            "allowed: the handshake goes to the upstream, and the page gets its WebSocket".to_owned()
        }
        End::Allowed if request.is_same_origin() => {
            "allowed: the page has the gateway's own origin, so CORS does not apply".to_owned()
        }
        End::Allowed if asked_first => {
            "allowed: the preflight succeeds, and the page may read the response to the request".to_owned()
        }
        End::Allowed => "allowed: the page may read the response".to_owned(),
        End::LeftToUpstream(None) => {
            format!("left to the upstream: the route `{route}` only reports, and would allow it")
        }
        End::LeftToUpstream(Some(reason)) => format!(
            "left to the upstream: the route `{route}` only reports; if it enforced, it would refuse: `{reason}`"
        ),
        End::Refused(reason) => {
            let how = match kind {
                Kind::Preflight if status < 300 => {
                    "the gateway's response to the preflight does not allow it, so the browser never sends the request".to_owned()
                }
                Kind::Preflight => {
                    format!("the gateway responds to the preflight with {status}, so the browser never sends the request")
                }
                Kind::Handshake if status < 300 => {
                    format!("the gateway accepts the WebSocket and closes it with {CLOSE_REFUSED}; the handshake does not reach the upstream")
                }
                Kind::Handshake => {
                    format!("the gateway responds to the handshake with {status}; it does not reach the upstream")
                }
                Kind::Actual => {
                    format!("the gateway responds with {status}; the request does not reach the upstream")
                }
            };
            format!("refused: `{reason}`: {how}")
        }
        End::Stripped(reason) => {
            format!("refused: `{reason}`: the upstream gets the request, but the page may not read the response")
        }
        End::Blocked => {
            "refused by the browser: the page sends cookies, but the gateway's response does not allow credentials"
                .to_owned()
        }
    }
}

/// The entry that lists the origin, or the setting that refuses.
fn decided_by(
    step: &Step<'_>,
    reason: Option<Reason>,
    blocked: Option<&Blocked>,
    ground: &Ground<'_>,
) -> Option<(String, Option<At>)> {
    let compiled = ground.texts.compiled;
    let route = step.decision.route.map(Route::name);
    let setting = |keys: &[&str]| {
        let keys: Vec<_> = match route {
            Some(_) => ["cors"].iter().chain(keys).copied().collect(),
            None => keys.to_vec(),
        };
        compiled.place_of_setting(route, &keys).map(|span| At::of(span, ground.texts.policy))
    };
    if blocked.is_some() {
        return Some(("`credentials`".to_owned(), setting(&["credentials"])));
    }
    match reason {
        Some(Reason::MethodNotAllowed) => Some(("`methods`".to_owned(), setting(&["methods"]))),
        Some(Reason::HeaderNotAllowed) => {
            Some(("`request_headers`".to_owned(), setting(&["request_headers"])))
        }
        Some(Reason::OriginNotListed | Reason::OriginMalformed | Reason::OriginNull) => {
            route.map(|route| (format!("the origins of route `{route}`"), setting(&["origins"])))
        }
        Some(Reason::WebsocketOriginMissing) => {
            let span = compiled.place_of_setting(route, &["websocket"]);
            Some(("`require_origin`".to_owned(), span.map(|span| At::of(span, ground.texts.policy))))
        }
        Some(Reason::OriginExpired) | None => {
            let wanted = if reason.is_some() { ListResult::Expired } else { ListResult::Listed };
            let checks = step.explanation.trace();
            let at = checks
                .iter()
                .rposition(|check| matches!(check, Check::List { result, .. } if *result == wanted))?;
            let Some(Check::List { entry: Some(entry), .. }) = checks.get(at) else { return None };
            let place = trace::lines(checks, &ground.texts).into_iter().nth(at).and_then(|line| line.place);
            Some((format!("the entry `{entry}`"), place))
        }
        Some(_) => None,
    }
}

fn near_miss(
    request: &PageRequest,
    step: &Step<'_>,
    reason: Reason,
    ground: &Ground<'_>,
) -> Option<NearMiss> {
    if !matches!(reason, Reason::OriginNotListed | Reason::OriginMalformed) {
        return None;
    }
    let route = step.decision.route.map(Route::name);
    let in_policy: Vec<_> = ground.texts.compiled.entries(route).collect();
    // Of the lists in KV those that the route asks.
    let asked = |key: &str| {
        let is = |check: &Check<'_>| matches!(check, Check::List { source: ListSource::KvList, key: Some(asked), .. } if asked == key);
        step.explanation.trace().iter().any(is)
    };
    let in_kv: Vec<_> = ground.kv.entries().filter(|(_, key)| asked(key)).collect();
    let all = in_policy.iter().map(|(entry, _)| *entry).chain(in_kv.iter().map(|(entry, _)| *entry));
    let Near { entry, differs } = nearest(request.origin(), all)?;
    let span = in_policy.iter().find(|(known, _)| *known == entry).and_then(|(_, span)| *span);
    let place = match span {
        Some(span) => Some(At::of(span, ground.texts.policy)),
        None => {
            ground.texts.lists.iter().filter(|file| asked(&file.key)).find_map(|file| file.place_of(entry))
        }
    };
    let at = place.as_ref().map(|at| format!(" ({at})")).unwrap_or_default();
    let sentence = format!("`{}` {} `{entry}`{at}", request.origin(), differs.phrase());
    Some(NearMiss { entry: entry.to_owned(), differs, sentence, place })
}

/// Notes about lists and keys that were not given and treated as empty.
fn note(unknown: &Unknown, reason: Option<Reason>) -> String {
    let matters = matches!(reason, Some(Reason::OriginNotListed | Reason::OriginExpired));
    let but = if matters { "; if it has the origin, the result is different" } else { "" };
    match unknown {
        Unknown::List(name) => format!(
            "the list `{name}` is in KV and was not given, so it is treated as empty{but}: `--list {name}=FILE`"
        ),
        Unknown::Key(key) => {
            let but = if matters { "; if it exists, the result is different" } else { "" };
            format!("the key `{key}` of KV was not given, so it is treated as absent{but}: `--key '{key}'`")
        }
    }
}
