//! Paths of a policy for regular expressions that match exactly them.

use corsgate_policy::path::PathPattern;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use crate::expression::Expression;
use crate::model::PathSaid;

const MOST_PATHS: usize = 16;

/// The paths that an expression matches, if a policy can name them: `^/api/` and `^/(a|b)$`.
pub(crate) fn of_expression(expression: &Expression) -> Option<Vec<PathSaid>> {
    let mut begins = vec![String::new()];
    let parts: &[Hir] = match expression.syntax().kind() {
        HirKind::Concat(parts) => parts,
        _ => return None,
    };
    let (first, mut rest) = parts.split_first()?;
    if *first.kind() != HirKind::Look(Look::Start) {
        return None;
    }
    let is_end = rest.last().is_some_and(|last| *last.kind() == HirKind::Look(Look::End));
    if is_end {
        rest = rest.split_last()?.1;
    }
    // Whatever follows: `.*`.
    let is_any = |part: &Hir| match part.kind() {
        HirKind::Repetition(it) => {
            it.min == 0 && it.max.is_none() && it.sub.properties().minimum_len() == Some(1) && is_dot(&it.sub)
        }
        _ => false,
    };
    let mut is_open = !is_end;
    if let Some((last, before)) = rest.split_last()
        && is_any(strip(last))
    {
        is_open = true;
        rest = before;
    }
    for part in rest {
        let texts = texts(part)?;
        if begins.len() * texts.len() > MOST_PATHS {
            return None;
        }
        begins =
            begins.iter().flat_map(|begin| texts.iter().map(move |text| format!("{begin}{text}"))).collect();
    }
    begins
        .into_iter()
        .map(|path| match is_open {
            false => Some(PathSaid::Exact(path)),
            true if path == "/" => Some(PathSaid::All),
            // Without a slash at its end, `/apix` matches as well: that is left to the source.
            true => path.starts_with('/').then_some(PathSaid::Prefix(path)),
        })
        .collect()
}

/// The paths of an expression that has to match a path from its beginning: those that a policy can name, or the nearest.
pub(crate) fn from_beginning(text: &str, is_whole: bool) -> Vec<PathSaid> {
    let end = if is_whole { "$" } else { "" };
    let anchored = format!("^(?:{text}){end}");
    let found = Expression::pcre(&anchored, false).ok().and_then(|it| of_expression(&it));
    found.unwrap_or_else(|| vec![PathSaid::Other { text: text.to_owned(), nearest: around(text) }])
}

/// The nearest path of a policy that has all paths of an expression, or of a path with parameters: the whole segments
/// before anything that could mean something else, if there are some. The expression has to match from the beginning of
/// the path.
pub(crate) fn around(text: &str) -> Option<String> {
    let text = text.strip_prefix('^').unwrap_or(text);
    let is_letter =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '/' | '-' | '_' | '~' | '%');
    let end = text.find(|letter| !is_letter(letter)).unwrap_or(text.len());
    let (letters, rest) = text.split_at_checked(end)?;
    // An alternative that is not in brackets may be any path.
    let mut depth = 0_usize;
    for letter in rest.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => return None,
            _ => {}
        }
    }
    // These may take back the letter before them. `{id}` is a parameter, `{2}` is not.
    let is_repeated = rest.starts_with(['?', '*'])
        || rest.strip_prefix('{').is_some_and(|count| count.starts_with(|it: char| it.is_ascii_digit()));
    let letters = if is_repeated { letters.get(..letters.len().saturating_sub(1))? } else { letters };
    let segments = letters.rsplit_once('/').filter(|_| letters.starts_with('/'))?.0;
    let path = format!("{segments}/*");
    (!segments.is_empty() && PathPattern::parse(&path).is_ok()).then_some(path)
}

fn strip(part: &Hir) -> &Hir {
    match part.kind() {
        HirKind::Capture(capture) => &capture.sub,
        _ => part,
    }
}

fn is_dot(part: &Hir) -> bool {
    matches!(part.kind(), HirKind::Class(class) if class.minimum_len() == Some(1) && class.literal().is_none())
        && !part.properties().is_literal()
        && matches!(part.kind(), HirKind::Class(Class::Bytes(class)) if class.ranges().len() == 1
            && class.ranges().iter().all(|range| range.start() == 0 && range.end() == 255))
}

/// The texts that a part matches.
fn texts(part: &Hir) -> Option<Vec<String>> {
    match part.kind() {
        HirKind::Empty => Some(vec![String::new()]),
        HirKind::Literal(literal) => Some(vec![String::from_utf8(literal.0.to_vec()).ok()?]),
        HirKind::Capture(capture) => texts(&capture.sub),
        // `(a|b)` is one as well.
        HirKind::Class(class) => {
            let letters: Vec<char> = match class {
                Class::Bytes(class) => {
                    let all = class.ranges().iter().flat_map(|range| range.start()..=range.end());
                    all.take(MOST_PATHS + 1).map(char::from).collect()
                }
                Class::Unicode(class) => {
                    let all = class.ranges().iter().flat_map(|range| range.start()..=range.end());
                    all.take(MOST_PATHS + 1).collect()
                }
            };
            let is_small = letters.len() <= MOST_PATHS && letters.iter().all(char::is_ascii);
            is_small.then(|| letters.into_iter().map(String::from).collect())
        }
        HirKind::Alternation(parts) => {
            let all: Option<Vec<_>> = parts.iter().map(texts).collect();
            Some(all?.concat())
        }
        HirKind::Concat(parts) => {
            let mut all = vec![String::new()];
            for part in parts {
                let next = texts(part)?;
                if all.len() * next.len() > MOST_PATHS {
                    return None;
                }
                all = all
                    .iter()
                    .flat_map(|begin| next.iter().map(move |text| format!("{begin}{text}")))
                    .collect();
            }
            Some(all)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_that_a_policy_names_are_found() {
        let prefix = |path: &str| PathSaid::Prefix(path.to_owned());
        let exact = |path: &str| PathSaid::Exact(path.to_owned());
        for (source, paths) in [
            ("^/api/", Some(vec![prefix("/api/")])),
            ("^/api/.*$", Some(vec![prefix("/api/")])),
            ("^/api/(.*)", Some(vec![prefix("/api/")])),
            ("^/(one|two)/", Some(vec![prefix("/one/"), prefix("/two/")])),
            ("^/status$", Some(vec![exact("/status")])),
            ("^/", Some(vec![PathSaid::All])),
            ("^/api", Some(vec![prefix("/api")])),
            ("^/(a|b)", Some(vec![prefix("/a"), prefix("/b")])),
            ("^api", None),
            ("/api/", None),
            (r"\.woff2?$", None),
            ("^/v[0-9]+/", None),
            ("^/api/[a-z]*$", None),
        ] {
            let expression = Expression::pcre(source, false).expect(source);
            assert_eq!(of_expression(&expression), paths, "{source}");
        }
    }

    #[test]
    fn the_nearest_path_has_all_that_an_expression_matches() {
        for (source, nearest) in [
            ("^/api/v[0-9]+/", Some("/api/*")),
            ("/users/:id/secrets", Some("/users/*")),
            ("/users/{id}", Some("/users/*")),
            ("/a/b{2}/c", Some("/a/*")),
            ("/a/{2}b", None),
            ("/a/?b", None),
            ("/a/*b", None),
            ("/a/b/?c", Some("/a/*")),
            ("^/admins?/x", None),
            ("^/api/(a|b)/c", Some("/api/*")),
            ("^/admin", None),
            ("/api/x|/other", None),
            (r"\.php$", None),
            ("(?i)/api/", None),
            ("", None),
        ] {
            assert_eq!(around(source).as_deref(), nearest, "{source}");
        }
    }
}
