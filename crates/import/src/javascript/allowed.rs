//! The origins that a function allows, and what conditions about them come to.

use crate::model::OriginSaid;
use crate::place::Said;

/// The origins that a callback allows.
#[derive(Clone, Debug)]
pub(super) enum Allowed {
    Nothing,
    Everything,
    Some(Vec<Said<OriginSaid>>),
}

/// A condition about the origin: what makes it true, and whether it is turned around.
pub(super) struct Condition {
    pub(super) allowed: Allowed,
    pub(super) is_negated: bool,
}

impl Condition {
    /// The origins for which the condition is true, if they can be named.
    pub(super) fn plain(self) -> Option<Allowed> {
        match (self.allowed, self.is_negated) {
            (allowed, false) => Some(allowed),
            (Allowed::Nothing, true) => Some(Allowed::Everything),
            (Allowed::Everything, true) => Some(Allowed::Nothing),
            (Allowed::Some(_), true) => None,
        }
    }
}

/// What `condition ? then : otherwise` allows, if that can be named.
pub(super) fn choose(condition: Condition, then: Allowed, otherwise: Allowed) -> Option<Allowed> {
    let (then, otherwise) = if condition.is_negated { (otherwise, then) } else { (then, otherwise) };
    match (condition.allowed, then, otherwise) {
        (Allowed::Everything, then, _) => Some(then),
        (Allowed::Nothing, _, otherwise) => Some(otherwise),
        (allowed, Allowed::Everything, otherwise) => Some(union(allowed, otherwise)),
        (_, Allowed::Nothing, Allowed::Nothing) => Some(Allowed::Nothing),
        _ => None,
    }
}

pub(super) fn union(one: Allowed, other: Allowed) -> Allowed {
    match (one, other) {
        (Allowed::Everything, _) | (_, Allowed::Everything) => Allowed::Everything,
        (Allowed::Nothing, other) => other,
        (one, Allowed::Nothing) => one,
        (Allowed::Some(mut one), Allowed::Some(other)) => {
            one.extend(other);
            Allowed::Some(one)
        }
    }
}

pub(super) fn intersection(one: Allowed, other: Allowed) -> Option<Allowed> {
    match (one, other) {
        (Allowed::Everything, other) | (other, Allowed::Everything) => Some(other),
        (Allowed::Nothing, _) | (_, Allowed::Nothing) => Some(Allowed::Nothing),
        (Allowed::Some(_), Allowed::Some(_)) => None,
    }
}
