//! The checks of a request: those before the decision, and those of the decision itself.

use super::{Check, Observer, OriginResult, PathResult, PolicyResult, UrlResult, route};
use crate::decision::decide::{Decision, Examined};
use crate::decision::facts::{Initiator, RequestUrl};
use crate::decision::lookup::Answers;
use crate::decision::reason::Reason;
use crate::decision::unrouted::Unrouted;
use crate::grammar::day::Day;
use crate::origin::Origin;
use crate::path::RequestPath;

impl<'a> Examined<'a> {
    /// [Decides](Self::decide), and reports every check in order.
    #[must_use]
    pub fn trace(&self, answers: &Answers<'a>, today: Day) -> (Decision<'a>, Vec<Check<'a>>) {
        let mut checks = Vec::new();
        self.note_request(&mut checks);
        let decision = self.decide_observed(answers, today, &mut checks);
        (decision, checks)
    }

    /// The results of [`new`](Self::new).
    fn note_request(&self, checks: &mut Vec<Check<'a>>) {
        let RequestUrl { host, path, .. } = self.facts.url;
        checks.push(Check::Url { result: UrlResult::Readable, host: Some(host), path: Some(path) });
        checks.push(Check::Policy { result: PolicyResult::InForce, id: self.policy.named_id() });
        let mut note = |result, route| checks.push(Check::Path { result, route });
        match (RequestPath::new(path), self.route) {
            (Err(_), _) => note(PathResult::Unreadable, None),
            (Ok(path), Err(Reason::PathAmbiguous)) if path.has_encoded_slashes() => {
                note(PathResult::EncodedSlashes, None);
            }
            (Ok(_), Err(Reason::PathAmbiguous)) => match self.why_unrouted() {
                Some(Unrouted::Slash(route)) => note(PathResult::TrailingSlash, Some(route.name())),
                _ => note(PathResult::Ambiguous, None),
            },
            (Ok(path), found) => {
                note(PathResult::Unambiguous, None);
                checks.push(route::check(self.policy, self.facts, path, found.ok()));
            }
        }
        checks.push(Check::Kind { result: self.kind });
    }

    /// The origin that the request claims to come from.
    pub(crate) fn note_origin(&self, observer: &mut impl Observer<'a>) {
        observer.note(|| {
            let origin = self.facts.origin;
            let (result, error) = match &self.initiator {
                Initiator::Unnamed => (OriginResult::Absent, None),
                Initiator::SameOrigin => (OriginResult::SameOrigin, None),
                Initiator::Opaque => (OriginResult::Null, None),
                Initiator::Malformed => {
                    (OriginResult::Malformed, origin.and_then(|origin| Origin::parse(origin).err()))
                }
                Initiator::Origin(_) => (OriginResult::CrossOrigin, None),
            };
            Check::Origin { result, origin, error: error.map(|error| error.to_string()) }
        });
    }
}
