//! Lists of keys as a whole: what is live, its versions, and how it is replaced.
//!
//! KV writes each key by itself, and shows a change of its keys up to a minute late. So a publication has a record of
//! its own, `origin-history/NAME/published`, written before the first key and after the last: whatever ends it in
//! between, the same command continues, and a rollback knows what was live before.

pub(crate) mod filter;
pub(crate) mod live;
pub(crate) mod publication;
pub(crate) mod store;

use std::collections::BTreeMap;

use corsgate_authoring::entries_of_list;
use corsgate_compare::{ListInKv, accepts};
use corsgate_policy::grammar::day::Day;
use corsgate_policy::kv::origin_key;
use corsgate_policy::origin::entry::{ListPatterns, parse_line};

use super::List;
use super::key::{entry, keys_of, require_length};
use crate::failure::Failure;

/// The most origins that a publication takes. Each is a write of its own in KV.
pub(crate) const MOST_ORIGINS: usize = 10_000;

/// The origins of a list of keys, with their last days.
pub(crate) type Origins = BTreeMap<String, Day>;

/// The keys of a list, of all hosts or of one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keys<'k> {
    pub(crate) name: &'k str,
    pub(crate) host: Option<&'k str>,
    pub(crate) in_kv: ListInKv<'k>,
}

impl<'k> Keys<'k> {
    /// # Errors
    /// When the list is a text, has keys of another scope, or no route has this host.
    pub(crate) fn new(list: &'k List, host: Option<&'k str>) -> Result<Self, Failure> {
        Ok(Self { name: &list.name, host, in_kv: keys_of(list, host)? })
    }

    /// What all keys begin with; the origin follows.
    pub(crate) fn prefix(&self) -> String {
        origin_key(self.name, self.host, "")
    }

    /// The list on the command line.
    pub(crate) fn arguments(&self) -> String {
        match self.host {
            Some(host) => format!("{} --host {host}", self.name),
            None => self.name.to_owned(),
        }
    }

    /// # Errors
    /// When there are too many origins, a key is too long, or all routes would ignore an origin.
    pub(crate) fn require_publishable(&self, list: &List, origins: &Origins) -> Result<(), Failure> {
        if origins.len() > MOST_ORIGINS {
            return Err(Failure::usage(format!(
                "the list has {} origins, and a publication of keys takes {MOST_ORIGINS}: each is a write of its own. Keep it as a text, with `kv` instead of `kv_keys` in the policy",
                origins.len()
            )));
        }
        for origin in origins.keys() {
            require_length(&origin_key(self.name, self.host, origin), origin)?;
            // Only `http` of another machine can be ignored on every route.
            if origin.starts_with("http:") && !accepts(&list.side, self.in_kv, &entry(origin, Day::NEVER)) {
                super::key::require_accepted(list, self.in_kv, origin)?;
            }
        }
        Ok(())
    }
}

/// The origins of a text that have not expired. If the text has one twice, the later end counts, as in a text list.
pub(crate) fn origins_of(text: &str, today: Option<Day>) -> Origins {
    let mut origins = Origins::new();
    // Read the entries as the gateway reads those of a text list, so that both kinds of lists accept the same files.
    for line in text.trim_start_matches('\u{feff}').lines() {
        let Ok(Some(read)) = parse_line(line, ListPatterns::Exact) else { continue };
        if today.is_none_or(|today| read.expires >= today) {
            let end = origins.entry(read.pattern.as_str().to_owned()).or_insert(read.expires);
            *end = (*end).max(read.expires);
        }
    }
    origins
}

/// The text of a version: an origin a line, sorted, so that the same origins have the same id.
pub(crate) fn text_of(origins: &Origins) -> String {
    let line = |(origin, day): (&String, &Day)| match *day {
        Day::NEVER => format!("{origin}\n"),
        day => format!("{origin} expires={day}\n"),
    };
    origins.iter().map(line).collect()
}

/// The changes on the routes if the origins change.
pub(crate) fn changes(
    list: &List,
    keys: Keys<'_>,
    before: &str,
    now: &str,
    today: Option<Day>,
) -> Vec<corsgate_compare::Change> {
    let entries = |text: &str| entries_of_list(text, ListPatterns::Exact, today);
    list.changes(keys.in_kv, &entries(before), &entries(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_origins_have_the_same_text_and_expired_ones_do_not_count() {
        let today = Day::parse("2027-06-30").ok();
        for (text, expected) in [
            (
                "# partners\nhttps://b.example # b\r\n\nhttps://a.example\n",
                "https://a.example\nhttps://b.example\n",
            ),
            ("https://a.example expires=2027-06-30\n", "https://a.example expires=2027-06-30\n"),
            ("https://a.example expires=2027-06-29\n", ""),
            ("https://a.example expires=2027-07-01\nhttps://a.example\n", "https://a.example\n"),
            (
                "https://a.example expires=2028-07-01\nhttps://a.example expires=2027-07-01",
                "https://a.example expires=2028-07-01\n",
            ),
            (
                "\u{feff}app://.\nsafari-web-extension://140BB581-A\n",
                "app://.\nsafari-web-extension://140BB581-A\n",
            ),
            ("https://*.a.example\nmoz-extension://*\nnull\n*\nhttps://a.example/\n", ""),
        ] {
            let origins = origins_of(text, today);
            assert_eq!(text_of(&origins), expected, "{text}");
            assert_eq!(origins_of(&text_of(&origins), today), origins, "{text}");
        }
    }
}
