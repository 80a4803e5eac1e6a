//! A request for a report.

use corsgate_policy::record::{CREDENTIALS_NOT_ALLOWED, LIMITER_UNAVAILABLE, RecordedOutcome};
use corsgate_policy::{Reason, ReasonClass};

use crate::answer;
use crate::bad_request::{BadRequest, shown};
use crate::dialect::{Dialect, Source};
use crate::dimension::Dimension;
use crate::parameters;
use crate::policy_entries::PolicyEntries;
use crate::range::Range;
use crate::report::{self, Report};
use crate::results::BadResults;
use crate::statement::Statement;

/// The most rows of an answer.
const MOST_ROWS: usize = 1_000;
/// The maximum number of rows of an answer, if the request gives no limit.
const DEFAULT_ROWS: usize = 50;

/// A request for a report, with all its parameters.
#[derive(Clone, Debug)]
pub struct ReportRequest {
    pub(crate) report: Report,
    pub(crate) range: Range,
    pub(crate) now: u64,
    pub(crate) by: Vec<Dimension>,
    pub(crate) filters: Vec<(Dimension, String)>,
    pub(crate) limit: usize,
}

impl ReportRequest {
    /// Reads the name of a report and a query string, with or without its `?`; `now` is in seconds since 1970.
    ///
    /// # Errors
    /// A sentence that says what to write instead.
    pub fn parse(name: &str, query: &str, now: u64) -> Result<Self, BadRequest> {
        let report = Report::from_name(name).ok_or_else(|| {
            let names = Report::ALL.map(Report::name).join("`, `");
            let sentence = ["there is no report `", &shown(name), "`: write one of `", &names, "`"].concat();
            BadRequest::UnknownReport(sentence)
        })?;
        let (mut since, mut until, mut by, mut limit) = (None, None, None, DEFAULT_ROWS);
        let mut filters = Vec::new();
        for (name, value) in parameters::read(query)? {
            match name.as_str() {
                "since" => since = Some(value),
                "until" => until = Some(value),
                "by" if !report.by().is_empty() => by = Some(value),
                "limit" => limit = read_limit(&value)?,
                "format" => check_format(&value)?,
                _ => match report.filters().iter().find(|filter| filter.name() == name) {
                    Some(filter) => filters.push((*filter, read_filter(*filter, value)?)),
                    None => return Err(unknown_parameter(report, &name)),
                },
            }
        }
        let by = match by {
            Some(by) => read_by(report, &by)?,
            None => report.default_by().to_vec(),
        };
        let range = Range::parse(since.as_deref(), until.as_deref(), now)?;
        let request = Self { report, range, now, by, filters, limit };
        request.check_open()?;
        Ok(request)
    }

    /// The statements to run, in order.
    #[must_use]
    pub fn statements(&self, dialect: Dialect<'_>) -> Vec<Statement> {
        report::queries(self, dialect.source()).iter().map(|query| dialect.statement(query)).collect()
    }

    /// Whether [`answer`](Self::answer) needs the entries of the policy.
    #[must_use]
    pub fn needs_entries(&self) -> bool {
        self.report == Report::Unused
    }

    /// The answer, as JSON. `results` has the rows of each of [`statements`](Self::statements), each cell as text;
    /// `listed` may be empty unless [`needs_entries`](Self::needs_entries).
    ///
    /// # Errors
    /// If the results do not match the statements.
    pub fn answer(
        &self,
        source: Source,
        results: &[Vec<Vec<String>>],
        listed: &PolicyEntries<'_>,
    ) -> Result<String, BadResults> {
        answer::write(self, source, results, listed)
    }

    /// The range, widened to what the source can answer.
    pub(crate) fn range_of(&self, source: Source) -> Range {
        match source {
            Source::Embedded => self.range.of_buckets(self.now),
            Source::Engine => self.range,
        }
    }

    /// Rejects a report on dimensions that no table of the embedded store has together: reports are the same for all
    /// sources.
    fn check_open(&self) -> Result<(), BadRequest> {
        let mut open = self.named().filter(|dimension| dimension.is_open());
        let first = open.next();
        if open.any(|other| Some(other) != first) {
            let sentence = "a report cannot use both `origin` and `path`: leave one of them out";
            return Err(BadRequest::parameter(
                if self.filters.is_empty() { "by" } else { "path" },
                &[sentence],
            ));
        }
        let beside = |dimension: &Dimension| {
            matches!(dimension, Dimension::Route | Dimension::Path | Dimension::Policy)
        };
        let place = self.named().find(|dimension| dimension.is_place());
        if let (Some(place), Some(other)) = (place, self.named().find(beside)) {
            let filtered = self.filters.iter().any(|(dimension, _)| *dimension == other);
            let sentence = ["a report cannot use both `", place.name(), "` and `", other.name()].concat();
            return Err(BadRequest::parameter(
                if filtered { other.name() } else { "by" },
                &[&sentence, "`: leave one of them out"],
            ));
        }
        self.check_allows()
    }

    /// The dimensions that it groups or filters by.
    fn named(&self) -> impl Iterator<Item = Dimension> {
        self.by.iter().copied().chain(self.filters.iter().map(|(dimension, _)| *dimension))
    }

    /// Rejects a report on the paths or places of allowed requests: the embedded store does not keep them, because an API
    /// may have very many.
    fn check_allows(&self) -> Result<(), BadRequest> {
        let of_allows = self.filters.iter().any(|(dimension, value)| {
            *dimension == Dimension::Outcome && value == RecordedOutcome::Allow.name()
        });
        let is_unknown = |dimension: &Dimension| *dimension == Dimension::Path || dimension.is_place();
        match self.named().find(is_unknown).filter(|_| of_allows) {
            None => Ok(()),
            Some(unknown) => {
                let name = unknown.name();
                let parts = [
                    "reports do not include the `",
                    name,
                    "` of allowed requests: leave out `",
                    name,
                    "` or `outcome=allow`",
                ];
                Err(BadRequest::parameter("outcome", &parts))
            }
        }
    }
}

fn unknown_parameter(report: Report, name: &str) -> BadRequest {
    let by = Some("by").filter(|_| !report.by().is_empty());
    let filters = report.filters().iter().map(|filter| filter.name());
    let names: Vec<_> = ["since", "until", "limit", "format"].into_iter().chain(by).chain(filters).collect();
    let parts =
        ["`", report.name(), "` has no parameter `", &shown(name), "`: it has `", &names.join("`, `"), "`"];
    BadRequest::parameter(name, &parts)
}

fn read_limit(value: &str) -> Result<usize, BadRequest> {
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let limit = value.parse().ok().filter(|limit| is_number && (1..=MOST_ROWS).contains(limit));
    limit.ok_or_else(|| {
        let expected = "` is not a number of rows: write one from 1 to 1000";
        BadRequest::parameter("limit", &["`limit` `", &shown(value), expected])
    })
}

/// The caller writes the format: an answer is JSON here.
fn check_format(value: &str) -> Result<(), BadRequest> {
    if matches!(value, "json" | "csv") {
        return Ok(());
    }
    let expected = "` is not a format: write `json` or `csv`";
    Err(BadRequest::parameter("format", &["`format` `", &shown(value), expected]))
}

fn read_by(report: Report, value: &str) -> Result<Vec<Dimension>, BadRequest> {
    let names = || report.by().iter().map(|dimension| dimension.name()).collect::<Vec<_>>().join("`, `");
    let mut by = Vec::new();
    for part in value.split(',') {
        let dimension = report.by().iter().find(|dimension| dimension.name() == part).ok_or_else(|| {
            let expected = ["` is not a key of `", report.name(), "`: write `"].concat();
            BadRequest::parameter("by", &["`by` `", &shown(part), &expected, &names(), "`"])
        })?;
        if by.contains(dimension) {
            return Err(BadRequest::parameter("by", &["`by` names `", part, "` twice: write it once"]));
        }
        by.push(*dimension);
    }
    if by.len() > 1 && !report.takes_several() {
        return Err(BadRequest::parameter("by", &["`by` must be one of `", &names(), "` here"]));
    }
    Ok(by)
}

/// Rejects a filter whose value no record can have: it is a mistake.
fn read_filter(filter: Dimension, value: String) -> Result<String, BadRequest> {
    let name = filter.name();
    let is_known = match filter {
        Dimension::Outcome => RecordedOutcome::from_name(&value).is_some(),
        Dimension::Reason => {
            let others = ["", LIMITER_UNAVAILABLE, CREDENTIALS_NOT_ALLOWED];
            Reason::from_name(&value).is_some() || others.contains(&value.as_str())
        }
        Dimension::Class => ReasonClass::from_name(&value).is_some(),
        Dimension::Route | Dimension::Policy | Dimension::Country | Dimension::Colo => true,
        Dimension::Origin | Dimension::Path | Dimension::Entry => !value.is_empty(),
    };
    if is_known {
        return Ok(value);
    }
    let outcomes = RecordedOutcome::ALL.map(RecordedOutcome::name).join("`, `");
    let classes = ReasonClass::ALL.map(ReasonClass::name).join("`, `");
    let expected = match filter {
        Dimension::Class => ["write one of `", &classes, "`"].concat(),
        Dimension::Outcome => ["write one of `", &outcomes, "`"].concat(),
        Dimension::Reason => "write one that a record can have, like `origin_not_listed`".to_owned(),
        _ => "write a value".to_owned(),
    };
    Err(BadRequest::parameter(
        name,
        &["`", name, "` `", &shown(&value), "` is not in any record: ", &expected],
    ))
}
