//! Lists the routes and entries of a policy, with their places in the file.

use std::collections::{HashMap, HashSet};

use corsgate_policy::policy::document::{AllowlistDocument, CorsDocument, Document, EntryDocument};
use corsgate_policy::policy::violation::DocumentPath;

use crate::file::Reading;
use crate::finding::Span;

/// The routes and entries that a run can reach in one environment.
#[derive(Debug, Default)]
pub(crate) struct Inventory {
    pub(crate) routes: Vec<Item>,
    pub(crate) entries: Vec<Item>,
    /// The lists, and the wildcards in them.
    pub(crate) boundaries: Vec<Boundary>,
    by_text: HashMap<String, Vec<usize>>,
}

/// A route or an entry.
#[derive(Debug)]
pub(crate) struct Item {
    /// The name of a route, an origin pattern, or `@name` of a list in KV.
    pub(crate) text: String,
    /// `None` only if the file has no such place.
    pub(crate) span: Option<Span>,
    /// The lists that contain an entry. All routes that inherit `[defaults.cors]` share one entry.
    lists: HashSet<OriginList>,
}

impl Item {
    /// Whether a list contains the entry.
    pub(crate) fn is_in(&self, list: &OriginList) -> bool {
        self.lists.contains(list)
    }
}

/// A list, or a wildcard in one, that could grow.
#[derive(Debug)]
pub(crate) struct Boundary {
    pub(crate) item: Item,
    pub(crate) is_wildcard: bool,
}

/// A list that contains entries.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum OriginList {
    /// The allowlist with this name.
    Allowlist(String),
    /// The origins of the route with this name.
    Route(String),
    /// The origins of `[defaults.cors]`, for requests that match no route.
    Defaults,
}

impl Inventory {
    /// Lists the routes and entries of the compiled policy. Entries that another one covers are not in it, and no
    /// request can reach them.
    pub(crate) fn new(reading: &Reading, compiled: &Document) -> Self {
        let mut inventory = Self::default();
        let top = DocumentPath::default();
        for (at, route) in reading.document.routes.iter().enumerate() {
            let place = top.key("routes").index(at);
            let span = reading.spans.nearest_span(&place.key("name")).cloned();
            inventory.routes.push(Item { text: route.name.clone(), span, lists: HashSet::new() });
            let kept = compiled.routes.get(at).and_then(|route| route.cors.as_ref());
            if let (Some(cors), Some(kept)) = (&route.cors, kept) {
                let list = OriginList::Route(route.name.clone());
                inventory.add_cors(cors, kept, &place.key("cors"), &list, reading);
            }
        }
        if let (Some(cors), Some(kept)) = (&reading.document.default_cors, &compiled.default_cors) {
            inventory.add_cors(cors, kept, &top.key("default_cors"), &OriginList::Defaults, reading);
        }
        for (name, document) in &reading.document.allowlists {
            let place = top.key("allowlists").key(name);
            let list = OriginList::Allowlist(name.clone());
            match (document, compiled.allowlists.get(name)) {
                (AllowlistDocument::Entries(entries), Some(AllowlistDocument::Entries(kept))) => {
                    inventory.add_entries(entries, kept, &place, &list, reading);
                }
                (AllowlistDocument::Kv { .. } | AllowlistDocument::KvKeys { .. }, _) => {
                    let tree = reading.spans.get(&place);
                    let span = tree.and_then(|tree| tree.name.clone().or(tree.span.clone()));
                    inventory.add(&format!("@{name}"), span, &list);
                }
                _ => {}
            }
        }
        inventory.add_boundaries(reading);
        inventory
    }

    /// Adds the lists and wildcards that have entries. The lone `"*"` has no boundary.
    fn add_boundaries(&mut self, reading: &Reading) {
        let top = DocumentPath::default();
        // By place: all routes that inherit a list share it.
        let mut by_place: HashMap<(bool, Option<Span>, String), usize> = HashMap::new();
        let mut add = |is_wildcard: bool,
                       text: &str,
                       span: Option<Span>,
                       lists: &mut dyn Iterator<Item = &OriginList>| {
            let at = *by_place.entry((is_wildcard, span.clone(), text.to_owned())).or_insert_with(|| {
                let item = Item { text: text.to_owned(), span, lists: HashSet::new() };
                self.boundaries.push(Boundary { item, is_wildcard });
                self.boundaries.len() - 1
            });
            if let Some(boundary) = self.boundaries.get_mut(at) {
                boundary.item.lists.extend(lists.cloned());
            }
        };
        let is_wildcard = |text: &str| text.contains("://*.") || text.ends_with(":*");
        let own = || self.entries.iter().filter(|item| item.text != "*");
        for item in own().filter(|item| is_wildcard(&item.text)) {
            add(true, &item.text, item.span.clone(), &mut item.lists.iter());
        }
        let routes = reading.document.routes.iter().enumerate();
        let routes: HashMap<_, _> = routes.map(|(at, route)| (route.name.as_str(), at)).collect();
        let lists: HashSet<_> = own().flat_map(|item| &item.lists).collect();
        for list in lists {
            let place = match list {
                OriginList::Allowlist(name) => top.key("allowlists").key(name),
                OriginList::Route(name) => {
                    let at = routes.get(name.as_str()).copied().unwrap_or_default();
                    top.key("routes").index(at).key("cors").key("origins")
                }
                OriginList::Defaults => top.key("default_cors").key("origins"),
            };
            let tree = reading.spans.get(&place);
            let span = tree.and_then(|tree| tree.name.clone().or(tree.span.clone()));
            let text = match list {
                OriginList::Allowlist(name) => format!("@{name}"),
                OriginList::Route(_) | OriginList::Defaults => "origins".to_owned(),
            };
            add(false, &text, span, &mut std::iter::once(list));
        }
    }

    /// The indices of the entries with this text in these lists.
    pub(crate) fn find(&self, text: &str, lists: &[OriginList]) -> Vec<usize> {
        let with_text = self.by_text.get(text).into_iter().flatten().copied();
        let stands_there = |at: &usize| {
            self.entries.get(*at).is_some_and(|item| lists.iter().any(|list| item.lists.contains(list)))
        };
        with_text.filter(stands_there).collect()
    }

    /// The entries of these lists, each once.
    pub(crate) fn of(&self, lists: &[OriginList]) -> impl Iterator<Item = &Item> {
        self.entries.iter().filter(move |item| lists.iter().any(|list| item.lists.contains(list)))
    }

    fn add_cors(
        &mut self,
        cors: &CorsDocument,
        kept: &CorsDocument,
        place: &DocumentPath,
        list: &OriginList,
        reading: &Reading,
    ) {
        self.add_entries(&cors.origins, &kept.origins, &place.key("origins"), list, reading);
    }

    fn add_entries(
        &mut self,
        entries: &[EntryDocument],
        kept: &[EntryDocument],
        place: &DocumentPath,
        list: &OriginList,
        reading: &Reading,
    ) {
        let kept: HashSet<_> = kept.iter().map(EntryDocument::origin).collect();
        for (at, entry) in entries.iter().enumerate() {
            let text = entry.origin();
            if text.starts_with('@') || !kept.contains(text) {
                continue;
            }
            let span = reading.spans.nearest_span(&place.index(at)).cloned();
            self.add(text, span, list);
        }
    }

    /// Adds an entry. An entry that many routes inherit is added once.
    fn add(&mut self, text: &str, span: Option<Span>, list: &OriginList) {
        let with_text = self.by_text.entry(text.to_owned()).or_default();
        let entries = &mut self.entries;
        let known = with_text.iter().find(|at| entries.get(**at).is_some_and(|item| item.span == span));
        match known.and_then(|at| entries.get_mut(*at)) {
            Some(item) => {
                item.lists.insert(list.clone());
            }
            None => {
                with_text.push(entries.len());
                entries.push(Item { text: text.to_owned(), span, lists: [list.clone()].into() });
            }
        }
    }
}
