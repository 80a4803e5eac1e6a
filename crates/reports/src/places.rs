//! The places of a policy that contain entries, and those entries.

use corsgate_policy::Policy;
use corsgate_policy::origin::set::OriginSet;

use crate::policy_entries::{ListedEntry, PolicyEntries};

/// The most entries that the report of unused entries checks: with their texts a few megabytes.
const MOST_ENTRIES: usize = 20_000;

/// A set with more entries than this is long.
const LONG: usize = 1000;

/// The names of the places that contain entries: those of the policy, then the lists in KV.
#[derive(Clone, Debug)]
pub struct Places(Vec<String>);

impl Places {
    /// The places of a policy.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        let own = policy.entries().into_iter().map(|(place, _)| place);
        let lists = policy.kv_lists().map(|(name, _)| ["allowlist ", name].concat());
        Self(own.chain(lists).collect())
    }

    /// The entries of a policy. `lists` are those of [`Policy::kv_lists`], in the same order; `None` for one
    /// that could not be read.
    pub fn listed<'a>(
        &'a self,
        policy: &'a Policy,
        lists: impl IntoIterator<Item = Option<&'a OriginSet>>,
    ) -> PolicyEntries<'a> {
        let mut listed =
            PolicyEntries { sample_allowed: millionths(policy.sample_allowed()), ..PolicyEntries::default() };
        let own = policy.entries().into_iter().map(|(_, set)| Some(set));
        let sets: Vec<_> = self.0.iter().zip(own.chain(lists)).collect();
        // Long lists come last, so that a list of many thousands does not displace the others.
        for long in [false, true] {
            let is_of_turn = |set: &Option<&OriginSet>| set.is_some_and(|set| set.len() > LONG) == long;
            for (place, set) in sets.iter().filter(|(_, set)| is_of_turn(set)) {
                add(&mut listed, place, *set);
            }
        }
        let keys =
            policy.kv_key_names().map(|name| ["allowlist ", name, ": keys of single origins"].concat());
        listed.not_covered.extend(keys);
        listed
    }
}

fn add<'a>(listed: &mut PolicyEntries<'a>, place: &'a str, set: Option<&'a OriginSet>) {
    let Some(set) = set else {
        return listed.not_covered.push([place, ": could not be read"].concat());
    };
    let room = MOST_ENTRIES.saturating_sub(listed.entries.len());
    listed.entries.extend(set.patterns().take(room).map(|entry| ListedEntry { entry, place }));
    if set.len() > room {
        let (room, all) = (room.to_string(), set.len().to_string());
        let sentence = [place, ": only ", &room, " of its ", &all, " entries were checked"].concat();
        listed.not_covered.push(sentence);
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share is from 0 to 1")]
fn millionths(share: f64) -> u32 {
    (share * 1_000_000.0).round() as u32
}

#[cfg(test)]
mod tests {
    use corsgate_policy::origin::entry::ListPatterns;
    use corsgate_policy::origin::list::TextList;

    use super::*;

    #[test]
    fn lists_come_by_their_names_and_long_ones_last() {
        let policy = r#"{"version":1,"records":{"sample_allowed":0.25},"upstreams":{"api":"zone"},
            "allowlists":{"gone":{"kv":"gone"},"many":{"kv":"many"},"one":["https://a.example"],"t":{"kv_keys":"t"}},
            "routes":[{"name":"r","path":"/*","hosts":["h.example"],"upstream":"api",
                "cors":{"origins":["@one","@gone","@many","@t"]}}]}"#;
        let policy = Policy::read(policy.as_bytes()).expect("a policy");
        let many: String = (0..30_000).map(|at| format!("https://t{at}.example\n")).collect();
        let many = TextList::parse(&many, ListPatterns::Exact).origins;
        let places = Places::of(&policy);
        let listed = places.listed(&policy, [None, Some(&many)]);
        assert_eq!(listed.entries.len(), MOST_ENTRIES);
        assert_eq!(
            listed.entries[0],
            ListedEntry { entry: "https://a.example".into(), place: "allowlist one" }
        );
        assert_eq!(listed.sample_allowed, 250_000);
        let not_covered = [
            "allowlist gone: could not be read",
            "allowlist many: only 19999 of its 30000 entries were checked",
            "allowlist t: keys of single origins",
        ];
        assert_eq!(listed.not_covered, not_covered);
    }
}
