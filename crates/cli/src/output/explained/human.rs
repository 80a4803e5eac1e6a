//! Answers as a person at a red console line reads them: the verdict first.

use core::fmt::Write;

use corsgate_explain::{PageExplanation, PageRequest, Step, explain};
use corsgate_policy::Kind;

use super::conclusion::Conclusion;
use super::{Ground, Question, words};
use crate::output::human::plural;
use crate::output::trace;

/// How many requests of an archive are shown.
const MAX_SHOWN: usize = 50;

const BOLD: &str = "\u{1b}[1m";
const GREEN: &str = "\u{1b}[1;32m";
const RED: &str = "\u{1b}[1;31m";
const RESET: &str = "\u{1b}[0m";

/// The whole text, and whether all is allowed.
pub(super) fn render(ground: &Ground<'_>, question: &Question) -> (String, bool) {
    let (mut text, mut refused) = (String::new(), 0);
    for (at, (request, count)) in question.requests.iter().enumerate() {
        let (shown, allowed) =
            explain(ground.texts.compiled.policy(), request, ground.kv, ground.today, |explained| {
                let conclusion = Conclusion::new(request, explained, ground);
                (answer(request, *count, explained, &conclusion, ground), conclusion.allowed)
            });
        refused += usize::from(!allowed);
        if at < MAX_SHOWN {
            text.push_str(&shown);
        }
    }
    if let Some(hidden) = question.requests.len().checked_sub(MAX_SHOWN).filter(|hidden| *hidden > 0) {
        line(&mut text, &format!("and {hidden} more: see `--format json`"));
    }
    for note in &question.notes {
        line(&mut text, &format!("note: {note}"));
    }
    archive(question, refused, &mut text);
    (text, refused == 0)
}

fn answer(
    request: &PageRequest,
    count: usize,
    explained: &PageExplanation<'_>,
    conclusion: &Conclusion,
    ground: &Ground<'_>,
) -> String {
    let mut text = String::new();
    let (first, rest) = conclusion.verdict.split_once(':').unwrap_or((&conclusion.verdict, ""));
    let colour = if conclusion.allowed { GREEN } else { RED };
    line(&mut text, &format!("{colour}{first}{RESET}:{rest}"));
    let cookies = if request.has_credentials() { ", with cookies" } else { "" };
    let times = if count > 1 { format!(", {count} times") } else { String::new() };
    let (method, url) = (request.method(), request.page_url());
    line(&mut text, &format!("  {method} {url} from `{}`{cookies}{times}", request.origin()));
    if let Some(environment) = ground.environment {
        line(&mut text, &format!("  in `{environment}` on {}", ground.today));
    }
    if let Some((what, place)) = &conclusion.decided_by {
        let at = place.as_ref().map(|at| format!(" ({at})")).unwrap_or_default();
        line(&mut text, &format!("  decided by {what}{at}"));
    }
    if let Some(near) = &conclusion.nearest {
        line(&mut text, &format!("  {}", near.sentence));
    }
    if let Some(advice) = &conclusion.advice {
        line(&mut text, &format!("  {advice}"));
    }
    if let Some(console) = &conclusion.console {
        line(&mut text, &format!("  Chrome prints:\n    {console}"));
    }
    for note in &conclusion.notes {
        line(&mut text, &format!("  note: {note}"));
    }
    line(&mut text, &format!("\n  {}", words::need(&request.need())));
    for (at, explained) in explained.steps.iter().enumerate() {
        step(at + 1, explained, ground, &mut text);
    }
    text.push('\n');
    text
}

fn step(number: usize, step: &Step<'_>, ground: &Ground<'_>, text: &mut String) {
    let sent = step.sent;
    let what = match sent.kind() {
        Kind::Preflight => "the preflight",
        Kind::Actual => "the request",
        Kind::Handshake => "the handshake",
    };
    line(text, &format!("\n  {BOLD}{number}. {what}{RESET}: {} with", sent.method()));
    if sent.headers().is_empty() {
        line(text, "       no header that matters for the decision");
    }
    for (name, value) in sent.headers() {
        line(text, &format!("       {name}: {value}"));
    }
    for check in trace::lines(step.explanation.trace(), &ground.texts) {
        line(text, &format!("     {}", check.shown()));
    }
    let explained = &step.explanation;
    let written: Vec<_> = explained.written().collect();
    match (explained.status(), explained.upstream_url()) {
        (Some(status), _) => line(text, &format!("     the gateway responds with {status}")),
        (None, Some(url)) => {
            // Of what is removed the only part that the page has sent, or its browser for it.
            for name in ["cookie", "authorization"] {
                if explained.removed_from_request().iter().any(|removed| removed == name) {
                    line(text, &format!("     its `{name}` is removed on the way"));
                }
            }
            let and = if written.is_empty() { "" } else { ", and its response gets" };
            line(text, &format!("     the upstream gets a request for {url}{and}"));
        }
        (None, None) => {}
    }
    for (name, value) in written {
        line(text, &format!("       {name}: {value}"));
    }
    if !explained.removed().is_empty() && explained.status().is_none() {
        line(text, &format!("     and removes {}", explained.removed().join(", ")));
    }
}

/// Notes about the other requests of an archive.
fn archive(question: &Question, refused: usize, text: &mut String) {
    let Some((name, har)) = &question.archive else { return };
    for (host, count) in &har.elsewhere {
        line(text, &format!("no route has the host `{host}`: {} left out", plural(*count, "failed request")));
    }
    for (sentence, count) in &har.unreadable {
        line(text, &format!("{} left out: {sentence}", plural(*count, "failed request")));
    }
    if har.without_page > 0 {
        let count = plural(har.without_page, "failed request");
        line(text, &format!("{count} left out: the page is not known; add `--origin https://…`"));
    }
    let explained: usize = question.requests.iter().map(|(_, count)| count).sum();
    let entries = match har.entries {
        1 => "1 entry".to_owned(),
        count => format!("{count} entries"),
    };
    line(
        text,
        &format!(
            "`{name}`: {entries}, {} explained, {} different, {refused} refused by this policy",
            plural(explained, "failed request"),
            question.requests.len()
        ),
    );
}

fn line(text: &mut String, line: &str) {
    // Writing to a text does not fail.
    let _written = writeln!(text, "{line}");
}
