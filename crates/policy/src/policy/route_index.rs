//! Finds the routes that could match a request without testing each of them.
//!
//! Hosts stand in a hash table, and so do the paths of each, as the loosest server reads them (`a/b/`, a slash after each
//! name). A request's host is looked for as itself and once for each parent at whose depth some wildcard stands, its path
//! once for each number of names that some path of the host has. So the cost does not grow with the number of routes.

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
    /// The first entry of each path of a host, by the path's text.
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
    /// The numbers of names of the entries' texts.
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
            for host in route.host_keys() {
                keys.push(Key { host, text, prefix, route: at });
            }
        }
        let mut index = Self { by_text: Slots::new(keys.len()), ..Self::default() };
        let mut last = None;
        for Key { host: pattern, text, prefix, route } in sorted(keys) {
            let at = index.entries.len();
            if index.hosts.last().is_none_or(|last| last.pattern != pattern) {
                let (entries, depths) = (at..at, Depths::default());
                index.hosts.push(Host { pattern: pattern.to_owned(), entries, depths, first: route });
            }
            if let Some(host) = index.hosts.last_mut() {
                host.entries.end = at + 1;
                host.first = host.first.min(route);
                // Another with the same path could only match what this one matches too in a loose reading.
                if last.replace((pattern, text, prefix)) != Some((pattern, text, prefix)) {
                    let hash = text.iter().copied().fold(host.seed(), mixed);
                    host.depths.add(text.iter().filter(|byte| **byte == b'/').count());
                    index.by_text.insert(if prefix { hash } else { of_single(hash) }, at);
                }
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
        let mut first = NONE;
        self.each_host(host, false, &mut |found| first = first.min(found.first));
        some(first)
    }

    /// The first route, in the order of the policy, that matches this reading of a path.
    // Not inlined: once in the Wasm instead of at each call.
    #[inline(never)]
    pub(crate) fn first(&self, host: &str, path: Reading<'_>) -> Option<usize> {
        let mut first = NONE;
        self.each_host(host, false, &mut |found| match path.as_plain() {
            Some(path) if found.entries.len() <= FEW => {
                for entry in self.entries_of(found) {
                    let text = self.text_of(entry);
                    if entry.prefix && begins(path, text) || !entry.prefix && is(path, text) {
                        first = first.min(entry.route);
                    }
                }
            }
            _ => self.walk(found, path, true, &mut |at| {
                let route = self.entries.get(at).map_or(NONE, |entry| entry.route);
                first = first.min(route);
            }),
        });
        some(first)
    }

    /// The first route before `later` that matches every request that `later` matches.
    #[inline(never)]
    pub(crate) fn hiding(&self, routes: &[Route], later: usize) -> Option<usize> {
        let route = routes.get(later)?;
        // A route that hides `later` does so for each of its hosts, so it is enough to search the host with
        // the fewest routes.
        let mut fewest: Option<(usize, &str)> = None;
        for host in route.host_keys() {
            let mut count = 0;
            self.each_earlier(host, route, later, &mut |entries| count += entries.len());
            if fewest.is_none_or(|(fewest, _)| count < fewest) {
                fewest = Some((count, host));
            }
            if count == 0 {
                return None;
            }
        }
        let mut hiding = None;
        self.each_earlier(fewest?.1, route, later, &mut |entries| {
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

    /// Passes on the entries, path by path, of the routes before `later`, which is at this position, that match its path on
    /// a host.
    // Not inlined here and below: once in the Wasm instead of at each call.
    #[inline(never)]
    fn each_earlier(&self, host: &str, later: &Route, at: usize, ask: &mut dyn FnMut(&[Entry])) {
        let (path, whole) = (Reading::joined(later.path().loose()), !later.path().is_prefix());
        self.each_host(host, true, &mut |found| {
            self.walk(found, path, whole, &mut |first| {
                let rest = self.entries.get(first..found.entries.end).unwrap_or_default();
                let same = rest
                    .first()
                    .map_or(&[][..], |first| while_true(rest, &|entry| self.is_same(first, entry)));
                ask(while_true(same, &|entry| entry.route < at))
            });
        });
    }

    /// Whether two entries of a host have the same path.
    fn is_same(&self, one: &Entry, other: &Entry) -> bool {
        one.prefix == other.prefix && self.text_of(one) == self.text_of(other)
    }

    fn entries_of(&self, host: &Host) -> &[Entry] {
        self.entries.get(host.entries.clone()).unwrap_or_default()
    }

    fn text_of(&self, entry: &Entry) -> &[u8] {
        self.text.get(entry.text.clone()).unwrap_or_default()
    }

    /// The patterns that match a host in canonical form; with `covering`, those that cover a pattern.
    #[inline(never)]
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

    /// Walks from name to name and passes on, of each path that matches, the first entry: prefixes and, at the end with
    /// `whole`, a single path.
    fn walk(&self, host: &Host, path: Reading<'_>, whole: bool, found: &mut dyn FnMut(usize)) {
        let depths = host.depths;
        let mut names = path.names();
        let (mut hash, mut depth) = (host.seed(), 0);
        loop {
            let mut look = |hash, prefix| {
                let is_it = |at| {
                    host.entries.contains(&at)
                        && self.entries.get(at).is_some_and(|entry| {
                            entry.prefix == prefix && has_names(self.text_of(entry), path.names().take(depth))
                        })
                };
                self.by_text.find(hash, &is_it).into_iter().for_each(&mut *found);
            };
            let has = depths.has(depth);
            if has {
                look(hash, true);
            }
            let name = names.next();
            if has && whole && name.is_none() {
                look(of_single(hash), false);
            }
            let Some(name) = name.filter(|_| depths.has_more_than(depth)) else { return };
            hash = mixed(name.iter().copied().fold(hash, mixed), b'/');
            depth += 1;
        }
    }
}

/// Whether a text has these names.
fn has_names<'n>(mut text: &[u8], names: impl Iterator<Item = &'n [u8]>) -> bool {
    for name in names {
        match text.strip_prefix(name).and_then(|rest| rest.strip_prefix(b"/")) {
            Some(rest) => text = rest,
            None => return false,
        }
    }
    text.is_empty()
}

/// Whether a plain path without its first slash begins with the names of a text, each followed by a slash.
fn begins(path: &[u8], text: &[u8]) -> bool {
    // Every path begins with the empty text, and comparing with one can be slow: see `each_host`.
    text.is_empty() || path.starts_with(text) || is(path, text)
}

/// Whether the names of a plain path without its first slash are those of a text.
fn is(path: &[u8], text: &[u8]) -> bool {
    text.split_last().map_or(path.is_empty(), |(_slash, names)| path == names)
}

/// The entries up to where `is_one` becomes false.
fn while_true<'e>(entries: &'e [Entry], is_one: &dyn Fn(&Entry) -> bool) -> &'e [Entry] {
    entries.get(..entries.partition_point(is_one)).unwrap_or_default()
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
