//! Explanations for people: the verdict first.

use core::fmt::Write;

use corsgate_authoring::served_elsewhere;
use corsgate_explain::{Browser, PageExplanation, Step, without_secrets};
use corsgate_policy::Kind;

use crate::output::from_presets::presets_in_words;
use crate::output::human::plural;
use crate::output::trace;
use corsgate_answers::explained::{
    Asked, Conclusion, Evidence, Ground, Question, concluded, from_presets, of_line_alone, words,
};

/// The maximum number of requests of an archive.
const MAX_SHOWN: usize = 50;

const BOLD: &str = "\u{1b}[1m";
pub(super) const GREEN: &str = "\u{1b}[1;32m";
pub(super) const RED: &str = "\u{1b}[1;31m";
pub(super) const RESET: &str = "\u{1b}[0m";

/// The whole output, and whether everything is allowed.
pub(super) fn render(browser: Browser, ground: Option<&Ground<'_>>, question: &Question) -> (String, bool) {
    let (mut text, mut refused) = (String::new(), 0);
    for (at, asked) in question.asked.iter().enumerate() {
        let (shown, allowed) = concluded(asked, browser, ground, |explained, conclusion| {
            (answer(asked, browser, explained, conclusion, ground), conclusion.allowed)
        });
        refused += usize::from(!allowed);
        if at < MAX_SHOWN {
            text.push_str(&shown);
        }
    }
    for read in &question.lines {
        let conclusion = of_line_alone(read);
        verdict(&conclusion, &mut text);
        if let (Some(url), true) = (read.url.as_deref(), question.several.is_some()) {
            line(&mut text, &format!("  {}", without_secrets(url)));
        }
        remarks(&conclusion, browser, &mut text);
        refused += 1;
    }
    if let Some(hidden) = question.asked.len().checked_sub(MAX_SHOWN).filter(|hidden| *hidden > 0) {
        line(&mut text, &format!("and {hidden} more: see `--brief` or `--format json`"));
    }
    let is_fine = tail(question, ground, refused, &mut text);
    (text, refused == 0 && is_fine)
}

/// The end of the output: notes, and the other requests of an archive. Returns whether none of those failed.
pub(super) fn tail(
    question: &Question,
    ground: Option<&Ground<'_>>,
    refused: usize,
    text: &mut String,
) -> bool {
    for note in &question.notes {
        line(text, &format!("note: {note}"));
    }
    if let Some(what) = &question.several {
        let different = question.asked.len() + question.lines.len();
        line(text, &format!("{what}: {different} different explained, {refused} refused or failed"));
    }
    archive(question, ground, refused, text);
    question.archive.as_ref().is_none_or(|(_, har)| har.is_fine_elsewhere())
}

fn answer(
    asked: &Asked,
    browser: Browser,
    explained: Option<&PageExplanation<'_>>,
    conclusion: &Conclusion,
    ground: Option<&Ground<'_>>,
) -> String {
    let request = &asked.request;
    let mut text = String::new();
    verdict(conclusion, &mut text);
    let cookies = if request.has_credentials() { ", with cookies" } else { "" };
    let times = if asked.count > 1 { format!(", {} times", asked.count) } else { String::new() };
    let (method, url) = (request.method(), request.page_url());
    line(&mut text, &format!("  {method} {url} from `{}`{cookies}{times}", request.origin()));
    for also in &conclusion.also {
        line(&mut text, &format!("  also: {also}"));
    }
    if let Some(Ground { environment: Some(environment), today, .. }) = ground {
        line(&mut text, &format!("  in `{environment}` on {today}"));
    }
    if let Some((what, place)) = &conclusion.decided_by {
        let at = place.as_ref().map(|at| format!(" ({at})")).unwrap_or_default();
        line(&mut text, &format!("  decided by {what}{at}"));
    }
    if let Some(near) = &conclusion.nearest {
        line(&mut text, &format!("  {}", near.sentence));
    }
    remarks(conclusion, browser, &mut text);
    if !matches!(asked.evidence, Evidence::WithoutCors(_)) {
        line(&mut text, &format!("\n  {}", words::need(&request.need())));
        for live in asked.live.iter().flat_map(|live| &live.steps) {
            line(&mut text, "");
            for told in live.lines() {
                line(&mut text, &format!("  {told}"));
            }
        }
        if let (Some(explained), Some(ground)) = (explained, ground) {
            for (at, explained) in explained.steps.iter().enumerate() {
                step(at + 1, explained, ground, &mut text);
            }
        }
    }
    text.push('\n');
    text
}

fn verdict(conclusion: &Conclusion, text: &mut String) {
    let (first, rest) = conclusion.verdict.split_once(':').unwrap_or((&conclusion.verdict, ""));
    let colour = if conclusion.allowed { GREEN } else { RED };
    line(text, &format!("{colour}{first}{RESET}:{rest}"));
}

fn remarks(conclusion: &Conclusion, browser: Browser, text: &mut String) {
    if let Some(advice) = &conclusion.advice {
        line(text, &format!("  {advice}"));
    }
    for seen in &conclusion.seen {
        line(text, &format!("  {seen}"));
    }
    if let Some(console) = &conclusion.console {
        line(text, &format!("  {browser} prints:\n    {}", console.replace('\n', "\n    ")));
    }
    for note in &conclusion.notes {
        line(text, &format!("  note: {note}"));
    }
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
            // Of the removed headers, show only those that the page or its browser sent.
            for name in ["cookie", "authorization"] {
                let replaced = explained.secrets_of_request().iter().any(|(set, _)| set == name);
                if !replaced && explained.removed_from_request().iter().any(|removed| removed == name) {
                    line(text, &format!("     its `{name}` is removed on the way"));
                }
            }
            for (name, value) in explained.secrets_of_request() {
                line(text, &format!("     the upstream gets `{name}: {value}`"));
            }
            let and = if written.is_empty() { "" } else { ", and its response gets" };
            line(text, &format!("     the upstream gets a request for {url}{and}"));
        }
        (None, None) => {}
    }
    for (name, value) in written {
        line(text, &format!("       {name}: {value}"));
    }
    for (name, presets) in from_presets(step, ground) {
        line(text, &format!("     {name}: by {}", presets_in_words(&presets)));
    }
    if !explained.removed().is_empty() && explained.status().is_none() {
        line(text, &format!("     and removes {}", explained.removed().join(", ")));
    }
}

/// Notes about the other requests of an archive.
fn archive(question: &Question, ground: Option<&Ground<'_>>, refused: usize, text: &mut String) {
    let Some((name, har)) = &question.archive else { return };
    for (host, (count, errors)) in &har.elsewhere {
        let failed = plural(*count, "failed request");
        if errors.is_empty() {
            line(
                text,
                &format!(
                    "no route has the host `{host}`: {failed} left out; without a policy they are explained"
                ),
            );
            let texts = ground.map(|ground| &ground.texts);
            if let Some(other) = texts.and_then(|it| served_elsewhere(it.policy, it.compiled, host)) {
                line(text, &format!("  {other}"));
            }
        }
        for error in errors {
            let before = if error.blocks() { "not CORS: " } else { "" };
            line(text, &format!("`{host}`: {failed}, {before}{}. {}", error.sentence(), error.advice()));
        }
    }
    for (sentence, count) in &har.unreadable {
        line(text, &format!("{} left out: {sentence}", plural(*count, "failed request")));
    }
    if har.without_page > 0 {
        let count = plural(har.without_page, "failed request");
        line(text, &format!("{count} left out: the page is not known; add `--origin https://…`"));
    }
    for (what, count) in &har.without_cors {
        line(text, &format!("{} left out: {what}, which needs no CORS", plural(*count, "request")));
    }
    if har.without_headers > 0 {
        let count = plural(har.without_headers, "successful request");
        line(
            text,
            &format!(
                "{count} left out: the archive does not have the headers of the response, so it does not show whether the page could read it"
            ),
        );
    }
    if har.without_target > 0 {
        let count = plural(har.without_target, "redirected request");
        line(
            text,
            &format!(
                "{count} left out: the archive does not have the response behind the redirect, so it does not show whether the page could read it"
            ),
        );
    }
    let explained: usize = question.asked.iter().map(|asked| asked.count).sum();
    let entries = match har.entries {
        1 => "1 entry".to_owned(),
        count => format!("{count} entries"),
    };
    let by = if ground.is_some() { "refused by this policy or the browser" } else { "refused" };
    line(
        text,
        &format!(
            "`{name}`: {entries}, {} explained, {} different, {refused} {by}; {} read by the page",
            plural(explained, "failed request"),
            question.asked.len(),
            har.readable
        ),
    );
}

fn line(text: &mut String, line: &str) {
    // Writing to a string does not fail.
    let _written = writeln!(text, "{line}");
}
