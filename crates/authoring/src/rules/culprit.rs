//! Finds the entry of an allowlist that breaks a rule of a route.

use std::collections::BTreeMap;

use corsgate_policy::Policy;
use corsgate_policy::policy::document::{
    AllowlistDocument, CorsDocument, Document, RecordsDocument, VERSION,
};
use corsgate_policy::policy::violation::{DocumentPath, Step, Violation};

use crate::file::Reading;

/// The place of the first entry of an allowlist that breaks the rule on a route. The route names the whole list, so the
/// rules are checked again as if it named each entry; they are not repeated here.
pub(crate) fn find(
    cors: &DocumentPath,
    list: &str,
    violation: &Violation,
    reading: &Reading,
) -> Option<DocumentPath> {
    let document = &reading.document;
    let place = DocumentPath::default().key("allowlists").key(list);
    let AllowlistDocument::Entries(entries) = document.allowlists.get(list)? else {
        return Some(place);
    };
    let rules = match cors.steps() {
        [Step::Key(_), Step::Index(at), ..] => document.routes.get(*at)?.cors.as_ref()?,
        _ => document.default_cors.as_ref()?,
    };
    let alone = with_rules(CorsDocument { origins: entries.clone(), ..rules.clone() });
    let problems = Policy::from_document(&alone).err()?;
    let culprit = problems.iter().find(|problem| problem.violation == *violation)?;
    match culprit.place.steps() {
        [.., Step::Index(at)] => Some(place.index(*at)),
        _ => None,
    }
}

/// A minimal policy with these CORS rules.
fn with_rules(cors: CorsDocument) -> Document {
    Document {
        version: VERSION,
        id: String::new(),
        upstreams: BTreeMap::new(),
        allowlists: BTreeMap::new(),
        routes: Vec::new(),
        default_cors: Some(cors),
        fold_suffixes: false,
        records: RecordsDocument::default(),
    }
}
