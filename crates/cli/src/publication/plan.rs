//! The writes in their order. If they are interrupted at any point, the policy in force is complete and the replaced
//! one is kept. Running the same command again finishes the writes.

use core::fmt;

use crate::policy_store::{Key, Listing, Operation};

/// The policy that is in force before the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Before<'p> {
    Nothing,
    /// Bytes that this tool cannot read as a policy.
    Unreadable,
    Policy {
        id: &'p str,
    },
}

/// The content to write under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// The policy to put in force.
    Goal,
    /// The policy that was in force before.
    Live,
    /// The permanent copy with this id.
    Version(String),
}

/// One write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Write {
    pub(crate) key: Key,
    pub(crate) content: Content,
}

impl Write {
    fn new(key: Key, content: Content) -> Self {
        Self { key, content }
    }

    /// Whether the write changes what the gateway reads.
    pub(crate) fn is_seen(&self) -> bool {
        matches!(self.key, Key::Current | Key::Previous)
    }
}

/// The name of a write in messages.
impl fmt::Display for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match &self.content {
            Content::Goal => "",
            Content::Live => ", the policy that is live now",
            Content::Version(_) => ", the policy that was live before",
        };
        write!(f, "`{}`{what}", self.key)
    }
}

/// The writes that put the policy with the id `goal` in force.
///
/// The permanent copy comes first; then `previous`, which the gateway falls back to; then `current`. If the goal is
/// `previous` itself, `current` comes before `previous`, so that the goal is always under one of the two keys. With
/// `revokes`, both keys get the goal, and no earlier policy is left to fall back to.
pub(crate) fn plan(goal: &str, revokes: bool, before: &Before<'_>, listing: &Listing) -> Vec<Write> {
    let mut writes = Vec::new();
    let keep = |id: &str, content| match Key::version(id) {
        Some(key) if !listing.has(&key) => Some(Write::new(key, content)),
        _ => None,
    };
    writes.extend(keep(goal, Content::Goal));
    let previous = listing.notes.get(&Key::Previous).and_then(|note| note.id.as_deref());
    let current = Write::new(Key::Current, Content::Goal);
    let fallback = Write::new(Key::Previous, Content::Live);
    match before {
        Before::Policy { id } if *id == goal => writes.extend(unfinished(goal, revokes, previous, listing)),
        Before::Policy { id } => {
            writes.extend(keep(id, Content::Live));
            if revokes {
                writes.extend([Write::new(Key::Previous, Content::Goal), current]);
            } else if previous == Some(goal) {
                writes.extend([current, fallback]);
            } else {
                // An interrupted run has already written it.
                writes.extend((previous != Some(*id)).then_some(fallback));
                writes.push(current);
            }
        }
        Before::Nothing | Before::Unreadable if revokes => {
            writes.extend([Write::new(Key::Previous, Content::Goal), current]);
        }
        // An unreadable policy cannot be fallen back to, but the one in `previous` may still be readable.
        Before::Nothing | Before::Unreadable => writes.push(current),
    }
    writes
}

/// The write of `previous` that an interrupted run did not reach, if the goal is already in force.
fn unfinished(goal: &str, revokes: bool, previous: Option<&str>, listing: &Listing) -> Option<Write> {
    if revokes {
        // That both keys have the goal does not prove a revocation: another operation may have been interrupted.
        let is_done = previous == Some(goal) && has_revoked(goal, listing);
        return (!is_done).then(|| Write::new(Key::Previous, Content::Goal));
    }
    let replaced = replaced_by_half(goal, listing)?;
    Some(Write::new(Key::Previous, Content::Version(replaced.to_owned())))
}

/// The policy that the live one replaced, if a run was interrupted before it wrote `previous`. None after a
/// revocation: a revoked policy must not come back.
pub(crate) fn replaced_by_half<'l>(live: &str, listing: &'l Listing) -> Option<&'l str> {
    let (current, previous) = (listing.notes.get(&Key::Current)?, listing.notes.get(&Key::Previous)?);
    let base = current.base.as_deref().filter(|base| *base != live && listing.has_version(base))?;
    let is_half = previous.id.as_deref() == Some(live) && !has_revoked(live, listing);
    is_half.then_some(base)
}

/// Whether the notes say that the live policy revoked all earlier ones. If it was already live, the revocation wrote
/// only `previous`, with the policy's own id as base; no other operation writes that.
fn has_revoked(live: &str, listing: &Listing) -> bool {
    let revokes = |key: &Key| listing.notes.get(key).filter(|note| note.act == Some(Operation::Revoke));
    revokes(&Key::Current).is_some()
        || revokes(&Key::Previous).is_some_and(|note| note.base.as_deref() == Some(live))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy_store::Note;

    const A: &str = "aaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbb";
    const C: &str = "cccccccccccccccc";

    /// A model of KV: the content of each key.
    #[derive(Default)]
    struct Kv(Listing);

    fn note(id: &str, act: Operation, base: Option<&str>) -> Note {
        Note { id: Some(id.to_owned()), act: Some(act), base: base.map(str::to_owned), ..Note::default() }
    }

    impl Kv {
        fn of(current: &str, previous: &str) -> Self {
            let mut kv = Self::default();
            for (key, id) in [(Key::Current, current), (Key::Previous, previous)] {
                if !id.is_empty() {
                    kv.0.notes.insert(key, note(id, Operation::Publish, None));
                    kv.0.notes.insert(Key::version(id).unwrap(), note(id, Operation::Publish, None));
                }
            }
            kv
        }

        fn live(&self) -> Option<String> {
            self.0.notes.get(&Key::Current)?.id.clone()
        }

        fn plan(&self, goal: &str, revokes: bool) -> Vec<Write> {
            let live = self.live();
            let before = live.as_deref().map_or(Before::Nothing, |id| Before::Policy { id });
            plan(goal, revokes, &before, &self.0)
        }

        /// Makes the first `count` writes, as `publication` does.
        fn run(&mut self, goal: &str, revokes: bool, count: usize) -> usize {
            let live = self.live();
            let writes = self.plan(goal, revokes);
            for write in writes.iter().take(count) {
                let id = match &write.content {
                    Content::Goal => goal.to_owned(),
                    Content::Live => live.clone().unwrap(),
                    Content::Version(id) => {
                        assert!(self.0.has_version(id));
                        id.clone()
                    }
                };
                let act = if revokes { Operation::Revoke } else { Operation::Publish };
                self.0.notes.insert(write.key.clone(), note(&id, act, live.as_deref()));
            }
            writes.len()
        }
    }

    fn keys(writes: &[Write]) -> Vec<String> {
        writes.iter().map(|write| write.key.to_string()).collect()
    }

    #[test]
    fn the_permanent_copy_is_written_first_and_the_live_key_last() {
        let version = format!("policy/version/{C}");
        assert_eq!(keys(&Kv::of(B, A).plan(C, false)), [&version, "policy/previous", "policy/current"]);
        assert_eq!(keys(&Kv::of(B, A).plan(C, true)), [&version, "policy/previous", "policy/current"]);
        assert_eq!(keys(&Kv::of("", "").plan(C, false)), [&version, "policy/current"]);
        assert_eq!(keys(&Kv::of(B, A).plan(A, false)), ["policy/current", "policy/previous"]);
        assert_eq!(keys(&Kv::of(B, A).plan(B, false)), [""; 0]);
        assert_eq!(keys(&Kv::of(B, A).plan(B, true)), ["policy/previous"]);
        assert_eq!(keys(&Kv::of(B, B).plan(B, true)), ["policy/previous"]);
    }

    #[test]
    fn a_live_policy_of_another_publisher_is_kept_before_it_is_replaced() {
        let mut kv = Kv::of(B, A);
        kv.0.notes.remove(&Key::version(B).unwrap());
        let writes = kv.plan(C, false);
        assert!(writes.contains(&Write::new(Key::version(B).unwrap(), Content::Live)), "{writes:?}");
        assert!(!writes.iter().take(2).any(Write::is_seen));
    }

    #[test]
    fn an_unreadable_policy_never_becomes_previous() {
        let kv = Kv::of(B, A);
        let writes = plan(C, false, &Before::Unreadable, &kv.0);
        assert_eq!(keys(&writes), [format!("policy/version/{C}"), "policy/current".to_owned()]);
    }

    #[test]
    fn a_revoked_policy_does_not_come_back() {
        let mut kv = Kv::of(B, A);
        kv.0.notes.insert(Key::Current, note(B, Operation::Publish, Some(A)));
        assert_eq!(kv.run(B, true, usize::MAX), 1);
        assert_eq!(kv.plan(B, false), []);
        assert_eq!(replaced_by_half(B, &kv.0), None);
        // The note of an earlier revocation to `B` says nothing about the policy that is live now.
        kv.0.notes.insert(Key::Previous, note(B, Operation::Revoke, Some(C)));
        assert_eq!(replaced_by_half(B, &kv.0), Some(A));
    }

    /// Interrupts a run after each number of writes and runs it again: the result equals that of one run, and no
    /// policy is lost in between.
    #[test]
    fn a_second_run_finishes_an_interrupted_one() {
        for (current, previous) in [("", ""), (A, ""), (B, A), (B, B), (A, C), (C, B)] {
            for (goal, revokes) in [(C, false), (C, true), (A, false), (A, true)] {
                let whole = {
                    let mut kv = Kv::of(current, previous);
                    kv.run(goal, revokes, usize::MAX);
                    kv
                };
                for count in 0..=4 {
                    let mut kv = Kv::of(current, previous);
                    kv.run(goal, revokes, count);
                    let ids: Vec<_> = kv.0.notes.values().filter_map(|note| note.id.clone()).collect();
                    for id in [current, previous].iter().filter(|id| !id.is_empty()) {
                        assert!(ids.iter().any(|known| known == id), "{id} is lost");
                    }
                    kv.run(goal, revokes, usize::MAX);
                    let holds = |kv: &Kv, key: &Key| kv.0.notes.get(key).and_then(|note| note.id.clone());
                    for key in [Key::Current, Key::Previous] {
                        let case = format!("{current}/{previous} to {goal}, {revokes}, after {count}");
                        assert_eq!(holds(&kv, &key), holds(&whole, &key), "{case}");
                    }
                    assert_eq!(kv.plan(goal, revokes), [], "nothing is left to do");
                }
            }
        }
    }
}
