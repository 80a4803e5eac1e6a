//! Reads the file as a whole.

use std::collections::{BTreeMap, BTreeSet};

use corsgate_policy::policy::document::{
    AllowlistDocument, CorsDocument, Document, RecordsDocument, VERSION,
};
use toml::de::DeTable;

use crate::cursor::{Cursor, as_table};
use crate::file::environment::Overlay;
use crate::file::{allowlist, environment, route};
use crate::lint::Code;
use crate::lints::allowed;
use crate::report::Report;
use crate::spans::SpanTree;
use crate::table::{Layers, Table};

/// A policy in one environment. Broken places hold stand-ins, and the document is not canonical yet.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) document: Document,
    pub(crate) spans: SpanTree,
    /// The codes of findings that the author accepts.
    pub(crate) allowed: Vec<Code>,
    /// The allowlists that the environment replaces.
    pub(crate) replaced_lists: BTreeSet<String>,
    /// The upstreams that the environment replaces.
    pub(crate) replaced_upstreams: BTreeSet<String>,
}

/// Reads a file: the base, or the base with an environment over it.
pub(crate) fn read(file: &DeTable<'_>, environment: Option<&str>, report: &mut Report) -> Reading {
    let base = read_over(file, Overlay::default(), report);
    match environment {
        None => base,
        // The base was read as well: values that the environment replaces must have the right shape too.
        Some(name) => read_over(file, environment::choose(file, name, report), report),
    }
}

fn read_over<'t>(file: &'t DeTable<'t>, overlay: Overlay<'t>, report: &mut Report) -> Reading {
    let mut spans = SpanTree::default();
    let layers = Layers { upper: Some(file), lower: None, merges_tables: false };
    let (mut document, allowed) = Table::read(layers, &mut spans, report, |table| {
        (read_document(table, file, overlay), read_allowed(table))
    });
    // The document has the `cors` of `[defaults]` under another name, unless that only holds settings for routes
    // with their own origins.
    let cors = spans.child("defaults").and_then(|defaults| defaults.child("cors")).cloned();
    match cors.filter(|cors| cors.child("origins").is_some()) {
        Some(cors) => spans.put("default_cors", cors),
        None => document.default_cors = None,
    }
    let [replaced_lists, replaced_upstreams] = [overlay.allowlists, overlay.upstreams]
        .map(|table| table.into_iter().flatten().map(|(name, _)| name.get_ref().to_string()).collect());
    Reading { document, spans, allowed, replaced_lists, replaced_upstreams }
}

fn read_document<'t>(table: &mut Table<'t, '_>, file: &'t DeTable<'t>, overlay: Overlay<'t>) -> Document {
    if let Some(environments) = table.field("environments") {
        environment::check(environments, file);
    }
    let defaults = file.get("defaults").and_then(as_table);
    let (default_cors, fold_suffixes) = read_defaults(table, overlay);
    Document {
        version: table.required("version").and_then(Cursor::whole).unwrap_or(VERSION),
        id: String::new(),
        upstreams: read_upstreams(table, overlay),
        allowlists: read_allowlists(table, overlay),
        default_cors,
        fold_suffixes,
        routes: {
            let routes = table.field("routes");
            routes
                .and_then(|routes| routes.tables(|each| route::read(each, defaults, overlay)))
                .unwrap_or_default()
        },
        records: read_records(table),
    }
}

fn read_upstreams<'t>(table: &mut Table<'t, '_>, overlay: Overlay<'t>) -> BTreeMap<String, String> {
    /// An upstream that breaks no rule.
    const STAND_IN: &str = "zone";
    let read =
        |_name: &str, upstream: Cursor<'_, '_>| upstream.string().unwrap_or_else(|| STAND_IN.to_owned());
    let upstreams = table.field("upstreams");
    upstreams
        .and_then(|table| table.table_under(overlay.upstreams, |table| table.entries(read)))
        .unwrap_or_default()
}

fn read_allowlists<'t>(
    table: &mut Table<'t, '_>,
    overlay: Overlay<'t>,
) -> BTreeMap<String, AllowlistDocument> {
    let read = |_name: &str, list: Cursor<'_, '_>| allowlist::read(list);
    let allowlists = table.field("allowlists");
    allowlists
        .and_then(|table| table.table_under(overlay.allowlists, |table| table.entries(read)))
        .unwrap_or_default()
}

/// Reads the parts of `[defaults]` that belong to the policy, not only to its routes.
fn read_defaults<'t>(table: &mut Table<'t, '_>, overlay: Overlay<'t>) -> (Option<CorsDocument>, bool) {
    let defaults = table.field("defaults");
    defaults
        .and_then(|defaults| defaults.table(|table| route::read_defaults(table, overlay)))
        .unwrap_or_default()
}

fn read_records(table: &mut Table<'_, '_>) -> RecordsDocument {
    let records = table.field("records");
    let share = records.and_then(|records| records.table(|table| table.field("sample_allowed")?.number()));
    share.flatten().map_or_else(RecordsDocument::default, |sample_allowed| RecordsDocument { sample_allowed })
}

fn read_allowed(table: &mut Table<'_, '_>) -> Vec<Code> {
    let check = table.field("check");
    let codes = check.and_then(|check| {
        check.table(|table| table.field("allow")?.list("a list of codes", |code| allowed::read(code)))
    });
    codes.flatten().unwrap_or_default()
}
