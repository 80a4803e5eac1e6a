//! What Apache answers to one request: the variables of `SetEnvIf` and `RewriteRule` first, then the headers of all
//! sections that apply, in the order in which they are merged.

use std::collections::HashMap;

use crate::expression::Expression;
use crate::place::Place;
use crate::server::answer::{Answer, Sent, Status};
use crate::server::apache::config::{Applied, Host, Section, Spot};
use crate::server::apache::expression::{holds, variable};
use crate::server::directive::{Directive, Word};
use crate::server::pages::Asking;

type Value = Result<String, String>;

struct Evaluation<'e> {
    asking: &'e Asking<'e>,
    answer: Answer,
    /// Variables that are set. `Err` is one of which that is not known.
    variables: HashMap<String, Value>,
    /// Headers of answers that Apache does not make itself.
    on_success: Vec<Sent>,
    always: Vec<Sent>,
}

/// The answer to a request for a spot.
pub(super) fn answer(host: &Host<'_>, spot: &Spot, asking: &Asking<'_>) -> Answer {
    let mut evaluation = Evaluation {
        asking,
        answer: Answer::default(),
        variables: HashMap::new(),
        on_success: Vec::new(),
        always: Vec::new(),
    };
    let mut applied = Vec::new();
    for one in &host.applied {
        if evaluation.applies(one, spot) {
            applied.push(one);
        }
    }
    for one in &applied {
        evaluation.set(one.directive);
    }
    evaluation.rewrite(&applied);
    for one in applied.iter().filter(|one| one.directive.is("Header")) {
        evaluation.header(one.directive);
    }
    if evaluation.answer.status == Status::Other && asking.is_preflight && asks_for_password(&applied, asking)
    {
        evaluation.answer.status = Status::Own(401);
    }
    // Answers that Apache makes itself have only those of `always`.
    let Evaluation { mut answer, on_success, always, .. } = evaluation;
    if answer.status == Status::Other {
        answer.headers = on_success;
    }
    answer.headers.extend(always);
    answer.headers.retain(|sent| sent.value.as_deref() != Ok(""));
    answer
}

/// Whether a request needs a password, which a preflight does not have.
fn asks_for_password(applied: &[&Applied<'_>], asking: &Asking<'_>) -> bool {
    applied.iter().any(|one| {
        let is_for = one.sections.iter().all(|section| match section {
            Section::Methods { are_listed, names } => {
                names.iter().any(|it| it == asking.method) == *are_listed
            }
            _ => true,
        });
        is_for
            && one.directive.is("Require")
            && matches!(one.directive.word(0), "valid-user" | "user" | "group")
    })
}

impl Evaluation<'_> {
    fn applies(&mut self, one: &Applied<'_>, spot: &Spot) -> bool {
        let directive = one.directive;
        for section in &one.sections {
            match section {
                Section::Methods { .. } => {}
                Section::If(text) => match holds(text, self.asking, &directive.place) {
                    Some(true) => {}
                    Some(false) => return false,
                    None => {
                        let what = format!("the condition `{}`", crate::shown::line(text));
                        self.answer.doubt(what, is_about_cors(directive), &directive.place);
                        return false;
                    }
                },
                Section::Doubt(what) => {
                    if is_about_cors(directive) {
                        self.answer.doubt(what.clone(), true, &directive.place);
                    }
                    return false;
                }
                other if spot.has(other) => {}
                _ => return false,
            }
        }
        true
    }

    /// `SetEnvIf`, `SetEnvIfNoCase`, `SetEnvIfExpr`, `SetEnv`.
    fn set(&mut self, directive: &Directive) {
        let place = &directive.place;
        let name = directive.name.to_ascii_lowercase();
        match name.as_str() {
            "setenv" => {
                self.variables.insert(directive.word(0).to_owned(), Ok(directive.word(1).to_owned()));
            }
            "unsetenv" => {
                self.variables.remove(directive.word(0));
            }
            "setenvif" | "setenvifnocase" => {
                let attribute = directive.word(0);
                let value = match attribute.to_ascii_lowercase().as_str() {
                    "request_method" => Some(self.asking.method.to_owned()),
                    lower => match self.variables.get(attribute) {
                        Some(known) => known.clone().ok(),
                        None => variable(&format!("req:{lower}"), self.asking),
                    },
                };
                let expression = Expression::pcre(directive.word(1), name.ends_with("nocase"));
                let matched = match (&value, &expression) {
                    (Some(value), Ok(expression)) => self.asking.matches(value, expression, place),
                    _ => None,
                };
                let what = match &expression {
                    Err(why) => format!("a regular expression with {why}"),
                    Ok(_) => format!("`SetEnvIf {}`", crate::shown::name(attribute)),
                };
                let groups = expression.as_ref().map(Expression::whole_groups).unwrap_or_default();
                let groups: Vec<_> = groups.into_iter().map(|(number, _)| number).collect();
                self.give(&directive.words, 2, matched, &value.unwrap_or_default(), &groups, &what);
            }
            "setenvifexpr" => {
                let matched = holds(directive.word(0), self.asking, place);
                self.give(&directive.words, 1, matched, "", &[], "`SetEnvIfExpr`");
            }
            _ => {}
        }
    }

    /// Gives variables their values: `NAME`, `!NAME` and `NAME=value`.
    fn give(
        &mut self,
        words: &[Word],
        from: usize,
        matched: Option<bool>,
        value: &str,
        groups: &[u32],
        what: &str,
    ) {
        for word in words.iter().skip(from) {
            let (name, given) = word.text.split_once('=').unwrap_or((word.text.as_str(), "1"));
            let (is_unset, name) = match name.strip_prefix('!') {
                Some(name) => (true, name),
                None => (false, name),
            };
            match matched {
                Some(false) => {}
                None => {
                    self.variables.insert(name.to_owned(), Err(what.to_owned()));
                }
                Some(true) if is_unset => {
                    self.variables.remove(name);
                }
                Some(true) => {
                    self.variables.insert(name.to_owned(), filled_groups(given, value, groups));
                }
            }
        }
    }

    /// `RewriteRule`, as far as it sets variables or answers by itself.
    fn rewrite(&mut self, applied: &[&Applied<'_>]) {
        let is_on = applied.iter().rfind(|one| one.directive.is("RewriteEngine"));
        if !is_on.is_some_and(|one| one.directive.word(0).eq_ignore_ascii_case("on")) {
            return;
        }
        let mut conditions: Vec<&Directive> = Vec::new();
        for one in applied {
            let directive = one.directive;
            if directive.is("RewriteCond") {
                conditions.push(directive);
            }
            if !directive.is("RewriteRule") {
                continue;
            }
            let (held, value, groups) = self.conditions(&core::mem::take(&mut conditions));
            let is_always = matches!(
                directive.word(0),
                "^" | ".*" | "^.*$" | "^(.*)$" | "(.*)" | "." | "^/(.*)$" | "^/?(.*)$" | "^/.*$"
            );
            let held = if is_always || held == Some(false) { held } else { None };
            if self.rule(directive, held, &value, &groups) {
                return;
            }
        }
    }

    /// Carries a `RewriteRule` out; whether it was the last.
    fn rule(&mut self, directive: &Directive, held: Option<bool>, value: &str, groups: &[u32]) -> bool {
        let mut status = None;
        let mut is_last = false;
        for flag in directive.word(2).trim_start_matches('[').trim_end_matches(']').split(',').map(str::trim)
        {
            let (name, given) = flag.split_once('=').unwrap_or((flag, ""));
            match name.to_ascii_uppercase().as_str() {
                "R" | "REDIRECT" => status = Some(given.parse().unwrap_or(302)),
                "F" | "FORBIDDEN" => status = Some(403),
                "G" | "GONE" => status = Some(410),
                "L" | "LAST" | "END" => is_last = true,
                "E" | "ENV" => {
                    let (name, given) = given.split_once(':').unwrap_or((given, ""));
                    match held {
                        Some(false) => {}
                        None => {
                            self.variables.insert(name.to_owned(), Err("`RewriteRule`".to_owned()));
                        }
                        Some(true) => {
                            let given = match given.strip_prefix("%{").and_then(|it| it.strip_suffix('}')) {
                                Some(name) => variable(name, self.asking)
                                    .ok_or_else(|| format!("the variable `{}`", crate::shown::line(name))),
                                None => filled_groups(&given.replace('%', "$"), value, groups),
                            };
                            self.variables.insert(name.to_owned(), given);
                        }
                    }
                }
                _ => {}
            }
        }
        match (held, status) {
            (Some(true), Some(status)) => {
                self.answer.status = Status::Own(status);
                true
            }
            (Some(true), None) => is_last,
            (None, Some(_)) => {
                self.answer.doubt("`RewriteRule`".to_owned(), false, &directive.place);
                false
            }
            _ => false,
        }
    }

    /// Whether all conditions hold, and what the last one matched.
    fn conditions(&self, conditions: &[&Directive]) -> (Option<bool>, String, Vec<u32>) {
        let mut all = Some(true);
        let mut either = Some(false);
        let (mut value, mut groups) = (String::new(), Vec::new());
        for directive in conditions {
            let flags = directive.word(2).to_ascii_uppercase();
            let is_or = flags.split([',', '[', ']']).any(|flag| matches!(flag.trim(), "OR" | "ORNEXT"));
            let ignores_case =
                flags.split([',', '[', ']']).any(|flag| matches!(flag.trim(), "NC" | "NOCASE"));
            let tested = directive.word(0).strip_prefix("%{").and_then(|it| it.strip_suffix('}'));
            let tested = tested.and_then(|name| variable(name, self.asking));
            let (is_not, pattern) = match directive.word(1).strip_prefix('!') {
                Some(pattern) => (true, pattern),
                None => (false, directive.word(1)),
            };
            let holds = tested.and_then(|tested| {
                let is = match pattern.strip_prefix('=') {
                    Some(text) => self.asking.is(&tested, text.trim_matches('"'), &directive.place)?,
                    None if pattern.starts_with(['-', '<', '>']) => return None,
                    None => {
                        let expression = Expression::pcre(pattern, ignores_case).ok()?;
                        let is = self.asking.matches(&tested, &expression, &directive.place)?;
                        if is && !is_not {
                            groups =
                                expression.whole_groups().into_iter().map(|(number, _)| number).collect();
                            value = tested;
                        }
                        is
                    }
                };
                Some(is != is_not)
            });
            either = any(either, holds);
            if !is_or {
                all = both(all, either);
                either = Some(false);
            }
        }
        (all, value, groups)
    }

    /// `Header [onsuccess|always] action name [value] [early|env=|expr=]`.
    fn header(&mut self, directive: &Directive) {
        let mut words = directive.words.iter().peekable();
        let first = words.peek().map_or("", |word| word.text.as_str());
        let is_always = first.eq_ignore_ascii_case("always");
        if is_always || first.eq_ignore_ascii_case("onsuccess") {
            words.next();
        }
        let Some(action) = words.next().map(|word| word.text.to_ascii_lowercase()) else { return };
        let Some(name) = words.next() else { return };
        let name = name.text.trim_end_matches(':').to_ascii_lowercase();
        if !name.starts_with("access-control-") {
            return;
        }
        let mut rest: Vec<_> = words.collect();
        let place = &directive.place;
        let takes_value = !matches!(action.as_str(), "unset" | "echo");
        let value = match takes_value && !rest.is_empty() {
            true => Some(rest.remove(0)),
            false => None,
        };
        // An expression, and what takes its place.
        if action.starts_with("edit") && !rest.is_empty() {
            rest.remove(0);
        }
        if let Some(condition) = rest.last() {
            match self.condition(&condition.text, place) {
                Some(true) => {}
                Some(false) => return,
                None => {
                    let what = format!("the condition `{}`", crate::shown::line(&condition.text));
                    self.answer.doubt(what, true, place);
                    return;
                }
            }
        }
        let value = value.map_or_else(|| Ok(String::new()), |word| self.filled(word));
        let table = if is_always { &mut self.always } else { &mut self.on_success };
        let existing = table.iter().position(|sent| sent.name == name);
        let sent = Sent { name: name.clone(), value, place: place.clone(), on_errors: is_always };
        match (action.as_str(), existing.and_then(|at| table.get_mut(at))) {
            ("set", _) => {
                table.retain(|sent| sent.name != name);
                table.push(sent);
            }
            ("unset", _) => table.retain(|sent| sent.name != name),
            ("add", _) | ("append" | "merge" | "setifempty", None) => table.push(sent),
            ("append" | "merge", Some(old)) => {
                old.value = match (&old.value, &sent.value) {
                    (Ok(old), Ok(new)) if action == "merge" && old.split(',').any(|it| it.trim() == new) => {
                        Ok(old.clone())
                    }
                    (Ok(old), Ok(new)) => Ok(format!("{old}, {new}")),
                    (Err(what), _) | (_, Err(what)) => Err(what.clone()),
                };
            }
            ("edit" | "edit*", Some(old)) => old.value = Err("`Header edit`".to_owned()),
            _ => {}
        }
    }

    /// The last word of a `Header`.
    fn condition(&self, text: &str, place: &Place) -> Option<bool> {
        if let Some(name) = text.strip_prefix("env=") {
            let (is_not, name) = match name.strip_prefix('!') {
                Some(name) => (true, name),
                None => (false, name),
            };
            return match self.variables.get(name) {
                Some(Err(_)) => None,
                known => Some(known.is_some() != is_not),
            };
        }
        match text.strip_prefix("expr=") {
            Some(expression) => holds(expression, self.asking, place),
            // `early` is for tests of programs.
            None => None,
        }
    }

    /// A value with its `%{NAME}e`.
    fn filled(&self, word: &Word) -> Value {
        if word.is_template {
            return Err("a template".to_owned());
        }
        if let Some(expression) = word.text.strip_prefix("expr=") {
            let name = expression.strip_prefix("%{").and_then(|it| it.strip_suffix('}'));
            return name
                .and_then(|name| variable(name, self.asking))
                .ok_or_else(|| format!("the expression `{}`", crate::shown::line(expression)));
        }
        let mut value = String::new();
        let mut rest = word.text.as_str();
        while let Some((before, after)) = rest.split_once('%') {
            value.push_str(before);
            if let Some(behind) = after.strip_prefix('%') {
                value.push('%');
                rest = behind;
                continue;
            }
            let named = after.strip_prefix('{').and_then(|after| after.split_once("}e"));
            let Some((name, behind)) = named.filter(|(name, _)| !name.contains('}')) else {
                return Err("a format of Apache".to_owned());
            };
            match self.variables.get(name) {
                Some(known) => value.push_str(&known.clone()?),
                // Apache writes so.
                None => value.push_str("(null)"),
            }
            rest = behind;
        }
        value.push_str(rest);
        Ok(value)
    }
}

/// A text with `$0` to `$9` filled in, of which only those are known that hold the whole value.
fn filled_groups(text: &str, value: &str, groups: &[u32]) -> Value {
    let mut filled = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let digit = letters.peek().and_then(|it| it.to_digit(10)).filter(|_| letter == '$');
        match digit {
            Some(digit) if groups.contains(&digit) => {
                filled.push_str(value);
                letters.next();
            }
            Some(_) => return Err("a part of a text that a regular expression finds".to_owned()),
            None => filled.push(letter),
        }
    }
    Ok(filled)
}

fn is_about_cors(directive: &Directive) -> bool {
    let name = directive.name.to_ascii_lowercase();
    match name.as_str() {
        "header" => {
            directive.words.iter().any(|word| word.text.to_ascii_lowercase().starts_with("access-control-"))
        }
        _ => name.starts_with("setenv"),
    }
}

fn both(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn any(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    both(one.map(|it| !it), other.map(|it| !it)).map(|it| !it)
}
