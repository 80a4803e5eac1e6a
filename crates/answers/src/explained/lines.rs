//! What a line of the console says, put beside what the policy says.

use corsgate_explain::Blocked;
use corsgate_explain::browser_error::BrowserError;
use corsgate_explain::copied::console_line::{Complaint, ConsoleLine};

use super::conclusion::Conclusion;
use super::evidence::{not_cors, not_explained};
use super::redirected;
use super::undecided::UNDECIDED;
use super::words;

pub(super) fn of_line(conclusion: &mut Conclusion, line: &ConsoleLine) {
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
        Complaint::Cors { preflight, fault } => of_fault(conclusion, line, *preflight, fault, is_alone),
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

fn of_fault(
    conclusion: &mut Conclusion,
    line: &ConsoleLine,
    preflight: bool,
    fault: &Blocked,
    is_alone: bool,
) {
    let where_ = if preflight { " (in the response to the preflight)" } else { "" };
    if let Blocked::OtherOrigin(value) = fault
        && let Some(reason) =
            value.strip_prefix("https://").and_then(|it| it.strip_suffix(".corsgate.invalid"))
    {
        conclusion.seen.push(format!("the gateway says why: `{}`", reason.replace('-', "_")));
    }
    if let Some(redirected) = line.redirected.as_deref().filter(|_| is_alone || conclusion.allowed) {
        redirected::at_fault(conclusion, redirected, fault, line.origin.as_deref());
    } else if is_alone {
        conclusion.verdict = format!("refused by the browser: {}{where_}", words::fault(fault));
        conclusion.advice = Some(words::remedy(fault, line.origin.as_deref().unwrap_or_default()));
        conclusion.end = "blocked";
    } else if conclusion.allowed {
        conclusion.seen.push(format!("the line says: {}{where_}", words::fault(fault)));
        not_explained(conclusion, "the request");
        let remedy = words::remedy(fault, line.origin.as_deref().unwrap_or_default());
        conclusion.seen.push(format!("what the server that answered must do: {remedy}"));
    } else if is_about(conclusion, fault) {
        let without = if conclusion.end == UNDECIDED { "if the origin is not listed there, " } else { "" };
        conclusion.seen.push(format!("{without}this explains the line: {}{where_}", words::fault(fault)));
    } else {
        conclusion.seen.push(format!(
            "the line says something else: {}{where_}; the request had another method, other headers or no cookies (`--method`, `--header`, `--credentials`), or another server answered",
            words::fault(fault)
        ));
    }
}

/// Whether what the policy refuses is what the line complains about.
fn is_about(conclusion: &Conclusion, fault: &Blocked) -> bool {
    let reason = conclusion.reason.unwrap_or_default();
    match fault {
        Blocked::Method(_) => reason == "method_not_allowed",
        Blocked::Header(_) => reason == "header_not_allowed",
        Blocked::Credentials(_) | Blocked::AnyOriginWithCredentials => conclusion.end == "blocked",
        Blocked::Unparsable(..) => false,
        Blocked::Status(status) => {
            !corsgate_policy::fetch::is_redirect_status(*status)
                && matches!(conclusion.end, "refused" | UNDECIDED)
        }
        Blocked::NoAllowOrigin | Blocked::OtherOrigin(_) => {
            !matches!(reason, "method_not_allowed" | "header_not_allowed") && conclusion.end != "blocked"
        }
    }
}
