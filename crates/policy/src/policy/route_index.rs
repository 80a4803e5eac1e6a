//! Finds the routes that could match a request without testing each of them.
//!
//! Hosts stand in a hash table, and so do the paths of each, as the loosest server reads them (`a/b/`, a slash after each
//! name). A request's host is looked for as itself and once for each parent at whose depth some wildcard stands; a path
//! that every server reads in the same way, once for each number of names that some path of the host has. So the cost does
//! not grow with the number of routes.
//!
//! Any other path is narrowed down name by name: the paths of a host are sorted, so those with a common beginning are
//! neighbours.

use core::cmp::Ordering;
use core::ops::Range;
use std::collections::BinaryHeap;

use crate::grammar::host::MAX_HOST;
use crate::path::{PathPattern, Reading};
use crate::policy::route::Route;
use crate::policy::slots::{Depths, Slots, mixed};

/// Up to this many are tested one by one, which is as fast as looking them up.
const FEW: usize = 8;

/// The index. A route is identified by its position.
#[derive(Debug, Default)]
pub(crate) struct RouteIndex {
    hosts: Vec<Host>,
    /// The hosts by their patterns, from the last byte to the first.
    by_pattern: Slots,
    /// The numbers of labels of patterns with a wildcard.
    wildcards: Depths,
    entries: Vec<Entry>,
    /// The entries of hosts that have many, by their texts.
    by_text: Slots,
    /// The texts of the entries.
    text: Vec<u8>,
}

/// The routes of a host pattern: a host, `.example.com` for the hosts under it, or the empty text for every
/// host.
#[derive(Debug)]
struct Host {
    pattern: String,
    entries: Range<usize>,
    /// The numbers of names of the entries' texts, if there are many.
    depths: Depths,
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

impl Host {
    /// Whether the pattern matches a host; `is_itself` says whether it may be the host.
    fn matches(&self, host: &str, is_itself: bool) -> bool {
        let pattern = self.pattern.as_str();
        match pattern == host {
            true => is_itself || pattern.is_empty(),
            false => pattern.is_empty() || pattern.starts_with('.') && host.ends_with(pattern),
        }
    }

    /// What the hashes of its texts begin with.
    fn seed(&self) -> u64 {
        mixed(self.entries.start as u64, 0)
    }
}

/// The hash of a single path whose text has this one.
fn of_single(hash: u64) -> u64 {
    mixed(hash, 0)
}

impl RouteIndex {
    /// Indexes routes by the text that `text` makes of their paths.
    #[inline(never)]
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
                None => index.hosts.push(Host {
                    pattern: host.to_owned(),
                    entries: at..at + 1,
                    depths: Depths::default(),
                    first: route,
                }),
            }
            let start = index.text.len();
            index.text.extend_from_slice(text);
            index.entries.push(Entry { text: start..index.text.len(), prefix, route });
        }
        index.by_pattern = Slots::new(index.hosts.len());
        for (at, host) in index.hosts.iter().enumerate() {
            let pattern = host.pattern.bytes();
            if host.pattern.starts_with('.') {
                index.wildcards.add(pattern.clone().filter(|byte| *byte == b'.').count());
            }
            index.by_pattern.insert(pattern.rev().fold(0, mixed), at);
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
        let mut first = None;
        self.each_host(host, false, &mut |found| lower(&mut first, found.first));
        first
    }

    /// The first route, in the order of the policy, that matches this reading of a path.
    // Not inlined: once in the Wasm instead of at each call.
    #[inline(never)]
    pub(crate) fn first(&self, host: &str, path: Reading<'_>) -> Option<usize> {
        let mut first = None;
        self.each_host(host, false, &mut |found| {
            let mut lower =
                |entry: Option<&Entry>| entry.into_iter().for_each(|entry| lower(&mut first, entry.route));
            match path.as_plain() {
                Some(path) if found.entries.len() <= FEW => {
                    for entry in self.entries_of(found) {
                        let text = self.text_of(entry);
                        if entry.prefix && path.starts_with(text) || is(path, text) {
                            lower(Some(entry));
                        }
                    }
                }
                Some(path) => self.each_beginning(found, path, &mut lower),
                None => self.walk(found, path, true, &mut |entries| lower(entries.first())),
            }
        });
        first
    }

    /// Passes on the entries that match a plain path without its first slash.
    fn each_beginning(&self, host: &Host, path: &[u8], found: &mut dyn FnMut(Option<&Entry>)) {
        // How many names were read, and where the last of them ends.
        let (mut names, mut end) = (0, 0);
        let mut hash = host.seed();
        loop {
            let is_whole = end >= path.len();
            if host.depths.has(names) {
                let beginning = path.get(..end).unwrap_or(path);
                found(self.entry(host, hash, beginning, true));
                if is_whole {
                    found(self.entry(host, of_single(hash), beginning, false));
                }
            }
            if is_whole || !host.depths.has_more_than(names) {
                return;
            }
            let start = if names == 0 { 0 } else { end + 1 };
            let rest = path.get(start..).unwrap_or_default();
            let length = rest.iter().take_while(|byte| **byte != b'/').count();
            hash = mixed(rest.iter().take(length).copied().fold(hash, mixed), b'/');
            (names, end) = (names + 1, start + length);
        }
    }

    /// The entry of a host whose text has these names.
    #[inline(never)]
    fn entry(&self, host: &Host, hash: u64, names: &[u8], prefix: bool) -> Option<&Entry> {
        let is_it = |entry: &Entry| entry.prefix == prefix && is(names, self.text_of(entry));
        let at = self
            .by_text
            .find(hash, &|at| host.entries.contains(&at) && self.entries.get(at).is_some_and(is_it));
        self.entries.get(at?)
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

    /// Keeps only the first of the entries with the same host and path, and makes the table of these. Another could only
    /// match a path that the first one matches too in a loose reading, so such a path is rejected.
    #[inline(never)]
    pub(crate) fn keep_first(&mut self) {
        let entries = core::mem::take(&mut self.entries);
        let many = self.hosts.iter().map(|host| host.entries.len()).filter(|count| *count > FEW);
        self.by_text = Slots::new(many.sum());
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
            if host.entries.len() <= FEW {
                continue;
            }
            for (at, entry) in self.entries.iter().enumerate().skip(start) {
                let text = self.text.get(entry.text.clone()).unwrap_or_default();
                let hash = text.iter().copied().fold(host.seed(), mixed);
                host.depths.add(text.iter().filter(|byte| **byte == b'/').count());
                self.by_text.insert(if entry.prefix { hash } else { of_single(hash) }, at);
            }
        }
    }

    fn entries_of(&self, host: &Host) -> &[Entry] {
        self.entries.get(host.entries.clone()).unwrap_or_default()
    }

    fn text_of(&self, entry: &Entry) -> &[u8] {
        self.text.get(entry.text.clone()).unwrap_or_default()
    }

    /// The patterns that match a host in canonical form; with `covering`, those that cover a pattern.
    fn each_host(&self, host: &str, covering: bool, found: &mut dyn FnMut(&Host)) {
        let is_itself = if covering { !host.is_empty() } else { !host.starts_with('.') };
        if self.hosts.len() <= FEW {
            self.hosts.iter().filter(|known| known.matches(host, is_itself)).for_each(found);
            return;
        }
        if let Some(every) = self.hosts.first().filter(|first| first.pattern.is_empty()) {
            found(every);
        }
        let (mut hash, mut labels) = (0, 0);
        // No pattern is longer than this.
        for (at, byte) in host.bytes().enumerate().rev().take(MAX_HOST + 1) {
            hash = mixed(hash, byte);
            labels += usize::from(byte == b'.');
            let could_be = if at == 0 { is_itself } else { byte == b'.' && self.wildcards.has(labels) };
            if could_be && let Some(pattern) = host.get(at..) {
                let is_it = |at: usize| self.hosts.get(at).is_some_and(|known| known.pattern == pattern);
                if let Some(own) = self.by_pattern.find(hash, &is_it).and_then(|at| self.hosts.get(at)) {
                    found(own);
                }
            }
        }
    }

    /// Walks from name to name and passes on the routes whose paths match: prefixes and, at the end with
    /// `whole`, single paths. They are grouped by kind, in the order of the policy.
    fn walk(&self, host: &Host, path: Reading<'_>, whole: bool, found: &mut dyn FnMut(&[Entry])) {
        let mut names = path.names();
        let mut left = self.entries_of(host);
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

/// Whether the names of a plain path without its first slash are those of a text.
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

fn lower(first: &mut Option<usize>, other: usize) {
    *first = Some(first.map_or(other, |first| first.min(other)));
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
