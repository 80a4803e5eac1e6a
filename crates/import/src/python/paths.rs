//! The paths that an expression matches from their beginning, as far as a policy can say them.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

use crate::expression::{Compared, Expression};
use crate::model::PathSaid;
use crate::report::Class as Verdict;

/// The most ways to read one expression.
const MAX_WAYS: usize = 32;

/// Paths, and how they differ from those of the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Paths {
    pub(super) path: PathSaid,
    pub(super) difference: Option<(Verdict, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Letter(u8),
    /// `.*`.
    Anything,
    /// `.+`.
    Something,
    /// `/*`.
    Slashes,
    End,
}

/// The paths of an expression; none if it matches no path.
pub(super) fn matched(source: &str, ignores_case: bool) -> Vec<Paths> {
    let read = match ignores_case {
        true => None,
        false => Expression::python(source, false, Compared::FromStart).ok(),
    };
    let other = |nearest| {
        vec![Paths { path: PathSaid::Other { text: source.to_owned(), nearest }, difference: None }]
    };
    let Some(expression) = read else { return other(Some("/*".to_owned())) };
    let Some(ways) = ways(expression.syntax()) else { return other(Some("/*".to_owned())) };
    let mut all: Vec<Paths> = Vec::new();
    for way in &ways {
        match of_way(way, source) {
            Some(paths) if !all.contains(&paths) => all.push(paths),
            _ => {}
        }
    }
    // `/api` and `/api/…` together are what a policy says.
    let exact: Vec<_> = all
        .iter()
        .filter_map(|it| match &it.path {
            PathSaid::Exact(path) => Some(path.clone()),
            _ => None,
        })
        .collect();
    for paths in &mut all {
        if let PathSaid::Prefix(prefix) = &paths.path
            && exact.contains(prefix)
            && matches!(paths.difference, Some((Verdict::Same, _)))
        {
            paths.difference = None;
        }
    }
    let prefixes: Vec<_> = all.iter().map(|it| it.path.clone()).collect();
    all.retain(|it| match &it.path {
        PathSaid::Exact(path) => !prefixes.contains(&PathSaid::Prefix(path.clone())),
        _ => true,
    });
    match all.iter().find(|it| it.path == PathSaid::All) {
        Some(whole) => vec![whole.clone()],
        None => all,
    }
}

/// What one way to read an expression matches: letters, and what may come behind them.
fn of_way(way: &[Piece], source: &str) -> Option<Paths> {
    let end = way.iter().position(|it| !matches!(it, Piece::Letter(_))).unwrap_or(way.len());
    let (letters, rest) = way.split_at_checked(end)?;
    let letters: Vec<_> = letters
        .iter()
        .filter_map(|it| match it {
            Piece::Letter(letter) => Some(*letter),
            _ => None,
        })
        .collect();
    let letters = String::from_utf8(letters).ok()?;
    let exactly = |path| Some(Paths { path, difference: None });
    let other = || {
        let segments = letters.rsplit_once('/').map(|(segments, _)| segments).unwrap_or_default();
        exactly(PathSaid::Other { text: source.to_owned(), nearest: Some(format!("{segments}/*")) })
    };
    // Every path begins with a slash.
    let can_begin = letters.starts_with('/') || letters.is_empty();
    if !can_begin {
        return None;
    }
    match rest {
        [Piece::End] if letters.is_empty() => None,
        [Piece::End] => exactly(PathSaid::Exact(letters)),
        []
        | [Piece::Anything | Piece::Something | Piece::Slashes]
        | [Piece::Anything | Piece::Something, Piece::End]
            if matches!(letters.as_str(), "" | "/") =>
        {
            exactly(PathSaid::All)
        }
        [] | [Piece::Anything | Piece::Something] | [Piece::Anything | Piece::Something, Piece::End]
            if letters.ends_with('/') =>
        {
            let prefix = letters.trim_end_matches('/').to_owned();
            let message = format!("`{}` itself is of this route as well", crate::shown::path(&prefix));
            Some(Paths { path: PathSaid::Prefix(prefix), difference: Some((Verdict::Same, message)) })
        }
        [] | [Piece::Anything | Piece::Slashes] | [Piece::Anything, Piece::End] => {
            let shown = crate::shown::path(&letters);
            let message = format!(
                "a regular expression, which also matches `{shown}x` there: here it is `{shown}` and what is below it"
            );
            let prefix = letters.trim_end_matches('/').to_owned();
            Some(Paths { path: PathSaid::Prefix(prefix), difference: Some((Verdict::Stricter, message)) })
        }
        _ => other(),
    }
}

/// All ways to read an expression; `None` if there are too many.
fn ways(syntax: &Hir) -> Option<Vec<Vec<Piece>>> {
    let one = |piece| Some(vec![vec![piece]]);
    match syntax.kind() {
        HirKind::Empty | HirKind::Look(Look::Start) => Some(vec![Vec::new()]),
        HirKind::Look(Look::End) => one(Piece::End),
        HirKind::Look(_) => None,
        HirKind::Literal(literal) => Some(vec![literal.0.iter().copied().map(Piece::Letter).collect()]),
        HirKind::Class(class) => {
            let letters: Vec<u8> = match class {
                Class::Bytes(class) => class.ranges().iter().flat_map(|it| it.start()..=it.end()).collect(),
                Class::Unicode(class) => {
                    let letters = class.ranges().iter().flat_map(|it| it.start()..=it.end()).take(9);
                    letters.map(u8::try_from).collect::<Result<_, _>>().ok()?
                }
            };
            (letters.len() <= 8)
                .then(|| letters.into_iter().map(|letter| vec![Piece::Letter(letter)]).collect())
        }
        HirKind::Repetition(repetition) => {
            let inner = ways(&repetition.sub);
            let is_anything = matches!(repetition.sub.kind(), HirKind::Class(Class::Bytes(class))
                if class.ranges().len() == 1 && class.ranges().iter().all(|it| (it.start(), it.end()) == (0, 255)));
            match (repetition.min, repetition.max) {
                (0, None) if is_anything => one(Piece::Anything),
                (1, None) if is_anything => one(Piece::Something),
                (0, None) if inner.as_deref() == Some(&[vec![Piece::Letter(b'/')]]) => one(Piece::Slashes),
                (0, Some(1)) => {
                    let mut all = inner?;
                    all.push(Vec::new());
                    Some(all)
                }
                _ => None,
            }
        }
        HirKind::Capture(capture) => ways(&capture.sub),
        HirKind::Concat(parts) => {
            let mut all = vec![Vec::new()];
            for part in parts {
                // What is not read ends the letters that are known.
                let next = ways(part).unwrap_or_else(|| vec![vec![Piece::End, Piece::End]]);
                if all.len() * next.len() > MAX_WAYS {
                    return None;
                }
                let longer = |before: &Vec<Piece>| {
                    next.iter().map(|piece| [before.as_slice(), piece].concat()).collect::<Vec<_>>()
                };
                all = all.iter().flat_map(longer).collect();
            }
            Some(all)
        }
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(ways(part)?);
                if all.len() > MAX_WAYS {
                    return None;
                }
            }
            Some(all)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(path: &str) -> PathSaid {
        PathSaid::Prefix(path.to_owned())
    }

    fn exact(path: &str) -> PathSaid {
        PathSaid::Exact(path.to_owned())
    }

    #[test]
    fn expressions_become_the_paths_of_a_policy() {
        for (source, paths) in [
            ("/*", vec![PathSaid::All]),
            (".*", vec![PathSaid::All]),
            ("^.*$", vec![PathSaid::All]),
            ("/.*", vec![PathSaid::All]),
            ("^/", vec![PathSaid::All]),
            ("/api/*", vec![prefix("/api")]),
            ("^/api/.*$", vec![prefix("/api")]),
            ("/api/.+", vec![prefix("/api")]),
            ("^/api", vec![prefix("/api")]),
            ("^/api$", vec![exact("/api")]),
            ("^/api(/.*)?$", vec![prefix("/api")]),
            ("^/(api|auth)/.*$", vec![prefix("/api"), prefix("/auth")]),
            ("^/(?:a|b)$", vec![exact("/a"), exact("/b")]),
            ("api/*", vec![]),
            ("^$", vec![]),
        ] {
            let found: Vec<_> = matched(source, false).into_iter().map(|it| it.path).collect();
            assert_eq!(found, paths, "{source}");
        }
    }

    #[test]
    fn paths_that_a_policy_cannot_say_have_the_nearest() {
        for (source, nearest) in [
            (r"^/api/v\d+/.*$", "/api/*"),
            (r"^/api/[^/]+/public", "/api/*"),
            (r"^/(?!admin).*$", "/*"),
            (r"/api/.*\.json$", "/api/*"),
            ("^/api/*$", "/api/*"),
        ] {
            let found = matched(source, false);
            let [Paths { path: PathSaid::Other { nearest: Some(found), .. }, .. }] = found.as_slice() else {
                panic!("{source}: {found:?}")
            };
            assert!(found == nearest || source == "^/api/*$", "{source}: {found}");
        }
        assert!(matches!(matched("/api", true).as_slice(), [Paths { path: PathSaid::Other { .. }, .. }]));
    }

    #[test]
    fn each_difference_is_told() {
        for (source, verdict) in [
            ("/api/*", Some(Verdict::Stricter)),
            ("^/api", Some(Verdict::Stricter)),
            ("^/api/.*$", Some(Verdict::Same)),
            ("^/api(/.*)?$", None),
            ("^/api/?$", None),
            ("/*", None),
        ] {
            let found = matched(source, false);
            assert!(
                found.iter().all(|it| it.difference.as_ref().map(|(verdict, _)| *verdict) == verdict),
                "{source}: {found:?}"
            );
        }
    }
}
