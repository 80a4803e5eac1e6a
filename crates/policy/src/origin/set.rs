//! A set of origin patterns in which a lookup costs as much as the origin is long, however many
//! entries there are.

use core::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::grammar::day::Day;
use crate::origin::Origin;
use crate::origin::pattern::{OriginPattern, PatternForm, PortPattern};

/// An entry of an allowlist: who, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The origins it stands for.
    pub pattern: OriginPattern,
    /// The last day on which it is good; [`Day::NEVER`] without an end.
    pub expires: Day,
}

/// Origin patterns, indexed for lookup.
///
/// All texts stand in one arena, a line each, and one hash table finds an entry: one for a single
/// origin by its text, any other by what it fixes of scheme, host (of a wildcard: the parent) and
/// port. An origin is looked for as itself, as its host with any port, and once for each parent of
/// its host **at whose depth some wildcard stands**; the depths are kept as bits, so a list without
/// wildcards costs one probe and a hostile origin of a hundred labels costs no more than the
/// operator's own patterns ask for.
///
/// Invariants: every entry is in the table under its `hash_entry`; no two entries have the same
/// text; the bits of a depth are set when and only when a wildcard of that depth may be present.
#[derive(Debug, Default)]
pub struct OriginSet {
    texts: String,
    table: HashTable<Slot>,
    any_port: bool,
    /// Bit `n`: a wildcard over a parent of `n` labels, with a port of its own.
    depths: u128,
    /// Bit `n`: a wildcard over a parent of `n` labels, with any port.
    any_port_depths: u128,
}

/// An entry in the table: where its text stands, and all else that a lookup asks. In a long list
/// each further place to look at is a wait for memory.
#[derive(Debug)]
struct Slot {
    start: u32,
    length: u16,
    expires: Day,
}

impl Slot {
    fn text<'s>(&self, texts: &'s str) -> &'s str {
        let start = self.start as usize;
        texts.get(start..start + usize::from(self.length)).unwrap_or_default()
    }
}

/// What a route demands of an entry beyond being in the list. Lists in the policy were checked when
/// the policy was read; a list in KV is shared by routes with different rules, so each route
/// applies its own at lookup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Admission {
    /// Plain `http` from other machines counts.
    pub insecure: bool,
    /// Wildcards count.
    pub wildcards: bool,
}

impl Admission {
    /// Every entry counts.
    pub const ALL: Self = Self { insecure: true, wildcards: true };

    /// What both admit.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { insecure: self.insecure && other.insecure, wildcards: self.wildcards && other.wildcards }
    }

    fn admits(self, pattern: &str) -> bool {
        if self == Self::ALL {
            return true;
        }
        let form = PatternForm::of(pattern);
        (self.wildcards || form.is_exact()) && (self.insecure || !form.is_insecure())
    }
}

/// The answer of an [`OriginSet`] about an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership<'s> {
    /// This entry lists the origin.
    Listed(&'s str),
    /// Only this entry lists the origin, and its last day has passed.
    Expired(&'s str),
    /// No entry lists the origin.
    Absent,
}

impl OriginSet {
    /// Builds a set. Of two entries with the same pattern the one that lives longer counts.
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut set = Self::default();
        for entry in entries {
            set.insert(&entry);
        }
        set.texts.shrink_to_fit();
        set
    }

    /// Adds an entry. Texts beyond 4 GiB in all have no place and are left out; a list's source
    /// is limited to a hundredth of that.
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
        self.table.insert_unique(hash, Slot { start, length, expires: entry.expires }, |slot| {
            let text = slot.text(texts);
            hash_entry(text, &PatternForm::of(text))
        });
        match (form.subdomains, form.port) {
            (false, PortPattern::Any) => self.any_port = true,
            (false, _) => {}
            (true, PortPattern::Any) => self.any_port_depths |= depth_bit(form.host),
            (true, _) => self.depths |= depth_bit(form.host),
        }
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The patterns, in the order they were added.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.texts.lines()
    }

    /// The last day on which an entry is good, by its pattern.
    #[must_use]
    pub fn last_day(&self, pattern: &str) -> Option<Day> {
        let hash = hash_entry(pattern, &PatternForm::of(pattern));
        self.table.find(hash, |slot| slot.text(&self.texts) == pattern).map(|slot| slot.expires)
    }

    /// Looks an origin up. An entry that is still good wins over one that has expired.
    #[must_use]
    pub fn find(&self, origin: &Origin<'_>, admission: Admission, today: Day) -> Membership<'_> {
        if self.table.is_empty() {
            return Membership::Absent;
        }
        let mut expired = None;
        let listed = self.candidates(origin, |entry, expires| {
            if !admission.admits(entry) {
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

    /// Hands each entry that stands for the origin to `accept`, until it takes one.
    fn candidates<'s>(
        &'s self,
        origin: &Origin<'_>,
        mut accept: impl FnMut(&'s str, Day) -> Option<&'s str>,
    ) -> Option<&'s str> {
        let exact =
            self.table.find(hash_text(origin.as_str()), |slot| slot.text(&self.texts) == origin.as_str());
        let exact = exact.and_then(|slot| accept(slot.text(&self.texts), slot.expires));
        if exact.is_some() {
            return exact;
        }
        let depths = self.depths | self.any_port_depths;
        if depths == 0 && !self.any_port {
            return None;
        }
        let port = origin.port().map_or(PortPattern::Default, PortPattern::Exactly);
        let mut probe = |subdomains, host: &str, port| {
            let wanted = PatternForm { scheme: origin.scheme(), host, subdomains, port };
            let is_wanted = |slot: &Slot| wanted.is_text(slot.text(&self.texts));
            let slot = self.table.find(hash_form(&wanted), is_wanted)?;
            accept(slot.text(&self.texts), slot.expires)
        };
        if self.any_port {
            let any_port = probe(false, origin.host(), PortPattern::Any);
            if any_port.is_some() {
                return any_port;
            }
        }
        let mut bit = 1;
        for parent in parents(origin.host()) {
            bit <<= 1;
            if depths & bit == 0 {
                continue;
            }
            if self.depths & bit != 0 {
                let found = probe(true, parent, port);
                if found.is_some() {
                    return found;
                }
            }
            if self.any_port_depths & bit != 0 {
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
    host.rmatch_indices('.').filter_map(|(at, _)| host.get(at + 1..))
}

/// The bit of a parent's number of labels. No host of [`MAX_HOST`](crate::grammar::host::MAX_HOST) bytes has
/// more than 127 labels.
fn depth_bit(parent: &str) -> u128 {
    let labels = parent.bytes().filter(|byte| *byte == b'.').count() + 1;
    u32::try_from(labels).ok().and_then(|labels| 1_u128.checked_shl(labels)).unwrap_or(0)
}

/// What the hashes of all tables begin with. The same in every isolate and run: only the operator's
/// own entries are ever in a table, so nobody else can choose keys that collide.
const SEED: u64 = 0x636f_7273_6761_7465;

/// The hash under which an entry stands.
fn hash_entry(text: &str, form: &PatternForm<'_>) -> u64 {
    if form.is_exact() { hash_text(text) } else { hash_form(form) }
}

/// The hash of a single origin: of all its bytes, so that it need not be cut into parts.
fn hash_text(text: &str) -> u64 {
    let mut hasher = FixedState::with_seed(SEED).build_hasher();
    hasher.write(text.as_bytes());
    hasher.finish()
}

/// The hash of a wildcard.
fn hash_form(form: &PatternForm<'_>) -> u64 {
    let port = match form.port {
        PortPattern::Default => 0,
        PortPattern::Exactly(port) => u32::from(port),
        PortPattern::Any => 1 << 16,
    };
    let mut hasher = FixedState::with_seed(SEED).build_hasher();
    hasher.write(form.host.as_bytes());
    // The schemes of the web differ in length, others are rare: what is equal here is told apart
    // by its text.
    hasher.write_u32(port | (u32::from(form.subdomains) << 17) | ((form.scheme.len() as u32) << 18));
    hasher.finish()
}

#[cfg(test)]
#[path = "set_tests.rs"]
mod tests;
