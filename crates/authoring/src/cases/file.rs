//! Reads the shape of a file of cases.

use std::collections::BTreeMap;

use corsgate_policy::Kind;
use corsgate_policy::grammar::day::Day;
use toml::de::{DeTable, DeValue};

use crate::cases::expectation::{self, Expectation};
use crate::cases::kv::{self, Kv, ReadList};
use crate::cases::request::{self, CaseRequest, Multiple, Multiples, Parts};
use crate::cases::words::VOCABULARY;
use crate::cursor::Cursor;
use crate::finding::{Finding, Span};
use crate::mistakes;
use crate::report::Report;
use crate::source::Source;
use crate::spans::SpanTree;
use crate::syntax;
use crate::table::{Layers, Table};

/// The most runs that a file can have.
pub const MAX_RUNS: usize = 100_000;

/// The cases of a file, with its contents of KV.
#[derive(Clone, Debug, Default)]
pub struct Cases {
    pub(crate) cases: Vec<Case>,
    pub(crate) kv: Kv,
    /// The environment of cases that name none.
    pub(crate) environment: Option<Named>,
}

/// A case: one or more requests, and the decision that they must get.
#[derive(Clone, Debug)]
pub struct Case {
    pub(crate) name: Named,
    pub(crate) environment: Option<Named>,
    pub(crate) today: Option<Day>,
    /// Names of lists and keys for which KV does not answer.
    pub(crate) unavailable: Vec<Named>,
    pub(crate) requests: Vec<CaseRequest>,
    pub(crate) expectation: Expectation,
}

impl Case {
    /// The name of the case, unique in its file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name.text
    }

    /// The lists and keys for which KV does not answer while the case runs.
    pub fn unavailable(&self) -> impl Iterator<Item = &str> {
        self.unavailable.iter().map(|named| named.text.as_str())
    }

    /// The headers that the response must not have, in lower case.
    pub fn absent(&self) -> impl Iterator<Item = &str> {
        self.expectation.absent.iter().map(String::as_str)
    }

    /// The place of the name in the file.
    #[must_use]
    pub fn span(&self) -> &Span {
        &self.name.span
    }
}

/// A text with its place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// The values of `[defaults]`.
#[derive(Debug, Default)]
pub(crate) struct Defaults {
    environment: Option<Named>,
    today: Option<Day>,
    pub(crate) method: Option<Named>,
    pub(crate) url: Option<Named>,
}

/// Reads a file of cases. `read_list` reads a list from a file of its own, whose path is relative to this one, or says
/// why it cannot.
///
/// # Errors
/// All errors in the file; if it has syntax errors, only those.
pub fn read_cases(source: &Source, read_list: &mut ReadList<'_>) -> Result<Cases, Report> {
    let file = syntax::parse(source)?;
    let mut report = Report::default();
    let cases = read(&file, read_list, &mut report);
    if report.has_errors() { Err(report.sorted()) } else { Ok(cases) }
}

fn read(file: &DeTable<'_>, read_list: &mut ReadList<'_>, report: &mut Report) -> Cases {
    let mut spans = SpanTree::default();
    let layers = Layers { upper: Some(file), lower: None, merges_tables: false };
    Table::read(layers, &mut spans, report, |table| {
        table.speak(&VOCABULARY);
        let defaults = table.field("defaults").and_then(|it| it.table(read_defaults)).unwrap_or_default();
        let lists = table.field("lists").and_then(|it| it.table(|table| kv::read_lists(table, read_list)));
        let keys = table.field("keys").and_then(|it| it.table(kv::read_keys));
        let kv = Kv { lists: lists.unwrap_or_default(), keys: keys.unwrap_or_default() };
        let (mut runs, mut names) = (0, BTreeMap::new());
        let cases = table.field("cases").and_then(|cases| {
            cases.tables(|case| case.table(|table| read_case(table, &defaults, &mut runs, &mut names))?)
        });
        Cases { cases: cases.unwrap_or_default(), kv, environment: defaults.environment }
    })
}

/// A stand-in for a URL that could not be read.
const STAND_IN: &str = "https://gateway.invalid/";

fn read_defaults(table: &mut Table<'_, '_>) -> Defaults {
    table.speak(&VOCABULARY);
    let mut defaults = Defaults {
        environment: table.field("env").and_then(named),
        today: table.field("today").and_then(day),
        method: table.field("method").and_then(named),
        url: table.field("url").and_then(named),
    };
    if let Some(url) = &mut defaults.url
        && let Err(finding) = request::href(url, None, Kind::Actual)
    {
        table.report(finding);
        // Use a stand-in, so that the mistake is reported once and not for every case.
        url.text = STAND_IN.to_owned();
    }
    defaults
}

fn read_case(
    table: &mut Table<'_, '_>,
    defaults: &Defaults,
    runs: &mut usize,
    names: &mut BTreeMap<String, Span>,
) -> Option<Case> {
    table.speak(&VOCABULARY);
    let name = table.required("name").and_then(named);
    let environment = table.field("env").and_then(named);
    let today = table.field("today").and_then(day).or(defaults.today);
    let unavailable = table.field("unavailable").and_then(|names| names.list("a list of names", named));
    let multiples = Multiples {
        origins: multiple(table, "origins", "a list of origins"),
        methods: multiple(table, "methods", "a list of methods"),
        urls: multiple(table, "urls", "a list of URLs"),
    };
    let parts = match table.field("request") {
        Some(request) => request.table(request::read),
        None => Some(Parts::default()),
    };
    let expectation = table.required("expect").and_then(|expect| {
        let span = expect.span();
        expect.table(|table| expectation::read(table, span))
    });
    if let Some(name) = &name {
        check_name(table, name, names);
    }
    let (name, parts, expectation) = (name?, parts?, expectation?);
    *runs = runs.saturating_add(multiples.product());
    if *runs > MAX_RUNS {
        let finding =
            Finding::new(&mistakes::TOO_MANY_RUNS, format!("the cases make more than {MAX_RUNS} runs"));
        table.report(finding.at(Some(name.span.clone()), "with this one"));
        return None;
    }
    for finding in expectation.contradictions(&parts, multiples.origins.is_some()) {
        table.report(finding);
    }
    let requests = match parts.requests(&multiples, defaults) {
        Ok(requests) => requests,
        Err(findings) => {
            findings.into_iter().for_each(|finding| table.report(finding));
            return None;
        }
    };
    Some(Case {
        name,
        environment,
        today,
        unavailable: unavailable.unwrap_or_default(),
        requests,
        expectation,
    })
}

/// Checks that a name is one line, and that no other case has it.
fn check_name(table: &mut Table<'_, '_>, name: &Named, names: &mut BTreeMap<String, Span>) {
    if name.text.trim().is_empty() || name.text.contains(char::is_control) {
        let message = if name.text.trim().is_empty() {
            "the name is empty"
        } else {
            "the name is not one line of text"
        };
        table.report(Finding::new(&mistakes::CASE_NAME, message).at(Some(name.span.clone()), ""));
    }
    if let Some(first) = names.get(&name.text) {
        let finding = Finding::new(&mistakes::CASE_NAME, "the name is used twice");
        table.report(finding.at(Some(name.span.clone()), "again here").at(Some(first.clone()), "the first"));
    } else {
        names.insert(name.text.clone(), name.span.clone());
    }
}

fn multiple(table: &mut Table<'_, '_>, key: &'static str, expected: &str) -> Option<Multiple> {
    let list = table.field(key)?;
    let span = list.span();
    Some(Multiple { values: list.list(expected, named)?, span })
}

/// Reads a text with its place.
pub(crate) fn named(cursor: Cursor<'_, '_>) -> Option<Named> {
    let span = cursor.span();
    cursor.string().map(|text| Named { text, span })
}

/// Reads a day, such as `2027-01-31`; a finding where it is none.
pub(crate) fn day(cursor: Cursor<'_, '_>) -> Option<Day> {
    match cursor.value() {
        DeValue::Datetime(moment) if moment.time.is_none() && Day::parse(&moment.to_string()).is_err() => {
            let message = format!("expected a day from 1970-01-01 on, found `{moment}`");
            cursor.reject(Finding::new(&mistakes::WRONG_TYPE, message))
        }
        _ => Day::parse(&cursor.day()?).ok(),
    }
}
