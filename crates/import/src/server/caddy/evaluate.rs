//! What Caddy answers to one request: its directives in their own order (`directives.go`), or that of a `route`.

use std::collections::HashMap;

use crate::place::Place;
use crate::server::answer::{Answer, Sent, Status};
use crate::server::caddy::matcher::{Groups, Matching, header, token};
use crate::server::caddy::site::{Site, Spot};
use crate::server::directive::{Directive, MOST_DEPTH, Word};
use crate::server::pages::Asking;

/// The directives that decide about headers and statuses, in Caddy's order.
const ORDER: [&[&str]; 9] = [
    &["header"],
    &["redir"],
    &["basicauth", "basic_auth"],
    &["handle", "handle_path"],
    &["route"],
    &["abort", "error"],
    &["respond"],
    &["reverse_proxy", "php_fastcgi"],
    &["file_server"],
];

/// The response headers of CORS. Others of their family mean nothing to a browser.
const HEADERS: [&str; 6] = [
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-expose-headers",
    "access-control-max-age",
];

struct Evaluation<'e> {
    site: &'e Site<'e>,
    asking: &'e Asking<'e>,
    answer: Answer,
    groups: Groups,
    /// The lengths of the paths for which each header was set.
    lengths: HashMap<String, Lengths>,
    /// Set at the end: if there is none by then, or in any case.
    at_end: Vec<(AtEnd, Sent)>,
}

#[derive(Clone, Copy)]
struct Lengths {
    first: usize,
    are_several: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum AtEnd {
    IfAbsent,
    Set,
    Remove,
}

/// The answer to a request for a spot.
pub(super) fn answer(site: &Site<'_>, spot: &Spot, asking: &Asking<'_>) -> Answer {
    let mut evaluation = Evaluation {
        site,
        asking,
        answer: Answer::default(),
        groups: Groups::new(),
        lengths: HashMap::new(),
        at_end: Vec::new(),
    };
    let is_ended = evaluation.run(&site.directives, true, &spot.path.sample(), 0);
    if !is_ended && !site.is_fragment {
        // Nothing answers: an empty 200.
        evaluation.answer.status = Status::Own(200);
    }
    evaluation.done()
}

/// The place of a directive in the order, those for one path first, those for all last.
fn rank(directive: &Directive, site: &Site<'_>) -> (usize, core::cmp::Reverse<usize>, bool) {
    let at = ORDER.iter().position(|names| names.contains(&directive.name.as_str())).unwrap_or(ORDER.len());
    (
        at,
        core::cmp::Reverse(path_length(directive, site)),
        token(directive).is_none_or(|token| token.text == "*"),
    )
}

/// The length of the only path that a directive is for.
fn path_length(directive: &Directive, site: &Site<'_>) -> usize {
    let Some(token) = token(directive) else { return 0 };
    match token.text.strip_prefix('@') {
        None if token.text == "*" => 0,
        None => token.text.len(),
        Some(name) => match site.matchers.get(name).map(|it| (it.word(0), it.words.len())) {
            Some(("path", 2)) => site.matchers.get(name).map_or(0, |it| it.word(1).len()),
            _ => 0,
        },
    }
}

impl Evaluation<'_> {
    /// Runs directives; whether one of them has answered.
    fn run(&mut self, directives: &[&Directive], is_ordered: bool, path: &str, depth: usize) -> bool {
        if depth == MOST_DEPTH {
            return false;
        }
        let mut directives: Vec<_> = directives
            .iter()
            .filter(|it| ORDER.iter().any(|names| names.contains(&it.name.as_str())))
            .collect();
        if is_ordered {
            directives.sort_by_key(|directive| rank(directive, self.site));
        }
        let mut is_handled = false;
        for directive in directives {
            let is_handle = matches!(directive.name.as_str(), "handle" | "handle_path");
            if is_handle && is_handled {
                continue;
            }
            let mut matching =
                Matching { site: self.site, asking: self.asking, path, groups: &mut self.groups };
            match matching.is_for(directive) {
                Some(true) => {}
                Some(false) => continue,
                None => {
                    let what = match token(directive) {
                        Some(token) => format!("the matcher `{}`", crate::shown::line(&token.text)),
                        None => "a matcher".to_owned(),
                    };
                    self.answer.doubt(what, is_about_cors(directive), &directive.place);
                    continue;
                }
            }
            is_handled |= is_handle;
            if self.one(directive, path, depth) {
                return true;
            }
        }
        false
    }

    fn one(&mut self, directive: &Directive, path: &str, depth: usize) -> bool {
        let inner: Vec<_> = directive.block().iter().collect();
        let words = directive.words.get(usize::from(token(directive).is_some())..).unwrap_or_default();
        match directive.name.as_str() {
            "header" => {
                self.header(directive, words);
                false
            }
            "handle" => self.run(&inner, true, path, depth + 1),
            "handle_path" => {
                let begin = token(directive).map_or("", |token| token.text.trim_end_matches(['*', '/']));
                let rest = path.strip_prefix(begin).unwrap_or(path).to_owned();
                self.run(&inner, true, &rest, depth + 1)
            }
            "route" => self.run(&inner, false, path, depth + 1),
            "redir" => self.ends(Status::Own(302)),
            "abort" => {
                self.answer.headers.clear();
                self.ends(Status::Own(444))
            }
            "error" => {
                self.ends(Status::Own(words.iter().find_map(|word| word.text.parse().ok()).unwrap_or(500)))
            }
            "respond" => {
                let own = directive.block().iter().find(|it| it.is("status")).map(|it| it.word(0));
                let is_status = |word: &&Word| word.text.len() == 3 && word.text.parse::<u16>().is_ok();
                let status = words.iter().rfind(is_status).map(|word| word.text.as_str()).or(own);
                self.ends(Status::Own(status.and_then(|status| status.parse().ok()).unwrap_or(200)))
            }
            // A preflight has no password.
            "basicauth" | "basic_auth" => self.asking.is_preflight && self.ends(Status::Own(401)),
            "file_server" => match self.asking.method {
                "GET" | "HEAD" => true,
                _ => self.ends(Status::Own(405)),
            },
            _ => {
                for line in directive.block().iter().filter(|it| it.is("header_down")) {
                    self.field(&line.words, &line.place, 0, false);
                }
                true
            }
        }
    }

    fn ends(&mut self, status: Status) -> bool {
        self.answer.status = status;
        true
    }

    fn header(&mut self, directive: &Directive, words: &[Word]) {
        let length = path_length(directive, self.site);
        let is_deferred = directive.block().iter().any(|it| it.is("defer"));
        if !words.is_empty() {
            self.field(words, &directive.place, length, is_deferred);
        }
        for line in directive.block().iter().filter(|it| !it.is("defer")) {
            let name = Word {
                text: line.name.clone(),
                is_quoted: false,
                is_template: false,
                place: line.place.clone(),
            };
            let words: Vec<_> = core::iter::once(name).chain(line.words.iter().cloned()).collect();
            self.field(&words, &line.place, length, is_deferred);
        }
    }

    /// `[+|-|?|>]field [value|find] [replace]`.
    fn field(&mut self, words: &[Word], place: &Place, length: usize, is_deferred: bool) {
        let Some(first) = words.first() else { return };
        let (operation, name) = match first.text.chars().next() {
            Some(sign @ ('+' | '-' | '?' | '>')) => (sign, first.text.get(1..).unwrap_or_default()),
            _ => (if is_deferred { '>' } else { '=' }, first.text.as_str()),
        };
        let name = name.trim_end_matches(':').to_ascii_lowercase();
        let is_family = name.ends_with('*') && name.starts_with("access-control");
        if !HEADERS.contains(&name.as_str()) && !is_family {
            return;
        }
        let value = match words.get(1) {
            _ if words.len() > 2 => Err("a replacement in a header".to_owned()),
            Some(word) => self.filled(word),
            None => Ok(String::new()),
        };
        let place = words.get(1).map_or(place, |word| &word.place).clone();
        let mut sent = Sent { name: name.clone(), value, place, on_errors: true };
        let is_same = |other: &Sent| match name.strip_suffix('*') {
            Some(begin) => other.name.starts_with(begin),
            None => other.name == name,
        };
        match operation {
            '-' => self.at_end.push((AtEnd::Remove, sent)),
            '?' => self.at_end.push((AtEnd::IfAbsent, sent)),
            '>' => self.at_end.push((AtEnd::Set, sent)),
            '+' => self.answer.headers.push(sent),
            _ => {
                // Which of two paths comes first depends on the version.
                let before = self.lengths.get(&name);
                let is_other = before.is_some_and(|it| it.are_several || it.first != length);
                if is_other && self.answer.headers.iter().any(|it| it.name == name && it.value != sent.value)
                {
                    sent.value = Err(
                        "two `header` directives for different paths, whose order depends on the version"
                            .to_owned(),
                    );
                }
                self.answer.headers.retain(|other| !is_same(other));
                self.answer.headers.push(sent);
                let lengths = self.lengths.entry(name);
                lengths.or_insert(Lengths { first: length, are_several: false }).are_several |= is_other;
            }
        }
    }

    /// A value with its placeholders filled in.
    fn filled(&self, word: &Word) -> Result<String, String> {
        if word.is_template {
            return Err("a template".to_owned());
        }
        let mut value = String::new();
        let mut rest = word.text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            value.push_str(before);
            let Some((name, behind)) = after.split_once('}') else {
                return Err("a placeholder without its end".to_owned());
            };
            value.push_str(&self.placeholder(name)?);
            rest = behind;
        }
        value.push_str(rest);
        Ok(value)
    }

    fn placeholder(&self, name: &str) -> Result<String, String> {
        let lower = name.to_ascii_lowercase();
        if let Some(name) = name.strip_prefix('$').or(name.strip_prefix("env.")) {
            let name = name.split(':').next().unwrap_or_default();
            return Err(format!("the environment variable `{}`", crate::shown::name(name)));
        }
        let field = lower.strip_prefix("http.request.header.").or(lower.strip_prefix("header."));
        if let Some(value) = field.and_then(|field| header(field, self.asking)) {
            return Ok(value);
        }
        if matches!(lower.as_str(), "method" | "http.request.method") {
            return Ok(self.asking.method.to_owned());
        }
        if let Some(group) = name.strip_prefix("re.").or(name.strip_prefix("http.regexp.")) {
            let (expression, group) = group.rsplit_once('.').unwrap_or(("", group));
            return match self.groups.get(expression) {
                Some((names, text)) if names.iter().any(|name| name == group) => Ok(text.clone()),
                Some(_) => Err("a part of a text that a regular expression finds".to_owned()),
                None => Ok(String::new()),
            };
        }
        Err(format!("the placeholder `{{{}}}`", crate::shown::line(name)))
    }

    fn done(mut self) -> Answer {
        for (when, sent) in core::mem::take(&mut self.at_end) {
            let begin = sent.name.strip_suffix('*');
            let is_same = |other: &Sent| match begin {
                Some(begin) => other.name.starts_with(begin),
                None => other.name == sent.name,
            };
            let is_there = self.answer.headers.iter().any(is_same);
            if when != AtEnd::IfAbsent {
                self.answer.headers.retain(|other| !is_same(other));
            }
            if when == AtEnd::Set || when == AtEnd::IfAbsent && !is_there {
                self.answer.headers.push(sent);
            }
        }
        self.answer
    }
}

/// Whether a directive, or one in its block, is about CORS headers.
fn is_about_cors(directive: &Directive) -> bool {
    let mut open = vec![directive];
    while let Some(directive) = open.pop() {
        let words = core::iter::once(directive.name.as_str())
            .chain(directive.words.iter().map(|word| word.text.as_str()));
        let is_field = |word: &str| {
            word.trim_start_matches(['+', '-', '?', '>']).to_ascii_lowercase().starts_with("access-control-")
        };
        if words.into_iter().any(is_field) {
            return true;
        }
        open.extend(directive.block());
    }
    false
}
