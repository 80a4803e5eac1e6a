//! The part of Apache's expressions (ap_expr) that asks about the origin and the method.

use crate::expression::Expression;
use crate::place::Place;
use crate::server::pages::{ASKED_HEADERS, ASKED_METHOD, Asking};

/// Parentheses are followed so deep.
const MOST_DEPTH: usize = 20;

/// A word of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// `%{…}`
    Variable(String),
    /// A text in quotation marks, or a bare word.
    Text(String),
    /// `m#…#` and `/…/`
    Pattern(String, bool),
    /// `==`, `&&`, `(` and the like.
    Sign(&'static str),
}

const SIGNS: [&str; 15] = ["==", "!=", "=~", "!~", "&&", "||", "(", ")", "{", "}", ",", "=", "!", "-n", "-z"];

/// Whether an expression holds; `None` if that cannot be told.
pub(super) fn holds(text: &str, asking: &Asking<'_>, place: &Place) -> Option<bool> {
    let tokens = tokens(text)?;
    let mut reader = Reader { tokens: &tokens, asking, place };
    let value = reader.either(0)?;
    reader.tokens.is_empty().then_some(value)
}

/// What a variable stands for, if it is one that is known.
pub(super) fn variable(name: &str, asking: &Asking<'_>) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let header = ["http:", "req:", "req_novary:"].iter().find_map(|before| lower.strip_prefix(before));
    match header.unwrap_or_default() {
        "origin" => return Some(asking.origin().to_owned()),
        "access-control-request-headers" => return Some(asking.asked(ASKED_HEADERS)),
        "access-control-request-method" => return Some(asking.asked(ASKED_METHOD)),
        _ => {}
    }
    match lower.as_str() {
        "request_method" => Some(asking.method.to_owned()),
        "http_origin" => Some(asking.origin().to_owned()),
        // The gateway and its pages speak HTTPS.
        "https" => Some("on".to_owned()),
        "request_scheme" => Some("https".to_owned()),
        "server_port" => Some("443".to_owned()),
        _ => None,
    }
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let until = |begin: usize, end: char| {
            let inner = rest.get(begin..)?;
            let length = inner.find(end)?;
            Some((inner.get(..length)?.to_owned(), inner.get(length + end.len_utf8()..)?))
        };
        if rest.starts_with("%{") {
            let (name, behind) = until(2, '}')?;
            tokens.push(Token::Variable(name));
            rest = behind;
        } else if matches!(first, '"' | '\'') {
            let (text, behind) = until(1, first)?;
            // Variables within texts are not filled in.
            if text.contains("%{") {
                return None;
            }
            tokens.push(Token::Text(text));
            rest = behind;
        } else if first == '/'
            || first == 'm'
                && rest.get(1..2).is_some_and(|it| !it.bytes().all(|it| it.is_ascii_alphanumeric()))
        {
            let begin = if first == '/' { 1 } else { 2 };
            let fence = rest.get(begin - 1..begin)?.chars().next()?;
            let (pattern, behind) = until(begin, fence)?;
            let flags = behind.len() - behind.trim_start_matches(|it: char| it.is_ascii_alphabetic()).len();
            let ignores_case = match behind.get(..flags)? {
                "" => false,
                "i" => true,
                _ => return None,
            };
            tokens.push(Token::Pattern(pattern, ignores_case));
            rest = behind.get(flags..)?;
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            tokens.push(Token::Sign(sign));
            rest = rest.get(sign.len()..)?;
        } else {
            let end =
                rest.find(|it: char| it.is_whitespace() || "()=!&|,{}'\"".contains(it)).unwrap_or(rest.len());
            let word = rest.get(..end).filter(|word| !word.is_empty())?;
            rest = rest.get(end..)?;
            tokens.push(match word.to_ascii_lowercase().as_str() {
                "and" => Token::Sign("&&"),
                "or" => Token::Sign("||"),
                "not" => Token::Sign("!"),
                "-in" | "in" => Token::Sign("in"),
                "eq" => Token::Sign("=="),
                _ => Token::Text(word.to_owned()),
            });
        }
        rest = rest.trim_start();
    }
    Some(tokens)
}

struct Reader<'r> {
    tokens: &'r [Token],
    asking: &'r Asking<'r>,
    place: &'r Place,
}

impl<'r> Reader<'r> {
    fn take(&mut self) -> Option<&'r Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    fn takes(&mut self, sign: &str) -> bool {
        let is = matches!(self.tokens.first(), Some(Token::Sign(own)) if *own == sign);
        if is {
            self.take();
        }
        is
    }

    fn either(&mut self, depth: usize) -> Option<bool> {
        let mut value = self.both(depth)?;
        while self.takes("||") {
            value |= self.both(depth)?;
        }
        Some(value)
    }

    fn both(&mut self, depth: usize) -> Option<bool> {
        let mut value = self.one(depth)?;
        while self.takes("&&") {
            value &= self.one(depth)?;
        }
        Some(value)
    }

    fn one(&mut self, depth: usize) -> Option<bool> {
        if depth > MOST_DEPTH {
            return None;
        }
        if self.takes("!") {
            return self.one(depth + 1).map(|value| !value);
        }
        if self.takes("(") {
            let value = self.either(depth + 1)?;
            return self.takes(")").then_some(value);
        }
        for (sign, wanted) in [("-n", false), ("-z", true)] {
            if self.takes(sign) {
                let value = self.value()?;
                return Some(self.asking.is(&value, "", self.place)? == wanted);
            }
        }
        let left = self.value()?;
        let Token::Sign(sign) = self.take()? else { return None };
        match *sign {
            "==" | "=" | "!=" => {
                let right = self.value()?;
                let is = match right == self.asking.origin() {
                    true => self.asking.is(&right, &left, self.place)?,
                    false => self.asking.is(&left, &right, self.place)?,
                };
                Some(is == (*sign != "!="))
            }
            "=~" | "!~" => {
                let Token::Pattern(pattern, ignores_case) = self.take()? else { return None };
                let expression = Expression::pcre(pattern, *ignores_case).ok()?;
                Some(self.asking.matches(&left, &expression, self.place)? == (*sign == "=~"))
            }
            "in" => {
                let mut is_in = false;
                if !self.takes("{") {
                    return None;
                }
                loop {
                    let text = self.value()?;
                    is_in |= self.asking.is(&left, &text, self.place)?;
                    if !self.takes(",") {
                        break;
                    }
                }
                self.takes("}").then_some(is_in)
            }
            _ => None,
        }
    }

    fn value(&mut self) -> Option<String> {
        match self.take()? {
            Token::Variable(name) => variable(name, self.asking),
            // `req('Origin')`
            Token::Text(name) if matches!(name.as_str(), "req" | "http") && self.takes("(") => {
                let Token::Text(header) = self.take()? else { return None };
                let value = variable(&format!("req:{header}"), self.asking);
                if self.takes(")") { value } else { None }
            }
            Token::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
}
