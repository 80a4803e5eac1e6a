//! The requests that a directive is for.

use std::collections::HashMap;

use crate::expression::Expression;
use crate::server::caddy::site::{Path, Site};
use crate::server::directive::{Directive, Word};
use crate::server::pages::{ASKED_HEADERS, ASKED_METHOD, Asking};

/// `not` may be nested so deep.
const MOST_DEPTH: usize = 16;

/// The groups of the expressions that have matched, by name, with the text that they have matched.
pub(super) type Groups = HashMap<String, (Vec<String>, String)>;

pub(super) struct Matching<'m> {
    pub(super) site: &'m Site<'m>,
    pub(super) asking: &'m Asking<'m>,
    /// The path of the request.
    pub(super) path: &'m str,
    pub(super) groups: &'m mut Groups,
}

/// The matcher of a directive, if its first word is one.
pub(super) fn token(directive: &Directive) -> Option<&Word> {
    directive
        .words
        .first()
        .filter(|word| !word.is_quoted && (word.text == "*" || word.text.starts_with(['/', '@'])))
}

/// The value of a request header that is known.
pub(super) fn header(name: &str, asking: &Asking<'_>) -> Option<String> {
    match name.to_ascii_lowercase().as_str() {
        "origin" => Some(asking.origin().to_owned()),
        "access-control-request-method" => Some(asking.asked(ASKED_METHOD)),
        "access-control-request-headers" => Some(asking.asked(ASKED_HEADERS)),
        _ => None,
    }
}

impl Matching<'_> {
    /// Whether a directive is for the request; `None` if that cannot be told.
    pub(super) fn is_for(&mut self, directive: &Directive) -> Option<bool> {
        let Some(token) = token(directive) else { return Some(true) };
        match token.text.strip_prefix('@') {
            None => Some(Path::of(&token.text).has(self.path)),
            Some(name) => {
                let matcher = self.site.matchers.get(name).copied()?;
                match &matcher.block {
                    Some(block) => self.all(block, 0),
                    None => {
                        self.line(matcher.words.first()?.text.as_str(), matcher.words.get(1..)?, matcher, 0)
                    }
                }
            }
        }
    }

    /// All lines of a set hold. Lines about one header are alternatives.
    fn all(&mut self, lines: &[Directive], depth: usize) -> Option<bool> {
        let mut all = Some(true);
        let mut by_header: HashMap<String, Option<bool>> = HashMap::new();
        for line in lines {
            let one = self.line(&line.name, &line.words, line, depth);
            let is_alternative = line.is("header") && line.words.len() > 1;
            if is_alternative {
                let before = by_header.entry(line.word(0).to_ascii_lowercase()).or_insert(Some(false));
                *before = either(*before, one);
            } else {
                all = both(all, one);
            }
        }
        by_header.into_values().fold(all, both)
    }

    fn line(&mut self, name: &str, words: &[Word], directive: &Directive, depth: usize) -> Option<bool> {
        let word = |at: usize| words.get(at).map(|word| word.text.as_str());
        let place = &directive.place;
        match name {
            "path" => Some(words.iter().any(|word| Path::of(&word.text).has(self.path))),
            "method" => Some(words.iter().any(|word| word.text.eq_ignore_ascii_case(self.asking.method))),
            "protocol" => Some(word(0)? == "https"),
            "header" => {
                let field = word(0)?;
                if let Some(field) = field.strip_prefix('!') {
                    let value = header(field, self.asking)?;
                    return self.asking.is(&value, "", place);
                }
                let value = header(field, self.asking)?;
                let Some(wanted) = word(1) else { return Some(!self.asking.is(&value, "", place)?) };
                if words.iter().any(|word| word.is_template) {
                    return None;
                }
                let place = words.get(1).map_or(place, |word| &word.place);
                let is_empty = self.asking.is(&value, "", place)?;
                match (wanted.strip_prefix('*'), wanted.strip_suffix('*')) {
                    _ if is_empty => Some(false),
                    _ if wanted == "*" => Some(true),
                    (None, None) if wanted.contains('{') => None,
                    (None, None) => self.asking.is(&value, wanted, place),
                    (begin, end) => {
                        let text = wanted.trim_start_matches('*').trim_end_matches('*');
                        let expression = Expression::of_text(text, begin.is_none(), end.is_none()).ok()?;
                        self.asking.matches(&value, &expression, place)
                    }
                }
            }
            "header_regexp" => {
                let (group, field, pattern) = match words {
                    [field, pattern] => ("", field, pattern),
                    [group, field, pattern] => (group.text.as_str(), field, pattern),
                    _ => return None,
                };
                if pattern.is_template {
                    return None;
                }
                let value = header(&field.text, self.asking)?;
                let expression = Expression::pcre(&pattern.text, false).ok()?;
                let is = self.asking.matches(&value, &expression, place)?;
                if is {
                    let whole = expression.whole_groups().into_iter();
                    let names =
                        whole.flat_map(|(number, name)| [Some(number.to_string()), name.map(str::to_owned)]);
                    self.groups.insert(group.to_owned(), (names.flatten().collect(), value));
                }
                Some(is)
            }
            "not" if depth < MOST_DEPTH => {
                let inner = match &directive.block {
                    Some(block) => self.all(block, depth + 1),
                    None => self.line(word(0)?, words.get(1..)?, directive, depth + 1),
                };
                inner.map(|it| !it)
            }
            _ => None,
        }
    }
}

pub(super) fn both(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn either(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    both(one.map(|it| !it), other.map(|it| !it)).map(|it| !it)
}
