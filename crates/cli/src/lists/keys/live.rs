//! The keys of a list that are in KV.

use std::collections::BTreeMap;

use corsgate_policy::grammar::day::Day;
use corsgate_policy::kv::origin_key;
use corsgate_policy::origin::Origin;
use corsgate_policy::origin::entry::last_day_of_key;

use super::{Keys, MOST_ORIGINS, Origins};
use crate::failure::Failure;
use crate::lists::expiry::{day_of, end_of};
use crate::namespace::{ListedKey, Namespace};

/// A key in KV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    /// The last day on which the gateway allows the origin; none if it ignores the key.
    day: Option<Day>,
    /// When KV deletes the key, in Unix seconds.
    forgotten: Option<u64>,
}

/// The keys of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Live {
    held: BTreeMap<String, Held>,
    /// How many keys have no origin in their name. The gateway never reads them.
    pub(crate) strange: usize,
}

impl Live {
    /// Reads the keys. A key that was written without the note of corsgate is read with its value.
    ///
    /// # Errors
    /// When wrangler fails, or there are too many keys.
    pub(crate) fn read(keys: Keys<'_>, namespace: &Namespace) -> Result<Self, Failure> {
        let prefix = keys.prefix();
        let (mut named, mut strange) = (Vec::new(), 0);
        for listed in namespace.list(&prefix)? {
            let Some(rest) = listed.name.strip_prefix(&prefix) else { continue };
            match Origin::parse(rest) {
                Ok(origin) if origin.as_str() == rest => named.push((rest.to_owned(), listed)),
                // Below the keys of all hosts are those of single hosts.
                _ if keys.host.is_none() && is_of_host(rest) => {}
                _ => strange += 1,
            }
        }
        if named.len() > MOST_ORIGINS {
            return Err(Failure::Kv(format!(
                "`{prefix}` has {} keys, and corsgate compares and publishes up to {MOST_ORIGINS}",
                named.len()
            )));
        }
        let unknown: Vec<_> = named
            .iter()
            .filter(|(_, listed)| noted(listed).is_none())
            .map(|(_, listed)| listed.name.clone())
            .collect();
        let values = namespace.get_all(&unknown, &prefix)?;
        let mut held = BTreeMap::new();
        for (origin, listed) in named {
            let day = match (noted(&listed), values.get(&listed.name)) {
                (Some(day), _) => Some(day),
                (None, Some(value)) => last_day_of_key(value),
                // It was deleted since it was listed.
                (None, None) => continue,
            };
            // The last second in which KV has the key.
            let until = listed.expiration.map_or(Day::NEVER, |seconds| day_of(seconds.saturating_sub(1)));
            held.insert(origin, Held { day: day.map(|day| day.min(until)), forgotten: listed.expiration });
        }
        Ok(Self { held, strange })
    }

    /// The origins that the gateway allows today.
    pub(crate) fn origins(&self, today: Option<Day>) -> Origins {
        let allowed = |held: &Held| held.day.filter(|day| today.is_none_or(|today| *day >= today));
        self.held.iter().filter_map(|(origin, held)| Some((origin.clone(), allowed(held)?))).collect()
    }

    /// The origins of `goal` whose keys must be written.
    pub(crate) fn to_write(&self, goal: &Origins) -> Origins {
        let is_so = |(origin, day): &(&String, &Day)| {
            self.held.get(*origin).is_some_and(|held| {
                // KV may forget a key before its last day is over: `corsgate list add --expires 12h` writes such keys.
                held.day == Some(**day) && held.forgotten.is_none_or(|at| at >= end_of(**day))
            })
        };
        goal.iter().filter(|each| !is_so(each)).map(|(origin, day)| (origin.clone(), *day)).collect()
    }

    /// The keys of the origins that `goal` does not have, in their full length.
    pub(crate) fn to_delete(&self, keys: Keys<'_>, goal: &Origins) -> Vec<String> {
        let gone = self.held.keys().filter(|origin| !goal.contains_key(*origin));
        gone.map(|origin| origin_key(keys.name, keys.host, origin)).collect()
    }
}

/// The last day of a key, from the note with which corsgate wrote it.
fn noted(listed: &ListedKey) -> Option<Day> {
    match listed.note().last_day?.as_str() {
        "never" => Some(Day::NEVER),
        day => Day::parse(day).ok(),
    }
}

fn is_of_host(rest: &str) -> bool {
    rest.split_once('/').is_some_and(|(host, origin)| !host.contains(':') && Origin::parse(origin).is_ok())
}
