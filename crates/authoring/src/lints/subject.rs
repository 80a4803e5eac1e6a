//! The policy that lints check, with its places in the file.

use std::collections::BTreeSet;

use corsgate_policy::grammar::day::Day;
use corsgate_policy::policy::document::{
    AllowlistDocument, CorsDocument, Document, EntryDocument, RouteDocument,
};
use corsgate_policy::policy::violation::DocumentPath;

use crate::calendar::Calendar;
use crate::file::Reading;
use crate::finding::Span;
use crate::spans::SpanTree;

/// A policy in one environment, with its places in the file.
pub(crate) struct Subject<'r> {
    pub(crate) document: &'r Document,
    pub(crate) spans: &'r SpanTree,
    /// The day of the check; `None` if the result must be the same on any day.
    pub(crate) today: Option<Day>,
    /// Entries that expire up to this day are reported; `None` for none.
    pub(crate) soon: Option<Day>,
    /// The allowlists that the chosen environment replaces.
    pub(crate) replaced_lists: &'r BTreeSet<String>,
    /// The upstreams that the chosen environment replaces.
    pub(crate) replaced_upstreams: &'r BTreeSet<String>,
    /// Whether there is only the compiled document, without the facts that only its source has.
    pub(crate) is_compiled: bool,
}

/// The entries of one list in the file.
pub(crate) struct List<'r> {
    pub(crate) place: DocumentPath,
    pub(crate) entries: &'r [EntryDocument],
}

impl<'r> Subject<'r> {
    pub(crate) fn new(reading: &'r Reading, calendar: Calendar) -> Self {
        let Calendar { today, soon } = calendar;
        let Reading { document, spans, replaced_lists, replaced_upstreams, .. } = reading;
        Self { document, spans, today, soon, replaced_lists, replaced_upstreams, is_compiled: false }
    }

    pub(crate) fn routes(&self) -> impl Iterator<Item = (DocumentPath, &'r RouteDocument)> + use<'r> {
        let routes = DocumentPath::default().key("routes");
        self.document.routes.iter().enumerate().map(move |(at, route)| (routes.index(at), route))
    }

    /// All CORS rules: first those of the defaults, then those of each route.
    pub(crate) fn rules(&self) -> impl Iterator<Item = (DocumentPath, &'r CorsDocument)> + use<'r> {
        let defaults = self.document.default_cors.iter();
        let defaults = defaults.map(|cors| (DocumentPath::default().key("default_cors"), cors));
        defaults
            .chain(self.routes().filter_map(|(place, route)| Some((place.key("cors"), route.cors.as_ref()?))))
    }

    /// The lists of origins, each once. A list that a route inherits belongs to the defaults.
    pub(crate) fn lists(&self) -> Vec<List<'r>> {
        let allowlists = self.document.allowlists.iter().filter_map(|(name, list)| match list {
            AllowlistDocument::Entries(entries) => {
                Some(List { place: DocumentPath::default().key("allowlists").key(name), entries })
            }
            _ => None,
        });
        let inline =
            self.rules().map(|(cors, rules)| List { place: cors.key("origins"), entries: &rules.origins });
        allowlists.chain(inline.filter(|list| !self.spans.is_inherited(&list.place))).collect()
    }

    pub(crate) fn count_origins(&self) -> usize {
        let origins = self.lists().into_iter().flat_map(|list| list.entries);
        origins.filter(|entry| !entry.origin().starts_with('@')).count()
    }

    /// Whether the value at a place could not be read, so that the document only holds a stand-in.
    pub(crate) fn is_broken(&self, place: &DocumentPath) -> bool {
        self.spans.get(place).is_some_and(|tree| tree.broken)
    }

    /// Whether any route, or a route's origins or upstream, could not be read.
    pub(crate) fn has_broken_routes(&self) -> bool {
        let routes = self.routes().map(|(place, _)| place).flat_map(|place| {
            let cors = place.key("cors");
            [cors.key("origins"), cors, place.key("upstream"), place]
        });
        let default_cors = DocumentPath::default().key("default_cors");
        let defaults = [default_cors.key("origins"), default_cors, DocumentPath::default().key("routes")];
        routes.chain(defaults).any(|place| self.is_broken(&place))
    }

    /// The span of a value, or of the nearest enclosing one.
    pub(crate) fn span(&self, place: &DocumentPath) -> Option<Span> {
        self.spans.nearest_span(place).cloned()
    }

    /// The span of an entry's origin.
    pub(crate) fn origin_span(&self, list: &DocumentPath, at: usize) -> Option<Span> {
        let entry = list.index(at);
        let origin = self.spans.get(&entry).and_then(|entry| entry.child("origin")?.span.clone());
        origin.or_else(|| self.span(&entry))
    }
}
