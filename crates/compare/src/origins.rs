//! Compares the origins that two policies allow, by what entries match, not by how they are written.
//!
//! An entry of one side is not new if a single entry of the other matches all its origins for at least as long. There
//! is no need to combine entries: a wildcard matches infinitely many names, and finitely many narrower entries always
//! miss some of them. (65536 entries with one port each would cover `:*`; the change is then reported as wider than it
//! is, never as narrower.)

use std::collections::{BTreeMap, BTreeSet};

use corsgate_authoring::Wildcards;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::kv::{list_key, origin_key};
use corsgate_policy::origin::pattern::OriginPattern;
use corsgate_policy::policy::document::{AllowlistDocument, CorsDocument, Document, EntryDocument, Scope};

use crate::change::{Line, Risk};
use crate::kind::Kind;
use crate::list::ListInKv;
use crate::origin_risk::{self, ListedDomains};

/// The origins that a route allows, from all its lists.
#[derive(Clone, Debug)]
pub(crate) enum Origins {
    /// No other origin.
    Nobody,
    /// Any origin; for WebSocket handshakes only with the route's switch.
    Any,
    /// The listed origins.
    Listed(ListedEntries),
}

/// The entries of a route that lists its origins, in the policy and in KV.
#[derive(Clone, Debug, Default)]
pub(crate) struct ListedEntries {
    /// The entries in the policy, each with its last day.
    entries: BTreeMap<String, Day>,
    wildcards: Wildcards,
    /// Text lists in KV, and which of their lines count.
    lists: BTreeMap<String, Lines>,
    /// Lists of one key per origin in KV, and whether keys of `http` origins are accepted.
    keys: BTreeMap<(String, bool), bool>,
    credentials: bool,
}

/// Which lines of a list in KV count. A greater value counts more lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Lines {
    wildcards: bool,
    insecure: bool,
}

impl Origins {
    /// Reads a route's CORS rules.
    pub(crate) fn of(document: &Document, cors: Option<&CorsDocument>) -> Self {
        let Some(cors) = cors else { return Self::Nobody };
        if matches!(cors.origins.as_slice(), [EntryDocument::Lasting(star)] if star == "*") {
            return Self::Any;
        }
        let mut listed = ListedEntries { credentials: cors.credentials, ..ListedEntries::default() };
        // The same condition as in `Cors::accepted` of the policy crate.
        let insecure = cors.dangerously_allow_insecure_origins && !cors.credentials;
        for entry in &cors.origins {
            let EntryDocument::Lasting(text) = entry else {
                listed.add(entry);
                continue;
            };
            let Some(name) = text.strip_prefix('@') else {
                listed.add(entry);
                continue;
            };
            match document.allowlists.get(name) {
                Some(AllowlistDocument::Entries(entries)) => {
                    entries.iter().for_each(|entry| listed.add(entry))
                }
                Some(AllowlistDocument::Kv { kv, dangerously_unchecked_wildcards }) => {
                    let lines = listed.lists.entry(kv.clone()).or_default();
                    lines.wildcards |= *dangerously_unchecked_wildcards && !cors.credentials;
                    lines.insecure |= insecure;
                }
                Some(AllowlistDocument::KvKeys { kv_keys, scope, .. }) => {
                    let key = (kv_keys.clone(), *scope == Scope::Host);
                    *listed.keys.entry(key).or_default() |= insecure;
                }
                None => {}
            }
        }
        listed.wildcards = Wildcards::of(&listed.entries);
        Self::Listed(listed)
    }

    /// The origins that are allowed if a list in KV has this content; `None` if the route does not use the list.
    pub(crate) fn with(&self, list: ListInKv<'_>, content: &[EntryDocument]) -> Option<Self> {
        let Self::Listed(listed) = self else { return None };
        let lines = listed.lines_of(list)?;
        let mut listed = listed.clone();
        content.iter().filter(|entry| lines.count(entry)).for_each(|entry| listed.add(entry));
        listed.wildcards = Wildcards::of(&listed.entries);
        Some(Self::Listed(listed))
    }

    /// Whether the route uses a list in KV.
    pub(crate) fn uses(&self, list: ListInKv<'_>) -> bool {
        matches!(self, Self::Listed(listed) if listed.lines_of(list).is_some())
    }

    /// Whether the route uses a list in KV, and accepts this entry of it.
    pub(crate) fn accepts(&self, list: ListInKv<'_>, entry: &EntryDocument) -> bool {
        let Self::Listed(listed) = self else { return false };
        listed.lines_of(list).is_some_and(|lines| lines.count(entry))
    }

    /// Whether a handshake from a listed page can be accepted.
    fn accept_handshakes(&self, any: bool) -> bool {
        match self {
            Self::Nobody => false,
            Self::Any => any,
            Self::Listed(_) => true,
        }
    }
}

impl Lines {
    /// Whether an entry counts.
    fn count(self, entry: &EntryDocument) -> bool {
        let Ok(pattern) = OriginPattern::parse(entry.origin()) else { return false };
        let form = pattern.form();
        (self.wildcards || form.is_exact()) && (self.insecure || !form.is_insecure())
    }
}

impl ListedEntries {
    /// Which lines or keys of a list in KV count; `None` if it is not used.
    fn lines_of(&self, list: ListInKv<'_>) -> Option<Lines> {
        match list {
            ListInKv::Text { name } => self.lists.get(name).copied(),
            ListInKv::Keys { name, host } => {
                let insecure = *self.keys.get(&(name.to_owned(), host.is_some()))?;
                Some(Lines { wildcards: false, insecure })
            }
        }
    }

    fn add(&mut self, entry: &EntryDocument) {
        let (origin, expires) = match entry {
            EntryDocument::Lasting(origin) => (origin, Day::NEVER),
            EntryDocument::Expiring { origin, expires } => {
                (origin, Day::parse(expires).unwrap_or(Day::NEVER))
            }
        };
        let life = self.entries.entry(origin.clone()).or_insert(expires);
        *life = expires.max(*life);
    }

    /// The last day on which the whole pattern is listed.
    fn life(&self, pattern: &OriginPattern) -> Option<Day> {
        self.entries.get(pattern.as_str()).copied().max(self.wildcards.life_of(pattern))
    }

    /// The entries that the other side does not cover for as long, without those that another of these entries covers.
    fn beyond<'l>(&'l self, other: &Self) -> Vec<Beyond<'l>> {
        let missing = self.entries.iter().filter_map(|(text, life)| {
            let pattern = OriginPattern::parse(text).ok()?;
            let there = other.life(&pattern);
            (there < Some(*life)).then_some((text, *life, there))
        });
        let missing: Vec<_> = missing.collect();
        let lives = missing.iter().map(|(text, life, _)| ((*text).clone(), *life)).collect();
        let wildcards = Wildcards::of(&lives);
        let told = missing.into_iter().filter(|(text, life, _)| wildcards.covering(text, *life).is_none());
        told.map(|(text, life, there)| Beyond { text, life, there }).collect()
    }
}

/// An entry that the other side does not cover, or not for as long.
struct Beyond<'l> {
    text: &'l str,
    life: Day,
    there: Option<Day>,
}

/// Compares the allowed origins. `any_handshakes` says for each side whether handshakes of any origin are accepted.
pub(crate) fn compare(
    before: &Origins,
    now: &Origins,
    any_handshakes: (bool, bool),
    known: &ListedDomains,
) -> Vec<Line> {
    let nobody = ListedEntries::default();
    let mut lines = match (before, now) {
        (Origins::Any, Origins::Any) | (Origins::Nobody, Origins::Nobody) => Vec::new(),
        (_, Origins::Any) => vec![Line::widens(
            Kind::AnyOrigin,
            Risk::High,
            "any origin is allowed (`*`)",
            "every page on the web can read the responses to requests without cookies",
        )],
        (Origins::Any, _) => vec![Line::narrows(
            Kind::AnyOrigin,
            match now {
                Origins::Nobody => "no other origins are allowed, instead of any",
                _ => "only listed origins are allowed, instead of any",
            },
            "all other pages are refused",
        )],
        (Origins::Listed(before), Origins::Listed(now)) => listed(before, now, known),
        (Origins::Listed(before), Origins::Nobody) => listed(before, &nobody, known),
        (Origins::Nobody, Origins::Listed(now)) => listed(&nobody, now, known),
    };
    // A route that allows any origin over HTTP accepts no handshake, unless a switch says so.
    let (had, has) = (before.accept_handshakes(any_handshakes.0), now.accept_handshakes(any_handshakes.1));
    let from_or_to_any = matches!(before, Origins::Any) || matches!(now, Origins::Any);
    match (had, has) {
        (false, true) if from_or_to_any => lines.push(match now {
            Origins::Any => Line::widens(
                Kind::Handshakes,
                Risk::High,
                "WebSocket handshakes from any origin are accepted",
                "every page on the web can open a WebSocket with the visitor's cookies, if the upstream uses them",
            ),
            _ => Line::widens(
                Kind::Handshakes,
                Risk::Medium,
                "WebSocket handshakes from listed origins are accepted",
                "a route for any origin accepts none, but a route with a list accepts those from listed origins",
            ),
        }),
        (true, false) if from_or_to_any => lines.push(Line::narrows(
            Kind::Handshakes,
            "WebSocket handshakes that were accepted are refused",
            "a route for any origin accepts none without `dangerously_allow_any_origin`",
        )),
        _ => {}
    }
    lines
}

fn listed(before: &ListedEntries, now: &ListedEntries, known: &ListedDomains) -> Vec<Line> {
    let mut lines = Vec::new();
    for entry in now.beyond(before) {
        lines.push(won(&entry, before, now.credentials, known));
    }
    for entry in before.beyond(now) {
        lines.push(lost(&entry));
    }
    lists(before, now, &mut lines);
    keys(before, now, &mut lines);
    lines
}

fn won(entry: &Beyond<'_>, before: &ListedEntries, credentials: bool, known: &ListedDomains) -> Line {
    let Beyond { text, life, there } = entry;
    if let Some(there) = there {
        let text = format!("`{text}` is allowed {} instead of {}", until(*life), until(*there));
        let risk = if *life == Day::NEVER { Risk::Medium } else { Risk::Low };
        return Line::widens(Kind::Origin, risk, text, "it was listed, for a shorter time");
    }
    let within = before.entries.keys().filter(|old| covers(text, old));
    let within: Vec<_> = within.take(4).map(String::as_str).collect();
    let (risk, why) = origin_risk::of_entry(text, credentials, known);
    let mut sentence = format!("`{text}` is allowed");
    if *life != Day::NEVER {
        sentence.push_str(&format!(" {}", until(*life)));
    }
    match within.as_slice() {
        [] => {}
        [some @ .., _] if some.len() == 3 => {
            sentence.push_str(", which matches entries that were listed, and more");
        }
        these => sentence
            .push_str(&format!(", which matches {} and more", crate::change::quoted(these.iter().copied()))),
    }
    Line::widens(Kind::Origin, risk, sentence, why)
}

fn lost(entry: &Beyond<'_>) -> Line {
    let Beyond { text, life, there } = entry;
    match there {
        Some(there) => Line::narrows(
            Kind::Origin,
            format!("`{text}` is allowed {} instead of {}", until(*there), until(*life)),
            "it is refused from the day after",
        ),
        None => Line::narrows(
            Kind::Origin,
            format!("`{text}` is no longer allowed"),
            "no other entry matches all of it",
        ),
    }
}

fn until(day: Day) -> String {
    if day == Day::NEVER { "without end".to_owned() } else { format!("until {day}") }
}

fn covers(wide: &str, narrow: &str) -> bool {
    wide.contains('*')
        && match (OriginPattern::parse(wide), OriginPattern::parse(narrow)) {
            (Ok(wide), Ok(narrow)) => wide.form().covers(&narrow.form()),
            _ => false,
        }
}

fn lists(before: &ListedEntries, now: &ListedEntries, lines: &mut Vec<Line>) {
    let names: BTreeSet<_> = before.lists.keys().chain(now.lists.keys()).collect();
    for name in names {
        let key = format!("`{}`", list_key(name));
        match (before.lists.get(name), now.lists.get(name)) {
            (None, Some(_)) => lines.push(Line::widens(
                Kind::KvList,
                Risk::Medium,
                format!("the origins in the KV list {key} are allowed"),
                "every origin in the list is allowed, now and later",
            )),
            (Some(_), None) => lines.push(Line::narrows(
                Kind::KvList,
                format!("the origins in the KV list {key} are no longer allowed"),
                "unless another entry matches them",
            )),
            (Some(before), Some(now)) => {
                for (had, has, what, risk) in [
                    (before.wildcards, now.wildcards, "wildcards", Risk::High),
                    (before.insecure, now.insecure, "`http` origins of other machines", Risk::High),
                ] {
                    match (had, has) {
                        (false, true) => lines.push(Line::widens(
                            Kind::KvList,
                            risk,
                            format!("{what} in the KV list {key} are accepted"),
                            "nothing checks the lines of the list",
                        )),
                        (true, false) => lines.push(Line::narrows(
                            Kind::KvList,
                            format!("{what} in the KV list {key} are ignored"),
                            "the gateway ignores such lines",
                        )),
                        _ => {}
                    }
                }
            }
            (None, None) => {}
        }
    }
}

fn keys(before: &ListedEntries, now: &ListedEntries, lines: &mut Vec<Line>) {
    let names: BTreeSet<_> = before.keys.keys().chain(now.keys.keys()).collect();
    for family in names {
        let (name, of_host) = family;
        let key = format!("`{}`", origin_key(name, of_host.then_some("<host>"), "<origin>"));
        match (before.keys.get(family), now.keys.get(family)) {
            (None, Some(_)) => lines.push(Line::widens(
                Kind::KvKeys,
                // A key that all hosts share opens one tenant's host to another tenant's pages.
                if *of_host { Risk::Medium } else { Risk::High },
                format!("origins with a key {key} in KV are allowed"),
                if *of_host {
                    "whoever writes the keys decides which origins are allowed"
                } else {
                    "a key allows its origin on every host of the route"
                },
            )),
            (Some(_), None) => lines.push(Line::narrows(
                Kind::KvKeys,
                format!("origins with a key {key} in KV are no longer allowed"),
                "unless another entry matches them",
            )),
            (Some(false), Some(true)) => lines.push(Line::widens(
                Kind::KvKeys,
                Risk::High,
                format!("keys {key} of `http` origins are accepted"),
                "an attacker on the network can replace a page that is loaded over `http`",
            )),
            (Some(true), Some(false)) => lines.push(Line::narrows(
                Kind::KvKeys,
                format!("keys {key} of `http` origins are ignored"),
                "the gateway does not read them",
            )),
            _ => {}
        }
    }
}
