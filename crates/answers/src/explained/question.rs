//! The requests that the material stands for.

use std::collections::{BTreeMap, BTreeSet};

use corsgate_explain::copied::console_line::{self, Complaint, ConsoleLine};
use corsgate_explain::copied::{
    Copied, Kind, MOST_COPIES, Unread, curl, fetch_call, powershell, response_head, verbose,
};
use corsgate_explain::{Blocked, Browser, Need, PageRequest, Parts, har};
use corsgate_policy::Policy;
use thiserror::Error;

use super::{Asked, Evidence, Question};

/// Why there is no question.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum QuestionError {
    /// What was given cannot be a request.
    #[error("{sentence}")]
    Usage {
        /// Why, and what to give instead.
        sentence: String,
        /// What was noticed before, which may be the reason.
        notes: Vec<String>,
    },
    /// A file is not what it should be.
    #[error("`{name}`: {why}")]
    Unusable {
        /// The name of the file.
        name: String,
        /// Why it cannot be used, as a part of a sentence.
        why: String,
    },
}

impl QuestionError {
    fn usage(sentence: impl Into<String>) -> Self {
        Self::Usage { sentence: sentence.into(), notes: Vec::new() }
    }
}

/// What the command line says besides the material.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The URL.
    pub url: Option<&'a str>,
    /// The origin of the page.
    pub origin: Option<&'a str>,
    /// The method of the page's request, as `--method` names it.
    pub method: Option<&'a str>,
    /// The headers, as `NAME=VALUE`, or `NAME` where the value is unknown.
    pub headers: &'a [String],
    /// Whether the page sends cookies.
    pub credentials: bool,
    /// Whether the page opens a WebSocket.
    pub websocket: bool,
    /// The browser; `None` for that of the material.
    pub browser: Option<Browser>,
}

/// The question that a copied text stands for, with the browser whose text it is, if that is known. `name` is the file that
/// the text is from.
///
/// # Errors
/// When the text cannot be read.
pub fn of_text(
    kind: Kind,
    text: &str,
    name: Option<&str>,
    facts: &Facts<'_>,
    policy: Option<&Policy>,
    mut notes: Vec<String>,
) -> Result<(Question, Option<Browser>), QuestionError> {
    if text.trim().is_empty() {
        let name = name.unwrap_or("the text");
        return Err(QuestionError::usage(format!(
            "`{name}` is empty: copy a line of the console, a request (as cURL, fetch or PowerShell), or an archive (HAR)"
        )));
    }
    let (mut all, has_more) = match kind {
        Kind::Curl => curl::read_all(text),
        Kind::Fetch => fetch_call::read_all(text),
        Kind::PowerShell => powershell::read_all(text),
        Kind::Response => return of_response(text, facts, notes).map(|question| (question, None)),
        Kind::Console => return of_lines(text, facts, notes),
        Kind::Har => return of_archive(text.as_bytes(), "the text", facts, policy, notes),
    };
    if all.len() == 1 {
        return of_copied(all.swap_remove(0), kind, facts, notes).map(|question| (question, None));
    }
    if has_more {
        notes.push(format!("only the first {MOST_COPIES} requests are explained"));
    }
    several(all, kind, facts, notes).map(|question| (question, None))
}

/// The question about the failed requests of an archive, with the browser that made it, if that is known.
///
/// # Errors
/// When it cannot be read.
pub fn of_archive(
    json: impl std::io::Read,
    name: &str,
    facts: &Facts<'_>,
    policy: Option<&Policy>,
    notes: Vec<String>,
) -> Result<(Question, Option<Browser>), QuestionError> {
    let options =
        har::Options { origin: facts.origin, credentials: facts.credentials, browser: facts.browser };
    let read = har::read(json, policy, options)
        .map_err(|error| QuestionError::Unusable { name: name.to_owned(), why: error.to_string() })?;
    let browser = read.browser;
    Ok((Question::of_archive(read, name, notes), browser))
}

impl Facts<'_> {
    /// A request of the command line alone, or a command in separate words.
    ///
    /// # Errors
    /// When no page can send it.
    pub fn question(&self, words: &[String], notes: Vec<String>) -> Result<Question, QuestionError> {
        match self.url {
            Some(url) => {
                let copied =
                    Copied { parts: Parts { url: url.to_owned(), ..Parts::default() }, ..Copied::default() };
                of_copied(Ok(copied), Kind::Curl, self, notes)
            }
            None => of_copied(curl::read_words(words.to_vec()), Kind::Curl, self, notes),
        }
    }

    /// Puts what the command line says in the place of what was read.
    fn apply(&self, parts: &mut Parts) {
        for (from, to) in
            [(self.url, &mut parts.url), (self.origin, &mut parts.origin), (self.method, &mut parts.method)]
        {
            if let Some(value) = from {
                value.clone_into(to);
            }
        }
        parts.credentials |= self.credentials;
        parts.websocket |= self.websocket;
        for header in self.headers {
            let (name, value) = match header.split_once('=') {
                Some((name, value)) => (name, Some(value.trim().to_owned())),
                None => (header.as_str(), None),
            };
            let name = name.trim();
            // What is said overrides what was read.
            parts.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
            parts.headers.push((name.to_owned(), value));
        }
    }
}

fn of_copied(
    copied: Result<Copied, Unread>,
    kind: Kind,
    facts: &Facts<'_>,
    mut notes: Vec<String>,
) -> Result<Question, QuestionError> {
    match asked(copied, kind, facts, &mut notes) {
        Ok(asked) => Ok(Question::of(asked, notes)),
        Err(sentence) => Err(QuestionError::Usage { sentence, notes }),
    }
}

/// Several requests in one text, as "Copy all as fetch" and its like write them. Those that need no CORS are counted and
/// named, as in an archive.
fn several(
    all: Vec<Result<Copied, Unread>>,
    kind: Kind,
    facts: &Facts<'_>,
    mut notes: Vec<String>,
) -> Result<Question, QuestionError> {
    let count = all.len();
    let (mut asked_all, mut without_cors): (Vec<Asked>, BTreeMap<&str, usize>) = Default::default();
    let mut sentences: BTreeMap<String, usize> = BTreeMap::new();
    for copied in all {
        match asked(copied, kind, facts, &mut notes) {
            Ok(Asked { evidence: Evidence::WithoutCors(why), .. }) => {
                *without_cors.entry(why).or_default() += 1;
            }
            Ok(asked) if asked.request.is_same_origin() && !asked.request.is_websocket() => {
                *without_cors.entry("a request to the page's own origin").or_default() += 1;
            }
            Ok(asked) => match asked_all.iter_mut().find(|known| known.request == asked.request) {
                Some(known) => known.count += 1,
                None => asked_all.push(asked),
            },
            Err(sentence) => *sentences.entry(sentence).or_default() += 1,
        }
    }
    if asked_all.is_empty()
        && without_cors.is_empty()
        && let Some((sentence, _)) = sentences.pop_first()
    {
        return Err(QuestionError::Usage { sentence, notes: once(notes) });
    }
    notes.extend(sentences.into_iter().map(|(why, count)| format!("{} left out: {why}", requests(count))));
    notes.extend(
        without_cors
            .into_iter()
            .map(|(what, count)| format!("{} left out: {what}, which needs no CORS", requests(count))),
    );
    Ok(Question::of_copies(asked_all, requests(count), once(notes)))
}

fn requests(count: usize) -> String {
    if count == 1 { "1 request".to_owned() } else { format!("{count} requests") }
}

/// Each note once: copies of one browser have the same ones.
fn once(notes: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    notes.into_iter().filter(|note| seen.insert(note.clone())).collect()
}

/// A request as copied, or a sentence that says why it is none.
fn asked(
    copied: Result<Copied, Unread>,
    kind: Kind,
    facts: &Facts<'_>,
    notes: &mut Vec<String>,
) -> Result<Asked, String> {
    let Copied { mut parts, notes: read, without_cors } = match copied {
        Ok(copied) => copied,
        Err(Unread { error, notes: read }) => {
            notes.extend(read);
            return Err(error.to_string());
        }
    };
    notes.extend(read);
    // The query does not affect the decision, and may hold secrets that must not be printed.
    facts.apply(&mut parts);
    parts.url = parts.url.split(['?', '#']).next().unwrap_or_default().to_owned();
    if parts.origin.is_empty() && (facts.url.is_none() || kind != Kind::Curl) && without_cors.is_none() {
        // A request that no page can send is refused for that, whichever page it is of.
        let of_any_page = Parts { origin: "null".to_owned(), ..parts };
        if let Err(error) = PageRequest::new(of_any_page) {
            return Err(error.to_string());
        }
        let what = match kind {
            Kind::Fetch => "the script",
            _ => "the command",
        };
        return Err(format!(
            "{what} does not say which page sends the request: add its origin, such as `--origin https://app.example.com`"
        ));
    }
    if parts.origin.is_empty() && without_cors.is_some() {
        "null".clone_into(&mut parts.origin);
    }
    let (request, left_out) = PageRequest::new(parts).map_err(|error| error.to_string())?;
    notes.extend(left_out);
    let evidence = without_cors.map_or(Evidence::None, Evidence::WithoutCors);
    Ok(Asked { request, evidence, count: 1, live: None, without_cors: None })
}

fn of_response(text: &str, facts: &Facts<'_>, mut notes: Vec<String>) -> Result<Question, QuestionError> {
    // `curl -v` shows the request too.
    let sent = verbose::read(text);
    let has_preflight = sent.as_ref().is_none_or(|sent| sent.is_preflight);
    let mut parts = Parts::default();
    if let Some(sent) = sent {
        parts = sent.copied.parts;
        let is_said = |note: &String| facts.url.is_some() && note.contains("`--url`");
        notes.extend(sent.copied.notes.into_iter().filter(|note| !is_said(note)));
    }
    facts.apply(&mut parts);
    parts.url = parts.url.split(['?', '#']).next().unwrap_or_default().to_owned();
    if parts.url.is_empty() || parts.origin.is_empty() {
        let sentence = "these are the headers of a response, which do not say who asked for what: write `--response FILE` with `--url` and `--origin`, and `--method`, `--header` and `--credentials` if the page has them";
        return Err(QuestionError::Usage { sentence: sentence.to_owned(), notes });
    }
    let (request, left_out) =
        PageRequest::new(parts).map_err(|error| QuestionError::usage(error.to_string()))?;
    notes.extend(left_out);
    let heads = response_head::read(text);
    if heads.is_empty() {
        return Err(QuestionError::usage(
            "there are no headers of a response in the text: copy them as `curl -i` prints them, with the status first and then a line `name: value` for each",
        ));
    }
    if matches!(request.need(), Need::Yes(_)) && heads.len() == 1 && has_preflight {
        notes.push("the headers are taken for those of the response to the preflight, which decides first; add those of the response to the request below them".to_owned());
    }
    let evidence = Evidence::Response(response_head::ending(&request, &heads, has_preflight));
    Ok(Question::of(Asked { request, evidence, count: 1, live: None, without_cors: None }, notes))
}

/// All complaints of a text. With them comes the browser whose line it is.
fn of_lines(
    text: &str,
    facts: &Facts<'_>,
    mut notes: Vec<String>,
) -> Result<(Question, Option<Browser>), QuestionError> {
    let (lines, left_out) =
        console_line::read_all(text).map_err(|error| QuestionError::usage(error.to_string()))?;
    let browser = lines.iter().find_map(|(line, _)| line.browser);
    let count: usize = lines.iter().map(|(_, count)| count).sum();
    let several = lines.len() > 1;
    let (mut asked_all, mut alone) = (Vec::new(), Vec::new());
    for (line, count) in lines {
        match of_line(line, facts, &mut notes)? {
            Line::Of(asked) => asked_all.push(Asked { count, ..*asked }),
            Line::Alone(line) => alone.push(*line),
        }
    }
    if left_out > 0 {
        notes.push(format!("only the first {} lines are explained", console_line::MOST_LINES));
    }
    let what = several.then(|| format!("{count} lines of the console"));
    Ok((Question::of_lines(asked_all, alone, what, once(notes)), browser))
}

/// A line whose request is known, and one that is explained by itself.
enum Line {
    Of(Box<Asked>),
    Alone(Box<ConsoleLine>),
}

fn of_line(line: ConsoleLine, facts: &Facts<'_>, notes: &mut Vec<String>) -> Result<Line, QuestionError> {
    let mut parts = Parts {
        url: line.url.clone().unwrap_or_default(),
        origin: line.origin.clone().unwrap_or_default(),
        method: line.method.clone().unwrap_or_default(),
        initiator: line.initiator.unwrap_or_default(),
        websocket: line.complaint == Complaint::Handshake,
        ..Parts::default()
    };
    if parts.url.contains('\u{2026}') && facts.url.is_none() {
        notes.push(
            "the URL in the line is shortened (`…`), so another route may be meant: add the whole one with `--url`"
                .to_owned(),
        );
    }
    if let Complaint::Cors { preflight, fault } = &line.complaint {
        parts.preflight = *preflight;
        match fault {
            Blocked::Method(method) => parts.method.clone_from(method),
            Blocked::Header(name) if !name.is_empty() => parts.headers.push((name.clone(), None)),
            Blocked::Credentials(_) | Blocked::AnyOriginWithCredentials => parts.credentials = true,
            _ => {}
        }
        if *preflight && parts.method.is_empty() && facts.method.is_none() {
            notes.push("the line does not name the method: `GET` is assumed; add `--method`".to_owned());
        }
    }
    facts.apply(&mut parts);
    let missing = match (parts.url.is_empty(), parts.origin.is_empty()) {
        (false, false) => None,
        (true, true) => Some("the URL or the page: add `--url` and `--origin`"),
        (true, false) => Some("the URL: add `--url`"),
        (false, true) => Some("the page: add its origin, such as `--origin https://app.example.com`"),
    };
    if let Some(what) = missing {
        if matches!(line.complaint, Complaint::Cors { .. } | Complaint::Handshake) {
            notes.push(format!("the line does not name {what}, to compare it with a policy"));
        }
        return Ok(Line::Alone(Box::new(line)));
    }
    // The line is shown without what its URL's query may hold.
    let url = parts.url.split(['?', '#']).next().unwrap_or_default().to_owned();
    match PageRequest::new(Parts { url, ..parts }) {
        Ok((request, _)) => {
            let evidence = Evidence::Line(Box::new(line));
            Ok(Line::Of(Box::new(Asked { request, evidence, count: 1, live: None, without_cors: None })))
        }
        // A line that is not about CORS says what is wrong, also with a URL that no page can request.
        Err(_) if !matches!(line.complaint, Complaint::Cors { .. } | Complaint::Handshake) => {
            Ok(Line::Alone(Box::new(line)))
        }
        Err(error) => Err(QuestionError::usage(error.to_string())),
    }
}
