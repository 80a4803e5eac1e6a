//! Whether CORS rules list an origin, by a scan of everything that they name.

use corsgate_policy::grammar::day::Day;
use corsgate_policy::policy::document::{AllowlistDocument, CorsDocument, EntryDocument, Scope};
use corsgate_policy::{KeyAnswer, Reason};

use super::Gateway;
use crate::reference;

/// The result so far.
#[derive(Default)]
struct Found {
    /// The last day of each matching entry.
    lives: Vec<Day>,
    /// Whether the pattern for every extension counts for the request.
    extensions: bool,
    unavailable: bool,
}

/// The scan. `host` is the host of the request, and `extensions` says whether the pattern for every extension counts.
pub(super) fn find(
    gateway: &Gateway<'_>,
    cors: &CorsDocument,
    origin: &str,
    host: &str,
    extensions: bool,
) -> Result<(), Reason> {
    let mut found = Found { extensions, ..Found::default() };
    for entry in &cors.origins {
        let name = match entry {
            EntryDocument::Lasting(name) => name.strip_prefix('@'),
            EntryDocument::Expiring { .. } => None,
        };
        match name {
            Some(name) => found.add_list(gateway, name, cors, origin, host),
            None => found.add(entry, origin),
        }
    }
    if found.lives.iter().any(|life| *life >= gateway.today) {
        return Ok(());
    }
    Err(match (found.unavailable, found.lives.is_empty()) {
        (true, _) => Reason::ListUnavailable,
        (false, false) => Reason::OriginExpired,
        (false, true) => Reason::OriginNotListed,
    })
}

impl Found {
    fn add(&mut self, entry: &EntryDocument, origin: &str) {
        if self.extensions || entry.origin() != reference::ANY_EXTENSION {
            self.lives.extend(life_of(entry, origin));
        }
    }

    fn add_list(&mut self, gateway: &Gateway<'_>, name: &str, cors: &CorsDocument, origin: &str, host: &str) {
        let insecure_admitted = cors.dangerously_allow_insecure_origins && !cors.credentials;
        match &gateway.document.allowlists[name] {
            AllowlistDocument::Entries(entries) => {
                entries.iter().for_each(|entry| self.add(entry, origin));
            }
            AllowlistDocument::Kv { dangerously_unchecked_wildcards, .. } => {
                let Some(text) = &gateway.kv.list else {
                    self.unavailable = true;
                    return;
                };
                let extensions = self.extensions && cors.dangerously_allow_any_extension;
                let lines = reference::list_lines(text)
                    .filter_map(|line| reference::list_line(line, *dangerously_unchecked_wildcards).ok());
                self.lives.extend(lines.flatten().filter_map(|(pattern, life)| {
                    let admitted = (insecure_admitted || !reference::is_insecure(&pattern))
                        && (!cors.credentials || !pattern.contains('*'))
                        && (extensions || pattern != reference::ANY_EXTENSION);
                    (admitted && reference::stands_for(&pattern, origin)).then_some(life)
                }));
            }
            AllowlistDocument::KvKeys { kv_keys, scope, .. } => {
                let key = match scope {
                    Scope::Shared => format!("origin/{kv_keys}/{origin}"),
                    Scope::Host => format!("origin/{kv_keys}/{host}/{origin}"),
                };
                if key.len() > 512 || reference::is_insecure(origin) && !insecure_admitted {
                    return;
                }
                match gateway.kv.key {
                    KeyAnswer::Present(life) => self.lives.push(life),
                    KeyAnswer::Absent => {}
                    KeyAnswer::Unavailable => self.unavailable = true,
                }
            }
        }
    }
}

fn life_of(entry: &EntryDocument, origin: &str) -> Option<Day> {
    let (pattern, life) = match entry {
        EntryDocument::Lasting(pattern) => (pattern, Day::NEVER),
        EntryDocument::Expiring { origin, expires } => (origin, Day::parse(expires).ok()?),
    };
    reference::stands_for(pattern, origin).then_some(life)
}
