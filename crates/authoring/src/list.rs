//! Checks a list before it is put into KV.

use corsgate_policy::grammar::day::Day;
use corsgate_policy::kv::{list_key, list_name};
use corsgate_policy::origin::entry::Entry;
use corsgate_policy::origin::entry::{LineError, ListPatterns, parse_line, refusal};
use corsgate_policy::origin::set::AcceptedEntries;
use corsgate_policy::policy::document::EntryDocument;
use corsgate_policy::{KvList, Policy};
use thiserror::Error;

use crate::calendar::Calendar;
use crate::finding::{Finding, Span};
use crate::lints::{expired, expires_soon, homograph, idna, pageless_scheme, public_suffix, subsumed};
use crate::mistakes;
use crate::report::Report;
use crate::source::Source;

/// The result of checking a list.
#[derive(Clone, Debug, Default)]
pub struct CheckedList {
    /// All findings about the list.
    pub report: Report,
    /// The number of lines with an origin.
    pub origins: usize,
}

/// The error for a name that is no list in KV of the policy.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the policy has no list in KV{}", self.rest())]
pub struct UnknownList {
    name: String,
    /// The names of the lists that the policy has.
    known: Vec<String>,
}

impl UnknownList {
    /// Makes the error; `known` are the names of the lists that the policy has.
    pub fn new<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Self {
        Self { name: name.to_owned(), known: known.into_iter().map(str::to_owned).collect() }
    }

    fn rest(&self) -> String {
        let name = &self.name;
        match self.known.is_empty() {
            true => format!(", so none with the name `{name}`"),
            false => format!(" with the name `{name}`; it has `{}`", self.known.join("`, `")),
        }
    }
}

/// Checks a text list, line by line as the gateway reads it. `patterns` says whether the policy allows wildcards in
/// the list.
#[must_use]
pub fn check_list(source: &Source, patterns: ListPatterns, calendar: impl Into<Calendar>) -> CheckedList {
    look_through(source, patterns, calendar.into(), &|entry| {
        let error = refusal(entry, AcceptedEntries { insecure: false, wildcards: false, extensions: false })?;
        Some(Finding::new(&mistakes::COUNTED_IN_PART, error.to_string()))
    })
}

/// Checks a text list for the routes of a policy that use it. `name` is the name in its key, `allowlist/NAME`.
///
/// # Errors
/// When the policy has no such list.
pub fn check_list_of(
    source: &Source,
    policy: &Policy,
    name: &str,
    calendar: impl Into<Calendar>,
) -> Result<CheckedList, UnknownList> {
    let key = list_key(name);
    let lists: Vec<_> = policy.kv_lists().map(|(_, list)| list).filter(|list| list.key == key).collect();
    if lists.is_empty() {
        let known: Vec<_> = policy.kv_lists().filter_map(|(_, list)| list_name(&list.key)).collect();
        return Err(UnknownList::new(name, known));
    }
    let allows_wildcards = |list: &&KvList| list.patterns == ListPatterns::Wildcards;
    let patterns =
        if lists.iter().any(allows_wildcards) { ListPatterns::Wildcards } else { ListPatterns::Exact };
    let users: Vec<_> = lists
        .iter()
        .flat_map(|list| policy.users_of(list).map(|(route, admits)| (*list, route, admits)))
        .collect();
    Ok(look_through(source, patterns, calendar.into(), &|entry| {
        let refusal = |list: &KvList, accepted| match list.patterns {
            ListPatterns::Exact if !entry.pattern.form().is_exact() => Some(LineError::WildcardInExactList),
            _ => refusal(entry, accepted),
        };
        let refused =
            users.iter().filter_map(|(list, route, admits)| Some((*route, refusal(list, *admits)?)));
        not_counted(&refused.collect::<Vec<_>>(), users.len())
    }))
}

/// The most routes that a message names.
const MOST_NAMED: usize = 3;

/// The finding for a line that some users of the list do not accept.
fn not_counted(refused: &[(Option<&str>, LineError)], users: usize) -> Option<Finding> {
    let (_, error) = refused.first()?;
    let names: Vec<_> = refused
        .iter()
        .take(MOST_NAMED)
        .map(|(route, _)| {
            route.map_or_else(|| "`[defaults.cors]`".to_owned(), |name| format!("route `{name}`"))
        })
        .collect();
    let more = match refused.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let all = if refused.len() == users { ", so it has no effect" } else { "" };
    let message = format!("the line is ignored on {}{more}{all}: {error}", names.join(", "));
    Some(Finding::new(&mistakes::NOT_COUNTED, message))
}

fn look_through(
    source: &Source,
    patterns: ListPatterns,
    calendar: Calendar,
    on_routes: &dyn Fn(&Entry) -> Option<Finding>,
) -> CheckedList {
    let mut report = Report::default();
    let mut entries = Vec::new();
    let mut spans = Vec::new();
    for (start, line) in lines(source.text()) {
        match parse_line(line, patterns) {
            Ok(None) => {}
            Err(error) => {
                let finding = Finding::new(mistakes::of_line(&error), error.to_string());
                report.add(finding.at(Some(content(start, line)), ""));
            }
            Ok(Some(entry)) => {
                let (form, span) = (entry.pattern.form(), content(start, line));
                let origin = span.start..span.start + entry.pattern.as_str().len();
                let lints = [
                    public_suffix::of_line(&form),
                    idna::of_line(&form),
                    pageless_scheme::of_line(entry.pattern.as_str()),
                    calendar.today.and_then(|today| expired::of_life(entry.expires, today)),
                    expires_soon::of_life(entry.expires, calendar.today, calendar.soon),
                    homograph::of_line(&form),
                    on_routes(&entry),
                ];
                for finding in lints.into_iter().flatten() {
                    report.add(finding.at(Some(span.clone()), ""));
                }
                entries.push(document_of(&entry));
                spans.push(origin);
            }
        }
    }
    for (at, finding) in subsumed::of_list(&entries) {
        report.add(finding.at(spans.get(at).cloned(), ""));
    }
    CheckedList { report: report.sorted(), origins: entries.len() }
}

/// The entries of a text list that the gateway reads, without those whose last day has passed.
#[must_use]
pub fn entries_of_list(text: &str, patterns: ListPatterns, today: Option<Day>) -> Vec<EntryDocument> {
    let read = |(_, line): (usize, &str)| parse_line(line, patterns).ok().flatten();
    let lasts = |entry: &Entry| today.is_none_or(|today| entry.expires >= today);
    lines(text).filter_map(read).filter(lasts).map(|entry| document_of(&entry)).collect()
}

fn document_of(entry: &Entry) -> EntryDocument {
    match entry.expires {
        Day::NEVER => EntryDocument::Lasting(entry.pattern.to_string()),
        life => EntryDocument::Expiring { origin: entry.pattern.to_string(), expires: life.to_string() },
    }
}

/// The lines of a text, each with its start. A byte order mark is not part of the first line.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len();
    let text = text.get(start..).unwrap_or_default();
    text.split_inclusive('\n').map(move |line| {
        let at = start;
        start += line.len();
        (at, line)
    })
}

/// The span of a line's words, without its comment. As in the gateway, words end only at ASCII white space; any other
/// white space is part of the word, and of the mistake.
fn content(start: usize, line: &str) -> Span {
    let comment = line.match_indices('#').map(|(at, _)| at).find(|at| {
        line.get(..*at).is_some_and(|before| before.ends_with(|last: char| last.is_ascii_whitespace()))
    });
    let words = line.get(..comment.unwrap_or(line.len())).unwrap_or(line);
    let from = start + words.len() - words.trim_ascii_start().len();
    from..from + words.trim_ascii().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_found_where_it_stands() {
        let text = "\u{feff}# partners\r\n  https://a.example/ # slash\r\nhttps://b.example\r\nnull\n";
        let source = Source::from_bytes("partners.txt", text.into()).expect("text");
        let checked = check_list(&source, ListPatterns::Exact, None);
        let found = checked.report.findings().iter().map(|finding| {
            let span = finding.span().cloned().expect("a span");
            (
                source.line(span.start),
                source.column(span.start),
                source.text().get(span).expect("in the text"),
            )
        });
        assert_eq!(found.collect::<Vec<_>>(), [(2, 3, "https://a.example/"), (4, 1, "null")]);
        assert_eq!(checked.origins, 1);
    }

    #[test]
    fn white_space_that_separates_no_words_is_shown_as_part_of_the_mistake() {
        for (line, shown) in [
            ("\u{b}", "\u{b}"),
            ("\u{a0}https://a.example", "\u{a0}https://a.example"),
            (" https://a.example\u{3000}\t# comment", "https://a.example\u{3000}"),
        ] {
            let source = Source::from_bytes("partners.txt", line.into()).expect("text");
            let checked = check_list(&source, ListPatterns::Exact, None);
            let spans = checked.report.findings().iter().filter_map(|finding| finding.span());
            let texts: Vec<_> =
                spans.map(|span| source.text().get(span.clone()).expect("in the text")).collect();
            assert_eq!(texts, [shown], "{line:?}");
        }
    }
}
