//! Patterns of paths, as `PathPattern` and `AntPathMatcher` of Spring match them: `?` is one character, `*` a part of a
//! segment, `**` any number of segments, and `{name}` a segment.

use crate::model::PathSaid;

/// What a pattern is for.
pub(super) fn said(pattern: &str) -> PathSaid {
    let path = match pattern.starts_with('/') || pattern.is_empty() {
        true => pattern.to_owned(),
        false => format!("/{pattern}"),
    };
    let other = |nearest: Option<String>| PathSaid::Other { text: path.clone(), nearest };
    if path.contains("${") || path.contains("#{") {
        return PathSaid::Other { text: "that of a placeholder".to_owned(), nearest: None };
    }
    if path.is_empty() || path == "/" {
        return PathSaid::Exact("/".to_owned());
    }
    let Some(end) = path.find(['*', '?', '{', '\\']) else {
        return match path.ends_with('/') {
            // A route has no slash at its end, and these have no other.
            true => other(None),
            false => PathSaid::Exact(path),
        };
    };
    let (before, rest) = path.split_at_checked(end).unwrap_or_default();
    let is_all_below = rest == "**" || rest.starts_with("{*") && rest.ends_with('}') && !rest.contains('/');
    match before.strip_suffix('/') {
        Some("") if is_all_below => PathSaid::All,
        Some(prefix) if is_all_below => PathSaid::Prefix(prefix.to_owned()),
        _ => {
            let segments = before.rsplit_once('/').map(|(segments, _)| segments).unwrap_or_default();
            other(Some(format!("{segments}/*")))
        }
    }
}

/// The pattern of a method below that of its class (`PathPattern.combine`).
pub(super) fn combined(class: &str, method: &str) -> String {
    let class = class.strip_suffix("/*").unwrap_or(class);
    match (class.trim_end_matches('/'), method.trim_start_matches('/')) {
        ("", method) => format!("/{method}"),
        (class, "") => class.to_owned(),
        (class, method) => format!("{class}/{method}"),
    }
}

/// A path below that of the program.
pub(super) fn below(base: &str, pattern: &str) -> String {
    let base = base.trim_matches('/');
    if base.is_empty() { pattern.to_owned() } else { combined(&format!("/{base}"), pattern) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_said_exactly_or_not_at_all() {
        let other = |text: &str, nearest: &str| PathSaid::Other {
            text: text.to_owned(),
            nearest: Some(nearest.to_owned()),
        };
        for (pattern, expected) in [
            ("/**", PathSaid::All),
            ("**", PathSaid::All),
            ("/{*path}", PathSaid::All),
            ("/api/**", PathSaid::Prefix("/api".to_owned())),
            ("/api/{*rest}", PathSaid::Prefix("/api".to_owned())),
            ("/api", PathSaid::Exact("/api".to_owned())),
            ("api/x", PathSaid::Exact("/api/x".to_owned())),
            ("", PathSaid::Exact("/".to_owned())),
            ("/*", other("/*", "/*")),
            ("/api/*", other("/api/*", "/api/*")),
            ("/api/{id}", other("/api/{id}", "/api/*")),
            ("/api/**/x", other("/api/**/x", "/api/*")),
            ("/api**", other("/api**", "/*")),
            ("/{id}/**", other("/{id}/**", "/*")),
            ("/a?c", other("/a?c", "/*")),
        ] {
            assert_eq!(said(pattern), expected, "{pattern}");
        }
        for (class, method, expected) in [
            ("/books", "/{id}", "/books/{id}"),
            ("/books/", "list", "/books/list"),
            ("/books", "", "/books"),
            ("", "/x", "/x"),
            ("", "", "/"),
            ("/books/*", "/x", "/books/x"),
        ] {
            assert_eq!(combined(class, method), expected, "{class} {method}");
        }
    }
}
