//! Reading the keys of a table.

use std::collections::{BTreeMap, BTreeSet};

use toml::de::DeTable;

use crate::cursor::{Cursor, Toml};
use crate::finding::{Finding, Severity, Span};
use crate::mistakes;
use crate::nearest::{listed, nearest};
use crate::report::Report;
use crate::spans::SpanTree;
use crate::vocabulary::{self, Vocabulary};

/// One table, or two of which the upper one comes first: a route over `[defaults]`, an environment
/// over the base.
#[derive(Clone, Copy)]
pub(crate) struct Layers<'t> {
    pub(crate) upper: Option<&'t DeTable<'t>>,
    pub(crate) lower: Option<&'t DeTable<'t>>,
    /// Where both layers have a table under a key, the tables are layers again. One level deep:
    /// the tables in those replace each other.
    pub(crate) merges_tables: bool,
}

/// Stands at a table. What is never asked for is unknown and reported.
pub(crate) struct Table<'t, 'r> {
    layers: Layers<'t>,
    known: Vec<&'static str>,
    /// Keys that the lower layer alone may have.
    known_below: Vec<&'static str>,
    /// The keys are names of the author's own.
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

    /// Says that the table is of a file with other keys than a policy's.
    pub(crate) fn speak(&mut self, vocabulary: &'static Vocabulary) {
        self.vocabulary = vocabulary;
    }

    /// The value of a key, if there is one.
    pub(crate) fn field(&mut self, key: &'static str) -> Option<Cursor<'t, '_>> {
        self.known.push(key);
        self.entry(key)
    }

    /// The value of a key of the upper layer alone.
    pub(crate) fn own_field(&mut self, key: &'static str) -> Option<Cursor<'t, '_>> {
        self.known.push(key);
        let value = get(self.layers.upper, key)?;
        Some(Cursor::new(value, None, self.spans.key(key), self.report))
    }

    /// Says that the lower layer may have a key, which is read elsewhere.
    pub(crate) fn leave_below(&mut self, key: &'static str) {
        self.known_below.push(key);
    }

    /// The value of a key that must be there.
    pub(crate) fn required(&mut self, key: &'static str) -> Option<Cursor<'t, '_>> {
        if !self.has(key) {
            self.report_missing(key);
        }
        self.field(key)
    }

    /// The value of a key that must be there, in the upper layer.
    pub(crate) fn own_required(&mut self, key: &'static str) -> Option<Cursor<'t, '_>> {
        if get(self.layers.upper, key).is_none() {
            self.report_missing(key);
        }
        self.own_field(key)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        get(self.layers.upper, key).or_else(|| get(self.layers.lower, key)).is_some()
    }

    /// The names of the keys, where they are the author's own, with their spans. In an overlay, the
    /// names are those of the lower layer: there is nothing to replace under any other.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&'t str, Span)> + use<'t> {
        let named = self.layers.lower.or(self.layers.upper);
        named.into_iter().flatten().map(|(name, _)| (name.get_ref().as_ref(), name.span()))
    }

    /// Whether the upper layer has a key.
    pub(crate) fn has_own(&self, key: &str) -> bool {
        get(self.layers.upper, key).is_some()
    }

    /// Reads what stands under all names.
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

    /// Where the table stands.
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
                // TOML has no key twice in a table.
                (Some(near), _) if layer.contains_key(near) => {
                    finding.help(format!("`{near}` is in this table already"))
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

/// What to write where a key of a policy is missing.
pub(crate) fn example(key: &str) -> Option<&'static str> {
    Some(match key {
        "version" => "write `version = 1` at the top of the file, above all tables",
        "name" => "each has its own: write `name = \"…\"`, lower-case, with `-` for spaces",
        "path" => "each route has its own: write `path = \"/api/*\"`, or `path = \"/*\"` for every path",
        "upstream" => "write `upstream = \"…\"`, a name out of `[upstreams]`, here or in `[defaults]`",
        "quota" | "window" => "write for instance `quota = 120` and `window = 60`, which is in seconds",
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

    /// The repair and the help for the only unknown key.
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
                Some("`upstream` is in this table already"),
            ),
            (format!("{environment}{route}timeot = 5"), Some("timeout"), None),
            // What stands in the defaults is another table.
            (format!("{environment}[defaults]\ntimeout = 5\n{route}timeot = 5"), Some("timeout"), None),
            (format!("{environment}upstreams.ap = \"https://o.example\"\n{route}"), Some("api"), None),
            (
                format!(
                    "{environment}upstreams.ap = \"https://o.example\"\nupstreams.api = \"https://o.example\"\n{route}"
                ),
                None,
                Some("`api` is in this table already"),
            ),
        ] {
            assert_eq!(advice(&text), (fix.map(str::to_owned), help.map(str::to_owned)), "{text}");
        }
    }
}
