//! Explanations as JSON in the tool's own format, version 1. Each step has the whole answer of `/api/explain`, in the
//! same form.

use std::collections::BTreeMap;

use corsgate_explain::{Browser, Difference, Need, PageExplanation, Step, Unknown};
use corsgate_policy::{Explanation, Kind};
use serde::Serialize;
use serde_json::Value;

use super::conclusion::Conclusion;
use super::evidence::of_line_alone;
use super::from_presets::from_presets;
use super::live::LiveStep;
use super::{Asked, Ground, Question, concluded, words};
use crate::document;
use crate::trace::{self, At};

#[derive(Serialize)]
struct Explained<'q> {
    /// Nothing if there is no policy.
    policy: Option<&'q str>,
    environment: Option<&'q str>,
    today: Option<String>,
    browser: String,
    allowed: bool,
    requests: Vec<Value>,
    /// What follows from a line of the console that does not name its request.
    line: Option<Verdict<'q>>,
    /// The same for more lines.
    #[serde(rename = "moreLines", skip_serializing_if = "Vec::is_empty")]
    more_lines: Vec<Verdict<'q>>,
    /// Absent unless an archive is explained.
    archive: Option<ArchiveOf<'q>>,
    notes: &'q [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArchiveOf<'q> {
    name: &'q str,
    entries: usize,
    no_route_for_host: BTreeMap<&'q str, usize>,
    failed_by_browser: Vec<FailedByBrowser<'q>>,
    without_cors: &'q BTreeMap<&'static str, usize>,
    readable: usize,
    unreadable: &'q BTreeMap<String, usize>,
    without_page: usize,
    without_headers: usize,
    without_target: usize,
}

/// What a browser failed by itself on a host without a route.
#[derive(Serialize)]
struct FailedByBrowser<'q> {
    host: &'q str,
    error: &'static str,
    sentence: &'static str,
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
    /// What else is wrong.
    also: &'t [String],
    /// What was seen, beside the verdict.
    seen: &'t [String],
    console: Option<&'t str>,
    unknown: Vec<UnknownOf<'t>>,
    notes: &'t [String],
    steps: Vec<StepOf<'t>>,
    /// The answers of a running gateway.
    live: Vec<&'t Value>,
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
#[serde(rename_all = "camelCase")]
struct StepOf<'t> {
    kind: &'static str,
    method: &'t str,
    headers: Vec<Header<'t>>,
    /// The browser withholds the response from the page, or does not send the next request.
    blocked: bool,
    console: Option<String>,
    answer: Answer<'t>,
    /// The presets that the names in the answer's headers come from, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    from_presets: BTreeMap<String, Vec<&'static str>>,
    /// The place in the file of the rule behind each check of the trace.
    places: Vec<Option<At>>,
    explanation: &'t Explanation<'t>,
}

#[derive(Serialize)]
struct Answer<'t> {
    /// Absent if the upstream answers.
    status: Option<u16>,
    headers: Vec<Header<'t>>,
}

#[derive(Serialize)]
struct Header<'t> {
    name: &'t str,
    value: &'t str,
}

/// The whole document, and whether everything is allowed.
///
/// # Errors
/// If it cannot be JSON.
pub fn render(
    browser: Browser,
    ground: Option<&Ground<'_>>,
    question: &Question,
) -> serde_json::Result<(String, bool)> {
    let (mut requests, mut allowed) = (Vec::new(), true);
    for asked in &question.asked {
        let value = concluded(asked, browser, ground, |explained, conclusion| {
            allowed &= conclusion.allowed;
            request(asked, browser, explained, conclusion, ground)
        });
        requests.push(value?);
    }
    let lines: Vec<_> = question.lines.iter().map(of_line_alone).collect();
    allowed &= lines.is_empty();
    let archive = question.archive.as_ref().map(|(name, har)| ArchiveOf {
        name,
        entries: har.entries,
        no_route_for_host: har
            .elsewhere
            .iter()
            .filter(|(_, (_, errors))| errors.is_empty())
            .map(|(host, (count, _))| (host.as_str(), *count))
            .collect(),
        failed_by_browser: har
            .elsewhere
            .iter()
            .flat_map(|(host, (_, errors))| errors.iter().map(move |error| (host, error)))
            .map(|(host, error)| FailedByBrowser { host, error: error.name(), sentence: error.sentence() })
            .collect(),
        without_cors: &har.without_cors,
        readable: har.readable,
        unreadable: &har.unreadable,
        without_page: har.without_page,
        without_headers: har.without_headers,
        without_target: har.without_target,
    });
    allowed &= question.archive.as_ref().is_none_or(|(_, har)| har.is_fine_elsewhere());
    let content = Explained {
        policy: ground.map(|ground| ground.texts.policy.name()),
        environment: ground.and_then(|ground| ground.environment),
        today: ground.map(|ground| ground.today.to_string()),
        browser: browser.to_string().to_ascii_lowercase(),
        allowed,
        requests,
        line: lines.first().map(verdict),
        more_lines: lines.iter().skip(1).map(verdict).collect(),
        archive,
        notes: &question.notes,
    };
    document::versioned(content).map(|json| (json, allowed))
}

fn request<'t>(
    question: &'t Asked,
    browser: Browser,
    explained: Option<&'t PageExplanation<'t>>,
    conclusion: &'t Conclusion,
    ground: Option<&Ground<'_>>,
) -> serde_json::Result<Value> {
    let asked = &question.request;
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
        count: question.count,
        preflight: Preflight {
            needed: matches!(need, Need::Yes(_)),
            sentence: words::need(&need),
            causes: causes
                .iter()
                .map(words::parts)
                .map(|(what, name, why)| CauseOf { what, name, why })
                .collect(),
        },
        verdict: verdict(conclusion),
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
        also: &conclusion.also,
        seen: &conclusion.seen,
        console: conclusion.console.as_deref(),
        unknown: explained.into_iter().flat_map(|it| &it.unknown).map(unknown).collect(),
        notes: &conclusion.notes,
        steps: match (explained, ground) {
            (Some(explained), Some(ground)) => {
                explained.steps.iter().map(|it| step(it, question, browser, ground)).collect()
            }
            _ => Vec::new(),
        },
        live: question.live.iter().flat_map(|live| &live.steps).map(LiveStep::raw).collect(),
    };
    serde_json::to_value(request)
}

fn verdict(conclusion: &Conclusion) -> Verdict<'_> {
    Verdict {
        allowed: conclusion.allowed,
        end: conclusion.end,
        reason: conclusion.reason,
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

fn step<'t>(step: &'t Step<'t>, asked: &Asked, browser: Browser, ground: &Ground<'_>) -> StepOf<'t> {
    let explanation = &step.explanation;
    StepOf {
        kind: match step.sent.kind() {
            Kind::Preflight => "preflight",
            Kind::Actual => "actual",
            Kind::Handshake => "websocket",
        },
        method: step.sent.method(),
        headers: step.sent.headers().into_iter().map(|(name, value)| Header { name, value }).collect(),
        blocked: step.blocked().is_some(),
        // The browser prints nothing about CORS for a request that needs none.
        console: step.console(browser, &asked.request).filter(|_| asked.is_of_cors()),
        answer: Answer {
            status: explanation.status(),
            headers: explanation.written().map(|(name, value)| Header { name, value }).collect(),
        },
        from_presets: from_presets(step, ground),
        places: trace::lines(explanation.trace(), &ground.texts).into_iter().map(|line| line.place).collect(),
        explanation,
    }
}
