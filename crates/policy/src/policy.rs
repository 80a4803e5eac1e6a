//! The compiled policy in memory, by which the Worker decides.

pub mod cors;
pub mod document;
pub mod limit;
pub mod methods_and_headers;
mod reader;
pub(crate) mod request_headers;
pub(crate) mod response_headers;
pub mod route;
mod route_index;
mod routing;
mod slots;
pub mod upstream;
pub mod violation;

use core::fmt;
use std::collections::BTreeMap;

use crate::kv::{is_policy_id, list_key};
use crate::origin::entry::ListPatterns;
use crate::origin::list::TextList;
use crate::origin::pattern::PatternForm;
use crate::origin::set::{AcceptedEntries, OriginSet};
use crate::origin::sorted::{SortedOrigins, UnreadableSet};
use crate::policy::cors::{Cors, Guarded};
use crate::policy::document::{AllowlistDocument, Document, EntryDocument, Scope, VERSION};
use crate::policy::reader::Reader;
use crate::policy::route::Route;
use crate::policy::routing::Routing;
use crate::policy::upstream::Upstream;
use crate::policy::violation::{Problem, Violation};

/// A policy that satisfies every rule that can be checked without other sources.
#[derive(Debug)]
pub struct Policy {
    id: String,
    allowlists: Allowlists,
    pub(crate) routes: Vec<Route>,
    pub(crate) default_cors: Option<Cors>,
    sample_allowed: f64,
    pub(crate) routing: Routing,
}

/// Why a stored policy cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// Not the JSON of a compiled policy.
    Malformed(String),
    /// A version that this gateway does not read.
    Version(u32),
    /// A policy that breaks rules.
    Unsafe(Vec<Problem>),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => write!(f, "not a compiled policy: {error}"),
            Self::Version(version) => Violation::Version(*version).fmt(f),
            Self::Unsafe(problems) => {
                let texts: Vec<_> = problems.iter().take(5).map(Problem::to_string).collect();
                write!(f, "{} rules broken: {}", problems.len(), texts.join("; "))
            }
        }
    }
}

impl core::error::Error for ReadError {}

impl Policy {
    /// Reads the JSON that `corsgate compile` wrote.
    ///
    /// # Errors
    /// When it is no such document, of another version, or unsafe.
    pub fn read(json: &[u8]) -> Result<Self, ReadError> {
        let document = Document::read(json)?;
        Self::from_document(&document).map_err(ReadError::Unsafe)
    }

    /// The same from a text.
    ///
    /// # Errors
    /// Those of [`read`](Self::read).
    pub fn read_text(text: &str) -> Result<Self, ReadError> {
        let document = Document::read_text(text)?;
        Self::from_document(&document).map_err(ReadError::Unsafe)
    }

    /// Checks a document and takes it over.
    ///
    /// # Errors
    /// Every rule it breaks, with its place.
    pub fn from_document(document: &Document) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut reader = Reader::new(&mut problems);
        reader.key("version").require(document.version == VERSION, Violation::Version(document.version));
        let id_valid = document.id.is_empty() || is_policy_id(&document.id);
        reader.key("id").require(id_valid, Violation::Id);
        let share_valid = (0.0..=1.0).contains(&document.records.sample_allowed);
        reader.key("records").key("sample_allowed").require(share_valid, Violation::Share);

        let upstreams = read_upstreams(&document.upstreams, &mut reader.key("upstreams"));
        let mut allowlists = Allowlists::read(&document.allowlists, &mut reader.key("allowlists"));
        let (routes, index) =
            route::read_all(&document.routes, &upstreams, &allowlists, &mut reader.key("routes"));
        let default_cors = document
            .default_cors
            .as_ref()
            .map(|cors| Cors::read(cors, &allowlists, false, &mut reader.key("default_cors")));
        if !problems.is_empty() {
            return Err(problems);
        }
        for cors in routes.iter().filter_map(|route| route.cors.as_ref()).chain(&default_cors) {
            allowlists.narrow(cors);
        }
        let routing = Routing::new(index, &routes, document.fold_suffixes);
        let sample_allowed = document.records.sample_allowed;
        Ok(Self { id: document.id.clone(), allowlists, routes, default_cors, sample_allowed, routing })
    }

    /// The id of the document.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The id, if the document has one.
    pub(crate) fn named_id(&self) -> Option<&str> {
        Some(self.id()).filter(|id| !id.is_empty())
    }

    /// The routes, in the order in which they are tried.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// The entries in the policy itself, by place: routes first, then `[defaults.cors]`, then allowlists.
    #[must_use]
    pub fn entries(&self) -> Vec<(String, &OriginSet)> {
        let routes = self.routes.iter().filter_map(|route| {
            Some((format!("route {}", route.name()), route.cors.as_ref()?.own_entries()?))
        });
        let defaults = self.default_cors.as_ref().and_then(Cors::own_entries);
        let lists = self.allowlists.0.iter().filter_map(|(name, list)| match list {
            Allowlist::Entries(entries, _) => Some((format!("allowlist {name}"), entries)),
            Allowlist::Kv(_) | Allowlist::KvKeys(_) => None,
        });
        let defaults = defaults.map(|entries| ("defaults".to_owned(), entries));
        routes.chain(defaults).chain(lists).filter(|(_, entries)| !entries.is_empty()).collect()
    }

    /// The names of the allowlists that store one key in KV for each origin.
    pub fn kv_key_names(&self) -> impl Iterator<Item = &str> {
        let is_of_keys = |list: &Allowlist| matches!(list, Allowlist::KvKeys(_));
        self.allowlists.0.iter().filter(move |(_, list)| is_of_keys(list)).map(|(name, _)| name.as_str())
    }

    /// The text lists in KV that allowlists name, by these names.
    pub fn kv_lists(&self) -> impl Iterator<Item = (&str, &KvList)> {
        self.allowlists.0.iter().filter_map(|(name, list)| match list {
            Allowlist::Kv(list) => Some((name.as_str(), list)),
            Allowlist::Entries(..) | Allowlist::KvKeys(_) => None,
        })
    }

    /// The allowlist with a name.
    #[must_use]
    pub fn named_list(&self, name: &str) -> Option<NamedList<'_>> {
        self.allowlists.find(name).map(|(_, list)| match list {
            Allowlist::Entries(entries, _) => NamedList::Entries(entries),
            Allowlist::Kv(list) => NamedList::Kv(list),
            Allowlist::KvKeys(_) => NamedList::KvKeys,
        })
    }

    /// The names of the routes that use a text list in KV, each with the entries that it accepts. `None`
    /// stands for requests without a route.
    pub fn users_of<'p>(
        &'p self,
        list: &'p KvList,
    ) -> impl Iterator<Item = (Option<&'p str>, AcceptedEntries)> {
        let routes = self.routes.iter().map(|route| (Some(route.name()), route.cors.as_ref()));
        let defaults = core::iter::once((None, self.default_cors.as_ref()));
        routes.chain(defaults).filter_map(move |(name, cors)| {
            let cors = cors?;
            let is_it = |at: &usize| matches!(self.allowlist(*at), Some(Allowlist::Kv(used)) if used == list);
            cors.kv_lists().iter().any(is_it).then(|| (name, cors.accepted()))
        })
    }

    /// The share of plain allows that is recorded, from 0 to 1.
    #[must_use]
    pub fn sample_allowed(&self) -> f64 {
        self.sample_allowed
    }

    /// The name of an allowlist by its position.
    pub(crate) fn allowlist_name(&self, index: usize) -> Option<&str> {
        self.allowlists.0.get(index).map(|(name, _list)| name.as_str())
    }

    /// An allowlist by its position.
    pub(crate) fn allowlist(&self, index: usize) -> Option<&Allowlist> {
        self.allowlists.0.get(index).map(|(_name, list)| list)
    }
}

/// Allowlists by name, in the order of their names.
#[derive(Debug)]
pub(crate) struct Allowlists(Vec<(String, Allowlist)>);

/// Where an allowlist stores its entries.
#[derive(Debug)]
pub(crate) enum Allowlist {
    /// In the policy. Every route that uses the list is checked, so what it must accept is found out once.
    Entries(OriginSet, Guarded),
    /// In a text in KV.
    Kv(KvList),
    /// In a KV key for each origin.
    KvKeys(KvKeys),
}

/// Where the entries of an allowlist are.
#[derive(Clone, Copy, Debug)]
pub enum NamedList<'a> {
    /// In the policy.
    Entries(&'a OriginSet),
    /// In a text in KV.
    Kv(&'a KvList),
    /// In a KV key for each origin: they cannot be enumerated.
    KvKeys,
}

/// A list in KV.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KvList {
    /// The key of the text.
    pub key: String,
    /// The forms of entries that its lines may contain.
    pub patterns: ListPatterns,
    /// The entries that every route using the list accepts; each route decides for itself.
    pub accepted: AcceptedEntries,
}

impl KvList {
    /// Reads the text of the list, and also reports the lines that a route using it ignores.
    #[must_use]
    pub fn read(&self, text: &str) -> TextList {
        TextList::parse_for(text, self.patterns, self.accepted)
    }

    /// Reads the list where it is a set ([`is_set`](crate::origin::sorted::is_set)), and also reports the wildcards that a
    /// route using it ignores: they are the first lines of its text.
    ///
    /// # Errors
    /// When the bytes are not a set that this version can read.
    pub fn read_set(&self, bytes: Vec<u8>) -> Result<TextList, UnreadableSet> {
        let sorted = SortedOrigins::read(bytes)?;
        let list = self.read(sorted.wildcards());
        Ok(TextList { origins: list.origins.with_sorted(sorted), ..list })
    }
}

/// A family of per-origin keys in KV.
#[derive(Debug)]
pub(crate) struct KvKeys {
    pub(crate) name: String,
    pub(crate) scope: Scope,
    pub(crate) dangerously_share_keys: bool,
}

impl Allowlists {
    #[inline(never)]
    fn read(documents: &BTreeMap<String, AllowlistDocument>, reader: &mut Reader<'_>) -> Self {
        let mut lists = Vec::new();
        for (name, document) in documents {
            lists.push((name.clone(), Allowlist::read(name, document, &mut reader.key(name))));
        }
        Self(lists)
    }

    /// Restricts the admission of each list in KV that these rules use.
    fn narrow(&mut self, cors: &Cors) {
        for at in cors.kv_lists() {
            if let Some((_, Allowlist::Kv(list))) = self.0.get_mut(*at) {
                list.accepted = list.accepted.and(cors.accepted());
            }
        }
    }

    pub(crate) fn find(&self, name: &str) -> Option<(usize, &Allowlist)> {
        let index = self.0.binary_search_by(|(known, _)| known.as_str().cmp(name)).ok()?;
        self.0.get(index).map(|(_, list)| (index, list))
    }
}

impl Allowlist {
    #[inline(never)]
    fn read(name: &str, document: &AllowlistDocument, reader: &mut Reader<'_>) -> Self {
        reader.require(is_name(name), Violation::Name);
        match document {
            AllowlistDocument::Entries(entries) => {
                let entries = entries.iter().enumerate().filter_map(|(at, entry)| {
                    let mut reader = reader.index(at);
                    if matches!(entry, EntryDocument::Lasting(text) if text == "*") {
                        reader.report(Violation::AnyOriginInAllowlist);
                        return None;
                    }
                    cors::read_entry(entry, &mut reader)
                });
                let entries = OriginSet::new(entries);
                let guarded = Guarded::of(entries.texts().map(PatternForm::of));
                Self::Entries(entries, guarded)
            }
            AllowlistDocument::Kv { kv, dangerously_unchecked_wildcards } => {
                reader.key("kv").require(is_name(kv), Violation::Name);
                let patterns = match dangerously_unchecked_wildcards {
                    true => ListPatterns::Wildcards,
                    false => ListPatterns::Exact,
                };
                Self::Kv(KvList { key: list_key(kv), patterns, accepted: AcceptedEntries::ALL })
            }
            AllowlistDocument::KvKeys { kv_keys, scope, dangerously_share_keys } => {
                reader.key("kv_keys").require(is_name(kv_keys), Violation::Name);
                let dangerously_share_keys = *dangerously_share_keys;
                Self::KvKeys(KvKeys { name: kv_keys.clone(), scope: *scope, dangerously_share_keys })
            }
        }
    }
}

/// Upstreams sorted by name; `None` for one that could not be read.
pub(crate) struct Upstreams<'d>(Vec<(&'d str, Option<Upstream>)>);

impl Upstreams<'_> {
    pub(crate) fn find(&self, name: &str) -> Option<&Option<Upstream>> {
        let index = self.0.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
        self.0.get(index).map(|(_, upstream)| upstream)
    }
}

#[inline(never)]
fn read_upstreams<'d>(documents: &'d BTreeMap<String, String>, reader: &mut Reader<'_>) -> Upstreams<'d> {
    let mut upstreams = Vec::new();
    for (name, text) in documents {
        let mut reader = reader.key(name);
        reader.require(is_name(name), Violation::Name);
        let upstream = reader.accept(Upstream::parse(text).map_err(Violation::Upstream));
        upstreams.push((name.as_str(), upstream));
    }
    Upstreams(upstreams)
}

/// `[a-z][a-z0-9_-]{0,47}`: short, and safe in headers, keys and logs.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let characters = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
    characters && text.len() <= 48 && text.starts_with(|first: char| first.is_ascii_lowercase())
}
