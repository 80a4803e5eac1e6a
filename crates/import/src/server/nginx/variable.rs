//! What variables stand for.

use std::collections::HashMap;

use crate::expression::Expression;
use crate::place::Place;
use crate::server::directive::{Directive, Word};
use crate::server::nginx::config::{Config, Map};
use crate::server::pages::{ASKED_HEADERS, ASKED_METHOD, Asking, ORIGIN, has_marker};

/// A value, or what it depends on, as a noun.
pub(super) type Value = Result<String, String>;

/// Maps of maps are followed so far.
const MOST_DEPTH: usize = 8;

/// The variables of a request.
#[derive(Clone)]
pub(super) struct Variables<'v, 't> {
    pub(super) config: &'v Config<'t>,
    pub(super) asking: &'v Asking<'v>,
    /// What `set` has given so far, and the groups of the last expression that matched.
    pub(super) known: HashMap<String, Value>,
}

impl Variables<'_, '_> {
    /// A text with its variables filled in.
    pub(super) fn filled(&self, word: &Word) -> Value {
        if word.is_template {
            return Err("a template".to_owned());
        }
        self.text(&word.text, &self.known, 0)
    }

    fn text(&self, text: &str, known: &HashMap<String, Value>, depth: usize) -> Value {
        let mut value = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            value.push_str(before);
            let (name, behind) = name(after);
            if name.is_empty() {
                value.push('$');
                rest = after;
                continue;
            }
            value.push_str(&self.variable(name, known, depth)?);
            rest = behind;
        }
        value.push_str(rest);
        Ok(value)
    }

    fn variable(&self, name: &str, known: &HashMap<String, Value>, depth: usize) -> Value {
        if let Some(value) = known.get(name) {
            return value.clone();
        }
        match name {
            "http_origin" => return Ok(self.asking.origin().to_owned()),
            // The gateway and its pages speak HTTPS.
            "scheme" => return Ok("https".to_owned()),
            "https" => return Ok("on".to_owned()),
            "request_method" => return Ok(self.asking.method.to_owned()),
            "http_access_control_request_headers" => return Ok(self.asking.asked(ASKED_HEADERS)),
            "http_access_control_request_method" => return Ok(self.asking.asked(ASKED_METHOD)),
            _ => {}
        }
        match self.config.maps.get(name) {
            Some(_) if depth == MOST_DEPTH => Err("maps of maps".to_owned()),
            Some(map) => self.mapped(map, known, depth + 1),
            None if name.bytes().all(|it| it.is_ascii_digit()) => Ok(String::new()),
            None if self.config.set.contains(name) => Ok(String::new()),
            None => Err(format!("the variable `${}`", crate::shown::name(name))),
        }
    }

    /// The value of a `map`: exact texts first, then the longest masks, then expressions in their order.
    fn mapped(&self, map: &Map<'_>, known: &HashMap<String, Value>, depth: usize) -> Value {
        let source = self.text(map.source, known, depth)?;
        let lower = source.to_ascii_lowercase();
        let has_masks = map.entries.iter().any(|entry| entry.name == "hostnames");
        let given = |entry: &Directive, known: &HashMap<String, Value>| match entry.words.first() {
            Some(word) if word.is_template => Err("a template".to_owned()),
            Some(word) => self.text(&word.text, known, depth),
            None => Ok(String::new()),
        };
        let mut masks = Vec::new();
        let mut expressions = Vec::new();
        let mut default = None;
        let mut found = None;
        for entry in map.entries {
            let key = entry.name.as_str();
            match key {
                "default" => default = Some(entry),
                "hostnames" | "volatile" if entry.words.is_empty() => {}
                "include" => return Err("a file that `map` includes".to_owned()),
                _ if key.contains('…') => return Err("a template".to_owned()),
                _ if key.starts_with('~') => expressions.push(entry),
                _ if has_masks && (key.starts_with("*.") || key.starts_with('.') || key.ends_with(".*")) => {
                    masks.push(entry);
                }
                _ => {
                    let text = key.strip_prefix('\\').unwrap_or(key);
                    // Most pages have an origin of their own, and maps may be long.
                    let is = match has_marker(&source) {
                        true => self.asking.is(&lower, &text.to_ascii_lowercase(), &entry.place),
                        false => Some(text.eq_ignore_ascii_case(&source)),
                    };
                    match is {
                        Some(true) => found = found.or(Some(entry)),
                        Some(false) => {}
                        None => return Err("a `map` of several variables".to_owned()),
                    }
                }
            }
        }
        if let Some(entry) = found {
            return given(entry, known);
        }
        masks.sort_by_key(|entry| (entry.name.ends_with(".*"), core::cmp::Reverse(entry.name.len())));
        for entry in masks {
            let expression = mask(&entry.name).map_err(str::to_owned)?;
            match self.asking.matches(&lower, &expression, &entry.place) {
                Some(true) => return given(entry, known),
                Some(false) => {}
                None => return Err("a `map` of several variables".to_owned()),
            }
        }
        for entry in expressions {
            let key = entry.name.trim_start_matches('~');
            let (key, ignores_case) = match entry.name.strip_prefix("~*") {
                Some(key) => (key, true),
                None => (key, false),
            };
            let expression = Expression::pcre(key, ignores_case)
                .map_err(|why| format!("a regular expression with {why}"))?;
            match self.asking.matches(&source, &expression, &entry.place) {
                Some(true) => {
                    let mut known = known.clone();
                    take_groups(&expression, &source, &mut known);
                    return given(entry, &known);
                }
                Some(false) => {}
                None => return Err("a `map` of several variables".to_owned()),
            }
        }
        default.map_or_else(|| Ok(String::new()), |entry| given(entry, known))
    }
}

/// A mask of `hostnames`, which knows only of dots.
fn mask(text: &str) -> Result<Expression, &'static str> {
    match (text.strip_prefix('*').or(text.strip_prefix('.').map(|_| text)), text.strip_suffix('*')) {
        (Some(end), _) => Expression::of_text(end, false, true),
        (None, Some(begin)) => Expression::of_text(begin, true, false),
        (None, None) => Err("a mask that is not read"),
    }
}

/// Takes the groups of an expression that has matched a text.
pub(super) fn take_groups(expression: &Expression, text: &str, known: &mut HashMap<String, Value>) {
    for number in 1..10 {
        known.insert(number.to_string(), Err("a part of a text that a regular expression finds".to_owned()));
    }
    for (number, name) in expression.whole_groups() {
        known.insert(number.to_string(), Ok(text.to_owned()));
        if let Some(name) = name {
            known.insert(name.to_owned(), Ok(text.to_owned()));
        }
    }
}

/// The name of a variable at the beginning of a text, and what is behind it.
fn name(text: &str) -> (&str, &str) {
    if let Some((name, behind)) = text.strip_prefix('{').and_then(|text| text.split_once('}')) {
        return (name, behind);
    }
    let end = text.find(|it: char| !(it.is_ascii_alphanumeric() || it == '_')).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or_default()
}

/// Whether a value is one of two: `0` and nothing are false.
pub(super) fn is_true(value: &str, asking: &Asking<'_>, place: &Place) -> Option<bool> {
    if value == ORIGIN {
        return Some(true);
    }
    Some(!(asking.is(value, "", place)? || asking.is(value, "0", place)?))
}
