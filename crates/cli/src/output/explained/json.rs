//! Answers as JSON of our own, version 1. Each step has the whole answer of `/api/explain`, in the same form.

use corsgate_explain::{Difference, End, Need, PageExplanation, PageRequest, Step, Unknown, explain};
use corsgate_policy::{Explanation, Kind};
use serde::Serialize;
use serde_json::Value;

use super::conclusion::Conclusion;
use super::{Ground, Question, words};
use crate::output::document;
use crate::output::trace::{self, At};

#[derive(Serialize)]
struct Explained<'q> {
    policy: &'q str,
    environment: Option<&'q str>,
    today: String,
    allowed: bool,
    requests: Vec<Value>,
    /// Nothing if no archive was asked about.
    archive: Option<ArchiveOf<'q>>,
    notes: &'q [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArchiveOf<'q> {
    name: &'q str,
    entries: usize,
    no_route_for_host: &'q std::collections::BTreeMap<String, usize>,
    unreadable: &'q std::collections::BTreeMap<String, usize>,
    without_page: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExplainedRequest<'t> {
    url: String,
    method: &'t str,
    origin: &'t str,
    credentials: bool,
    websocket: bool,
    count: usize,
    preflight: Preflight<'t>,
    verdict: Verdict<'t>,
    decided_by: Option<DecidedBy<'t>>,
    nearest: Option<Nearest<'t>>,
    console: Option<&'t str>,
    unknown: Vec<UnknownOf<'t>>,
    notes: &'t [String],
    steps: Vec<StepOf<'t>>,
}

#[derive(Serialize)]
struct Preflight<'t> {
    needed: bool,
    sentence: String,
    causes: Vec<CauseOf<'t>>,
}

#[derive(Serialize)]
struct CauseOf<'t> {
    what: &'static str,
    name: Option<&'t str>,
    why: Option<&'static str>,
}

#[derive(Serialize)]
struct Verdict<'t> {
    allowed: bool,
    end: &'static str,
    reason: Option<&'static str>,
    sentence: &'t str,
    advice: Option<&'t str>,
}

#[derive(Serialize)]
struct DecidedBy<'t> {
    what: &'t str,
    place: Option<&'t At>,
}

#[derive(Serialize)]
struct Nearest<'t> {
    entry: &'t str,
    differs: Difference,
    sentence: &'t str,
    place: Option<&'t At>,
}

#[derive(Serialize)]
struct UnknownOf<'t> {
    what: &'static str,
    name: &'t str,
}

#[derive(Serialize)]
struct StepOf<'t> {
    kind: &'static str,
    method: &'t str,
    headers: Vec<Header<'t>>,
    /// The browser keeps the answer from the page, or does not go on.
    blocked: bool,
    console: Option<&'t str>,
    answer: Answer<'t>,
    /// The place in the file of the rule behind each check of the trace.
    places: Vec<Option<At>>,
    explanation: &'t Explanation<'t>,
}

#[derive(Serialize)]
struct Answer<'t> {
    /// Nothing where the upstream answers.
    status: Option<u16>,
    headers: Vec<Header<'t>>,
}

#[derive(Serialize)]
struct Header<'t> {
    name: &'t str,
    value: &'t str,
}

/// The whole document, and whether all is allowed.
pub(super) fn render(ground: &Ground<'_>, question: &Question) -> serde_json::Result<(String, bool)> {
    let (mut requests, mut allowed) = (Vec::new(), true);
    for (asked, count) in &question.requests {
        let value = explain(ground.texts.compiled.policy(), asked, ground.kv, ground.today, |explained| {
            let conclusion = Conclusion::new(asked, explained, ground);
            allowed &= conclusion.allowed;
            request(asked, *count, explained, &conclusion, ground)
        });
        requests.push(value?);
    }
    let content = Explained {
        policy: ground.texts.policy.name(),
        environment: ground.environment,
        today: ground.today.to_string(),
        allowed,
        requests,
        archive: question.archive.as_ref().map(|(name, har)| ArchiveOf {
            name,
            entries: har.entries,
            no_route_for_host: &har.elsewhere,
            unreadable: &har.unreadable,
            without_page: har.without_page,
        }),
        notes: &question.notes,
    };
    document::versioned(content).map(|json| (json, allowed))
}

fn request<'t>(
    asked: &'t PageRequest,
    count: usize,
    explained: &'t PageExplanation<'t>,
    conclusion: &'t Conclusion,
    ground: &Ground<'_>,
) -> serde_json::Result<Value> {
    let need = asked.need();
    let causes = match &need {
        Need::Yes(causes) => &causes[..],
        Need::No(_) => &[],
    };
    let request = ExplainedRequest {
        url: asked.page_url(),
        method: asked.method(),
        origin: asked.origin(),
        credentials: asked.has_credentials(),
        websocket: asked.is_websocket(),
        count,
        preflight: Preflight {
            needed: matches!(need, Need::Yes(_)),
            sentence: words::need(&need),
            causes: causes
                .iter()
                .map(words::parts)
                .map(|(what, name, why)| CauseOf { what, name, why })
                .collect(),
        },
        verdict: verdict(explained, conclusion),
        decided_by: conclusion
            .decided_by
            .as_ref()
            .map(|(what, place)| DecidedBy { what, place: place.as_ref() }),
        nearest: conclusion.nearest.as_ref().map(|near| Nearest {
            entry: &near.entry,
            differs: near.differs,
            sentence: &near.sentence,
            place: near.place.as_ref(),
        }),
        console: conclusion.console.as_deref(),
        unknown: explained.unknown.iter().map(unknown).collect(),
        notes: &conclusion.notes,
        steps: explained.steps.iter().map(|it| step(it, ground)).collect(),
    };
    serde_json::to_value(request)
}

fn verdict<'t>(explained: &PageExplanation<'_>, conclusion: &'t Conclusion) -> Verdict<'t> {
    let (end, reason) = match explained.end {
        End::Allowed => ("allowed", None),
        End::LeftToUpstream(reason) => ("left_to_upstream", reason),
        End::Refused(reason) => ("refused", Some(reason)),
        End::Stripped(reason) => ("stripped", Some(reason)),
        End::Blocked => ("blocked", None),
    };
    Verdict {
        allowed: conclusion.allowed,
        end,
        reason: reason.map(|reason| reason.name()),
        sentence: &conclusion.verdict,
        advice: conclusion.advice.as_deref(),
    }
}

fn unknown(unknown: &Unknown) -> UnknownOf<'_> {
    match unknown {
        Unknown::List(name) => UnknownOf { what: "list", name },
        Unknown::Key(name) => UnknownOf { what: "key", name },
    }
}

fn step<'t>(step: &'t Step<'t>, ground: &Ground<'_>) -> StepOf<'t> {
    let explanation = &step.explanation;
    StepOf {
        kind: match step.sent.kind() {
            Kind::Preflight => "preflight",
            Kind::Actual => "actual",
            Kind::Handshake => "websocket",
        },
        method: step.sent.method(),
        headers: step.sent.headers().into_iter().map(|(name, value)| Header { name, value }).collect(),
        blocked: step.blocked.is_some(),
        console: step.console.as_deref(),
        answer: Answer {
            status: explanation.status(),
            headers: explanation.written().map(|(name, value)| Header { name, value }).collect(),
        },
        places: trace::lines(explanation.trace(), &ground.texts).into_iter().map(|line| line.place).collect(),
        explanation,
    }
}
