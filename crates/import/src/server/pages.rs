//! The pages that a configuration tells apart. Each origin that is named is a page of its own, and so is each
//! combination of the regular expressions that an origin may match. What is not known before, an evaluation adds, and
//! is then run again.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use corsgate_policy::origin::Origin;

use crate::expression::{Expression, Matched};
use crate::place::{Place, Said};

/// Stands for the page's origin in the values of an evaluation.
pub(super) const ORIGIN: &str = "\u{0}";
/// Stands for the names that a preflight asks for.
pub(super) const ASKED_HEADERS: &str = "\u{1}";
/// Stands for the method that a preflight asks for.
pub(super) const ASKED_METHOD: &str = "\u{2}";

/// More expressions than this are not told apart: each doubles the pages.
const MOST_EXPRESSIONS: usize = 8;
const MOST_ORIGINS: usize = 1000;

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// A page of this origin.
    Named(String),
    /// A page of any other origin, which matches these expressions.
    Like(Vec<bool>),
}

#[derive(Debug)]
enum Known {
    /// It matches origins that are named, and no others.
    Named,
    /// Its place among those that make pages.
    Free(usize),
}

/// The pages that are known so far.
#[derive(Debug, Default)]
pub(super) struct Pages {
    pub(super) origins: Vec<Said<String>>,
    named: HashSet<String>,
    pub(super) expressions: Vec<Said<Expression>>,
    /// The expressions that were met, by how they are written.
    known: Vec<(Expression, Known)>,
    matched: HashMap<(usize, String), bool>,
    /// Texts that the origin is compared with, and that no browser sends.
    pub(super) odd: Vec<Said<String>>,
    /// There are more than can be told apart.
    pub(super) are_too_many: bool,
    has_grown: bool,
}

impl Pages {
    pub(super) fn all(&self) -> Vec<Page> {
        let combinations = 1_usize << self.expressions.len().min(MOST_EXPRESSIONS);
        let bits = |number: usize| (0..self.expressions.len()).map(|at| number >> at & 1 == 1).collect();
        let like = (0..combinations).map(|number| Page::Like(bits(number)));
        self.origins.iter().map(|origin| Page::Named(origin.value.clone())).chain(like).collect()
    }

    /// Whether pages were added since it was asked before.
    pub(super) fn take_grown(&mut self) -> bool {
        core::mem::take(&mut self.has_grown)
    }

    /// Adds an origin that is named. What no browser sends is none.
    pub(super) fn name(&mut self, origin: &str, place: &Place) {
        if self.named.contains(origin) {
            return;
        }
        if origin != "null" && Origin::parse(origin).is_err() {
            let is_meant = origin.contains("://") && !self.odd.iter().any(|odd| odd.value == origin);
            if is_meant && self.odd.len() < MOST_ORIGINS {
                self.odd.push(Said::new(origin.to_owned(), place));
            }
            return;
        }
        if self.origins.len() == MOST_ORIGINS {
            self.are_too_many = true;
            return;
        }
        self.named.insert(origin.to_owned());
        self.origins.push(Said::new(origin.to_owned(), place));
        self.has_grown = true;
    }

    /// The place of an expression in the list of those that were met.
    fn number(&mut self, expression: &Expression, place: &Place) -> usize {
        if let Some(at) = self.known.iter().position(|(known, _)| known == expression) {
            return at;
        }
        let known = match expression.matched() {
            Matched::Exactly(patterns) if patterns.iter().all(|it| !it.contains('*')) => {
                for origin in &patterns {
                    self.name(origin, place);
                }
                Known::Named
            }
            _ if self.expressions.len() == MOST_EXPRESSIONS => {
                self.are_too_many = true;
                Known::Named
            }
            _ => {
                self.expressions.push(Said::new(expression.clone(), place));
                self.has_grown = true;
                Known::Free(self.expressions.len() - 1)
            }
        };
        self.known.push((expression.clone(), known));
        self.known.len() - 1
    }

    fn matches_text(&mut self, number: usize, text: &str) -> bool {
        let Some((expression, _)) = self.known.get(number) else { return false };
        *self.matched.entry((number, text.to_owned())).or_insert_with(|| expression.matches(text))
    }
}

/// A request that a page sends.
#[derive(Debug)]
pub(super) struct Asking<'p> {
    pub(super) pages: &'p RefCell<Pages>,
    pub(super) page: &'p Page,
    pub(super) method: &'p str,
    /// It is a preflight.
    pub(super) is_preflight: bool,
}

impl Asking<'_> {
    /// The value of `Origin`.
    pub(super) fn origin(&self) -> &str {
        match self.page {
            Page::Named(origin) => origin,
            Page::Like(_) => ORIGIN,
        }
    }

    /// What a preflight says in a header, and another request does not.
    pub(super) fn asked(&self, marker: &str) -> String {
        if self.is_preflight { marker.to_owned() } else { String::new() }
    }

    /// Whether a value is a text; `None` if that depends on more than the page.
    pub(super) fn is(&self, value: &str, text: &str, place: &Place) -> Option<bool> {
        if value == ORIGIN {
            self.pages.borrow_mut().name(text, place);
            return Some(false);
        }
        if text.is_empty() || !has_marker(value) {
            return Some(value == text);
        }
        // Something is before or after the origin: it names one if the rest is the same.
        if let Some((before, after)) =
            value.split_once(ORIGIN).filter(|(before, after)| !has_marker(before) && !has_marker(after))
        {
            if let Some(origin) = text.strip_prefix(before).and_then(|text| text.strip_suffix(after)) {
                self.pages.borrow_mut().name(origin, place);
            }
            return Some(false);
        }
        None
    }

    /// Whether an expression matches a value; `None` if that depends on more than the page.
    pub(super) fn matches(&self, value: &str, expression: &Expression, place: &Place) -> Option<bool> {
        let mut pages = self.pages.borrow_mut();
        if value != ORIGIN && has_marker(value) {
            return None;
        }
        if value != ORIGIN && !self.is_page(value) {
            // Not about origins: a method, or a text that the configuration has made.
            return Some(expression.matches(value));
        }
        let number = pages.number(expression, place);
        let free = match pages.known.get(number)? {
            (_, Known::Named) => None,
            (_, Known::Free(at)) => Some(*at),
        };
        match self.page {
            Page::Like(bits) if value == ORIGIN => Some(free.is_some_and(|at| bits.get(at) == Some(&true))),
            _ => Some(pages.matches_text(number, value)),
        }
    }

    fn is_page(&self, value: &str) -> bool {
        matches!(self.page, Page::Named(origin) if origin == value)
    }
}

/// Whether something in a value is not known.
pub(super) fn has_marker(value: &str) -> bool {
    value.contains(['\u{0}', '\u{1}', '\u{2}'])
}
