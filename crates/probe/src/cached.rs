//! Whether a cache keeps responses for different origins apart (Fetch, "CORS protocol and HTTP caches").

use corsgate_policy::Kind;

use crate::answer::Answer;
use crate::finding::{Finding, Seen};
use crate::mistake::Mistake;
use crate::plan::{Probe, Purpose};

/// Statuses that are cacheable by default (RFC 9110, 15.1).
const KEPT: [u16; 11] = [200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414];

/// Finds mistakes in `Vary`, for each URL.
pub(crate) fn mistakes(answered: &[(&Probe, &Answer)]) -> Vec<Finding> {
    let kept: Vec<_> = answered.iter().filter(|(probe, answer)| is_kept(probe, answer)).collect();
    let mut urls: Vec<_> = kept.iter().map(|(probe, _)| (&probe.ask.host, &probe.ask.target)).collect();
    urls.dedup();
    let of_url = |url: (&String, &String)| {
        let own = kept.iter().filter(|(probe, _)| (&probe.ask.host, &probe.ask.target) == url);
        of_one(&own.map(|kept| **kept).collect::<Vec<_>>())
    };
    urls.into_iter().filter_map(of_url).collect()
}

fn of_one(kept: &[(&Probe, &Answer)]) -> Option<Finding> {
    let read = |answer: &Answer| (answer.get("access-control-allow-origin"), answer.has_credentials());
    let mut first = kept.iter().map(|(_, answer)| read(answer));
    let one = first.next()?;
    // A response that is the same for all origins needs no `Vary`.
    if first.all(|other| other == one) {
        return None;
    }
    let without: Vec<_> = kept.iter().filter(|(_, answer)| !answer.varies_by_origin()).collect();
    let all = without.len() == kept.len();
    let (mistake, message) = match (without.is_empty(), all) {
        (true, _) => return None,
        (false, true) => {
            (Mistake::VaryMissing, "answers depend on `Origin`, and none has `Vary: Origin`".to_owned())
        }
        (false, false) => (
            Mistake::VarySometimes,
            format!(
                "answers depend on `Origin`, and {} of {} have no `Vary: Origin`",
                without.len(),
                kept.len()
            ),
        ),
    };
    Some(Finding {
        severity: mistake.severity(),
        name: mistake.name(),
        message,
        consequence: mistake.consequence().to_owned(),
        instead: mistake.instead().to_owned(),
        console: None,
        seen: without.iter().map(|(probe, answer)| Seen::of(&probe.ask, answer)).collect(),
    })
}

/// Whether a cache may store the response. Only a stored response can reach another origin.
fn is_kept(probe: &Probe, answer: &Answer) -> bool {
    // A browser never sends these requests, so its cache never stores their responses.
    let is_sent = match &probe.purpose {
        Purpose::Hostile(derived) => {
            derived.grants.iter().any(|value| *value == crate::plan::stranger()) && derived.lines.len() == 1
        }
        Purpose::NotFound(_) => false,
        _ => true,
    };
    is_sent
        && probe.ask.kind == Kind::Actual
        && matches!(probe.ask.method.as_str(), "GET" | "HEAD")
        && KEPT.contains(&answer.status)
        && !answer.lists("cache-control", "no-store")
}
