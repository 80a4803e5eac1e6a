//! What becomes of an allowed page's request in a browser.

use corsgate_explain::{Browser, Need, PageRequest, sentences};
use corsgate_policy::Kind;
use corsgate_policy::fetch::is_redirect_status;

use crate::answer::Answer;
use crate::ask::Ask;
use crate::browser_checks::faults;
use crate::plan::{Probe, Purpose};

/// What becomes of an allowed page's request in a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageOutcome {
    /// The origin of the page.
    pub origin: String,
    /// The browser sends a preflight for this request.
    pub preflight: bool,
    /// The page may read the response.
    pub reads: bool,
    /// Where the response redirects to, without its query: the browser follows, and the response there decides.
    pub redirect: Option<String>,
    /// What the browser prints if the page may not: one line, and in Safari a second one.
    pub console: Option<String>,
}

/// The outcome for each allowed page all of whose requests were answered. Handshakes have none: CORS does not apply to them.
#[must_use]
pub fn page_outcomes(answered: &[(&Probe, &Answer)], browser: Browser) -> Vec<PageOutcome> {
    let mut outcomes: Vec<PageOutcome> = Vec::new();
    for (probe, answer) in answered {
        let Purpose::Allowed(page) = &probe.purpose else { continue };
        if probe.ask.kind != Kind::Actual || outcomes.iter().any(|known| known.origin == page.origin()) {
            continue;
        }
        let preflight = matches!(page.need(), Need::Yes(_));
        let of_page = |it: &&(&Probe, &Answer)| {
            it.0.ask.kind == Kind::Preflight
                && matches!(&it.0.purpose, Purpose::Allowed(other) if other.origin() == page.origin())
        };
        let first = answered.iter().find(of_page).filter(|_| preflight);
        if preflight && first.is_none() {
            continue;
        }
        let blocked = |(probe, answer): (&Probe, &Answer)| printed(&probe.ask, page, answer, browser);
        let console = first.and_then(|it| blocked(*it)).or_else(|| blocked((probe, answer)));
        let origin = page.origin().to_owned();
        let redirect = redirect(answer);
        outcomes.push(PageOutcome { origin, preflight, reads: console.is_none(), redirect, console });
    }
    outcomes
}

fn redirect(answer: &Answer) -> Option<String> {
    let location = answer.get("location").filter(|_| is_redirect_status(answer.status))?;
    Some(location.split(['?', '#']).next().unwrap_or_default().to_owned())
}

fn printed(ask: &Ask, page: &PageRequest, answer: &Answer, browser: Browser) -> Option<String> {
    let is_preflight = ask.kind == Kind::Preflight;
    sentences::blocked(browser, page, is_preflight, answer.status, &faults(ask, page, answer))
}
