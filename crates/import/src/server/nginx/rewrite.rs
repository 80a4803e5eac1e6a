//! Which paths of a location a `rewrite` is for, and where it leads (`ngx_http_rewrite_module`).

use crate::expression::Expression;
use crate::server::directive::Directive;
use crate::server::nginx::config::{Location, Matching, Server};

/// What an answer depends on, if a `rewrite` leads elsewhere.
pub(super) const WHAT: &str = "`rewrite`, which leads to another location";

/// More locations than this are not compared.
const MOST_TARGETS: usize = 50;

/// Which paths of a location a `rewrite` is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Concerns {
    None,
    /// Some, or it is not known which.
    Some,
    All,
}

/// Whether it sends the client elsewhere.
pub(super) fn is_redirect(directive: &Directive) -> bool {
    let to = directive.word(1);
    matches!(directive.word(2), "redirect" | "permanent")
        || ["http://", "https://", "$scheme"].iter().any(|scheme| to.starts_with(scheme))
}

/// Which paths of a location an expression matches.
pub(super) fn concerns(expression: &str, location: &Location<'_>) -> Concerns {
    let (begin, rest) = begin(expression);
    if is_anything(rest) && (begin.is_empty() || begin == "/") {
        return Concerns::All;
    }
    match location.matching {
        Matching::Exact => match Expression::pcre(expression, false) {
            Ok(expression) if expression.matches(&location.path) => Concerns::All,
            Ok(_) => Concerns::None,
            Err(_) => Concerns::Some,
        },
        Matching::Prefix | Matching::Only => {
            let path = location.path.as_str();
            match path.starts_with(&begin) {
                true if is_anything(rest) => Concerns::All,
                true => Concerns::Some,
                false if begin.starts_with(path) => Concerns::Some,
                false => Concerns::None,
            }
        }
        Matching::Expression { .. } if location.path == expression => Concerns::All,
        Matching::Expression { .. } | Matching::Named => Concerns::Some,
    }
}

/// The text that an expression begins with, if it is bound to the beginning of a path, and what is behind it.
fn begin(expression: &str) -> (String, &str) {
    let nothing = (String::new(), expression);
    let Some(mut rest) = expression.strip_prefix('^') else { return nothing };
    if has_choice(expression) {
        return nothing;
    }
    // The text so far, and what was behind the letter before.
    let mut begin = String::new();
    let mut before = rest;
    loop {
        let mut letters = rest.chars();
        let letter = match letters.next() {
            Some('\\') => match letters.next() {
                Some(escaped) if !escaped.is_alphanumeric() => escaped,
                _ => return (begin, rest),
            },
            // The letter before may be missing.
            Some('?' | '*' | '{') => {
                begin.pop();
                return (begin, before);
            }
            Some(letter) if !"^$.[]()+|".contains(letter) => letter,
            _ => return (begin, rest),
        };
        begin.push(letter);
        before = rest;
        rest = letters.as_str();
    }
}

/// Whether an expression has a `|` outside of its groups, or something that a look at its letters does not tell.
fn has_choice(expression: &str) -> bool {
    let mut depth = 0_usize;
    let mut letters = expression.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                letters.next();
            }
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => return true,
            _ => {}
        }
    }
    expression.contains("(?")
}

/// Whether the end of an expression matches any end of a path.
fn is_anything(rest: &str) -> bool {
    let rest = rest.strip_prefix('^').unwrap_or(rest);
    // A letter that may be missing does not matter before what matches anything.
    let mut letters = rest.chars();
    let rest = match (letters.next(), letters.next()) {
        (Some(letter), Some('?')) if !"\\.()[]".contains(letter) => letters.as_str(),
        _ => rest,
    };
    matches!(rest, "" | ".*" | "(.*)" | ".*$" | "(.*)$")
}

/// The locations that it may lead to; `None` if there are too many, or some are not known.
pub(super) fn targets<'s, 't>(
    directive: &Directive,
    server: &'s Server<'t>,
) -> Option<Vec<&'s Location<'t>>> {
    // Of a part of a server, the other locations are not known.
    let is_known = |target: &Location<'_>| !(server.is_fragment && target.is_server);
    let path = directive.word(1).split('?').next().unwrap_or_default();
    let (begin, is_whole) = match path.split_once('$') {
        Some((begin, _)) => (begin, false),
        None => (path, true),
    };
    if is_whole && begin.starts_with('/') {
        return server.locate(begin).filter(|only| is_known(only)).map(|only| vec![only]);
    }
    let is_prefix = |it: &&Location<'_>| matches!(it.matching, Matching::Prefix | Matching::Only);
    // Of the locations that have the beginning, the longest has what no other one has.
    let around = server.locations.iter().filter(is_prefix).filter(|it| begin.starts_with(&it.path));
    let around = around.max_by_key(|it| it.path.len());
    let may_be = |it: &&Location<'_>| match it.matching {
        Matching::Exact | Matching::Prefix | Matching::Only => {
            it.path.starts_with(begin) || around.is_some_and(|around| core::ptr::eq(*it, around))
        }
        Matching::Expression { .. } => true,
        Matching::Named => false,
    };
    let targets: Vec<_> = server.locations.iter().filter(may_be).take(MOST_TARGETS + 1).collect();
    let are_known = targets.len() <= MOST_TARGETS && targets.iter().all(|target| is_known(target));
    (!targets.is_empty() && are_known).then_some(targets)
}

#[cfg(test)]
mod tests {
    use super::{Concerns, concerns};
    use crate::place::Place;
    use crate::server::nginx::config::{Location, Matching};

    #[test]
    fn an_expression_concerns_the_paths_that_it_can_match() {
        for (expression, path, expected) in [
            ("^", "/api/", Concerns::All),
            ("^/(.*)$", "/api/", Concerns::All),
            ("^/api/(.*)$", "/api/", Concerns::All),
            ("^/api/?(.*)$", "/api/", Concerns::All),
            ("^/api", "/api/", Concerns::All),
            ("^/api(/.*)$", "/api/", Concerns::Some),
            ("^/api/(.*)$", "/api", Concerns::Some),
            ("^/api/v1/(.*)$", "/api/", Concerns::Some),
            ("^/api/(.+)$", "/api/", Concerns::Some),
            ("^/api/$", "/api/", Concerns::Some),
            ("^/api/(.*)$", "/", Concerns::Some),
            ("^/old/(.*)$", "/api/", Concerns::None),
            ("^/old/(.*)$|^/api/(.*)$", "/api/", Concerns::Some),
            ("^(?i)/API/(.*)$", "/api/", Concerns::Some),
            (r"^/a\.b/(.*)$", "/a.b/", Concerns::All),
            (r"\.php$", "/api/", Concerns::Some),
            ("^/apis*/(.*)$", "/api/", Concerns::Some),
        ] {
            let location = Location {
                matching: Matching::Prefix,
                path: path.to_owned(),
                place: Place::whole(""),
                levels: Vec::new(),
                is_server: false,
            };
            assert_eq!(concerns(expression, &location), expected, "{expression} {path}");
        }
    }
}
