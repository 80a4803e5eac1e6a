//! What the headers of responses say, those to redirects included.

use corsgate_explain::browser_error::BrowserError;
use corsgate_explain::copied::response_head::{Judged, Missing};
use corsgate_explain::har::Ending;
use corsgate_explain::{Browser, PageExplanation, without_secrets};

use super::conclusion::Conclusion;
use super::evidence::{Asked, entry};

/// By the response's own headers, and those of the redirects before it.
pub(super) fn of_response(
    conclusion: &mut Conclusion,
    asked: &Asked,
    judged: &Judged,
    policy: (Option<&PageExplanation<'_>>, Browser),
) {
    if judged.ending == Ending::Readable {
        return readable(conclusion, asked, judged.missing);
    }
    // A policy of the first URL says nothing about the one behind a redirect.
    let policy = if judged.redirected_to.is_some() { (None, policy.1) } else { policy };
    entry(conclusion, asked, &judged.ending, None, policy);
    if judged.ending == Ending::NotCors(BrowserError::MixedContent) {
        conclusion.seen.push("a redirect leads to the insecure URL".to_owned());
    }
    let (Some(url), Ending::Blocked { .. }) = (&judged.redirected_to, &judged.ending) else { return };
    // The sentence names both URLs, and not in the same words in each browser.
    conclusion.console = None;
    conclusion.seen.push(format!("this is the response behind a redirect, of `{}`", without_secrets(url)));
    if judged.is_tainted {
        conclusion.verdict = conclusion
            .verdict
            .replace("not the page's origin", "not `null`, which the browser sends as the origin");
        conclusion.seen.push(
            "the redirects lead from one other origin to another, so the browser no longer tells the page's origin".to_owned(),
        );
        conclusion.advice = Some(
            "Let the page request the last URL itself: then the browser sends the page's origin. Allow `null` nowhere: every site can send it.".to_owned(),
        );
    }
}

/// The response's headers are fine, as far as they are there.
fn readable(conclusion: &mut Conclusion, asked: &Asked, missing: Option<Missing>) {
    let told = match missing {
        None if asked.request.is_websocket() => "by the response, the WebSocket opens",
        None => "by the headers of the response, the page may read it",
        Some(Missing::Request) => {
            "by its headers, the preflight succeeds; the response to the request, which decides then, is not here"
        }
        Some(Missing::Preflight) => {
            "by the headers of the response, the page may read it; the browser sends a preflight first, and the response to that, which decides then, is not here"
        }
        Some(Missing::RedirectedPreflight) => {
            "by the headers of the responses, the page may read the last; the browser sends a preflight to the URL of the redirect first, and the response to that is not here"
        }
        Some(Missing::Redirected) => {
            "by the headers of the response, the browser follows the redirect; the response to that, which decides then, is not here"
        }
    };
    let is_alone = conclusion.verdict.is_empty();
    if is_alone {
        let so_far = if missing.is_some() { " so far" } else { "" };
        conclusion.verdict = format!("allowed{so_far}: {told}");
        (conclusion.allowed, conclusion.end) = (true, "allowed");
    } else {
        conclusion.seen.push(told.to_owned());
    }
}
