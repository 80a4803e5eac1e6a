//! What a line of the console says, put beside what the policy says.

use corsgate_explain::browser_error::BrowserError;
use corsgate_explain::copied::console_line::{self, Complaint, ConsoleLine};
use corsgate_explain::{Blocked, Browser, PageExplanation, PageRequest};
use corsgate_policy::fetch::is_redirect_status;

use super::conclusion::Conclusion;
use super::evidence::{not_cors, not_explained, step_back};
use super::redirected;
use super::undecided::UNDECIDED;
use super::words;

/// What the browser would print by the policy.
#[derive(Default)]
pub(super) struct Predicted {
    /// The line, if it would print one.
    console: Option<String>,
    /// The status of the gateway's own answer.
    status: Option<u16>,
}

impl Predicted {
    /// By the policy, in the words of the browser whose line it is; by a running gateway, in those of the conclusion.
    pub(super) fn of(
        conclusion: &Conclusion,
        asked: &PageRequest,
        line: &ConsoleLine,
        (explained, browser): (Option<&PageExplanation<'_>>, Browser),
    ) -> Self {
        match explained.and_then(|explained| explained.steps.last()) {
            Some(step) => Self {
                console: step.console(line.browser.unwrap_or(browser), asked),
                status: step.explanation.status(),
            },
            None => Self { console: conclusion.console.clone(), status: None },
        }
    }
}

pub(super) fn of_line(conclusion: &mut Conclusion, line: &ConsoleLine, predicted: &Predicted) {
    let is_alone = conclusion.verdict.is_empty();
    match &line.complaint {
        Complaint::NotCors(kind) => {
            not_cors(conclusion, *kind);
            if let (BrowserError::Answered, Some(status)) = (kind, line.status) {
                conclusion.verdict = format!(
                    "failed: the server answered with the status {status}, and the line does not say that CORS failed"
                );
            }
        }
        Complaint::Cors { preflight, fault } if is_alone => {
            of_fault_alone(conclusion, line, *preflight, fault);
        }
        Complaint::Cors { preflight, fault } => {
            of_fault(conclusion, line, (*preflight, fault), predicted);
        }
        Complaint::Scheme => {
            conclusion.verdict = "not CORS: a local file, or a URL without `http` or `https`: browsers use CORS for `http` and `https` alone".to_owned();
            conclusion.advice = Some("Serve the page and what it loads over `http` on localhost or `https`; do not open files directly. A URL needs `http://` or `https://`: `localhost:3000/x` is read as one with the scheme `localhost`.".to_owned());
            (conclusion.allowed, conclusion.end, conclusion.console) = (false, "not_cors", None);
        }
        Complaint::Handshake if is_alone => {
            conclusion.verdict = match line.status {
                Some(status) => format!("refused: the server answered the handshake with {status}"),
                None => "failed: the WebSocket was not opened, and the line does not say why".to_owned(),
            };
            conclusion.advice = Some("CORS does not apply to WebSockets: look at what the server checks in the upgrade, such as `Origin`, cookies and the path.".to_owned());
            conclusion.end = "refused";
        }
        Complaint::Handshake => not_explained(conclusion, "the handshake"),
        Complaint::Uncovered => {
            step_back(conclusion);
            conclusion.verdict = "a warning: the request passed, but `*` in `Access-Control-Allow-Headers` does not cover `Authorization`, and browsers will refuse such requests".to_owned();
            conclusion.advice = Some(
                "Let the server list `Authorization` by name (in the policy, `authorization` in `request_headers` of the route)."
                    .to_owned(),
            );
            (conclusion.allowed, conclusion.end) = (false, "warning");
            (conclusion.reason, conclusion.console) = (None, None);
        }
        Complaint::NotExposed(name) => {
            conclusion.verdict = format!(
                "refused by the browser: a script asks for the response header `{name}`, which is not exposed"
            );
            conclusion.advice = Some(format!(
                "Let the server send `Access-Control-Expose-Headers: {name}` (`exposed_headers` of the route)."
            ));
            (conclusion.allowed, conclusion.end, conclusion.console) = (false, "blocked", None);
        }
    }
}

/// A fault of a request that is not known, or that no policy is there for.
fn of_fault_alone(conclusion: &mut Conclusion, line: &ConsoleLine, preflight: bool, fault: &Blocked) {
    conclusion.seen.extend(said_by_gateway(fault));
    if let Some(to) = &line.redirected {
        return redirected::at_fault(conclusion, to, fault, line.origin.as_deref());
    }
    conclusion.verdict = format!("refused by the browser: {}{}", words::fault(fault), place(preflight));
    conclusion.advice = Some(words::remedy(fault, line.origin.as_deref().unwrap_or_default()));
    conclusion.end = "blocked";
}

fn of_fault(
    conclusion: &mut Conclusion,
    line: &ConsoleLine,
    (preflight, fault): (bool, &Blocked),
    predicted: &Predicted,
) {
    let told = format!("{}{}", words::fault(fault), place(preflight));
    conclusion.seen.extend(said_by_gateway(fault));
    // Safari's line about a redirect may be about the response that redirects, which a refusal can spoil.
    let is_of_redirect = line.status.is_some_and(is_redirect_status);
    if let Some(to) = line.redirected.as_deref().filter(|_| conclusion.allowed || !is_of_redirect) {
        redirected::at_fault(conclusion, to, fault, line.origin.as_deref());
    } else if conclusion.allowed {
        conclusion.seen.push(format!("the line says: {told}"));
        not_explained(conclusion, "the request");
        let remedy = words::remedy(fault, line.origin.as_deref().unwrap_or_default());
        conclusion.seen.push(format!("what the server that answered must do: {remedy}"));
    } else if is_about(conclusion, line, (preflight, fault), predicted) {
        let without = if conclusion.end == UNDECIDED { "if the origin is not listed there, " } else { "" };
        conclusion.seen.push(format!("{without}this explains the line: {told}"));
    } else {
        conclusion
            .seen
            .push(format!("the line says something else: {told}; {}", other_answer(line, fault, predicted)));
    }
}

fn place(preflight: bool) -> &'static str {
    if preflight { " (in the response to the preflight)" } else { "" }
}

/// The reason that the gateway puts into `Access-Control-Allow-Origin` on a route with `explain = "console"`.
fn reason_of_gateway(fault: &Blocked) -> Option<String> {
    let Blocked::OtherOrigin(value) = fault else { return None };
    let reason = value.strip_prefix("https://")?.strip_suffix(".corsgate.invalid")?;
    Some(reason.replace('-', "_"))
}

fn said_by_gateway(fault: &Blocked) -> Option<String> {
    reason_of_gateway(fault).map(|reason| format!("the gateway says why: `{reason}`"))
}

/// Whether what the policy refuses is what the line complains about: the browser would print this very sentence, as far as the
/// line names its values.
fn is_about(
    conclusion: &Conclusion,
    line: &ConsoleLine,
    (preflight, fault): (bool, &Blocked),
    predicted: &Predicted,
) -> bool {
    let reason = conclusion.reason.unwrap_or_default();
    match fault {
        // A page may set several headers that are not listed, and a line names one of them.
        Blocked::Method(_) => return reason == "method_not_allowed",
        Blocked::Header(_) => return reason == "header_not_allowed",
        // The setting `explain` decides only whether the gateway says why.
        Blocked::OtherOrigin(_) if reason_of_gateway(fault).is_some_and(|said| said == reason) => {
            return true;
        }
        _ => {}
    }
    if is_other_status(line, predicted) {
        return false;
    }
    let Some(read) = predicted.console.as_deref().and_then(|console| console_line::read(console).ok()) else {
        return false;
    };
    let Complaint::Cors { preflight: of_preflight, fault: expected } = &read.complaint else { return false };
    // Only Chrome says of every fault whether it is one of a preflight.
    let is_there =
        line.browser != Some(Browser::Chrome) || read.browser != line.browser || preflight == *of_preflight;
    is_there && is_same(fault, expected)
}

/// A value that a line does not name may be any.
fn is_same(fault: &Blocked, expected: &Blocked) -> bool {
    match (fault, expected) {
        (Blocked::OtherOrigin(said), Blocked::OtherOrigin(_)) if said.is_empty() => true,
        (Blocked::Credentials(said), Blocked::Credentials(_)) if said.is_empty() => true,
        (Blocked::Status(0), Blocked::Status(status)) | (Blocked::Status(status), Blocked::Status(0)) => {
            !is_redirect_status(*status)
        }
        _ => fault == expected,
    }
}

fn is_other_status(line: &ConsoleLine, predicted: &Predicted) -> bool {
    matches!((line.status, predicted.status), (Some(said), Some(status)) if said != status)
}

/// Where another answer than that of the policy comes from.
fn other_answer(line: &ConsoleLine, fault: &Blocked, predicted: &Predicted) -> String {
    const OTHER: &str = "so another server or a cache answered";
    match (fault, predicted.status) {
        (Blocked::OtherOrigin(_), _) if reason_of_gateway(fault).is_some() => {
            "the gateway that answered has another policy in force (`corsgate status`)".to_owned()
        }
        (Blocked::OtherOrigin(value), _) if value.contains("://") => {
            "the gateway names no other origin than the page's, so another server answered, or a cache that keeps one response for all pages (without `Vary: Origin`)".to_owned()
        }
        (Blocked::Status(said), _) if is_redirect_status(*said) => {
            "the gateway redirects no preflight, so another server answered".to_owned()
        }
        (_, Some(status)) if is_other_status(line, predicted) => {
            format!("the gateway refuses with the status {status}, {OTHER}")
        }
        (Blocked::Status(_), Some(status)) if status < 300 => {
            format!("the gateway answers the preflight with {status}, {OTHER}")
        }
        (Blocked::Status(_), Some(_)) => format!(
            "the browser says so of a response that has `Access-Control-Allow-Origin`, and the gateway's refusal has none, {OTHER}"
        ),
        _ => "the request had another method, other headers or no cookies (`--method`, `--header`, `--credentials`), or another server answered".to_owned(),
    }
}
