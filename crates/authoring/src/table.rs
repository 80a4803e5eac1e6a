//! Reads the keys of a table.

use std::collections::{BTreeMap, BTreeSet};

use toml::de::DeTable;

use crate::cursor::{Cursor, Toml};
use crate::finding::{Finding, Severity, Span};
use crate::mistakes;
use crate::nearest::{listed, nearest};
use crate::presets::FromPreset;
use crate::report::Report;
use crate::spans::SpanTree;
use crate::vocabulary::{self, Vocabulary};

/// One table, or two of which the upper one takes precedence: a route over `[defaults]`, an environment over the base.
#[derive(Clone, Copy)]
pub(crate) struct Layers<'t> {
    pub(crate) upper: Option<&'t DeTable<'t>>,
    pub(crate) lower: Option<&'t DeTable<'t>>,
    /// Whether tables under the same key in both layers are merged too. This goes one level deep: tables inside
    /// those replace each other.
    pub(crate) merges_tables: bool,
}

/// A table being read. Keys that nobody asked for are reported as unknown.
pub(crate) struct Table<'t, 'r> {
    layers: Layers<'t>,
    known: Vec<&'static str>,
    /// Keys that only the lower layer may have.
    known_below: Vec<&'static str>,
    /// Whether the keys are names that the author chooses.
    any_key: bool,
    vocabulary: &'static Vocabulary,
    spans: &'r mut SpanTree,
    report: &'r mut Report,
}

impl<'t, 'r> Table<'t, 'r> {
    pub(crate) fn read<T>(
        layers: Layers<'t>,
        spans: &'r mut SpanTree,
        report: &'r mut Report,
        read: impl FnOnce(&mut Table<'t, '_>) -> T,
    ) -> T {
        let vocabulary = &vocabulary::POLICY;
        let mut table = Table {
            layers,
            known: Vec::new(),
            known_below: Vec::new(),
            any_key: false,
            vocabulary,
            spans,
            report,
        };
        let value = read(&mut table);
        table.report_unknown();
        value
    }

    /// Sets the vocabulary, for a file with other keys than a policy.
    pub(crate) fn speak(&mut self, vocabulary: &'static Vocabulary) {
        self.vocabulary = vocabulary;
    }

    /// The value of an optional key.
    pub(crate) fn field(&mut self, key: &'static str) -> Option<Cursor<'t, '_>> {
        self.known.push(key);
        self.entry(key)
    }

    /// The value of an optional key, from the upper layer only.
    pub(crate) fn own_field(&mut self, key: &'static str) -> Option<Cursor<'t, '_>> {
        self.known.push(key);
        let value = get(self.layers.upper, key)?;
        Some(Cursor::new(value, None, self.spans.key(key), self.report))
    }

    /// Records the names that presets added to the rules of this table.
    pub(crate) fn record(&mut self, from_presets: Vec<FromPreset>) {
        self.spans.from_presets = from_presets;
    }

    /// Accepts a key in the lower layer that is read elsewhere.
    pub(crate) fn leave_below(&mut self, key: &'static str) {
        self.known_below.push(key);
    }

    /// The value of a required key. If it is missing, reports that.
    pub(crate) fn required(&mut self, key: &'static str) -> Option<Cursor<'t, '_>> {
        if !self.has(key) {
            self.report_missing(key);
        }
        self.field(key)
    }

    /// The value of a required key, from the upper layer only.
    pub(crate) fn own_required(&mut self, key: &'static str) -> Option<Cursor<'t, '_>> {
        if get(self.layers.upper, key).is_none() {
            self.report_missing(key);
        }
        self.own_field(key)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        get(self.layers.upper, key).or_else(|| get(self.layers.lower, key)).is_some()
    }

    /// The keys with their spans, in a table whose keys the author chooses. In an overlay, these are the keys of the
    /// lower layer: there is nothing to replace under any other.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&'t str, Span)> + use<'t> {
        let named = self.layers.lower.or(self.layers.upper);
        named.into_iter().flatten().map(|(name, _)| (name.get_ref().as_ref(), name.span()))
    }

    /// Whether the upper layer has a key.
    pub(crate) fn has_own(&self, key: &str) -> bool {
        get(self.layers.upper, key).is_some()
    }

    /// Reads the values of all keys.
    pub(crate) fn entries<T>(
        &mut self,
        mut read: impl FnMut(&'t str, Cursor<'t, '_>) -> T,
    ) -> BTreeMap<String, T> {
        self.any_key = true;
        let mut entries = BTreeMap::new();
        for (name, span) in self.names() {
            self.spans.key(name).name = Some(span);
            entries.extend(self.entry(name).map(|cursor| (name.to_owned(), read(name, cursor))));
        }
        entries
    }

    fn entry(&mut self, key: &str) -> Option<Cursor<'t, '_>> {
        let (upper, lower) = (get(self.layers.upper, key), get(self.layers.lower, key));
        let value = upper.or(lower)?;
        let under = lower.filter(|_| self.layers.merges_tables && upper.is_some());
        let spans = self.spans.key(key);
        spans.inherited = upper.is_none() && self.layers.upper.is_some();
        Some(Cursor::new(value, under, spans, self.report))
    }

    /// Adds a finding about the table.
    pub(crate) fn report(&mut self, finding: Finding) {
        self.report.add(finding);
    }

    /// The span of the table.
    pub(crate) fn span(&self) -> Option<Span> {
        self.spans.span.clone()
    }

    fn report_missing(&mut self, key: &str) {
        let finding = Finding::new(&mistakes::MISSING_KEY, format!("the key `{key}` is missing"));
        let finding = finding.at(self.span(), "");
        self.report.add(match (self.vocabulary.example)(key) {
            Some(example) => finding.help(example),
            None => finding,
        });
        self.spans.key(key).broken = true;
    }

    fn report_unknown(&mut self) {
        if self.any_key {
            return;
        }
        let layers = [(self.layers.upper, false), (self.layers.lower, true)];
        let layers = layers.into_iter().filter_map(|(layer, below)| Some((layer?, below)));
        let keys = layers.flat_map(|(layer, below)| layer.iter().map(move |(key, _)| (layer, below, key)));
        for (layer, below, key) in keys {
            let (name, span) = (key.get_ref().as_ref(), key.span());
            if self.known.contains(&name) || below && self.known_below.contains(&name) {
                continue;
            }
            if self.report.is_full(Severity::Error) {
                self.report.count_one(Severity::Error);
                continue;
            }
            let finding = Finding::new(&mistakes::UNKNOWN_KEY, format!("unknown key `{name}`"))
                .at(Some(span.clone()), "");
            let known = self.known.iter().copied();
            self.report.add(match (nearest(name, known.clone()), (self.vocabulary.advice)(name)) {
                // A TOML table cannot have a key twice, so do not suggest one that it has.
                (Some(near), _) if layer.contains_key(near) => {
                    finding.help(format!("`{near}` is already in this table"))
                }
                (Some(near), _) => finding.fix(span, near),
                (None, Some(advice)) => finding.help(advice),
                (None, None) => {
                    let known: BTreeSet<_> = known.collect();
                    finding.help(format!("the keys here are {}", listed(known, "and")))
                }
            });
        }
    }
}

/// What to write for a missing key of a policy.
pub(crate) fn example(key: &str) -> Option<&'static str> {
    Some(match key {
        "version" => "write `version = 1` at the top of the file, above all tables",
        "name" => "each has its own: write `name = \"…\"`, in lower case, with `-` for spaces",
        "path" => "each route has its own: write `path = \"/api/*\"`, or `path = \"/*\"` for every path",
        "upstream" => "write `upstream = \"…\"` with a name from `[upstreams]`, here or in `[defaults]`",
        "quota" | "window" => "write for example `quota = 120` and `window = 60` (seconds)",
        "by" => "write `by = [\"client_ip\"]`",
        "origin" => "write `origin = \"https://app.example.com\"`",
        "kv" => "write `kv = \"NAME\"` for a list in KV, or `kv_keys = \"NAME\"` for one key for each origin",
        "max_age" => "write `max_age = 63072000`, in seconds",
        _ => return None,
    })
}

fn get<'t>(table: Option<&'t DeTable<'t>>, key: &str) -> Option<&'t Toml<'t>> {
    table?.get(key)
}

#[cfg(test)]
mod tests {
    use crate::compile::compile;
    use crate::source::Source;

    /// The fix and the help for the only unknown key.
    fn advice(text: &str) -> (Option<String>, Option<String>) {
        let text = format!("version = 1\nupstreams.api = \"https://o.example\"\n{text}");
        let source = Source::from_bytes("policy.toml", text.into_bytes()).expect("text");
        let report = compile(&source, Some("dev")).expect_err("an unknown key");
        let [finding] = report.findings() else { panic!("{report:#?}") };
        (finding.fix.as_ref().map(|fix| fix.replacement.clone()), finding.help.clone())
    }

    #[test]
    fn a_repair_never_writes_a_key_that_is_there_already() {
        let route = "[[routes]]\nname = \"r\"\npath = \"/*\"\nupstream = \"api\"\n";
        let environment = "[environments.dev]\n";
        for (text, fix, help) in [
            (
                format!("{environment}{route}upsteam = \"api\""),
                None,
                Some("`upstream` is already in this table"),
            ),
            (format!("{environment}{route}timeot = 5"), Some("timeout"), None),
            // A key in the defaults is in another table.
            (format!("{environment}[defaults]\ntimeout = 5\n{route}timeot = 5"), Some("timeout"), None),
            (format!("{environment}upstreams.ap = \"https://o.example\"\n{route}"), Some("api"), None),
            (
                format!(
                    "{environment}upstreams.ap = \"https://o.example\"\nupstreams.api = \"https://o.example\"\n{route}"
                ),
                None,
                Some("`api` is already in this table"),
            ),
        ] {
            assert_eq!(advice(&text), (fix.map(str::to_owned), help.map(str::to_owned)), "{text}");
        }
    }
}
