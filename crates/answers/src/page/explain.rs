//! What becomes of a request under a policy, and why: the document of `corsgate explain`, for each browser.

use std::collections::BTreeMap;

use corsgate_authoring::EnvironmentPolicy;
use corsgate_explain::copied::Kind;
use corsgate_explain::{Browser, Kv, Step};
use corsgate_policy::Policy;
use corsgate_policy::kv::list_key;
use serde::{Deserialize, Serialize};

use super::{Answer, NoAnswer, PolicyOnDay, text};
use crate::explained::{Asked as AskedRequest, Facts, Ground, Question, concluded, json, of_text};
use crate::trace::{self, At, Line, ListFile, Texts};

/// The browsers whose sentences a page shows.
const BROWSERS: [Browser; 3] = [Browser::Chrome, Browser::Firefox, Browser::Safari];

/// The input of `explain`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Asked {
    #[serde(flatten)]
    on: PolicyOnDay,
    #[serde(default)]
    request: Request,
    /// What somebody copied; the request's fields then replace what it says.
    copied: Option<String>,
    /// The contents of lists in KV, by name.
    #[serde(default)]
    lists: BTreeMap<String, String>,
    /// Keys in KV, each with its value.
    #[serde(default)]
    keys: BTreeMap<String, String>,
}

/// A request of a page. What is absent or empty is not said.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Request {
    url: String,
    origin: String,
    method: String,
    /// `NAME=VALUE`, or `NAME` where the value is unknown.
    headers: Vec<String>,
    credentials: bool,
    websocket: bool,
}

impl Request {
    /// The facts beside what was copied.
    pub(super) fn facts(&self, browser: Browser) -> Facts<'_> {
        fn said(text: &str) -> Option<&str> {
            Some(text).filter(|text| !text.is_empty())
        }
        Facts {
            url: said(&self.url),
            origin: said(&self.origin),
            method: said(&self.method),
            headers: &self.headers,
            credentials: self.credentials,
            websocket: self.websocket,
            browser: Some(browser),
        }
    }
}

/// `explain`: an object with a document for each browser, and under `lines` the checks of each step as the tool prints
/// them.
pub(super) fn explain(asked: &Asked) -> Answer {
    let source = asked.on.source()?;
    let today = asked.on.today()?;
    let environment = asked.on.environment.as_deref();
    let compiled = EnvironmentPolicy::new(&source, environment)
        .map_err(|report| NoAnswer::of_reports(&[("policy", &report, &source)]))?;
    let (kv, lists, notes) = read_kv(asked, compiled.policy())?;
    let texts = Texts { policy: &source, compiled: &compiled, lists: &lists };
    let ground = Ground { texts, environment, kv: &kv, today };
    let mut documents = Vec::new();
    for browser in BROWSERS {
        let question = question(asked, browser, compiled.policy(), notes.clone())?;
        let (document, _) = json::render(browser, Some(&ground), &question)?;
        let name = browser.to_string().to_ascii_lowercase();
        documents.push(format!("\"{name}\":{}", document.trim_end()));
    }
    let question = question(asked, Browser::default(), compiled.policy(), Vec::new())?;
    let lines = serde_json::to_string(&lines(&question, &ground))?;
    Ok(format!("{{{},\"lines\":{lines}}}", documents.join(",")))
}

/// A check as the tool prints it.
#[derive(Serialize)]
struct LineOf {
    mark: &'static str,
    name: &'static str,
    text: String,
    place: Option<At>,
}

/// The checks of each step of each request.
fn lines(question: &Question, ground: &Ground<'_>) -> Vec<Vec<Vec<LineOf>>> {
    let of_step = |step: &Step<'_>| {
        let lines = trace::lines(step.explanation.trace(), &ground.texts).into_iter();
        lines
            .map(|Line { mark, name, text, place }| LineOf { mark: mark.name(), name, text, place })
            .collect()
    };
    let of_request = |asked: &AskedRequest| {
        concluded(asked, Browser::default(), Some(ground), |explained, _| {
            explained.into_iter().flat_map(|it| &it.steps).map(of_step).collect()
        })
    };
    question.asked.iter().map(of_request).collect()
}

fn question(
    asked: &Asked,
    browser: Browser,
    policy: &Policy,
    notes: Vec<String>,
) -> Result<Question, NoAnswer> {
    let facts = asked.request.facts(browser);
    match &asked.copied {
        Some(copied) => {
            let (question, _) = of_text(Kind::of(copied), copied, None, &facts, Some(policy), notes)?;
            Ok(question)
        }
        None if facts.url.is_none() => Err(NoAnswer::sentence("write the URL that the page requests")),
        None if facts.origin.is_none() => Err(NoAnswer::sentence(
            "write the origin of the page that sends the request, such as `https://app.example.com`",
        )),
        None => Ok(facts.question(&[], notes)?),
    }
}

/// The contents of KV, and notes about mistakes in it. A list that the policy does not have is left out: the policy is
/// being written.
fn read_kv(asked: &Asked, policy: &Policy) -> Result<(Kv, Vec<ListFile>, Vec<String>), NoAnswer> {
    let (mut kv, mut files, mut notes) = (Kv::default(), Vec::new(), Vec::new());
    for (name, list) in &asked.lists {
        let source = text(name, list)?;
        match kv.add_list(policy, name, source.text()) {
            Ok(sentences) => {
                notes.extend(sentences.into_iter().map(|sentence| format!("`{name}`: {sentence}")));
                files.push(ListFile { key: list_key(name), source });
            }
            Err(unknown) => notes.push(unknown.to_string()),
        }
    }
    for (key, value) in &asked.keys {
        if let Err(error) = kv.add_key(key, value) {
            notes.push(error.to_string());
        }
    }
    Ok((kv, files, notes))
}
