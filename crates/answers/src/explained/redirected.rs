//! What is said of a request whose redirect led to the response that the page did not get.

use corsgate_explain::browser_error::BrowserError;
use corsgate_explain::har::{Ending, Redirected};
use corsgate_explain::{Blocked, without_secrets};

use super::conclusion::Conclusion;
use super::evidence::not_cors;
use super::words;

/// The response behind a redirect to `to` has a fault, for a page of the origin `page`.
pub(super) fn at_fault(conclusion: &mut Conclusion, to: &str, fault: &Blocked, page: Option<&str>) {
    let to = without_secrets(to);
    // Chrome names the page, also where it has sent `null`.
    let is_tainted = matches!(fault, Blocked::OtherOrigin(value) if Some(value.as_str()) == page);
    let (what, remedy) = match is_tainted {
        true => (
            "it names the page's origin, but behind a redirect from one other origin to another the browser sends `Origin: null`".to_owned(),
            "There the browser then sends the page's origin.".to_owned(),
        ),
        false => (words::fault(fault), words::remedy(fault, page.unwrap_or_default())),
    };
    step_back(conclusion);
    conclusion.verdict = format!(
        "refused by the browser: the server redirected the request to `{to}`, and that response is at fault: {what}"
    );
    conclusion.advice = Some(format!("{} {remedy}", instead(&to)));
    conclusion.end = "blocked";
}

/// The same for an entry of an archive, whatever became of it.
pub(super) fn of_entry(
    conclusion: &mut Conclusion,
    redirected: &Redirected,
    ending: &Ending,
    error: Option<BrowserError>,
    page: &str,
) {
    let to = without_secrets(&redirected.to);
    match ending {
        Ending::Blocked { faults, .. } => {
            let Some(first) = faults.first() else { return };
            at_fault(conclusion, &redirected.to, first, Some(page));
            conclusion.also.extend(faults.iter().skip(1).map(words::fault));
        }
        Ending::NotCors(kind) => {
            not_cors(conclusion, *kind);
            conclusion.seen.push(format!("the server redirected the request to `{to}`"));
        }
        Ending::Refused | Ending::Failed | Ending::NotOpened(_) | Ending::Readable => {
            step_back(conclusion);
            let why = error
                .map_or("the archive has no response, and no error that says why", BrowserError::sentence);
            conclusion.verdict = format!(
                "failed: the server redirected the request to `{to}`, and that request failed: {why}"
            );
            conclusion.advice = Some(instead(&to));
            conclusion.end = "failed";
        }
    }
    if redirected.is_tainted {
        conclusion.seen.push(
            "the redirects lead from one other origin to another, so the browser sends `Origin: null` there"
                .to_owned(),
        );
    }
}

fn instead(to: &str) -> String {
    format!(
        "If it redirects to a page to sign in, let the API answer 401 in its place, which the page can read. Otherwise request `{to}` itself."
    )
}

/// The first URL was answered with a redirect, so what the policy says about that is not what happened.
fn step_back(conclusion: &mut Conclusion) {
    match (conclusion.verdict.is_empty(), conclusion.allowed) {
        (true, _) => {}
        (false, true) => {
            conclusion.seen.push("the policy has nothing against the request itself".to_owned());
        }
        (false, false) => conclusion.seen.push(format!("by this policy: {}", conclusion.verdict)),
    }
    conclusion.also.clear();
    (conclusion.allowed, conclusion.console) = (false, None);
    (conclusion.decided_by, conclusion.nearest, conclusion.reason) = (None, None, None);
}
