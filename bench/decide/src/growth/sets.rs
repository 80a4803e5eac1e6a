//! Lookups in lists in KV, as sets and as texts.

use corsgate_policy::KvList;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::origin::Origin;
use corsgate_policy::origin::entry::{ListPatterns, parse_line};
use corsgate_policy::origin::set::{AcceptedEntries, Membership, OriginSet};
use corsgate_policy::origin::sorted::{UnreadableSet, write_set};

use crate::origins::{drawn, strangers};
use crate::stopwatch::{Case, Subject};

/// Where this many clients take turns, a lookup finds little of a long list in the processor's caches. The texts of the
/// clients stand one after the other, since an origin that a request brings is in the cache too.
const MANY: usize = 300_000;

/// A list in both forms, and who asks.
pub(crate) struct Lists {
    size: usize,
    set: OriginSet,
    text: OriginSet,
    few: Vec<String>,
    many: Vec<String>,
    strangers: Vec<String>,
}

impl Lists {
    pub(crate) fn new(size: usize) -> Result<Self, UnreadableSet> {
        let origin = |at: usize| format!("https://tenant-{at}.customers.example.com");
        let text: String = (0..size).map(|at| origin(at) + "\n").collect();
        let entries = text.lines().filter_map(|line| parse_line(line, ListPatterns::Exact).ok().flatten());
        let bytes = write_set(entries);
        let list =
            KvList { key: "list".to_owned(), patterns: ListPatterns::Exact, accepted: AcceptedEntries::ALL };
        Ok(Self {
            size,
            set: list.read_set(bytes)?.origins,
            text: list.read(&text).origins,
            few: drawn(size).map(origin).collect(),
            // Steps of another prime number: neighbours in time are no neighbours in the list.
            many: (0..size.min(MANY)).map(|at| origin(at * 7_368_787 % size)).collect(),
            strangers: strangers(),
        })
    }

    pub(crate) fn subjects(&self) -> Vec<Subject<'_>> {
        let Self { set, text, few, many, strangers, .. } = self;
        vec![
            self.subject("a set, 1,000 clients", "allowed", set, few),
            self.subject("a set, random clients", "allowed", set, many),
            self.subject("a set, 1,000 strangers", "rejected", set, strangers),
            self.subject("a text, 1,000 clients", "allowed", text, few),
            self.subject("a text, random clients", "allowed", text, many),
        ]
    }

    fn subject<'a>(
        &self,
        name: &'static str,
        outcome: &'static str,
        list: &'a OriginSet,
        clients: &'a [String],
    ) -> Subject<'a> {
        let origins: Vec<Origin<'a>> =
            clients.iter().filter_map(|client| Origin::parse(client).ok()).collect();
        let today = Day::from_unix_milliseconds(1.8e12);
        let case = Case { size: self.size, outcome, clients: origins.len() };
        let answer = move |at: usize| {
            matches!(list.find(&origins[at], AcceptedEntries::ALL, today), Membership::Listed(_))
        };
        Subject { name, case, answer: Box::new(answer) }
    }
}
