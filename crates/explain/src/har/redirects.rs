//! Which entry of an archive is the response behind a redirect: exporters write one entry for each URL, and name no
//! connection between them.

use std::collections::{HashMap, HashSet, VecDeque};

use super::entry::Entry;
use super::kind::{RequestKind, kind};

/// How many entries for one URL are looked at for each redirect to it. Its own is nearly always the first.
const MOST_LOOKED_AT: usize = 16;

/// The entries that a redirect may have led to.
pub(super) struct Redirects<'e> {
    /// The places in the archive, by URL.
    by_url: HashMap<&'e str, VecDeque<usize>>,
    taken: HashSet<usize>,
}

impl<'e> Redirects<'e> {
    pub(super) fn of(entries: &'e [Entry]) -> Self {
        let mut by_url: HashMap<&str, VecDeque<usize>> = HashMap::new();
        if entries.iter().any(|entry| entry.location().is_some()) {
            for (at, entry) in entries.iter().enumerate().filter(|(_, entry)| may_be_behind(entry)) {
                let url = entry.request.url.split('#').next().unwrap_or_default();
                by_url.entry(url).or_default().push_back(at);
            }
        }
        Self { by_url, taken: HashSet::new() }
    }

    /// Takes the entry for this method and URL that the redirect of the entry at `from` led to, if the archive has it. The
    /// request began at `first`, for a page of the origin `page`.
    pub(super) fn take(
        &mut self,
        entries: &'e [Entry],
        (first, from): (usize, usize),
        (method, url): (&str, &str),
        page: &str,
    ) -> Option<(usize, &'e Entry)> {
        let places = self.by_url.get_mut(url)?;
        // Requests are followed in the order of the archive, so no later one leads to an entry before this one.
        while places.front().is_some_and(|at| *at <= first) {
            places.pop_front();
        }
        let is_its = |entry: &Entry| {
            let origin = entry.header("origin").filter(|origin| !origin.is_empty());
            entry.request.method.eq_ignore_ascii_case(method)
                && origin.is_none_or(|origin| origin == "null" || origin == page)
        };
        let mut near = places.iter().take(MOST_LOOKED_AT).copied();
        let found = near.position(|at| at > from && entries.get(at).is_some_and(is_its))?;
        let at = places.remove(found)?;
        self.taken.insert(at);
        Some((at, entries.get(at)?))
    }

    /// Whether the entry at this place belongs to the request that was redirected to it.
    pub(super) fn has_taken(&self, at: usize) -> bool {
        self.taken.contains(&at)
    }
}

/// A browser goes on checking CORS behind a redirect.
fn may_be_behind(entry: &Entry) -> bool {
    match kind(entry) {
        RequestKind::Cors => true,
        RequestKind::WithoutCors(_) => entry.header("origin") == Some("null"),
        RequestKind::Handshake | RequestKind::Preflight => false,
    }
}
