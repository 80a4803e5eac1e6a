//! The KV reads that a decision needs, and their results.

use crate::decision::reason::Reason;
use crate::decision::trace::{Check, LastDay, ListResult, ListSource, Observer, Unobserved};
use crate::grammar::day::Day;
use crate::kv::{MAX_KEY, origin_key};
use crate::origin::Origin;
use crate::origin::set::{AcceptedEntries, Membership, OriginSet};
use crate::policy::cors::{AllowedOrigins, Cors, UsedAllowlists};
use crate::policy::document::Scope;
use crate::policy::{Allowlist, KvKeys, KvList, Policy};

/// A text list that the decision needs.
#[derive(Clone, Copy, Debug)]
pub struct ListLookup<'a> {
    allowlist: usize,
    /// The list's key and rules.
    pub list: &'a KvList,
}

/// A per-origin key that the decision needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLookup {
    allowlist: usize,
    /// The key.
    pub key: String,
}

/// The results of the KV reads.
#[derive(Debug, Default)]
pub struct Answers<'a> {
    lists: Vec<(usize, Option<&'a OriginSet>)>,
    keys: Vec<(usize, KeyAnswer)>,
}

/// The result of reading a per-origin key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAnswer {
    /// The key exists and is valid through this day.
    Present(Day),
    /// The key does not exist.
    Absent,
    /// KV did not answer, or was not asked because too many unknown origins arrived at once.
    Unavailable,
}

impl<'a> Answers<'a> {
    /// Adds a list, or `None` if it could not be read.
    pub fn add_list(&mut self, lookup: &ListLookup<'_>, list: Option<&'a OriginSet>) {
        self.lists.push((lookup.allowlist, list));
    }

    /// Adds the result of reading a key.
    pub fn add_key(&mut self, lookup: &KeyLookup, answer: KeyAnswer) {
        self.keys.push((lookup.allowlist, answer));
    }
}

/// Looks up an origin in everything that a route names: entries, then lists, then keys.
pub(crate) struct Search<'a, 'q> {
    policy: &'a Policy,
    cors: &'a Cors,
    entries: &'a OriginSet,
    allowlists: &'a UsedAllowlists,
    /// Whether the pattern for every extension counts.
    extensions: bool,
    origin: &'q Origin<'a>,
    host: &'q str,
    today: Day,
}

impl<'a, 'q> Search<'a, 'q> {
    /// A search among the origins of a route; `None` if the route allows any origin.
    ///
    /// `host` is the host of the request. `extensions` says whether the pattern for every extension counts for it.
    pub(crate) fn new(
        policy: &'a Policy,
        cors: &'a Cors,
        origin: &'q Origin<'a>,
        host: &'q str,
        extensions: bool,
        today: Day,
    ) -> Option<Self> {
        let AllowedOrigins::Listed { entries, allowlists } = &cors.origins else {
            return None;
        };
        Some(Self { policy, cors, entries, allowlists, extensions, origin, host, today })
    }

    /// The entries of lists in KV that count for this request.
    fn accepted(&self) -> AcceptedEntries {
        let accepted = self.cors.accepted();
        AcceptedEntries { extensions: accepted.extensions && self.extensions, ..accepted }
    }

    /// The lists in KV that may contain the origin when the policy itself does not.
    pub(crate) fn lists(&self) -> Vec<ListLookup<'a>> {
        // Most routes name no list in KV, so they skip the search here.
        match self.allowlists.kv.is_empty() {
            true => Vec::new(),
            false => self.lists_unless_listed(),
        }
    }

    // Not inlined here and below: a new isolate compiles nothing of this for a policy without lists in KV.
    #[inline(never)]
    fn lists_unless_listed(&self) -> Vec<ListLookup<'a>> {
        if self.is_in_policy() {
            return Vec::new();
        }
        self.kv_lists().map(|(allowlist, list)| ListLookup { allowlist, list }).collect()
    }

    /// The keys in KV that may exist for the origin when neither the policy nor the lists contain it.
    pub(crate) fn keys(&self, answers: &Answers<'a>) -> Vec<KeyLookup> {
        match self.allowlists.kv_keys.is_empty() {
            true => Vec::new(),
            false => self.keys_unless_listed(answers),
        }
    }

    #[inline(never)]
    fn keys_unless_listed(&self, answers: &Answers<'a>) -> Vec<KeyLookup> {
        let admitted = || self.accepted().insecure || !self.origin.is_insecure();
        let listed =
            || self.is_in_policy() || matches!(self.in_lists(answers, &mut Unobserved), Found::Listed(_));
        if !admitted() || listed() {
            return Vec::new();
        }
        let key = |keys: &KvKeys| {
            let (name, origin, host) = (&keys.name, self.origin.as_str(), self.host);
            match keys.scope {
                Scope::Shared => origin_key(name, None, origin),
                Scope::Host => origin_key(name, Some(host), origin),
            }
        };
        let lookups = self.kv_keys().map(|(allowlist, keys)| KeyLookup { allowlist, key: key(keys) });
        lookups.filter(|lookup| lookup.key.len() <= MAX_KEY).collect()
    }

    /// The entry that lists the origin, or the reason why there is none.
    ///
    /// A failed read matters only if nothing else lists the origin: then the answer is unknown, and must not
    /// be reported as a rejection.
    pub(crate) fn entry(
        &self,
        answers: &Answers<'a>,
        observer: &mut impl Observer<'a>,
    ) -> Result<&'a str, Reason> {
        let mut expired = match self.in_policy(observer) {
            Membership::Listed(entry) => return Ok(entry),
            Membership::Expired(_) => true,
            Membership::Absent if !self.allowlists.are_in_kv() => return Err(Reason::OriginNotListed),
            Membership::Absent => false,
        };
        let mut unavailable = false;
        let mut count = |found| match found {
            Found::Listed(entry) => Some(entry),
            Found::Not { expired: also, unavailable: missing } => {
                expired |= also;
                unavailable |= missing;
                None
            }
        };
        if let Some(entry) = count(self.in_lists(answers, observer)) {
            return Ok(entry);
        }
        if let Some(entry) = count(self.in_keys(answers, observer)) {
            return Ok(entry);
        }
        Err(match (unavailable, expired) {
            (true, _) => Reason::ListUnavailable,
            (false, true) => Reason::OriginExpired,
            (false, false) => Reason::OriginNotListed,
        })
    }

    fn kv_lists(&self) -> impl Iterator<Item = (usize, &'a KvList)> + use<'a> {
        let policy = self.policy;
        self.allowlists.kv.iter().filter_map(move |at| match policy.allowlist(*at) {
            Some(Allowlist::Kv(list)) => Some((*at, list)),
            _ => None,
        })
    }

    fn kv_keys(&self) -> impl Iterator<Item = (usize, &'a KvKeys)> + use<'a> {
        let policy = self.policy;
        self.allowlists.kv_keys.iter().filter_map(move |at| match policy.allowlist(*at) {
            Some(Allowlist::KvKeys(keys)) => Some((*at, keys)),
            _ => None,
        })
    }

    fn is_in_policy(&self) -> bool {
        matches!(self.in_policy(&mut Unobserved), Membership::Listed(_))
    }

    fn in_policy(&self, observer: &mut impl Observer<'a>) -> Membership<'a> {
        let mut lists = self.allowlists.in_policy.iter().filter_map(|at| match self.policy.allowlist(*at) {
            Some(Allowlist::Entries(entries, _)) => Some((Some(*at), entries)),
            _ => None,
        });
        let accepted = AcceptedEntries { extensions: self.extensions, ..AcceptedEntries::ALL };
        let mut best = Membership::Absent;
        let mut next = Some((None, self.entries));
        while let Some((allowlist, set)) = next {
            let found = set.find(self.origin, accepted, self.today);
            observer.note(|| self.list_check(ListSource::Policy, allowlist, Some((set, found))));
            match found {
                Membership::Listed(_) => return found,
                Membership::Expired(_) => best = found,
                Membership::Absent => {}
            }
            next = lists.next();
        }
        best
    }

    fn in_lists(&self, answers: &Answers<'a>, observer: &mut impl Observer<'a>) -> Found<'a> {
        let (mut expired, mut unavailable) = (false, false);
        let accepted = self.accepted();
        for (allowlist, _) in self.kv_lists() {
            let answer = answers.lists.iter().find(|(known, _)| *known == allowlist);
            let found = answer
                .and_then(|(_, list)| *list)
                .map(|list| (list, list.find(self.origin, accepted, self.today)));
            observer.note(|| self.list_check(ListSource::KvList, Some(allowlist), found));
            match found {
                Some((_, Membership::Listed(entry))) => return Found::Listed(entry),
                Some((_, Membership::Expired(_))) => expired = true,
                Some((_, Membership::Absent)) => {}
                None => unavailable = true,
            }
        }
        Found::Not { expired, unavailable }
    }

    fn in_keys(&self, answers: &Answers<'a>, observer: &mut impl Observer<'a>) -> Found<'a> {
        let (mut expired, mut unavailable) = (false, false);
        let lookups = self.keys(answers);
        for (allowlist, _) in self.kv_keys() {
            // Skip keys that cannot exist and keys that this route would ignore.
            if !lookups.iter().any(|lookup| lookup.allowlist == allowlist) {
                observer.note(|| self.key_check(allowlist, None, None));
            }
        }
        for lookup in &lookups {
            let answer = answers.keys.iter().find(|(known, _)| *known == lookup.allowlist);
            let answer = answer.map_or(KeyAnswer::Unavailable, |(_, answer)| *answer);
            observer.note(|| self.key_check(lookup.allowlist, Some(lookup), Some(answer)));
            match answer {
                KeyAnswer::Present(expires) if expires >= self.today => {
                    return Found::Listed(self.origin.as_str());
                }
                KeyAnswer::Present(_) => expired = true,
                KeyAnswer::Absent => {}
                KeyAnswer::Unavailable => unavailable = true,
            }
        }
        Found::Not { expired, unavailable }
    }

    /// The check of a list for the trace; without a list, it could not be read.
    fn list_check(
        &self,
        source: ListSource,
        allowlist: Option<usize>,
        found: Option<(&'a OriginSet, Membership<'a>)>,
    ) -> Check<'a> {
        let (result, entry) = match found {
            Some((_, Membership::Listed(entry))) => (ListResult::Listed, Some(entry)),
            Some((_, Membership::Expired(entry))) => (ListResult::Expired, Some(entry)),
            Some((set, Membership::Absent)) => {
                match set.find(self.origin, AcceptedEntries::ALL, self.today) {
                    Membership::Listed(entry) => (ListResult::NotCounted, Some(entry)),
                    _ => (ListResult::NotListed, None),
                }
            }
            None => (ListResult::Unavailable, None),
        };
        let last_day = found.zip(entry).and_then(|((set, _), entry)| set.last_day(entry));
        let list = allowlist.and_then(|at| self.policy.allowlist(at));
        Check::List {
            result,
            source,
            allowlist: allowlist.and_then(|at| self.policy.allowlist_name(at)),
            key: match list {
                Some(Allowlist::Kv(list)) => Some(list.key.clone()),
                _ => None,
            },
            entries: found.map(|(set, _)| set.len()),
            entry,
            expires: last_day.and_then(LastDay::of),
        }
    }

    /// The check of a key for the trace; without a lookup, no key was read.
    fn key_check(
        &self,
        allowlist: usize,
        lookup: Option<&KeyLookup>,
        answer: Option<KeyAnswer>,
    ) -> Check<'a> {
        let (result, last_day) = match answer {
            Some(KeyAnswer::Present(day)) if day >= self.today => (ListResult::Listed, Some(day)),
            Some(KeyAnswer::Present(day)) => (ListResult::Expired, Some(day)),
            Some(KeyAnswer::Absent) => (ListResult::NotListed, None),
            Some(KeyAnswer::Unavailable) => (ListResult::Unavailable, None),
            None => (ListResult::NotAsked, None),
        };
        Check::List {
            result,
            source: ListSource::KvKey,
            allowlist: self.policy.allowlist_name(allowlist),
            key: lookup.map(|lookup| lookup.key.clone()),
            entries: None,
            entry: last_day.map(|_| self.origin.as_str()),
            expires: last_day.and_then(LastDay::of),
        }
    }
}

enum Found<'a> {
    Listed(&'a str),
    Not { expired: bool, unavailable: bool },
}
