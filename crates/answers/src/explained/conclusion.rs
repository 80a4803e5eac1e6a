//! The conclusion from the result of a request: the verdict, the deciding rule, and the nearest entry.

use corsgate_explain::{
    Blocked, Browser, Difference, End, Near, PageExplanation, PageRequest, Step, Unknown, nearest,
};
use corsgate_policy::decision::trace::{Check, ListResult, ListSource};
use corsgate_policy::response::headers::CLOSE_REFUSED;
use corsgate_policy::{Kind, Reason, Route};

use super::{Ground, methods, words};
use crate::trace::{self, At, Texts};

/// The conclusion about a request.
pub struct Conclusion {
    /// Whether the request works, as far as is known.
    pub allowed: bool,
    /// The verdict as a sentence.
    pub verdict: String,
    /// The deciding rule, and its place in the file.
    pub decided_by: Option<(String, Option<At>)>,
    /// The entry that the origin nearly is.
    pub nearest: Option<NearMiss>,
    /// How to make the request succeed.
    pub advice: Option<String>,
    /// What else is wrong, in the order in which the browser trips over it.
    pub also: Vec<String>,
    /// What was seen, beside the verdict.
    pub seen: Vec<String>,
    /// How it ends, for programs.
    pub end: &'static str,
    /// The reason of a refusal, by name.
    pub reason: Option<&'static str>,
    /// The line that the browser prints, if it prints one.
    pub console: Option<String>,
    /// Notes about what is unknown.
    pub notes: Vec<String>,
}

/// The entry from which the origin differs in only one way.
pub struct NearMiss {
    /// The entry, as the policy or the list writes it.
    pub entry: String,
    /// In what it differs.
    pub differs: Difference,
    /// Both in a sentence.
    pub sentence: String,
    /// The place of the entry.
    pub place: Option<At>,
}

impl Conclusion {
    /// Nothing is known yet.
    #[must_use]
    pub fn blank() -> Self {
        Self {
            allowed: false,
            verdict: String::new(),
            decided_by: None,
            nearest: None,
            advice: None,
            also: Vec::new(),
            seen: Vec::new(),
            end: "failed",
            reason: None,
            console: None,
            notes: Vec::new(),
        }
    }

    /// What follows from an explanation.
    #[must_use]
    pub fn new(
        request: &PageRequest,
        explained: &PageExplanation<'_>,
        ground: &Ground<'_>,
        browser: Browser,
    ) -> Self {
        let last = explained.steps.last();
        let reason = match explained.end {
            End::Refused(reason) | End::Stripped(reason) | End::LeftToUpstream(Some(reason)) => Some(reason),
            End::LeftToUpstream(None) | End::Allowed | End::Blocked => None,
        };
        let faults = last.map(|step| step.faults.as_slice()).unwrap_or_default();
        // The gateway names what it refuses, and the browser may trip over something else before.
        let is_browsers = faults.first().is_some_and(|first| {
            let is_cookies = matches!(first, Blocked::Credentials(_) | Blocked::AnyOriginWithCredentials);
            is_cookies && matches!(reason, None | Some(Reason::MethodNotAllowed | Reason::HeaderNotAllowed))
        });
        let blocked = faults.first().filter(|_| is_browsers);
        let also = faults.iter().skip(1).map(|fault| match (fault, reason) {
            (Blocked::Method(_), Some(reason @ Reason::MethodNotAllowed))
            | (Blocked::Header(_), Some(reason @ Reason::HeaderNotAllowed)) => {
                format!("`{reason}`: {}", words::fault(fault))
            }
            _ => words::fault(fault),
        });
        let also = also.collect();
        let (end, verdict) = match blocked {
            Some(_) => ("blocked", verdict(request, End::Blocked, explained, last)),
            None => (name(explained.end), verdict(request, explained.end, explained, last)),
        };
        Self {
            allowed: explained.end.is_allowed(),
            verdict,
            decided_by: last.and_then(|step| decided_by(step, reason, blocked, ground)),
            nearest: last.and_then(|step| match reason? {
                Reason::MethodNotAllowed => methods::near_miss(request, step, ground),
                reason => near_miss(request, step, reason, ground),
            }),
            advice: match (blocked, reason) {
                (Some(_), _) => Some(
                    "let the page leave cookies out (`credentials: \"same-origin\"`), or set `credentials = true` on the route, with each origin listed."
                        .to_owned(),
                ),
                (None, reason) => reason.map(|reason| advice(request, reason, last, ground)),
            },
            also,
            seen: Vec::new(),
            end,
            reason: reason.map(Reason::name),
            console: last.and_then(|step| step.console(browser, request)),
            notes: explained.unknown.iter().map(|unknown| note(unknown, reason)).collect(),
        }
    }
}

/// Whether a response with this status and this first fault is what the gateway would answer by this policy.
#[must_use]
pub fn agrees(explained: &PageExplanation<'_>, preflight: bool, status: u16, fault: &Blocked) -> bool {
    explained.steps.last().is_some_and(|step| {
        let predicted = step.explanation.status();
        (step.decision.kind == Kind::Preflight) == preflight
            && step.blocked() == Some(fault)
            && predicted.is_none_or(|predicted| predicted == status || predicted < 300 && status < 300)
    })
}

fn name(end: End) -> &'static str {
    match end {
        End::Allowed => "allowed",
        End::LeftToUpstream(_) => "left_to_upstream",
        End::Refused(_) => "refused",
        End::Stripped(_) => "stripped",
        End::Blocked => "blocked",
    }
}

fn verdict(
    request: &PageRequest,
    end: End,
    explained: &PageExplanation<'_>,
    last: Option<&Step<'_>>,
) -> String {
    let asked_first = explained.steps.len() > 1;
    let kind = last.map_or(Kind::Actual, |step| step.decision.kind);
    let status = last.and_then(|step| step.explanation.status()).unwrap_or_default();
    let route = last.and_then(|step| step.decision.route).map(Route::name).unwrap_or_default();
    match end {
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

/// What to do about a refusal: what the response says, and the environment that would fit.
fn advice(request: &PageRequest, reason: Reason, last: Option<&Step<'_>>, ground: &Ground<'_>) -> String {
    let unrouted = last.and_then(|step| step.decision.unrouted());
    let listed = last.and_then(methods::listed);
    let mut advice = unrouted
        .map_or_else(|| methods::advice(request.method(), reason, listed), |unrouted| unrouted.to_string());
    let Texts { policy, compiled, .. } = &ground.texts;
    if let Some(other) = last.and_then(|step| trace::environment(step.explanation.trace(), policy, compiled))
    {
        advice.push_str(&format!(" The {}.", other.text));
    }
    advice
}

/// The entry that lists the origin, or the setting that causes the rejection.
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
    // Only the lists in KV that the route reads.
    let asked = |key: &str| {
        let is = |check: &Check<'_>| matches!(check, Check::List { source: ListSource::KvList, key: Some(asked), .. } if asked == key);
        step.explanation.trace().iter().any(is)
    };
    let in_kv: Vec<_> = ground.kv.entries().filter(|(_, key)| asked(key)).collect();
    let all = in_policy.iter().map(|(entry, _)| *entry).chain(in_kv.iter().map(|(entry, _)| &**entry));
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

/// Notes about lists and keys that were not given and count as empty.
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
