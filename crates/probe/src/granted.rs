//! What a stranger is granted: an unlisted origin, or a method or header that no API has.

use corsgate_policy::Kind;
use corsgate_policy::fetch::is_ok_status;
use corsgate_policy::fetch::preflight_check::PreflightLists;

use crate::answer::Answer;
use crate::ask::Ask;
use crate::browser_checks::of;
use crate::finding::{Finding, Seen};
use crate::hostile::{Derived, INJECTED};
use crate::mistake::Mistake;
use crate::severity::Severity;
use crate::technique::Technique;
use crate::upgrade::of_handshake;

/// How a response grants access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Grant {
    /// The page may read with the user's cookies.
    credentials: bool,
    /// Any origin may read, by `*`.
    to_anyone: bool,
}

fn grant(ask: &Ask, answer: &Answer, values: &[String]) -> Option<Grant> {
    if ask.kind == Kind::Handshake {
        // The server accepted a WebSocket that it closes at once only to report why. Every handshake carries cookies.
        let open = answer.status == 101 && answer.closed.is_none();
        return open.then_some(Grant { credentials: true, to_anyone: false });
    }
    if ask.kind == Kind::Preflight && !is_readable_preflight(answer) {
        return None;
    }
    let value = answer.get("access-control-allow-origin")?;
    let credentials = answer.has_credentials();
    if values.contains(&value) {
        return Some(Grant { credentials, to_anyone: value == "*" });
    }
    // Browsers reject `*` with credentials: that is another mistake.
    (value == "*" && !credentials).then_some(Grant { credentials: false, to_anyone: true })
}

/// Judges the response to an origin that should be refused.
pub(crate) fn refused(ask: &Ask, origin: &str, answer: &Answer) -> Option<Finding> {
    let grant = grant(ask, answer, &[origin.to_owned()])?;
    let finding = of(
        Mistake::Granted,
        format!("`{origin}` should be refused, but is allowed{}", with(grant)),
        ask,
        answer,
    );
    let severity = if grant.credentials { Severity::High } else { Severity::Medium };
    Some(worded(ask, Finding { severity, ..finding }))
}

/// In the words of a handshake, if it is one.
fn worded(ask: &Ask, finding: Finding) -> Finding {
    if ask.kind == Kind::Handshake { of_handshake(finding) } else { finding }
}

/// Judges the response to an origin that imitates a listed one.
pub(crate) fn hostile(ask: &Ask, derived: &Derived, answer: &Answer) -> Option<Finding> {
    if answer.get(INJECTED).is_some() {
        let message = "a line break in `Origin` ends a line of the response".to_owned();
        return Some(of(Mistake::InjectedHeader, message, ask, answer));
    }
    let grant = grant(ask, answer, &derived.grants)?;
    if grant.to_anyone {
        // Every derived origin gets the same response, so report `*` once. A lone `*` that was sent shows nothing more.
        let first = derived.technique == Technique::Reflection;
        return first.then(|| {
            of(Mistake::OpenToAnyone, "`Access-Control-Allow-Origin: *` for anyone".to_owned(), ask, answer)
        });
    }
    let technique = derived.technique;
    let who = derived.grants.first().map(|value| cut(value)).unwrap_or_default();
    let opened = if ask.kind == Kind::Handshake { "may open the WebSocket" } else { "is allowed" };
    let finding = Finding {
        severity: technique.severity(grant.credentials),
        name: technique.name(),
        message: format!("`{who}` {opened}{}", with(grant)),
        consequence: technique.attack().to_owned(),
        instead: technique.instead().to_owned(),
        console: None,
        seen: vec![Seen::of(ask, answer)],
    };
    Some(worded(ask, finding))
}

/// Judges the response to a preflight for a method or header that no API has.
pub(crate) fn invented(
    ask: &Ask,
    answer: &Answer,
    method: Option<&str>,
    header: Option<&str>,
) -> Option<Finding> {
    if !is_readable_preflight(answer) || answer.get("access-control-allow-origin").is_none() {
        return None;
    }
    let (mistake, list, name) = match (method, header) {
        (Some(method), _) => (Mistake::ReflectedMethods, "access-control-allow-methods", method),
        (None, header) => (Mistake::ReflectedHeaders, "access-control-allow-headers", header?),
    };
    let message = format!("`{list}` allows `{name}`, a made-up name");
    answer.lists(list, name).then(|| of(mistake, message, ask, answer))
}

/// Whether a preflight's response can allow anything at all.
fn is_readable_preflight(answer: &Answer) -> bool {
    is_ok_status(answer.status) && answer.browsed(|response| PreflightLists::extract(response).is_ok())
}

fn with(grant: Grant) -> &'static str {
    match grant {
        Grant { to_anyone: true, .. } => ", like any origin",
        Grant { credentials: true, .. } => ", with credentials",
        Grant { credentials: false, .. } => ", without credentials",
    }
}

fn cut(value: &str) -> String {
    const MOST: usize = 100;
    let shown: String = value.chars().take(MOST).collect();
    let more = if value.chars().count() > MOST { "…" } else { "" };
    format!("{}{more}", shown.escape_debug())
}
