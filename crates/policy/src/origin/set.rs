//! A set of origin patterns. The cost of a lookup depends on the length of the origin, not on the number of
//! entries.

use core::hash::{BuildHasher, Hasher};
use core::ops::Range;
use std::borrow::Cow;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::grammar::day::Day;
use crate::origin::Origin;
use crate::origin::entry::Entry;
use crate::origin::pattern::{ANY_EXTENSION, PatternForm, PortPattern};
use crate::origin::sorted::SortedOrigins;

/// Origin patterns, indexed for lookup.
///
/// All texts stand in one arena, a line each, and one hash table finds an entry: one for a single
/// origin by its text, any other by what it fixes of scheme, host (of a wildcard: the parent) and
/// port. An origin is looked for as itself, as its host with any port, and once for each parent of
/// its host **at whose depth some wildcard stands**; the depths are kept as bits, so a list without
/// wildcards costs one probe and a hostile origin of a hundred labels costs no more than the
/// operator's own patterns ask for.
///
/// A list that is a set in KV has its exact origins in `sorted` instead, and only its wildcards in the table.
///
/// Invariants: every entry is in the table under its `hash_entry`; no two entries have the same
/// text; the bits of a depth are set when and only when a wildcard of that depth may be present.
#[derive(Debug)]
pub struct OriginSet {
    texts: String,
    table: HashTable<StoredEntry>,
    /// Few lists have it, so a pointer keeps the others small.
    sorted: Option<Box<SortedOrigins>>,
    /// There is nothing but entries of a single origin each, all in the table.
    is_of_single_origins: bool,
    any_port: bool,
    any_extension: bool,
    /// Of the parents over which there is a wildcard with a fixed port.
    depths: Depths,
    /// Of the parents over which there is a wildcard with any port.
    any_port_depths: Depths,
}

impl Default for OriginSet {
    fn default() -> Self {
        Self {
            texts: String::new(),
            table: HashTable::new(),
            sorted: None,
            is_of_single_origins: true,
            any_port: false,
            any_extension: false,
            depths: Depths::default(),
            any_port_depths: Depths::default(),
        }
    }
}

/// An entry in the table: the position of its text, and everything else that a lookup needs. In a long list,
/// each further memory access is a cache miss.
#[derive(Debug)]
struct StoredEntry {
    start: u32,
    length: u16,
    expires: Day,
}

impl StoredEntry {
    fn text<'s>(&self, texts: &'s str) -> &'s str {
        texts.get(self.place()).unwrap_or_default()
    }

    /// The same without a look at the characters, for comparisons.
    fn bytes<'s>(&self, texts: &'s str) -> &'s [u8] {
        texts.as_bytes().get(self.place()).unwrap_or_default()
    }

    fn place(&self) -> Range<usize> {
        let start = self.start as usize;
        start..start + usize::from(self.length)
    }
}

/// The entries that a route accepts from a list. Lists in the policy were checked when the policy was read.
/// Routes with different rules share a list in KV, so each route applies its own at lookup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AcceptedEntries {
    /// Accept plain `http` origins of other machines.
    pub insecure: bool,
    /// Accept wildcards.
    pub wildcards: bool,
    /// Accept the pattern for every extension of Firefox.
    pub extensions: bool,
}

impl AcceptedEntries {
    /// Accept every entry.
    pub const ALL: Self = Self { insecure: true, wildcards: true, extensions: true };

    /// What both accept.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            insecure: self.insecure && other.insecure,
            wildcards: self.wildcards && other.wildcards,
            extensions: self.extensions && other.extensions,
        }
    }

    fn accepts(self, pattern: &str) -> bool {
        if self == Self::ALL {
            return true;
        }
        self.accepts_form(&PatternForm::of(pattern))
    }

    /// Whether an entry of this form is accepted.
    #[must_use]
    pub fn accepts_form(self, form: &PatternForm<'_>) -> bool {
        (self.wildcards || form.is_exact())
            && (self.insecure || !form.is_insecure())
            && (self.extensions || !form.is_any_extension())
    }
}

/// The result of a lookup in an [`OriginSet`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership<'s> {
    /// This entry lists the origin.
    Listed(&'s str),
    /// An entry lists the origin, but it has expired.
    Expired(&'s str),
    /// No entry lists the origin.
    Absent,
}

impl OriginSet {
    /// Builds a set. Of two entries with the same pattern, the one that expires later counts.
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Self {
        let entries = entries.into_iter();
        // A table that has room at once is never built again.
        let mut set = Self { table: HashTable::with_capacity(entries.size_hint().0), ..Self::default() };
        for entry in entries {
            set.insert(&entry);
        }
        set.texts.shrink_to_fit();
        set
    }

    /// Adds exact origins, searched in the bytes of their set.
    pub(crate) fn with_sorted(self, sorted: SortedOrigins) -> Self {
        Self { sorted: Some(Box::new(sorted)), is_of_single_origins: false, ..self }
    }

    /// Adds an entry. Texts beyond 4 GiB in total are dropped; the source of a list is limited to a
    /// hundredth of that.
    fn insert(&mut self, entry: &Entry) {
        let text = entry.pattern.as_str();
        let form = entry.pattern.form();
        let hash = hash_entry(text, &form);
        if let Some(slot) = self.table.find_mut(hash, |slot| slot.text(&self.texts) == text) {
            slot.expires = slot.expires.max(entry.expires);
            return;
        }
        let (Ok(start), Ok(length)) = (u32::try_from(self.texts.len()), u16::try_from(text.len())) else {
            return;
        };
        self.texts.push_str(text);
        self.texts.push('\n');
        let texts = &self.texts;
        self.table.insert_unique(hash, StoredEntry { start, length, expires: entry.expires }, |slot| {
            let text = slot.text(texts);
            hash_entry(text, &PatternForm::of(text))
        });
        self.is_of_single_origins &= form.is_exact();
        self.any_extension |= form.is_any_extension();
        match (form.subdomains, form.port) {
            (false, PortPattern::Any) => self.any_port = true,
            (false, _) => {}
            (true, PortPattern::Any) => self.any_port_depths.add(form.host),
            (true, _) => self.depths.add(form.host),
        }
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.table.len() + self.sorted.as_ref().map_or(0, |sorted| sorted.len())
    }

    /// Whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The patterns, in the order they were added; the exact origins of a list that is a set in KV stand last.
    pub fn patterns(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.entries().map(|(pattern, _)| pattern)
    }

    /// The patterns in the same order, each with its last day.
    pub fn entries(&self) -> impl Iterator<Item = (Cow<'_, str>, Day)> {
        let sorted = self.sorted.iter().flat_map(|sorted| sorted.iter());
        let sorted = sorted.map(|(origin, last_day)| (Cow::Owned(origin), last_day));
        let last_day = |text| self.last_day(text).unwrap_or(Day::NEVER);
        self.texts().map(move |text| (Cow::Borrowed(text), last_day(text))).chain(sorted)
    }

    /// The patterns of entries that were added one by one, in their order.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.lines()
    }

    /// The last day on which an entry is valid, by its pattern.
    #[must_use]
    pub fn last_day(&self, pattern: &str) -> Option<Day> {
        let hash = hash_entry(pattern, &PatternForm::of(pattern));
        let slot = self.table.find(hash, |slot| slot.text(&self.texts) == pattern);
        slot.map(|slot| slot.expires).or_else(|| self.sorted.as_ref()?.find(pattern))
    }

    /// Looks up an origin. A valid entry wins over an expired one.
    #[must_use]
    #[inline]
    pub fn find<'s>(&'s self, origin: &Origin<'s>, accepted: AcceptedEntries, today: Day) -> Membership<'s> {
        // Most routes list no origin of their own, so this answers half of all calls.
        if self.is_empty() { Membership::Absent } else { self.search(origin, accepted, today) }
    }

    #[inline(never)]
    fn search<'s>(&'s self, origin: &Origin<'s>, accepted: AcceptedEntries, today: Day) -> Membership<'s> {
        let wanted = origin.as_str().as_bytes();
        let exact = self.table.find(hash_text(origin.as_str()), |slot| slot.bytes(&self.texts) == wanted);
        // The entry of a single origin has its text.
        let exact =
            exact.map(|slot| (origin.as_str(), slot.expires)).filter(|(entry, _)| accepted.accepts(entry));
        match exact {
            Some((entry, expires)) if expires >= today => Membership::Listed(entry),
            None if self.is_of_single_origins => Membership::Absent,
            _ => self.search_further(origin, accepted, today, exact.map(|(entry, _)| entry)),
        }
    }

    /// Looks for what else could list an origin: an entry of the set in KV, or a wildcard. `expired` is the entry of its
    /// own, which has expired.
    // Not inlined: what most origins need stays short.
    #[inline(never)]
    fn search_further<'s>(
        &'s self,
        origin: &Origin<'s>,
        accepted: AcceptedEntries,
        today: Day,
        mut expired: Option<&'s str>,
    ) -> Membership<'s> {
        let listed = self.candidates(origin, &mut |entry, expires| {
            if !accepted.accepts(entry) {
                return None;
            }
            if expires < today {
                expired = Some(entry);
                return None;
            }
            Some(entry)
        });
        match (listed, expired) {
            (Some(entry), _) => Membership::Listed(entry),
            (None, Some(entry)) => Membership::Expired(entry),
            (None, None) => Membership::Absent,
        }
    }

    #[inline(never)]
    fn any_extension(&self) -> Option<&StoredEntry> {
        let hash = hash_form(&PatternForm::of(ANY_EXTENSION));
        self.table.find(hash, |slot| slot.text(&self.texts) == ANY_EXTENSION)
    }

    /// Passes each entry that matches the origin, but is not its own, to `accept`, until it accepts one.
    fn candidates<'s>(
        &'s self,
        origin: &Origin<'s>,
        accept: &mut dyn FnMut(&'s str, Day) -> Option<&'s str>,
    ) -> Option<&'s str> {
        if let Some(sorted) = &self.sorted {
            let found = sorted.find(origin.as_str()).and_then(|expires| accept(origin.as_str(), expires));
            if found.is_some() {
                return found;
            }
        }
        if self.any_extension && origin.is_extension_of_firefox() {
            return self.any_extension().and_then(|slot| accept(slot.text(&self.texts), slot.expires));
        }
        let port = origin.port().map_or(PortPattern::Default, PortPattern::Exactly);
        let mut probe = |subdomains, host: &str, port| {
            let wanted = PatternForm { scheme: origin.scheme(), host, subdomains, port };
            let is_wanted = |slot: &StoredEntry| wanted.is_text(slot.text(&self.texts));
            let slot = self.table.find(hash_form(&wanted), is_wanted)?;
            accept(slot.text(&self.texts), slot.expires)
        };
        if self.any_port {
            let any_port = probe(false, origin.host(), PortPattern::Any);
            if any_port.is_some() {
                return any_port;
            }
        }
        for (parent, labels) in parents(origin.host()).zip(1..) {
            if self.depths.have(labels) {
                let found = probe(true, parent, port);
                if found.is_some() {
                    return found;
                }
            }
            if self.any_port_depths.have(labels) {
                let found = probe(true, parent, PortPattern::Any);
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }
}

/// The parents of a host, the shortest first: `com`, `example.com` for `a.example.com`.
fn parents(host: &str) -> impl Iterator<Item = &str> {
    let dots = host.bytes().enumerate().rev().filter(|(_, byte)| *byte == b'.');
    dots.filter_map(|(at, _)| host.get(at + 1..))
}

/// The numbers of labels of some parents, a bit for each. No host of [`MAX_HOST`](crate::grammar::host::MAX_HOST) bytes has
/// more than 127 labels.
///
/// Two words: with a `u128` in it, whatever has a set would stand at multiples of 16 bytes, for which the allocator needs
/// code of its own.
#[derive(Clone, Copy, Debug, Default)]
struct Depths([u64; 2]);

impl Depths {
    fn add(&mut self, parent: &str) {
        let labels = parent.bytes().filter(|byte| *byte == b'.').count() + 1;
        if let Some(word) = self.0.get_mut(labels / 64) {
            *word |= 1 << (labels % 64);
        }
    }

    fn have(self, labels: usize) -> bool {
        self.0.get(labels / 64).is_some_and(|word| word >> (labels % 64) & 1 == 1)
    }
}

/// The initial state of every hash. It is the same in every isolate and run: only the operator's entries
/// enter the table, so nobody else can choose keys that collide.
const SEED: u64 = 0x636f_7273_6761_7465;

/// The hash under which an entry stands.
fn hash_entry(text: &str, form: &PatternForm<'_>) -> u64 {
    if form.is_exact() { hash_text(text) } else { hash_form(form) }
}

/// The hash of a single origin: of all its bytes, so that it need not be cut into parts.
pub(crate) fn hash_text(text: &str) -> u64 {
    let mut hasher = FixedState::with_seed(SEED).build_hasher();
    hasher.write(text.as_bytes());
    hasher.finish()
}

/// The hash of a wildcard entry.
fn hash_form(form: &PatternForm<'_>) -> u64 {
    let port = match form.port {
        PortPattern::Default => 0,
        PortPattern::Exactly(port) => u32::from(port),
        PortPattern::Any => 1 << 16,
    };
    let mut hasher = FixedState::with_seed(SEED).build_hasher();
    hasher.write(form.host.as_bytes());
    // `http` and `https` differ in length, and other schemes are rare. A collision is resolved by comparing
    // texts.
    hasher.write_u32(port | (u32::from(form.subdomains) << 17) | ((form.scheme.len() as u32) << 18));
    hasher.finish()
}

#[cfg(test)]
#[path = "set_tests.rs"]
mod tests;
