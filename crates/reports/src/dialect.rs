//! The three dialects of SQL in which the queries of a report are written.
//!
//! `write` builds the statement, whose shape is the same in all dialects: one `SELECT` from one table, with `GROUP BY`,
//! `ORDER BY` and `LIMIT`. A [`Syntax`] provides the names and functions of its dialect.

mod binding;
mod embedded;
mod engine;

use corsgate_policy::ReasonClass;

use crate::class::reasons_of;
use crate::dimension::Dimension;
use crate::query::{Figures, Filter, Measure, NEVER, Query, STEP_START, When};
use crate::range::Range;
use crate::statement::Statement;

/// Where records are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The store in a Durable Object.
    Embedded,
    /// Analytics Engine.
    Engine,
}

/// The dialect that a statement is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect<'a> {
    /// SQLite, over the tables of the embedded store.
    Embedded,
    /// The SQL API of Analytics Engine, over the dataset of this name.
    Engine(&'a str),
    /// The Analytics SQL binding, over the dataset of this name.
    Binding(&'a str),
}

impl<'a> Dialect<'a> {
    /// The dialect `embedded`, `engine` or `binding`. `None` for another name, or for a dataset name that is
    /// not safe in a statement: at most 64 letters, digits, `_` and `-`.
    #[must_use]
    pub fn from_name(name: &str, dataset: &'a str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let named = (1..=64).contains(&dataset.len()) && dataset.bytes().all(is_plain);
        match name {
            "embedded" => Some(Self::Embedded),
            "engine" if named => Some(Self::Engine(dataset)),
            "binding" if named => Some(Self::Binding(dataset)),
            _ => None,
        }
    }

    /// Where the records of this dialect are stored.
    #[must_use]
    pub fn source(self) -> Source {
        match self {
            Self::Embedded => Source::Embedded,
            Self::Engine(_) | Self::Binding(_) => Source::Engine,
        }
    }

    /// Writes a query.
    pub(crate) fn statement(self, query: &Query) -> Statement {
        match (self, query) {
            (_, Query::Missed(missed)) => embedded::missed(missed),
            (Self::Embedded, Query::Figures(figures)) => write(&embedded::Embedded, figures),
            (Self::Engine(dataset), Query::Figures(figures)) => write(&engine::Engine { dataset }, figures),
            (Self::Binding(dataset), Query::Figures(figures)) => {
                write(&binding::Binding { dataset }, figures)
            }
        }
    }
}

impl Source {
    /// The source `embedded` or `engine`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Embedded, Self::Engine].into_iter().find(|source| source.name() == name)
    }

    /// The name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Engine => "engine",
        }
    }
}

/// What differs from dialect to dialect. Conditions and expressions are texts of SQL.
trait Syntax {
    /// The table that contains these figures.
    fn table(&self, figures: &Figures) -> String;
    /// The column of a dimension.
    fn column(&self, dimension: Dimension) -> &'static str;
    /// The expression for the start of a step of this many seconds.
    fn step_start(&self, seconds: &str) -> String;
    /// The condition that a record is in this range, for `WHERE`.
    fn within(&self, range: Range) -> String;
    /// The condition that a selected record is in this range.
    fn during(&self, range: Range) -> String;
    /// The condition that a dimension has a value.
    fn equals(&self, dimension: Dimension, value: &str, parameters: &mut Vec<String>) -> String;
    /// How many decisions a record stands for.
    fn weight(&self) -> &'static str;
    /// The number of records, or of those for which a condition holds.
    fn records(&self, condition: Option<&str>) -> String;
    /// `then` if the condition holds, else `otherwise`.
    fn either(&self, condition: &str, then: &str, otherwise: &str) -> String;
    /// `then` if the condition holds, else 0.
    fn only_if(&self, condition: &str, then: &str) -> String {
        self.either(condition, then, "0")
    }
    /// The sum, rounded half up to an integer, so that all back ends give the same result.
    fn sum(&self, expression: &str) -> String;
    /// The first and the last time, in seconds since 1970; 0 without records.
    fn first_seen(&self) -> &'static str;
    fn last_seen(&self) -> &'static str;
    /// The time of a record, in seconds since 1970, with the function for the least: the first of the stored records.
    fn earliest(&self) -> (&'static str, &'static str);
    /// The same with the function for the greatest.
    fn latest(&self) -> (&'static str, &'static str);
    /// The end of a statement.
    fn end(&self) -> &'static str;
}

/// The condition that a request was rejected, or would have been.
fn rejected(syntax: &dyn Syntax) -> String {
    [syntax.column(Dimension::Outcome), " IN ('reject', 'strip', 'would_reject')"].concat()
}

/// The condition that the gateway refused a request, or would have: a rejection for another reason than a failure of the
/// upstream, so that an outage is not taken for refusals.
fn refused(syntax: &dyn Syntax) -> String {
    let failures = literals(ReasonClass::Upstream);
    [&rejected(syntax), " AND ", syntax.column(Dimension::Reason), " NOT IN ", &failures].concat()
}

/// The reasons of a class, as a list of literals.
fn literals(class: ReasonClass) -> String {
    ["('", &reasons_of(class).join("', '"), "')"].concat()
}

/// The condition that a request was allowed without any finding: only a sample of these is recorded.
fn sampled(syntax: &dyn Syntax) -> String {
    let (outcome, reason) = (syntax.column(Dimension::Outcome), syntax.column(Dimension::Reason));
    [outcome, " = 'allow' AND ", reason, " = ''"].concat()
}

/// The condition of a figure.
fn condition(syntax: &dyn Syntax, when: When) -> Option<String> {
    match when {
        When::Always => None,
        When::Refused => Some(refused(syntax)),
        When::Sampled => Some(sampled(syntax)),
        When::Within(range) => Some(syntax.during(range)),
        When::RefusedWithin(range) => Some([&refused(syntax), " AND ", &syntax.during(range)].concat()),
    }
}

fn measure(syntax: &dyn Syntax, measure: Measure) -> String {
    let weight = syntax.weight();
    match measure {
        Measure::Decisions(when) => match condition(syntax, when) {
            Some(condition) => syntax.sum(&syntax.only_if(&condition, weight)),
            None => syntax.sum(weight),
        },
        Measure::Records(when) => syntax.records(condition(syntax, when).as_deref()),
        Measure::FirstSeen => syntax.first_seen().to_owned(),
        Measure::LastSeen => syntax.last_seen().to_owned(),
        Measure::FirstRefused => {
            let (least, time) = syntax.earliest();
            [least, "(", &syntax.either(&refused(syntax), time, &NEVER.to_string()), ")"].concat()
        }
        Measure::LastRefused => {
            let (greatest, time) = syntax.latest();
            [greatest, "(", &syntax.only_if(&refused(syntax), time), ")"].concat()
        }
        Measure::DecisionsIfNewSince(time) => {
            let is_new = [syntax.first_seen(), " >= ", &time.to_string()].concat();
            syntax.only_if(&is_new, &syntax.sum(weight))
        }
    }
}

/// The condition of a filter.
fn counts(syntax: &dyn Syntax, filter: &Filter, parameters: &mut Vec<String>) -> String {
    match filter {
        Filter::Refused => refused(syntax),
        Filter::Rejected => rejected(syntax),
        Filter::Class(class) => [syntax.column(Dimension::Reason), " IN ", &literals(*class)].concat(),
        Filter::Is(dimension, value) => syntax.equals(*dimension, value, parameters),
        Filter::Has(dimension) => [syntax.column(*dimension), " != ''"].concat(),
    }
}

fn write(syntax: &dyn Syntax, figures: &Figures) -> Statement {
    let mut selected = Vec::new();
    let mut grouped = Vec::new();
    if let Some(step) = figures.step {
        selected.push([&syntax.step_start(&step.to_string()), " AS ", STEP_START].concat());
        grouped.push(STEP_START);
    }
    for key in &figures.keys {
        let (column, name) = (syntax.column(*key), key.name());
        selected.push(if column == name { name.to_owned() } else { [column, " AS ", name].concat() });
        grouped.push(name);
    }
    for (name, figure) in &figures.measures {
        selected.push([&measure(syntax, *figure), " AS ", name].concat());
    }
    let mut parameters = Vec::new();
    let mut conditions = vec![syntax.within(figures.range)];
    conditions.extend(figures.filters.iter().map(|filter| counts(syntax, filter, &mut parameters)));
    let mut sql = ["SELECT ", &selected.join(", "), " FROM ", &syntax.table(figures)].concat();
    sql.extend([" WHERE ", &conditions.join(" AND ")]);
    if let (Some((first, _)), false) = (figures.measures.first(), grouped.is_empty()) {
        let keys = grouped.join(", ");
        sql.extend([" GROUP BY ", &keys, " ORDER BY ", first, " DESC, ", &keys]);
        sql.extend([" LIMIT ", &figures.limit.to_string()]);
    }
    sql.push_str(syntax.end());
    Statement { sql, parameters, columns: figures.columns() }
}
