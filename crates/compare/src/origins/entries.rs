//! The entries of allowlists and routes. Thousands of routes may use one allowlist of thousands of entries, so each
//! allowlist is read once, and compared once with the one of the same name in the other policy.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use corsgate_authoring::Wildcards;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::origin::pattern::OriginPattern;
use corsgate_policy::policy::document::{AllowlistDocument, Document, EntryDocument};

/// Entries, each with its last day.
#[derive(Clone, Debug, Default)]
pub(super) struct Entries {
    lives: BTreeMap<String, Day>,
    wildcards: Wildcards,
    /// The entries by their hosts, with the labels reversed: the names under a host are neighbours.
    by_host: OnceCell<BTreeMap<String, Vec<String>>>,
}

/// An allowlist in the policy, or the content of a list in KV.
#[derive(Debug)]
pub(crate) struct SharedList {
    pub(super) name: String,
    pub(super) entries: Entries,
    /// The entries that the list of the same name on the other side does not cover for as long.
    pub(super) beyond: Vec<String>,
}

/// A policy with its allowlists. Only the routes of the two policies in [`of_both`](Self::of_both) are compared.
pub(crate) struct Allowlists<'d> {
    pub(super) document: &'d Document,
    pub(super) lists: HashMap<&'d str, Rc<SharedList>>,
}

impl Entries {
    pub(super) fn of<'e>(entries: impl IntoIterator<Item = &'e EntryDocument>) -> Self {
        let mut lives = BTreeMap::new();
        for entry in entries {
            let (origin, expires) = match entry {
                EntryDocument::Lasting(origin) => (origin, Day::NEVER),
                EntryDocument::Expiring { origin, expires } => {
                    (origin, Day::parse(expires).unwrap_or(Day::NEVER))
                }
            };
            let life = lives.entry(origin.clone()).or_insert(expires);
            *life = expires.max(*life);
        }
        let wildcards = Wildcards::of(&lives);
        Self { lives, wildcards, by_host: OnceCell::new() }
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.lives.keys().map(String::as_str)
    }

    /// The last day of an entry, by its text.
    pub(super) fn last_day(&self, text: &str) -> Option<Day> {
        self.lives.get(text).copied()
    }

    /// The last day on which the whole pattern is listed.
    pub(super) fn life(&self, pattern: &OriginPattern) -> Option<Day> {
        self.last_day(pattern.as_str()).max(self.wildcards.life_of(pattern))
    }

    /// The entries that a wildcard covers.
    pub(super) fn within(&self, wide: &OriginPattern) -> Vec<&str> {
        let form = wide.form();
        let covered =
            |text: &&String| OriginPattern::parse(text).is_ok_and(|narrow| form.covers(&narrow.form()));
        if form.is_any_extension() {
            return self.lives.keys().filter(covered).map(String::as_str).collect();
        }
        let host = reversed(form.host);
        let under = self.by_host().range(host.clone()..).take_while(|(other, _)| other.starts_with(&host));
        under.flat_map(|(_, texts)| texts).filter(covered).map(String::as_str).collect()
    }

    fn by_host(&self) -> &BTreeMap<String, Vec<String>> {
        self.by_host.get_or_init(|| {
            let mut by_host = BTreeMap::<_, Vec<_>>::new();
            for text in self.lives.keys() {
                if let Ok(pattern) = OriginPattern::parse(text) {
                    by_host.entry(reversed(pattern.form().host)).or_default().push(text.clone());
                }
            }
            by_host
        })
    }

    fn beyond(&self, other: &Self) -> Vec<String> {
        let beyond = self.lives.iter().filter(|(text, life)| {
            OriginPattern::parse(text).is_ok_and(|pattern| other.life(&pattern) < Some(**life))
        });
        beyond.map(|(text, _)| text.clone()).collect()
    }
}

/// The labels of a host from the last to the first, each with a dot behind it.
fn reversed(host: &str) -> String {
    host.rsplit('.').flat_map(|label| [label, "."]).collect()
}

impl SharedList {
    /// The contents of one list in KV on two sides.
    pub(crate) fn of_both(
        name: String,
        before: &[EntryDocument],
        now: &[EntryDocument],
    ) -> (Rc<Self>, Rc<Self>) {
        let (before, now) = (Entries::of(before), Entries::of(now));
        let (lost, won) = (before.beyond(&now), now.beyond(&before));
        let list = |entries, beyond| Rc::new(Self { name: name.clone(), entries, beyond });
        (list(before, lost), list(now, won))
    }
}

impl<'d> Allowlists<'d> {
    /// The allowlists of a policy whose routes are compared only with themselves.
    pub(crate) fn of(document: &'d Document) -> Self {
        let list = |(name, entries): (&'d str, _)| {
            let list = SharedList { name: label(name), entries: Entries::of(entries), beyond: Vec::new() };
            (name, Rc::new(list))
        };
        Self { document, lists: in_policy(document).map(list).collect() }
    }

    /// The allowlists of two policies.
    pub(crate) fn of_both(before: &'d Document, now: &'d Document) -> (Self, Self) {
        let (mut old, mut new) = (Self::of(before), Self::of(now));
        let entries: HashMap<_, _> = in_policy(before).collect();
        for (name, now) in in_policy(now) {
            if let Some(before) = entries.get(name).filter(|before| **before != now) {
                let (before, now) = SharedList::of_both(label(name), before, now);
                old.lists.insert(name, before);
                new.lists.insert(name, now);
            }
        }
        (old, new)
    }
}

/// The allowlists in a policy by their names.
fn in_policy(document: &Document) -> impl Iterator<Item = (&str, &[EntryDocument])> {
    document.allowlists.iter().filter_map(|(name, list)| match list {
        AllowlistDocument::Entries(entries) => Some((name.as_str(), entries.as_slice())),
        _ => None,
    })
}

/// A name that no list in KV has.
fn label(name: &str) -> String {
    format!("@{name}")
}
