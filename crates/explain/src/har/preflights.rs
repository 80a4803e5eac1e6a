//! Which preflight of an archive belongs to which request.

use std::collections::HashMap;

use super::entry::Entry;
use super::kind::{RequestKind, kind};

/// The preflights of an archive, by their URL.
pub(super) struct Preflights<'e>(HashMap<&'e str, Vec<Preflight<'e>>>);

/// A preflight that was put to a request, or the method alone if the exporter left its headers out.
struct Preflight<'e> {
    entry: &'e Entry,
    method: Option<&'e str>,
    is_taken: bool,
}

impl<'e> Preflights<'e> {
    pub(super) fn of(entries: &'e [Entry]) -> Self {
        let mut preflights: HashMap<&str, Vec<Preflight<'_>>> = HashMap::new();
        for entry in entries.iter().filter(|entry| kind(entry) == RequestKind::Preflight) {
            let method = entry.header("access-control-request-method");
            let preflight = Preflight { entry, method, is_taken: false };
            preflights.entry(without_fragment(&entry.request.url)).or_default().push(preflight);
        }
        Self(preflights)
    }

    /// Takes the preflight of a request, of those for its URL. Browsers keep the answer to one, so it may stand for several
    /// requests. Of several attempts, a request that got a response had a preflight that succeeded, and one that got none may
    /// have had one that did not.
    pub(super) fn take(&mut self, entry: &Entry) -> Option<&'e Entry> {
        let is_its = |preflight: &Preflight<'_>| {
            let method =
                preflight.method.is_none_or(|asked| asked.eq_ignore_ascii_case(&entry.request.method));
            let origins = (preflight.entry.header("origin"), entry.header("origin"));
            method && !matches!(origins, (Some(asked), Some(sent)) if asked != sent)
        };
        let has_response = entry.status().is_some();
        let is_like = |preflight: &Preflight<'_>| {
            has_response == preflight.entry.status().is_some_and(|status| (200..300).contains(&status))
        };
        let rank = |preflight: &Preflight<'_>| (is_like(preflight), !preflight.is_taken);
        let all = self.0.get_mut(without_fragment(&entry.request.url))?;
        let its = all.iter_mut().filter(|preflight| is_its(preflight));
        // The last of the best for a request with a response, the first for one without.
        let best = its.reduce(|best, next| match rank(next).cmp(&rank(best)) {
            core::cmp::Ordering::Greater => next,
            core::cmp::Ordering::Equal if has_response => next,
            _ => best,
        })?;
        best.is_taken = true;
        Some(best.entry)
    }

    /// Whether a preflight was put to no request.
    pub(super) fn is_alone(&self, entry: &Entry) -> bool {
        let is_it = |preflight: &Preflight<'_>| core::ptr::eq(preflight.entry, entry) && !preflight.is_taken;
        self.0.get(without_fragment(&entry.request.url)).is_some_and(|all| all.iter().any(is_it))
    }
}

fn without_fragment(url: &str) -> &str {
    url.split('#').next().unwrap_or(url)
}
