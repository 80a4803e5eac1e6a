//! Which routes could take a request, found without asking one after the other.
//!
//! For each host that routes name, and once for those of every host, the paths of its routes are sorted as
//! the loosest server reads them (`a/b/`, a slash behind each name). Paths that begin alike then stand
//! beside each other, so that each name of a request's path narrows them down by two binary searches. What
//! that takes grows with the length of the path, and with the logarithm of the number of routes.

use core::cmp::Ordering;
use core::ops::Range;

use crate::host::MAX_HOST;
use crate::path::{PathPattern, Reading};
use crate::route::Route;

/// The index. Routes are told by their positions.
#[derive(Debug, Default)]
pub(crate) struct RouteIndex {
    hosts: Vec<Host>,
    entries: Vec<Entry>,
    /// The texts of the entries.
    text: Vec<u8>,
    /// Some host pattern has a wildcard.
    wildcards: bool,
}

/// The routes for a host pattern: a host, `.example.com` for what is under it, nothing for every host.
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

impl RouteIndex {
    /// Indexes routes by what `text` makes of their paths.
    pub(crate) fn new(routes: &[Route], text: impl Fn(&PathPattern) -> Vec<u8>) -> Self {
        let mut index = Self::default();
        let mut placed: Vec<(&str, Entry)> = Vec::with_capacity(routes.len());
        for (route, it) in routes.iter().enumerate() {
            let start = index.text.len();
            index.text.extend(text(it.path()));
            let entry = Entry { text: start..index.text.len(), prefix: it.path().is_prefix(), route };
            placed.extend(it.host_keys().map(|host| (host, entry.clone())));
        }
        let order = |(host, entry): &(&str, Entry), (other_host, other): &(&str, Entry)| {
            let paths = || index.text_of(entry).cmp(index.text_of(other));
            let kinds = || (entry.prefix, entry.route).cmp(&(other.prefix, other.route));
            host.cmp(other_host).then_with(paths).then_with(kinds)
        };
        placed.sort_unstable_by(order);
        for (host, entry) in placed {
            let at = index.entries.len();
            match index.hosts.last_mut().filter(|last| last.pattern == host) {
                Some(last) => {
                    last.entries.end = at + 1;
                    last.first = last.first.min(entry.route);
                }
                None => {
                    index.wildcards |= host.starts_with('.');
                    index.hosts.push(Host {
                        pattern: host.to_owned(),
                        entries: at..at + 1,
                        first: entry.route,
                    });
                }
            }
            index.entries.push(entry);
        }
        index
    }

    /// The first route, in the order of the policy, that answers for a host.
    pub(crate) fn first_of(&self, host: &str) -> Option<usize> {
        self.hosts(host).map(|found| found.first).min()
    }

    /// The first route, in the order of the policy, that takes a path as it is read here.
    pub(crate) fn first(&self, host: &str, path: Reading<'_>) -> Option<usize> {
        let mut first = None;
        for found in self.hosts(host) {
            self.walk(found, path, true, |entries| {
                if let Some(entry) = entries.first()
                    && first.is_none_or(|first| entry.route < first)
                {
                    first = Some(entry.route);
                }
            });
        }
        first
    }

    /// The first route before `later` that takes every request that `later` could.
    pub(crate) fn hiding(&self, routes: &[Route], later: usize) -> Option<usize> {
        let route = routes.get(later)?;
        // What hides it does so for each of its hosts: of one of them, that with the fewest, all are asked.
        let each = |host: &str, ask: &mut dyn FnMut(&[Entry])| {
            for found in self.hosts_covering(host) {
                let (path, whole) = (Reading::joined(route.path().loose()), !route.path().is_prefix());
                self.walk(found, path, whole, |entries| {
                    let earlier = entries.partition_point(|entry| entry.route < later);
                    ask(entries.get(..earlier).unwrap_or_default());
                });
            }
        };
        let count = |host: &&str| {
            let mut count = 0;
            each(host, &mut |entries| count += entries.len());
            count
        };
        let host = route.host_keys().min_by_key(count)?;
        let mut hiding = None;
        each(host, &mut |entries| {
            let better = entries.iter().take_while(|entry| hiding.is_none_or(|hiding| entry.route < hiding));
            let mut better =
                better.filter(|entry| routes.get(entry.route).is_some_and(|earlier| earlier.hides(route)));
            if let Some(entry) = better.next() {
                hiding = Some(entry.route);
            }
        });
        hiding
    }

    /// Leaves of entries with the same host and path the first alone. Another could only take a path that
    /// the first takes too when it is read loosely, so that it is refused.
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

    /// What stands for the patterns that fit a host in canonical form.
    fn hosts<'i>(&'i self, host: &'i str) -> impl Iterator<Item = &'i Host> {
        self.hosts_above(host).chain(self.host(host).filter(|_| !host.starts_with('.')))
    }

    /// What stands for the patterns that cover a pattern.
    fn hosts_covering<'i>(&'i self, pattern: &'i str) -> impl Iterator<Item = &'i Host> {
        self.hosts_above(pattern).chain(self.host(pattern).filter(|_| !pattern.is_empty()))
    }

    /// What stands for every host, and for the names under which a host is.
    fn hosts_above<'i>(&'i self, host: &'i str) -> impl Iterator<Item = &'i Host> {
        let every = self.hosts.first().filter(|first| first.pattern.is_empty());
        // No pattern is longer.
        let from = host.len().saturating_sub(MAX_HOST + 1).max(1);
        let dots = host.bytes().enumerate().skip(from).filter(|(_, byte)| self.wildcards && *byte == b'.');
        every.into_iter().chain(dots.filter_map(|(at, _)| self.host(host.get(at..)?)))
    }

    fn host(&self, pattern: &str) -> Option<&Host> {
        let at = self.hosts.binary_search_by(|host| host.pattern.as_str().cmp(pattern)).ok()?;
        self.hosts.get(at)
    }

    /// Goes from name to name, and hands over the routes whose paths are met: prefixes, and at the end
    /// with `whole` also single paths. They come by kind, in the order of the policy.
    fn walk(&self, host: &Host, path: Reading<'_>, whole: bool, mut found: impl FnMut(&[Entry])) {
        let mut names = path.names();
        let mut left = self.entries.get(host.entries.clone()).unwrap_or_default();
        let mut depth = 0;
        while !left.is_empty() {
            // Of texts with the same beginning that which has no more is the first.
            let (here, deeper) = split(left, |entry| entry.text.len() == depth);
            let (single, prefixes) = split(here, |entry| !entry.prefix);
            found(prefixes);
            let Some(name) = names.next() else {
                if whole {
                    found(single);
                }
                return;
            };
            let place = |entry: &Entry| order(self.text_of(entry).get(depth..).unwrap_or_default(), name);
            let (_, at_least) = split(deeper, |entry| place(entry).is_lt());
            (left, _) = split(at_least, |entry| place(entry).is_eq());
            depth += name.len() + 1;
        }
    }
}

/// Where `text` stands beside all texts that begin with a name and a slash.
fn order(text: &[u8], name: &[u8]) -> Ordering {
    let beginning = text.get(..name.len()).unwrap_or(text);
    beginning.cmp(name).then_with(|| text.get(name.len()).unwrap_or(&0).cmp(&b'/'))
}

fn split(entries: &[Entry], before: impl Fn(&Entry) -> bool) -> (&[Entry], &[Entry]) {
    entries.split_at_checked(entries.partition_point(before)).unwrap_or_default()
}
