//! What was seen of a request (an archive's entry, a line of the console), put beside what the policy says. Without a policy
//! it is all there is.

use corsgate_explain::browser_error::BrowserError;
use corsgate_explain::copied::console_line::ConsoleLine;
use corsgate_explain::copied::response_head::Judged;
use corsgate_explain::har::{Cached, Ending, Redirected, Seen};
use corsgate_explain::{Browser, Need, PageExplanation, PageRequest, sentences};

use super::conclusion::{Conclusion, agrees};
use super::lines::{Predicted, of_line};
use super::live::Live;
use super::responses::of_response;
use super::undecided::UNDECIDED;
use super::{cached, redirected, words};

/// What is asked about: a request, and what was seen of it.
pub struct Asked {
    /// The request, as a page would make it.
    pub request: PageRequest,
    /// What was seen of it.
    pub evidence: Evidence,
    /// How often it is in the archive.
    pub count: usize,
    /// What a running gateway says.
    pub live: Option<Live>,
    /// Why an entry of an archive that a server refused or that failed needs no CORS.
    pub without_cors: Option<&'static str>,
}

/// What was seen of a request.
pub enum Evidence {
    /// Nothing: only the request is known.
    None,
    /// An entry of an archive.
    Entry {
        /// What became of the request.
        ending: Ending,
        /// What the browser says of a failure, word for word, and what that is.
        error: Option<(String, BrowserError)>,
        /// Where a redirect led, if it is the response there that the page did not get.
        redirected: Option<Redirected>,
        /// The browser took the response out of its cache.
        cached: Option<Cached>,
    },
    /// The response's own headers, and what they do not show.
    Response(Judged),
    /// A line of the console.
    Line(Box<ConsoleLine>),
    /// The request needs no CORS, for this reason.
    WithoutCors(&'static str),
}

impl Asked {
    /// Whether the browser checks CORS for the request.
    #[must_use]
    pub fn is_of_cors(&self) -> bool {
        self.without_cors.is_none() && !matches!(self.evidence, Evidence::WithoutCors(_))
    }

    /// An entry of an archive.
    #[must_use]
    pub fn of_entry(seen: Seen) -> Self {
        let Seen { request, ending, error, redirected, cached, count, without_cors } = seen;
        let evidence = Evidence::Entry { ending, error, redirected, cached };
        Self { request, evidence, count, live: None, without_cors }
    }
}

/// Adds what was seen to what the policy says, if there is one.
pub fn weigh(
    conclusion: &mut Conclusion,
    asked: &Asked,
    explained: Option<&PageExplanation<'_>>,
    browser: Browser,
) {
    match &asked.evidence {
        Evidence::None => {}
        Evidence::Entry { ending, error, redirected, cached } => {
            match redirected {
                None => entry(conclusion, asked, ending, error.as_ref(), (explained, browser)),
                Some(redirected) => {
                    let kind = error.as_ref().map(|(_, kind)| *kind);
                    redirected::of_entry(conclusion, redirected, ending, kind, asked.request.origin());
                    browser_says(conclusion, error.as_ref());
                }
            }
            if let Some(cached) = cached {
                cached::weigh(conclusion, ending, *cached);
            }
        }
        Evidence::Response(judged) => of_response(conclusion, asked, judged, (explained, browser)),
        Evidence::Line(line) => {
            let predicted = Predicted::of(conclusion, &asked.request, line, (explained, browser));
            of_line(conclusion, line, &predicted);
        }
        Evidence::WithoutCors(why) => without_cors(conclusion, asked, why),
    }
    if let Some(why) = asked.without_cors {
        of_gateway_alone(conclusion, why);
    }
    // An archive shows whether the browser went on, and a line of the console says what stopped it.
    let is_entry = matches!(asked.evidence, Evidence::Entry { .. } | Evidence::Line(_));
    let is_of_redirect = match &asked.evidence {
        Evidence::Response(judged) => judged.ending == Ending::NotCors(BrowserError::MixedContent),
        Evidence::Entry { redirected, .. } => redirected.is_some(),
        _ => false,
    };
    let is_mixed = conclusion.reason == Some(BrowserError::MixedContent.name()) && !is_of_redirect;
    if is_mixed || !is_entry && asked.request.is_mixed_content(browser) {
        mixed_content(conclusion, asked, browser);
    }
}

/// The conclusion where there is no policy.
#[must_use]
pub fn alone(asked: &Asked, browser: Browser) -> Conclusion {
    let mut conclusion = match (&asked.evidence, &asked.live) {
        (_, Some(live)) => live.conclusion(&asked.request, browser),
        (Evidence::None, None) => needed(&asked.request),
        _ => Conclusion::blank(),
    };
    weigh(&mut conclusion, asked, None, browser);
    conclusion
}

/// The conclusion about a line that does not name its request.
#[must_use]
pub fn of_line_alone(line: &ConsoleLine) -> Conclusion {
    let mut conclusion = Conclusion::blank();
    of_line(&mut conclusion, line, &Predicted::default());
    conclusion
}

/// What a response must have for the page to read it.
fn needed(request: &PageRequest) -> Conclusion {
    let credentials =
        if request.has_credentials() { " and `Access-Control-Allow-Credentials: true`" } else { "" };
    let origin = request.origin();
    let verdict = if request.is_websocket() {
        "without a policy: the browser opens the WebSocket if the server answers 101; CORS does not apply, and the server must check `Origin` itself".to_owned()
    } else if request.is_same_origin() {
        "without a policy: page and URL have the same origin, so CORS does not apply".to_owned()
    } else {
        format!(
            "without a policy: the page may read a response with `Access-Control-Allow-Origin: {origin}`{credentials}"
        )
    };
    let mut conclusion = Conclusion { allowed: true, verdict, end: "needed", ..Conclusion::blank() };
    if let Need::Yes(_) = request.need() {
        let names: Vec<_> = request.unsafe_names().into_iter().map(|(name, _)| name).collect();
        let headers = match names.is_empty() {
            true => String::new(),
            false => format!(" and `Access-Control-Allow-Headers: {}`", names.join(", ")),
        };
        let methods = match request.method() {
            "GET" | "HEAD" | "POST" => String::new(),
            method => format!(", `Access-Control-Allow-Methods: {method}`"),
        };
        conclusion.also.push(format!(
            "the preflight needs a status from 200 to 299, the same headers{methods}{headers}"
        ));
    }
    conclusion
}

pub(super) fn entry(
    conclusion: &mut Conclusion,
    asked: &Asked,
    ending: &Ending,
    error: Option<&(String, BrowserError)>,
    (explained, browser): (Option<&PageExplanation<'_>>, Browser),
) {
    let is_alone = conclusion.verdict.is_empty();
    match ending {
        Ending::NotCors(kind) => not_cors(conclusion, *kind),
        Ending::Blocked { preflight, status, faults } => {
            let Some(first) = faults.first() else { return };
            let what = if *preflight { "the response to the preflight" } else { "the response" };
            let agrees = explained.is_some_and(|it| agrees(it, *preflight, *status, first));
            if agrees && !conclusion.allowed {
                let so = if conclusion.end == UNDECIDED {
                    "it was refused, as it is by this policy without the list"
                } else {
                    "and so it was"
                };
                conclusion.seen.push(format!("{so}: {what} has the status {status}"));
            } else {
                match (is_alone, conclusion.allowed) {
                    (true, _) => {}
                    (false, true) => conclusion.seen.push("this policy would allow the request".to_owned()),
                    (false, false) => conclusion.seen.push(format!("by this policy: {}", conclusion.verdict)),
                }
                (conclusion.decided_by, conclusion.nearest, conclusion.reason) = (None, None, None);
                conclusion.verdict = format!(
                    "refused by the browser: {} ({what} has the status {status})",
                    words::fault(first)
                );
                conclusion.allowed = false;
                conclusion.end = "blocked";
                conclusion.advice = Some(words::remedy(first, asked.request.origin()));
                conclusion.also = faults.iter().skip(1).map(words::fault).collect();
                conclusion.console = sentences::blocked(browser, &asked.request, *preflight, *status, faults);
            }
        }
        Ending::NotOpened(status) if is_alone => {
            conclusion.verdict = match status {
                0 => "refused: the WebSocket was not opened, and there is no response".to_owned(),
                status => format!("refused: the server answered the handshake with {status}"),
            };
            conclusion.advice = Some("CORS does not apply to WebSockets: look at what the server checks in the upgrade, such as `Origin`, cookies and the path.".to_owned());
            conclusion.end = "refused";
        }
        Ending::Refused if is_alone => {
            conclusion.verdict = "refused: the gateway says so in `Corsgate-Decision`".to_owned();
            conclusion.end = "refused";
        }
        Ending::Failed if is_alone => {
            conclusion.verdict = match error {
                Some((_, kind)) if *kind != BrowserError::Cors => format!("failed: {}", kind.sentence()),
                Some(_) => "refused by the browser: it says that CORS failed, and the archive does not have the headers that say why".to_owned(),
                None => "failed: the archive has no response, and no error that says why".to_owned(),
            };
            conclusion.advice = error.map(|(_, kind)| kind.advice().to_owned());
        }
        Ending::Failed | Ending::NotOpened(0)
            if let Some((_, kind)) = error.filter(|(_, kind)| kind.is_without_response()) =>
        {
            without_response(conclusion, *kind);
        }
        Ending::NotOpened(_) => not_explained(conclusion, "the handshake"),
        Ending::Refused | Ending::Failed => not_explained(conclusion, "the request"),
        Ending::Readable => {}
    }
    browser_says(conclusion, error);
}

fn browser_says(conclusion: &mut Conclusion, error: Option<&(String, BrowserError)>) {
    if let Some((text, kind)) = error {
        conclusion.seen.push(format!("the browser reports `{text}`: {}", kind.sentence()));
    }
}

/// No response came, so the browser has checked nothing. What the policy would do comes second.
fn without_response(conclusion: &mut Conclusion, kind: BrowserError) {
    if !conclusion.allowed {
        return not_cors(conclusion, kind);
    }
    conclusion.verdict = format!(
        "allowed: the policy allows the request, but the page did not get its response: {}",
        kind.sentence()
    );
    conclusion.advice = Some(kind.advice().to_owned());
    conclusion.console = None;
}

/// What the policy says is no longer the verdict.
pub(super) fn step_back(conclusion: &mut Conclusion) {
    if conclusion.verdict.is_empty() {
        return;
    }
    match conclusion.allowed {
        // What the page does not get is never called allowed.
        true => conclusion.seen.insert(0, "the policy has nothing against the request itself".to_owned()),
        false => conclusion.also.insert(0, core::mem::take(&mut conclusion.verdict)),
    }
    (conclusion.decided_by, conclusion.nearest) = (None, None);
}

pub(super) fn not_cors(conclusion: &mut Conclusion, kind: BrowserError) {
    step_back(conclusion);
    let before = if kind.blocks() { "not CORS" } else { "failed" };
    conclusion.verdict = format!("{before}: {}", kind.sentence());
    conclusion.advice = Some(kind.advice().to_owned());
    conclusion.allowed = false;
    conclusion.end = "not_cors";
    conclusion.reason = Some(kind.name());
    conclusion.console = None;
}

fn mixed_content(conclusion: &mut Conclusion, asked: &Asked, browser: Browser) {
    if conclusion.reason != Some(BrowserError::MixedContent.name()) {
        not_cors(conclusion, BrowserError::MixedContent);
    }
    let secure = if asked.request.is_websocket() { "wss" } else { "https" };
    conclusion.verdict =
        "not CORS: mixed content: a page with `https` asks for an insecure URL, so the browser sends nothing"
            .to_owned();
    conclusion.advice = Some(format!("Request the URL with `{secure}`, and let the server serve it."));
    conclusion.console = Some(sentences::mixed_content(browser, &asked.request));
}

/// A request that needs no CORS, but that the gateway refuses: the browser prints nothing about CORS.
fn of_gateway_alone(conclusion: &mut Conclusion, why: &str) {
    conclusion
        .seen
        .push(format!("this is {why}: the browser checks nothing of CORS, and prints nothing about it"));
    conclusion.console = None;
}

fn without_cors(conclusion: &mut Conclusion, asked: &Asked, why: &str) {
    // A browser names the page in `Origin` unless the method is GET or HEAD, and the gateway refuses what is not listed.
    let has_origin = !matches!(asked.request.method(), "GET" | "HEAD");
    if has_origin && matches!(conclusion.end, "refused" | UNDECIDED) {
        return of_gateway_alone(conclusion, why);
    }
    let is_navigation = why.contains("navigation");
    conclusion.also.clear();
    conclusion.verdict = match is_navigation {
        true => {
            format!("not CORS: {why}: the browser shows the response, whatever its headers say about CORS")
        }
        false => format!("not CORS: {why}: the browser asks nobody, and the page cannot read the response"),
    };
    conclusion.advice = Some(match is_navigation {
        true => "CORS decides about `fetch`, `XMLHttpRequest` and the like alone.".to_owned(),
        false => "For a response that the page reads, leave `mode` out, or set `mode: \"cors\"`.".to_owned(),
    });
    conclusion.allowed = is_navigation;
    conclusion.end = "not_cors";
    (conclusion.reason, conclusion.console) = (None, None);
    (conclusion.decided_by, conclusion.nearest) = (None, None);
}

pub(super) fn not_explained(conclusion: &mut Conclusion, what: &str) {
    if !conclusion.allowed {
        return;
    }
    conclusion.verdict = format!("not explained by this policy: it allows {what}");
    conclusion.advice = Some("Say more about the request (`--method`, `--header`, `--credentials`); otherwise another policy is in force (`corsgate status`), or a server before or behind the gateway answered.".to_owned());
    conclusion.allowed = false;
    conclusion.end = "not_explained";
    conclusion.console = None;
}
