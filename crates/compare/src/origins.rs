//! Compares the origins that two policies allow, by what entries match, not by how they are written.
//!
//! An entry of one side is not new if a single entry of the other matches all its origins for at least as long. There
//! is no need to combine entries: a wildcard matches infinitely many names, and finitely many narrower entries always
//! miss some of them. (65536 entries with one port each would cover `:*`; the change is then reported as wider than it
//! is, never as narrower.)

mod entries;
mod in_kv;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use corsgate_authoring::Wildcards;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::origin::pattern::{ANY_EXTENSION, OriginPattern};
use corsgate_policy::policy::document::{AllowlistDocument, CorsDocument, EntryDocument, Scope};

use crate::change::{Line, Risk};
use crate::kind::Kind;
use crate::list::ListInKv;
use crate::origin_risk::{self, ListedDomains};

use entries::Entries;
pub(crate) use entries::{Allowlists, SharedList};

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
    /// The entries of the route itself.
    own: Entries,
    /// The allowlists in the policy that it uses, and the content of a list in KV.
    shared: Vec<Rc<SharedList>>,
    /// Text lists in KV, and which of their lines count.
    lists: BTreeMap<String, Lines>,
    /// Lists of one key per origin in KV, and whether keys of `http` origins are accepted.
    keys: BTreeMap<(String, bool), bool>,
    credentials: bool,
}

/// Which lines of a list in KV count. A greater value counts more lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Lines {
    wildcards: bool,
    insecure: bool,
    extensions: bool,
}

impl Origins {
    /// Reads a route's CORS rules.
    pub(crate) fn of(allowlists: &Allowlists<'_>, cors: Option<&CorsDocument>) -> Self {
        let Some(cors) = cors else { return Self::Nobody };
        if matches!(cors.origins.as_slice(), [EntryDocument::Lasting(star)] if star == "*") {
            return Self::Any;
        }
        let mut listed = ListedEntries { credentials: cors.credentials, ..ListedEntries::default() };
        // The same condition as in `Cors::accepted` of the policy crate.
        let insecure = cors.dangerously_allow_insecure_origins && !cors.credentials;
        let extensions = cors.dangerously_allow_any_extension && !cors.credentials;
        let name_of = |entry: &'_ EntryDocument| match entry {
            EntryDocument::Lasting(text) => text.strip_prefix('@').map(str::to_owned),
            EntryDocument::Expiring { .. } => None,
        };
        listed.own = Entries::of(cors.origins.iter().filter(|entry| name_of(entry).is_none()));
        for name in cors.origins.iter().filter_map(name_of) {
            match allowlists.document.allowlists.get(&name) {
                Some(AllowlistDocument::Entries(_)) => {
                    listed.shared.extend(allowlists.lists.get(name.as_str()).cloned());
                }
                Some(AllowlistDocument::Kv { kv, dangerously_unchecked_wildcards }) => {
                    let lines = listed.lists.entry(kv.clone()).or_default();
                    lines.wildcards |= *dangerously_unchecked_wildcards && !cors.credentials;
                    lines.insecure |= insecure;
                    lines.extensions |= *dangerously_unchecked_wildcards && extensions;
                }
                Some(AllowlistDocument::KvKeys { kv_keys, scope, .. }) => {
                    let key = (kv_keys.clone(), *scope == Scope::Host);
                    *listed.keys.entry(key).or_default() |= insecure;
                }
                None => {}
            }
        }
        Self::Listed(listed)
    }

    /// The origins that are allowed if a list in KV has this content.
    pub(crate) fn with(&self, content: &Rc<SharedList>) -> Self {
        let mut with = self.clone();
        if let Self::Listed(listed) = &mut with {
            listed.shared.push(Rc::clone(content));
        }
        with
    }

    /// Which lines of a list in KV the route accepts; `None` if it does not use the list.
    pub(crate) fn lines_of(&self, list: ListInKv<'_>) -> Option<Lines> {
        match self {
            Self::Listed(listed) => listed.lines_of(list),
            _ => None,
        }
    }

    /// Whether the route uses a list in KV, and accepts this entry of it.
    pub(crate) fn accepts(&self, list: ListInKv<'_>, entry: &EntryDocument) -> bool {
        self.lines_of(list).is_some_and(|lines| lines.count(entry))
    }

    /// Whether a handshake from a listed page can be accepted.
    fn accept_handshakes(&self, any: bool) -> bool {
        match self {
            Self::Nobody => false,
            Self::Any => any,
            Self::Listed(_) => true,
        }
    }

    /// Whether a handshake from any extension of Firefox can be accepted.
    fn accept_handshakes_of_extensions(&self, any: bool) -> bool {
        any && match self {
            Self::Nobody => false,
            Self::Any => true,
            Self::Listed(listed) => {
                listed.last_day(ANY_EXTENSION).is_some()
                    || listed.lists.values().any(|lines| lines.extensions)
            }
        }
    }
}

impl Lines {
    /// Whether an entry counts.
    pub(crate) fn count(self, entry: &EntryDocument) -> bool {
        let Ok(pattern) = OriginPattern::parse(entry.origin()) else { return false };
        let form = pattern.form();
        (self.wildcards || form.is_exact())
            && (self.insecure || !form.is_insecure())
            && (self.extensions || !form.is_any_extension())
    }
}

impl ListedEntries {
    /// Which lines or keys of a list in KV count; `None` if it is not used.
    fn lines_of(&self, list: ListInKv<'_>) -> Option<Lines> {
        match list {
            ListInKv::Text { name } => self.lists.get(name).copied(),
            ListInKv::Keys { name, host } => {
                let insecure = *self.keys.get(&(name.to_owned(), host.is_some()))?;
                Some(Lines { wildcards: false, insecure, extensions: false })
            }
        }
    }

    fn parts(&self) -> impl Iterator<Item = &Entries> {
        std::iter::once(&self.own).chain(self.shared.iter().map(|list| &list.entries))
    }

    /// The last day of an entry, by its text.
    fn last_day(&self, text: &str) -> Option<Day> {
        self.parts().filter_map(|part| part.last_day(text)).max()
    }

    /// The last day on which the whole pattern is listed.
    fn life(&self, pattern: &OriginPattern) -> Option<Day> {
        self.parts().filter_map(|part| part.life(pattern)).max()
    }

    /// The entries that the other side does not cover for as long, without those that another of these entries covers.
    fn beyond<'l>(&'l self, other: &Self) -> Vec<Beyond<'l>> {
        let mut texts: BTreeSet<&str> = self.own.texts().collect();
        for list in &self.shared {
            // What the same list of the other side covers, the other side covers.
            match other.shared.iter().any(|there| there.name == list.name) {
                true => texts.extend(list.beyond.iter().map(String::as_str)),
                false => texts.extend(list.entries.texts()),
            }
        }
        let missing = texts.into_iter().filter_map(|text| {
            let (life, pattern) = (self.last_day(text)?, OriginPattern::parse(text).ok()?);
            let there = other.life(&pattern);
            (there < Some(life)).then_some((text, life, there))
        });
        let missing: Vec<_> = missing.collect();
        let lives = missing.iter().map(|(text, life, _)| ((*text).to_owned(), *life)).collect();
        let wildcards = Wildcards::of(&lives);
        let told = missing.into_iter().filter(|(text, life, _)| wildcards.covering(text, *life).is_none());
        told.map(|(text, life, there)| Beyond { text, life, there }).collect()
    }

    /// The entries that a pattern covers, sorted.
    fn within(&self, wide: &str) -> BTreeSet<&str> {
        match OriginPattern::parse(wide) {
            Ok(pattern) if wide.contains('*') => {
                self.parts().flat_map(|part| part.within(&pattern)).collect()
            }
            _ => BTreeSet::new(),
        }
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
    let had = before.accept_handshakes_of_extensions(any_handshakes.0);
    let has = now.accept_handshakes_of_extensions(any_handshakes.1);
    match (had, has) {
        // A route that accepts handshakes from any origin is compared above.
        (false, true) if !matches!(now, Origins::Any) => lines.push(Line::widens(
            Kind::Handshakes,
            Risk::Medium,
            "WebSocket handshakes from every extension of Firefox are accepted",
            "every extension that a visitor has installed can open a WebSocket",
        )),
        (true, false) if !matches!(before, Origins::Any) => lines.push(Line::narrows(
            Kind::Handshakes,
            "WebSocket handshakes from every extension of Firefox are no longer accepted",
            "`moz-extension://*` counts for handshakes only with `dangerously_allow_any_origin`",
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
    in_kv::lists(before, now, &mut lines);
    in_kv::keys(before, now, &mut lines);
    lines
}

fn won(entry: &Beyond<'_>, before: &ListedEntries, credentials: bool, known: &ListedDomains) -> Line {
    let Beyond { text, life, there } = entry;
    if let Some(there) = there {
        let text = format!("`{text}` is allowed {} instead of {}", until(*life), until(*there));
        let risk = if *life == Day::NEVER { Risk::Medium } else { Risk::Low };
        return Line::widens(Kind::Origin, risk, text, "it was listed, for a shorter time");
    }
    let within: Vec<_> = before.within(text).into_iter().take(4).collect();
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
