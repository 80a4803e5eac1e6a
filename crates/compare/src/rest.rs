//! Compares the parts of a policy that belong to no route.

use std::collections::BTreeSet;

use corsgate_policy::policy::document::{AllowlistDocument, CorsDocument, Document, EntryDocument};

use crate::change::{Line, Risk};
use crate::kind::Kind;

/// Compares records, and the upstreams and lists that no route of either policy uses.
pub(crate) fn compare(before: &Document, now: &Document) -> Vec<Line> {
    let mut lines = Vec::new();
    let (was, is) = (before.records.sample_allowed, now.records.sample_allowed);
    if before.records != now.records {
        let text = format!("the recorded share of plain allows is {is}, and was {was}");
        lines.push(Line::neutral(Kind::Records, Risk::Low, text, "refusals are always recorded"));
    }
    match (before.fold_suffixes, now.fold_suffixes) {
        (true, false) => lines.push(Line::widens(
            Kind::FoldSuffixes,
            Risk::Medium,
            "`fold_suffixes` is off: paths with a suffix such as `.json` that could belong to another route are accepted",
            "they were refused with 400, because a server that drops the suffix would serve the other route",
        )),
        (false, true) => lines.push(Line::narrows(
            Kind::FoldSuffixes,
            "`fold_suffixes` is on: paths with a suffix such as `.json` that could belong to another route are refused",
            "a server that drops the suffix would serve the other route",
        )),
        _ => {}
    }
    let used = |document: &Document| -> BTreeSet<String> {
        document.routes.iter().map(|route| route.upstream.clone()).collect()
    };
    let (used_before, used_now) = (used(before), used(now));
    for name in names(before.upstreams.keys().chain(now.upstreams.keys())) {
        let idle = !used_before.contains(name) && !used_now.contains(name);
        if idle && before.upstreams.get(name) != now.upstreams.get(name) {
            let text = match (before.upstreams.get(name), now.upstreams.get(name)) {
                (None, _) => format!("the upstream `{name}` is added"),
                (_, None) => format!("the upstream `{name}` is removed"),
                _ => format!("the upstream `{name}` is changed"),
            };
            lines.push(Line::neutral(Kind::Upstream, Risk::Low, text, "no route uses it"));
        }
    }
    let (used_before, used_now) = (named_lists(before), named_lists(now));
    for name in names(before.allowlists.keys().chain(now.allowlists.keys())) {
        let (was, is) = (before.allowlists.get(name), now.allowlists.get(name));
        if let Some(text) = switched(was, is) {
            let risk = if is.is_some_and(is_switched) { Risk::Medium } else { Risk::Low };
            let text = format!("{text} for the list `{name}`");
            lines.push(Line::neutral(Kind::Allowlist, risk, text, "its effect is listed separately"));
        } else if was != is && !used_before.contains(name.as_str()) && !used_now.contains(name.as_str()) {
            let text = match (was, is) {
                (None, _) => format!("the list `{name}` is added"),
                (_, None) => format!("the list `{name}` is removed"),
                _ => format!("the list `{name}` has other entries"),
            };
            lines.push(Line::neutral(Kind::Allowlist, Risk::Low, text, "no route uses it"));
        }
    }
    lines
}

fn names<'n>(all: impl Iterator<Item = &'n String>) -> BTreeSet<&'n String> {
    all.collect()
}

fn named_lists(document: &Document) -> BTreeSet<&str> {
    let rules = document.routes.iter().filter_map(|route| route.cors.as_ref()).chain(&document.default_cors);
    let entries = rules.flat_map(|cors: &CorsDocument| &cors.origins);
    let list = |entry: &'_ EntryDocument| match entry {
        EntryDocument::Lasting(text) => text.starts_with('@'),
        EntryDocument::Expiring { .. } => false,
    };
    let texts = entries.filter(|entry| list(entry)).map(|entry| match entry {
        EntryDocument::Lasting(text) | EntryDocument::Expiring { origin: text, .. } => text,
    });
    texts.filter_map(|text| text.strip_prefix('@')).collect()
}

fn is_switched(list: &AllowlistDocument) -> bool {
    match list {
        AllowlistDocument::Entries(_) => false,
        AllowlistDocument::Kv { dangerously_unchecked_wildcards, .. } => *dangerously_unchecked_wildcards,
        AllowlistDocument::KvKeys { dangerously_share_keys, .. } => *dangerously_share_keys,
    }
}

/// The text for a list in which only the dangerous switch changed.
fn switched(was: Option<&AllowlistDocument>, is: Option<&AllowlistDocument>) -> Option<String> {
    let (was, is) = (was?, is?);
    let name = match (was, is) {
        (AllowlistDocument::Kv { .. }, AllowlistDocument::Kv { .. }) => "dangerously_unchecked_wildcards",
        (AllowlistDocument::KvKeys { .. }, AllowlistDocument::KvKeys { .. }) => "dangerously_share_keys",
        _ => return None,
    };
    let state = if is_switched(is) { "on" } else { "off" };
    (is_switched(was) != is_switched(is)).then(|| format!("`{name}` is {state}"))
}
