//! Counts records with the same change together.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use corsgate_policy::Kind;
use corsgate_policy::grammar::day::Day;

use super::decided::{Decided, Lists, RecordedRequest, Undecided};
use super::read::Malformed;
use super::row::Row;
use crate::Side;

/// The most different changes that are counted separately.
pub const MOST_GROUPS: usize = 10_000;
/// The most malformed rows that are named.
const MOST_NAMED: usize = 5;

/// What a change does to a recorded request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// It gets further than before.
    Passes,
    /// It gets less far than before.
    Refused,
    /// It gets as far as before by another route, or is rejected for another reason.
    Otherwise,
}

/// Requests of one origin on which the change has the same effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What the change does to them.
    pub effect: Effect,
    /// The `Origin` header; empty if there was none.
    pub origin: String,
    /// `preflight`, `actual` or `websocket`.
    pub kind: &'static str,
    /// The decision by the first policy.
    pub before: Decided,
    /// The decision by the second policy.
    pub now: Decided,
    /// The estimated number of requests that the records represent.
    pub requests: f64,
    /// One of the requests, in words.
    pub example: String,
}

/// Decides recorded requests by two policies.
#[derive(Debug)]
pub struct Replay<'p> {
    before: &'p Side,
    now: &'p Side,
    lists: Lists,
    today: Day,
    groups: HashMap<(String, &'static str, Decided, Decided), Group>,
    tally: Tally,
}

/// The counts of a replay, apart from its groups.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// Records that were read.
    pub records: u64,
    /// The estimated number of requests that the records represent.
    pub requests: f64,
    /// Requests that both policies decide alike.
    pub unchanged: f64,
    /// Requests whose change came after the first [`MOST_GROUPS`], by effect.
    pub crowded: BTreeMap<Effect, f64>,
    /// Requests that could not be decided, by what was missing. A request that lacks several things counts for each.
    pub undecided: BTreeMap<Undecided, f64>,
    /// Rows that are not records.
    pub malformed: u64,
    /// The first malformed rows.
    pub named: Vec<Malformed>,
    /// Decisions that the log reports as left out.
    pub left_out: f64,
    /// Lines of the log about something else.
    pub others: u64,
}

impl<'p> Replay<'p> {
    /// Begins a replay. Entries expire as of `today`; `lists` are the known contents of KV.
    #[must_use]
    pub fn new(before: &'p Side, now: &'p Side, lists: Lists, today: Day) -> Self {
        Self { before, now, lists, today, groups: HashMap::new(), tally: Tally::default() }
    }

    /// Decides one row by both policies and counts it.
    pub fn take(&mut self, row: Result<Row, Malformed>) {
        let row = match row {
            Ok(row) => row,
            Err(malformed) => {
                self.tally.malformed += 1;
                if self.tally.named.len() < MOST_NAMED {
                    self.tally.named.push(malformed);
                }
                return;
            }
        };
        match row.event.as_deref() {
            // A record always has an outcome.
            None if row.outcome.is_none() && row.host.is_none() => self.tally.others += 1,
            None | Some("decision") => self.replay(&row),
            Some("lines_left_out") if row.about.as_deref() == Some("decisions") => {
                self.tally.left_out += row.count.map_or(0.0, |count| count.0);
            }
            Some(_) => self.tally.others += 1,
        }
    }

    fn replay(&mut self, row: &Row) {
        let requests = row.requests();
        self.tally.records += 1;
        self.tally.requests += requests;
        let mut own = String::new();
        let request = match RecordedRequest::of(row, &mut own) {
            Ok(request) => request,
            Err(undecided) => {
                *self.tally.undecided.entry(undecided).or_default() += requests;
                return;
            }
        };
        let mut missing = BTreeSet::new();
        let before = request.decide(self.before.policy(), &self.lists, self.today, &mut missing);
        let now = request.decide(self.now.policy(), &self.lists, self.today, &mut missing);
        let (Some(before), Some(now)) = (before, now) else {
            for undecided in missing {
                *self.tally.undecided.entry(undecided).or_default() += requests;
            }
            return;
        };
        if before == now {
            self.tally.unchanged += requests;
            return;
        }
        let effect = match now.reach.cmp(&before.reach) {
            core::cmp::Ordering::Greater => Effect::Passes,
            core::cmp::Ordering::Less => Effect::Refused,
            core::cmp::Ordering::Equal => Effect::Otherwise,
        };
        let kind = match request.facts().kind() {
            Kind::Preflight => "preflight",
            Kind::Actual => "actual",
            Kind::Handshake => "websocket",
        };
        let origin = request.facts().origin.unwrap_or_default().to_owned();
        let key = (origin.clone(), kind, before.clone(), now.clone());
        if let Some(group) = self.groups.get_mut(&key) {
            group.requests += requests;
        } else if self.groups.len() < MOST_GROUPS {
            let example = request.shown();
            self.groups.insert(key, Group { effect, origin, kind, before, now, requests, example });
        } else {
            *self.tally.crowded.entry(effect).or_default() += requests;
        }
    }

    /// The counts so far.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The changes, by effect and with the most requests first, and the counts.
    #[must_use]
    pub fn finish(self) -> (Vec<Group>, Tally) {
        let mut groups: Vec<_> = self.groups.into_values().collect();
        groups.sort_by(|a, b| {
            let texts =
                |group: &Group| (group.origin.clone(), group.kind, group.before.clone(), group.now.clone());
            a.effect
                .cmp(&b.effect)
                .then(b.requests.total_cmp(&a.requests))
                .then_with(|| texts(a).cmp(&texts(b)))
        });
        (groups, self.tally)
    }
}
