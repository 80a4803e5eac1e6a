//! The Durable Objects that count for the limits of a route.

use corsgate_policy::gcra::{Rate, Standing};
use corsgate_policy::policy::limit::{Counter, Limit};
use corsgate_policy::{Count, Decision, Facts};

use super::denials::Denial;
use crate::exchange::Exchange;
use crate::platform::request::header;
use crate::wire::counts;

/// An object that counts for some limits of a route.
pub(super) struct Object<'a> {
    counter: &'a Counter,
    limits: &'a [Limit],
    pub(super) name: String,
    /// Whether a request is rejected if the object cannot be asked.
    fails_closed: bool,
}

/// The objects that count for the limits of a decision's route.
pub(super) fn objects<'a>(
    exchange: &Exchange,
    facts: &Facts<'_>,
    decision: &Decision<'a>,
) -> Vec<Object<'a>> {
    let route = decision.route.map_or("", |route| route.name());
    let fails_closed = decision.fails_closed();
    let header = |name: &str| header(&exchange.request, name);
    let object = |counter: &'a Counter| {
        let name = counter.object_name(route, facts.client(), header);
        Object { counter, limits: decision.limits(), name, fails_closed }
    };
    decision.counters().iter().map(object).collect()
}

/// The names of the route and its limits, from the name of an object.
pub(super) fn named_in(object: &str) -> (&str, Vec<&str>) {
    let mut parts = object.split('/');
    let route = parts.next().unwrap_or_default();
    (route, parts.next().unwrap_or_default().split('+').collect())
}

impl<'a> Object<'a> {
    /// How many limits it counts for.
    pub(super) fn len(&self) -> usize {
        self.counter.limits().len()
    }

    /// The limits that it counts for.
    fn own_limits(&self) -> impl Iterator<Item = &'a Limit> {
        self.counter.limits().iter().filter_map(|at| self.limits.get(*at))
    }

    pub(super) fn rates(&self) -> Vec<Rate> {
        self.own_limits().map(Limit::rate).collect()
    }

    /// Its line of `counts`.
    pub(super) fn line(&self) -> String {
        counts::question(&self.name, self.fails_closed, self.own_limits().map(Limit::rate))
    }

    /// The counts of its limits during a known denial.
    pub(super) fn denied(&self, denial: Denial, now: f64) -> Vec<Count> {
        match denial.limit {
            Some(own) => self.one(own, Count::Denied(Standing { remaining: 0, reset: denial.until - now })),
            None => vec![Count::Overloaded; self.len()],
        }
    }

    /// The counts of its limits if only the one at `own` is known.
    pub(super) fn one(&self, own: usize, count: Count) -> Vec<Count> {
        (0..self.len()).map(|at| if at == own { count } else { Count::NotAsked }).collect()
    }

    /// Puts the counts of its limits in their places among those of the route.
    pub(super) fn place(&self, own: Vec<Count>, counts: &mut [Count]) {
        for (at, count) in self.counter.limits().iter().zip(own) {
            if let Some(place) = counts.get_mut(*at) {
                *place = count;
            }
        }
    }
}
