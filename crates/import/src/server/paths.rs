//! Paths of a policy for regular expressions that match exactly them.

use regex_syntax::hir::{Hir, HirKind, Look};

use crate::expression::Expression;
use crate::model::PathSaid;

const MOST_PATHS: usize = 16;

/// The paths that an expression matches, if a policy can name them: `^/api/` and `^/(a|b)$`.
pub(super) fn of_expression(expression: &Expression) -> Option<Vec<PathSaid>> {
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
            // Without a slash, `/apix` matches as well.
            true => path.ends_with('/').then_some(PathSaid::Prefix(path)),
        })
        .collect()
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
        && matches!(part.kind(), HirKind::Class(regex_syntax::hir::Class::Bytes(class)) if class.ranges().len() == 1
            && class.ranges().iter().all(|range| range.start() == 0 && range.end() == 255))
}

/// The texts that a part matches.
fn texts(part: &Hir) -> Option<Vec<String>> {
    match part.kind() {
        HirKind::Empty => Some(vec![String::new()]),
        HirKind::Literal(literal) => Some(vec![String::from_utf8(literal.0.to_vec()).ok()?]),
        HirKind::Capture(capture) => texts(&capture.sub),
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
            ("^/api", None),
            ("/api/", None),
            (r"\.woff2?$", None),
            ("^/v[0-9]+/", None),
            ("^/api/[a-z]*$", None),
        ] {
            let expression = Expression::pcre(source, false).expect(source);
            assert_eq!(of_expression(&expression), paths, "{source}");
        }
    }
}
