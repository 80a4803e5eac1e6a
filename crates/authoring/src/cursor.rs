//! Reads one value of the file.

use corsgate_policy::grammar::day::Day;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml_writer::{ToTomlValue as _, TomlStringBuilder};

use crate::finding::{Finding, Span};
use crate::mistakes;
use crate::nearest::{listed, nearest};
use crate::report::Report;
use crate::slip;
use crate::spans::SpanTree;
use crate::table::{Layers, Table};

/// A value of the file with its span.
pub(crate) type Toml<'t> = Spanned<DeValue<'t>>;

/// A position: a value of the file and its place in the document.
///
/// Reading a value of the wrong shape reports it, marks the place as broken and returns `None`. The caller continues
/// with a stand-in, so that the rest of the file is still checked.
pub(crate) struct Cursor<'t, 'r> {
    value: &'t Toml<'t>,
    /// The value under this one, as in `[defaults]`. If both are tables, their keys are merged.
    under: Option<&'t Toml<'t>>,
    spans: &'r mut SpanTree,
    report: &'r mut Report,
}

impl<'t, 'r> Cursor<'t, 'r> {
    pub(crate) fn new(
        value: &'t Toml<'t>,
        under: Option<&'t Toml<'t>>,
        spans: &'r mut SpanTree,
        report: &'r mut Report,
    ) -> Self {
        spans.span = Some(value.span());
        Self { value, under, spans, report }
    }

    /// The value as written in the file.
    pub(crate) fn value(&self) -> &'t DeValue<'t> {
        self.value.get_ref()
    }

    pub(crate) fn span(&self) -> Span {
        self.value.span()
    }

    pub(crate) fn string(self) -> Option<String> {
        match self.value() {
            DeValue::String(text) => Some(text.clone().into_owned()),
            found => {
                let meant = slip::text(found).map(|text| quoted(&text));
                self.refuse_for("a string", meant)
            }
        }
    }

    pub(crate) fn flag(self) -> Option<bool> {
        match self.value() {
            DeValue::Boolean(flag) => {
                self.spans.is_true = *flag;
                Some(*flag)
            }
            found => {
                let meant = slip::flag(found).map(|flag| flag.to_string());
                self.refuse_for("`true` or `false`", meant)
            }
        }
    }

    /// Reads a whole number that the document can hold.
    pub(crate) fn whole(self) -> Option<u32> {
        let DeValue::Integer(integer) = self.value() else {
            let meant = slip::whole(self.value()).map(|number| number.to_string());
            return self.refuse_for("a whole number", meant);
        };
        u32::from_str_radix(integer.as_str(), integer.radix())
            .ok()
            .or_else(|| self.reject(mismatch("a whole number from 0 to 4294967295", &format!("`{integer}`"))))
    }

    /// Reads a whole number of seconds.
    pub(crate) fn seconds(self) -> Option<u32> {
        match (self.value(), slip::seconds(self.value())) {
            (DeValue::String(_), Some(seconds)) => {
                self.refuse_for("a whole number of seconds", Some(seconds.to_string()))
            }
            _ => self.whole(),
        }
    }

    /// Reads the seconds for which browsers may cache a preflight. The rules of the policy report more than a day.
    pub(crate) fn max_age(self) -> Option<u32> {
        let DeValue::Integer(integer) = self.value() else { return self.seconds() };
        if u32::from_str_radix(integer.as_str(), integer.radix()).is_ok() {
            return self.whole();
        }
        let finding = mismatch("a whole number from 0 to 86400", &format!("`{integer}`"));
        // Elsewhere `-1` is how preflights are not cached.
        let is_negative = integer.as_str().starts_with('-');
        self.reject(match is_negative {
            true => finding.help("0 turns the browsers' cache of preflights off"),
            false => finding,
        })
    }

    pub(crate) fn number(self) -> Option<f64> {
        let number = match self.value() {
            DeValue::Float(float) => float.as_str().parse().ok(),
            DeValue::Integer(integer) => {
                i32::from_str_radix(integer.as_str(), integer.radix()).ok().map(f64::from)
            }
            _ => None,
        };
        let meant = slip::number(self.value()).map(str::to_owned);
        number.or_else(|| self.refuse_for("a number", meant))
    }

    /// Reads a day, in the form of the document.
    pub(crate) fn day(self) -> Option<String> {
        match self.value() {
            DeValue::Datetime(moment) if moment.time.is_none() && moment.offset.is_none() => {
                Some(moment.to_string())
            }
            DeValue::String(text) if Day::parse(text).is_ok() => {
                let finding = mismatch("a date without quotes", "a string").fix(self.span(), text.as_ref());
                self.reject(finding)
            }
            DeValue::Datetime(moment) => {
                let span = self.span();
                self.reject(match moment.date {
                    Some(day) => {
                        mismatch("a date without a time", "a date and a time").fix(span, day.to_string())
                    }
                    None => mismatch("a date such as 2027-01-31", "a time of day"),
                })
            }
            _ => self.refuse("a date such as 2027-01-31"),
        }
    }

    /// Reads one of a few words.
    pub(crate) fn word<W: Copy>(self, words: &[(&'static str, W)]) -> Option<W> {
        let known = || words.iter().map(|(word, _)| *word);
        let expected = listed(known(), "or");
        let DeValue::String(text) = self.value() else {
            return self.refuse(&expected);
        };
        if let Some((_, meaning)) = words.iter().find(|(word, _)| word == text) {
            return Some(*meaning);
        }
        let finding = mismatch(&expected, &format!("`{text}`"));
        let finding = match nearest(text, known()) {
            Some(word) => finding.fix(self.span(), quoted(word)),
            None => finding,
        };
        self.reject(finding)
    }

    pub(crate) fn strings(self) -> Option<Vec<String>> {
        self.list("a list of strings", |element| element.string())
    }

    /// Reads a list that may contain strings, each element by `read`.
    pub(crate) fn list<T>(
        self,
        expected: &str,
        read: impl FnMut(Cursor<'t, '_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        match self.value() {
            DeValue::Array(values) => Some(self.each(values.iter(), read)),
            DeValue::String(text) => {
                let elements: Vec<_> = slip::elements(text).map(quoted).collect();
                self.refuse_for(expected, Some(format!("[{}]", elements.join(", "))))
            }
            _ => self.refuse(expected),
        }
    }

    /// Reads a list of tables, each by `read`.
    pub(crate) fn tables<T>(self, read: impl FnMut(Cursor<'t, '_>) -> Option<T>) -> Option<Vec<T>> {
        match self.value() {
            DeValue::Array(values) => Some(self.each(values.iter(), read)),
            DeValue::Table(_) => {
                let finding = mismatch("a list of tables", "a single table");
                self.reject(
                    finding.help("a table that can be repeated is written with two brackets: `[[…]]`"),
                )
            }
            _ => self.refuse("a list of tables"),
        }
    }

    /// Reads values as the elements of this list, and leaves out those that cannot be read.
    pub(crate) fn each<T>(
        self,
        values: impl Iterator<Item = &'t Toml<'t>>,
        mut read: impl FnMut(Cursor<'t, '_>) -> Option<T>,
    ) -> Vec<T> {
        let Self { spans, report, .. } = self;
        let read = |value| {
            let mut tree = SpanTree::default();
            let element = read(Cursor::new(value, None, &mut tree, report));
            // The document has no place for elements that are left out. What the rules then say about the rest, for
            // instance that it is empty, does not hold for the file.
            match element {
                Some(_) => spans.push(tree),
                None => spans.broken = true,
            }
            element
        };
        values.filter_map(read).collect()
    }

    /// Reads a table, its keys by `read`.
    pub(crate) fn table<T>(self, read: impl FnOnce(&mut Table<'t, '_>) -> T) -> Option<T> {
        let lower = self.under.and_then(as_table);
        self.layered(|own| Layers { upper: Some(own), lower, merges_tables: false }, read)
    }

    /// Reads a table over another one: its keys take precedence, and the keys of tables in both are merged.
    pub(crate) fn table_over<T>(
        self,
        lower: Option<&'t DeTable<'t>>,
        read: impl FnOnce(&mut Table<'t, '_>) -> T,
    ) -> Option<T> {
        self.layered(|own| Layers { upper: Some(own), lower, merges_tables: true }, read)
    }

    /// Reads a table under another one, whose entries replace those with the same name.
    pub(crate) fn table_under<T>(
        self,
        upper: Option<&'t DeTable<'t>>,
        read: impl FnOnce(&mut Table<'t, '_>) -> T,
    ) -> Option<T> {
        self.layered(|own| Layers { upper, lower: Some(own), merges_tables: false }, read)
    }

    fn layered<T>(
        self,
        layers: impl FnOnce(&'t DeTable<'t>) -> Layers<'t>,
        read: impl FnOnce(&mut Table<'t, '_>) -> T,
    ) -> Option<T> {
        match as_table(self.value) {
            Some(own) => Some(Table::read(layers(own), self.spans, self.report, read)),
            None => self.refuse("a table"),
        }
    }

    /// Reports that another kind of value is expected, and what was meant if that is obvious.
    pub(crate) fn refuse_for<T>(self, expected: &str, meant: Option<String>) -> Option<T> {
        let finding = mismatch(expected, self.kind());
        let span = self.span();
        self.reject(match meant {
            Some(meant) => finding.fix(span, meant),
            None => finding,
        })
    }

    /// Reports that another kind of value is expected.
    pub(crate) fn refuse<T>(self, expected: &str) -> Option<T> {
        self.refuse_for(expected, None)
    }

    /// The kind of the value, for a sentence.
    fn kind(&self) -> &'static str {
        match self.value() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "a number",
            DeValue::Float(_) => "a number with a point",
            DeValue::Boolean(true) => "`true`",
            DeValue::Boolean(false) => "`false`",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        }
    }

    /// Reports a finding about this value, and marks its place in the document as broken.
    pub(crate) fn reject<T>(self, mut finding: Finding) -> Option<T> {
        if finding.labels.is_empty() {
            finding = finding.at(Some(self.span()), "");
        }
        self.report.add(finding);
        self.spans.broken = true;
        None
    }
}

/// The value as a table, if it is one.
pub(crate) fn as_table<'t>(value: &'t Toml<'t>) -> Option<&'t DeTable<'t>> {
    match value.get_ref() {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}

/// A text as a TOML string.
pub(crate) fn quoted(text: &str) -> String {
    TomlStringBuilder::new(text).as_default().to_toml_value()
}

fn mismatch(expected: &str, found: &str) -> Finding {
    Finding::new(&mistakes::WRONG_TYPE, format!("expected {expected}, found {found}"))
}
