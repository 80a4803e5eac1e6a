//! Results for people.

use std::fmt::Write as _;

use corsgate_explain::Browser;
use corsgate_probe::{Answer, Compared, Finding, PageOutcome, Severity};

use crate::output::human::plural;
use crate::output::probed::{Held, Results, rests_on};
use crate::probing::Predicted;

/// The maximum number of results of a kind. After these are fixed, the next ones are shown.
const MAX_SHOWN: usize = 50;
/// The maximum number of requests of a finding, and of names of skipped requests.
const MAX_SEEN: usize = 3;

const RED: &str = "\u{1b}[1;31m";
const YELLOW: &str = "\u{1b}[1;33m";
const BLUE: &str = "\u{1b}[1;34m";
const PLAIN: &str = "\u{1b}[0m";

/// All results.
pub(crate) fn render(results: &Results<'_>) -> String {
    let mut text = String::new();
    let differing = results.held.iter().filter(|held| held.differs());
    for held in differing.take(MAX_SHOWN) {
        if let Held::Compared { predicted, answer, compared } = held {
            difference(predicted, answer, compared, results, &mut text);
        }
    }
    if results.differing() > MAX_SHOWN {
        let hidden = results.differing() - MAX_SHOWN;
        line(&mut text, &format!("and {hidden} more: select with `--filter`, or see `--format json`\n"));
    }
    results.findings.iter().for_each(|it| finding(it, results.browser, &mut text));
    failures(results, &mut text);
    for (reason, names) in &results.skipped {
        line(&mut text, &format!("not sent ({reason}): {}", some(names)));
    }
    moments(results, &mut text);
    for note in &results.notes {
        line(&mut text, &format!("note: {note}"));
    }
    for page in &results.pages {
        line(&mut text, &reading(page));
    }
    line(&mut text, &conclusion(results));
    text
}

fn difference(
    predicted: &Predicted<'_>,
    answer: &Answer,
    compared: &Compared,
    results: &Results<'_>,
    text: &mut String,
) {
    line(text, &format!("{RED}DIFFERS{PLAIN} {}", predicted.name));
    if let Some(cases) = results.cases {
        let start = predicted.span.start;
        line(text, &format!("  --> {}:{}:{}", cases.name(), cases.line(start), cases.column(start)));
    }
    line(text, &format!("  {} at `{}`: {}", predicted.ask.line(), predicted.ask.host, answer.status));
    for difference in &compared.differences {
        let shown = |value: &Option<String>| {
            value.as_ref().map_or("nothing".to_owned(), |value| format!("`{value}`"))
        };
        let (what, wanted, got) = (&difference.what, shown(&difference.predicted), shown(&difference.got));
        line(text, &format!("  - {what}: predicted {wanted}, got {got}"));
    }
    for note in compared.notes.iter().cloned().chain(rests_on(predicted)) {
        line(text, &format!("  note: {note}"));
    }
    text.push('\n');
}

fn finding(finding: &Finding, browser: Browser, text: &mut String) {
    let colour = match finding.severity {
        Severity::Critical | Severity::High => RED,
        Severity::Medium | Severity::Low => YELLOW,
        Severity::Info => BLUE,
    };
    line(text, &format!("{colour}{}{PLAIN} {}: {}", finding.severity, finding.name, finding.message));
    for seen in finding.seen.iter().take(MAX_SEEN) {
        line(text, &format!("  {}: {}", seen.request, seen.status));
        for (name, value) in &seen.headers {
            line(text, &format!("    {name}: {}", value.escape_debug()));
        }
    }
    if finding.seen.len() > MAX_SEEN {
        line(text, &format!("  and {} more", finding.seen.len() - MAX_SEEN));
    }
    line(text, &format!("  so: {}", finding.consequence));
    line(text, &format!("  instead: {}", finding.instead));
    if let Some(console) = &finding.console {
        line(text, &format!("  {browser} prints: {console}"));
    }
    text.push('\n');
}

fn failures(results: &Results<'_>, text: &mut String) {
    let failed = results.held.iter().filter(|held| held.is_failure());
    for held in failed.take(MAX_SHOWN) {
        if let Held::Failed { item, why } = held {
            line(text, &format!("{RED}FAILED{PLAIN} {}: {why}", item.ask().line()));
        }
    }
}

/// The responses without CORS headers, and their number.
fn moments(results: &Results<'_>, text: &mut String) {
    let mut counted: Vec<(&str, usize)> = Vec::new();
    for held in results.held.iter().filter(|held| !held.differs()) {
        let Held::Compared { compared, .. } = held else { continue };
        for note in &compared.notes {
            match counted.iter_mut().find(|(known, _)| known == note) {
                Some((_, count)) => *count += 1,
                None => counted.push((note, 1)),
            }
        }
    }
    for (note, count) in counted {
        line(text, &format!("note: {}: {note}", plural(count, "case")));
    }
}

/// Whether a page gets what was asked for.
fn reading(page: &PageOutcome) -> String {
    let origin = &page.origin;
    let asked = if page.preflight { "after a preflight" } else { "without a preflight" };
    match (page.reads, &page.redirect) {
        (true, None) => format!("a page of `{origin}` reads the response, {asked}"),
        (true, Some(location)) => format!(
            "the browser of a page of `{origin}` follows the redirect to `{}`, and the response there decides: probe that URL",
            location.escape_debug()
        ),
        (false, _) => format!("a page of `{origin}` cannot read the response"),
    }
}

fn conclusion(results: &Results<'_>) -> String {
    let mistakes = results.findings.iter().filter(|finding| finding.severity.is_mistake()).count();
    let mut counts = Vec::new();
    if results.cases.is_some() {
        counts.push(format!("{} as predicted", results.as_predicted()));
        counts.push(format!("{} differ", results.differing()));
    }
    if results.cases.is_none() || results.judged() > 0 {
        counts.push(match mistakes {
            0 => "no mistakes found".to_owned(),
            count => plural(count, "finding"),
        });
    }
    let mut more = |count: usize, what: &str| counts.extend((count > 0).then(|| format!("{count} {what}")));
    more(results.limited(), "over a limit");
    more(results.failed(), "without a response");
    more(results.skipped_runs(), "not sent");
    format!(
        "`{}`: {}; {} in {:.1} s",
        results.url,
        counts.join(", "),
        plural(results.requests, "request"),
        results.seconds
    )
}

fn some(names: &[String]) -> String {
    let shown = names.iter().take(MAX_SEEN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MAX_SEEN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn line(text: &mut String, line: &str) {
    // Writing to a string does not fail.
    let _written = writeln!(text, "{line}");
}
