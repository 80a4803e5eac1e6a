//! Finds the routes that could match a request without testing each of them.
//!
//! For each host pattern, and once for routes without hosts, the paths are sorted as the loosest server
//! reads them (`a/b/`, a slash after each name). Paths with a common beginning are then neighbours, so each
//! name of a request's path narrows them down by two binary searches. The cost grows with the length of the
//! path and with the logarithm of the number of routes.

use core::cmp::Ordering;
use core::ops::Range;
use std::collections::BinaryHeap;

use crate::grammar::host::MAX_HOST;
use crate::path::{PathPattern, Reading};
use crate::policy::route::Route;

/// Up to this many routes of a host are tested one by one.
const FEW: usize = 16;

/// The index. A route is identified by its position.
#[derive(Debug, Default)]
pub(crate) struct RouteIndex {
    hosts: Vec<Host>,
    entries: Vec<Entry>,
    /// The texts of the entries.
    text: Vec<u8>,
    /// Some host pattern has a wildcard.
    wildcards: bool,
}

/// The routes of a host pattern: a host, `.example.com` for the hosts under it, or the empty text for every
/// host.
#[derive(Debug)]
struct Host {
    pattern: String,
    entries: Range<usize>,
    /// The first route of all.
    first: usize,
}

/// The path of a route.
#[derive(Clone, Debug)]
struct Entry {
    text: Range<usize>,
    prefix: bool,
    route: usize,
}

/// What entries are sorted by.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'t> {
    host: &'t str,
    text: &'t [u8],
    prefix: bool,
    route: usize,
}

impl RouteIndex {
    /// Indexes routes by the text that `text` makes of their paths.
    pub(crate) fn new(routes: &[Route], text: fn(&PathPattern) -> Vec<u8>) -> Self {
        let texts: Vec<_> = routes.iter().map(|route| text(route.path())).collect();
        let mut keys = Vec::with_capacity(routes.len());
        for ((at, route), text) in routes.iter().enumerate().zip(&texts) {
            let prefix = route.path().is_prefix();
            keys.extend(route.host_keys().map(|host| Key { host, text, prefix, route: at }));
        }
        let mut index = Self::default();
        for Key { host, text, prefix, route } in sorted(keys) {
            let at = index.entries.len();
            match index.hosts.last_mut().filter(|last| last.pattern == host) {
                Some(last) => {
                    last.entries.end = at + 1;
                    last.first = last.first.min(route);
                }
                None => {
                    index.wildcards |= host.starts_with('.');
                    index.hosts.push(Host { pattern: host.to_owned(), entries: at..at + 1, first: route });
                }
            }
            let start = index.text.len();
            index.text.extend_from_slice(text);
            index.entries.push(Entry { text: start..index.text.len(), prefix, route });
        }
        index
    }

    /// The keys of the hosts, sorted, each once.
    pub(crate) fn host_keys(&self) -> impl Iterator<Item = &str> {
        self.hosts.iter().map(|host| host.pattern.as_str())
    }

    /// The first route, in the order of the policy, that matches a host.
    #[inline(never)]
    pub(crate) fn first_of(&self, host: &str) -> Option<usize> {
        let mut first = NONE;
        self.each_host(host, false, &mut |found| first = first.min(found.first));
        some(first)
    }

    /// The first route, in the order of the policy, that matches this reading of a path.
    // Not inlined: once in the Wasm instead of at each call.
    #[inline(never)]
    pub(crate) fn first(&self, host: &str, path: Reading<'_>) -> Option<usize> {
        let mut first = NONE;
        self.each_host(host, false, &mut |found| {
            if let Some(path) = path.as_plain()
                && found.entries.len() <= FEW
            {
                // Comparing a few is as fast as narrowing them down.
                for entry in self.entries.get(found.entries.clone()).unwrap_or_default() {
                    let text = self.text_of(entry);
                    if entry.prefix && begins(path, text) || !entry.prefix && is(path, text) {
                        first = first.min(entry.route);
                    }
                }
                return;
            }
            self.walk(found, path, true, &mut |entries| {
                if let Some(entry) = entries.first() {
                    first = first.min(entry.route);
                }
            });
        });
        some(first)
    }

    /// The first route before `later` that matches every request that `later` matches.
    pub(crate) fn hiding(&self, routes: &[Route], later: usize) -> Option<usize> {
        let route = routes.get(later)?;
        let (path, whole) = (Reading::joined(route.path().loose()), !route.path().is_prefix());
        let each_earlier = |host: &str, ask: &mut dyn FnMut(&[Entry])| {
            self.each_host(host, true, &mut |found| {
                self.walk(found, path, whole, &mut |entries| {
                    ask(split(entries, &|entry| entry.route < later).0)
                });
            });
        };
        // A route that hides `later` does so for each of its hosts, so it is enough to search the host with
        // the fewest routes.
        let mut fewest: Option<(usize, &str)> = None;
        for host in route.host_keys() {
            let mut count = 0;
            each_earlier(host, &mut |entries| count += entries.len());
            if fewest.is_none_or(|(fewest, _)| count < fewest) {
                fewest = Some((count, host));
            }
            if count == 0 {
                return None;
            }
        }
        let mut hiding = None;
        each_earlier(fewest?.1, &mut |entries| {
            let before = entries
                .iter()
                .map(|entry| entry.route)
                .take_while(|at| hiding.is_none_or(|hiding| *at < hiding));
            let mut hides = before.filter(|at| routes.get(*at).is_some_and(|earlier| earlier.hides(route)));
            if let Some(at) = hides.next() {
                hiding = Some(at);
            }
        });
        hiding
    }

    /// Keeps only the first of the entries with the same host and path. Another could only match a path that
    /// the first one matches too in a loose reading, so such a path is rejected.
    pub(crate) fn keep_first(&mut self) {
        let entries = core::mem::take(&mut self.entries);
        for host in &mut self.hosts {
            let start = self.entries.len();
            for entry in entries.get(host.entries.clone()).unwrap_or_default() {
                let same = |last: &Entry| {
                    last.prefix == entry.prefix
                        && self.text.get(last.text.clone()) == self.text.get(entry.text.clone())
                };
                if self.entries.len() == start || !self.entries.last().is_some_and(same) {
                    self.entries.push(entry.clone());
                }
            }
            host.entries = start..self.entries.len();
        }
    }

    fn text_of(&self, entry: &Entry) -> &[u8] {
        self.text.get(entry.text.clone()).unwrap_or_default()
    }

    /// The patterns that match a host in canonical form; with `covering`, those that cover a pattern.
    fn each_host(&self, host: &str, covering: bool, found: &mut dyn FnMut(&Host)) {
        // The empty text is not searched for: where the C library compares by masked loads of AVX-512, a comparison with
        // an empty `String`, whose address is not mapped, takes longer than the rest of a decision.
        let named = match self.hosts.split_first() {
            Some((every, named)) if every.pattern.is_empty() => {
                found(every);
                named
            }
            _ => &self.hosts,
        };
        if self.wildcards {
            // No pattern is longer than this.
            let from = host.len().saturating_sub(MAX_HOST + 1).max(1);
            for (at, byte) in host.bytes().enumerate().skip(from) {
                if byte == b'.'
                    && let Some(parent) = host.get(at..).and_then(|parent| find(named, parent))
                {
                    found(parent);
                }
            }
        }
        let is_itself = if covering { !host.is_empty() } else { !host.starts_with('.') };
        if let Some(own) = find(named, host).filter(|_| is_itself) {
            found(own);
        }
    }

    /// Walks from name to name and passes on the routes whose paths match: prefixes and, at the end with
    /// `whole`, single paths. They are grouped by kind, in the order of the policy.
    fn walk(&self, host: &Host, path: Reading<'_>, whole: bool, found: &mut dyn FnMut(&[Entry])) {
        let mut names = path.names();
        let mut left = self.entries.get(host.entries.clone()).unwrap_or_default();
        let mut depth = 0;
        while !left.is_empty() {
            // Of texts with a common beginning, the one that ends here sorts first.
            let (here, deeper) = split(left, &|entry| entry.text.len() == depth);
            let (single, prefixes) = split(here, &|entry| !entry.prefix);
            found(prefixes);
            let Some(name) = names.next() else {
                if whole {
                    found(single);
                }
                return;
            };
            let place = |entry: &Entry| order(self.text_of(entry).get(depth..).unwrap_or_default(), name);
            left = match deeper {
                // The usual case at the top of a policy: all have the same beginning.
                [first, .., last] if place(first).is_eq() && place(last).is_eq() => deeper,
                _ => {
                    let (_, at_least) = split(deeper, &|entry| place(entry).is_lt());
                    split(at_least, &|entry| place(entry).is_eq()).0
                }
            };
            depth += name.len() + 1;
        }
    }
}

fn find<'h>(hosts: &'h [Host], pattern: &str) -> Option<&'h Host> {
    let at = hosts.binary_search_by(|host| host.pattern.as_str().cmp(pattern)).ok()?;
    hosts.get(at)
}

/// Whether a plain path without its first slash begins with the names of a text, each followed by a slash.
fn begins(path: &[u8], text: &[u8]) -> bool {
    // Every path begins with the empty text, and comparing with one can be slow: see `each_host`.
    text.is_empty() || path.starts_with(text) || is(path, text)
}

fn is(path: &[u8], text: &[u8]) -> bool {
    text.split_last().map_or(path.is_empty(), |(_slash, names)| path == names)
}

/// How `text` compares with all texts that begin with a name and a slash.
fn order(text: &[u8], name: &[u8]) -> Ordering {
    let beginning = text.get(..name.len()).unwrap_or(text);
    beginning.cmp(name).then_with(|| text.get(name.len()).unwrap_or(&0).cmp(&b'/'))
}

/// Splits where `before` becomes false.
fn split<'e>(entries: &'e [Entry], before: &dyn Fn(&Entry) -> bool) -> (&'e [Entry], &'e [Entry]) {
    let first = entries.first().is_some_and(before);
    let at = if first { entries.partition_point(before) } else { 0 };
    entries.split_at_checked(at).unwrap_or_default()
}

/// After every route.
const NONE: usize = usize::MAX;

fn some(route: usize) -> Option<usize> {
    (route != NONE).then_some(route)
}

/// A heap sorts in far less code than `sort`, which every isolate would have to load.
fn sorted(keys: Vec<Key<'_>>) -> Vec<Key<'_>> {
    BinaryHeap::from(keys).into_sorted_vec()
}

/// The positions of repeated names, sorted by name.
pub(crate) fn repeated<'n>(names: impl Iterator<Item = &'n str>) -> Vec<usize> {
    let keys = names.enumerate().map(|(route, host)| Key { host, text: &[], prefix: false, route });
    let mut last = None;
    let keys = sorted(keys.collect()).into_iter();
    keys.filter(|key| last.replace(key.host) == Some(key.host)).map(|key| key.route).collect()
}
