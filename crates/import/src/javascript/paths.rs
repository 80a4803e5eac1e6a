//! The paths of routers, as far as a policy can say them.

use crate::model::PathSaid;

/// How a router takes a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// A prefix: `app.use("/api", …)` of Express.
    Mounted,
    /// A whole path with parameters and wildcards.
    Whole,
}

/// A path of Express, Hono, Koa, Next.js or Vercel.
pub(super) fn said(path: &str, style: Style) -> PathSaid {
    let all = matches!(path, "*" | "(.*)") || path.strip_prefix('/').is_some_and(is_everything);
    if all || style == Style::Mounted && matches!(path, "/" | "") {
        return PathSaid::All;
    }
    let end = path.find([':', '*', '(', '{', '[', '+', '?', '\\', '$', '|']);
    let Some(end) = end else {
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        return match style {
            Style::Mounted => PathSaid::Prefix(path.trim_end_matches('/').to_owned()),
            Style::Whole => PathSaid::Exact(path),
        };
    };
    let (before, rest) = path.split_at_checked(end).unwrap_or((path, ""));
    // A wildcard over everything below a segment.
    if before.ends_with('/') && is_everything(rest) {
        return PathSaid::Prefix(before.trim_end_matches('/').to_owned());
    }
    let segments = before.rsplit_once('/').map(|(segments, _)| segments).unwrap_or_default();
    PathSaid::Other { text: path.to_owned(), nearest: Some(format!("{segments}/*")) }
}

/// Whether it is a wildcard over whatever follows: `*`, `**`, `(.*)`, or one with a name, as in `:path*`, `*path` and
/// `{*path}`.
fn is_everything(text: &str) -> bool {
    let is_name =
        |name: &str| !name.is_empty() && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
    let braced = text.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
    matches!(text, "*" | "**" | "(.*)")
        || text.strip_prefix(':').and_then(|it| it.strip_suffix('*')).is_some_and(is_name)
        || braced.unwrap_or(text).strip_prefix('*').is_some_and(is_name)
}

/// A path below another, as a router is mounted.
pub(super) fn below(base: &PathSaid, path: PathSaid) -> PathSaid {
    let prefix = match base {
        PathSaid::All => return path,
        PathSaid::Prefix(prefix) => prefix.trim_end_matches('/').to_owned(),
        PathSaid::Exact(_) | PathSaid::Other { .. } => return base.clone(),
    };
    match path {
        PathSaid::All => PathSaid::Prefix(prefix),
        PathSaid::Exact(path) if path == "/" => PathSaid::Exact(prefix),
        PathSaid::Exact(path) => PathSaid::Exact(prefix + &path),
        PathSaid::Prefix(path) => PathSaid::Prefix(prefix + &path),
        PathSaid::Other { text, nearest } => PathSaid::Other {
            text: format!("{prefix}{text}"),
            nearest: nearest.map(|it| format!("{prefix}{it}")),
        },
    }
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
        for (path, style, expected) in [
            ("*", Style::Whole, PathSaid::All),
            ("/", Style::Mounted, PathSaid::All),
            ("/", Style::Whole, PathSaid::Exact("/".to_owned())),
            ("/api", Style::Mounted, PathSaid::Prefix("/api".to_owned())),
            ("/api", Style::Whole, PathSaid::Exact("/api".to_owned())),
            ("/api/*", Style::Whole, PathSaid::Prefix("/api".to_owned())),
            ("/api/:path*", Style::Whole, PathSaid::Prefix("/api".to_owned())),
            ("/blog/:post*", Style::Whole, PathSaid::Prefix("/blog".to_owned())),
            ("/blog/{*rest}", Style::Whole, PathSaid::Prefix("/blog".to_owned())),
            ("/:anything*", Style::Whole, PathSaid::All),
            ("/blog/:post+", Style::Whole, other("/blog/:post+", "/blog/*")),
            ("/products/:id", Style::Whole, other("/products/:id", "/products/*")),
            ("/a/b?", Style::Whole, other("/a/b?", "/a/*")),
            ("/:id", Style::Whole, other("/:id", "/*")),
            ("/api/v*/x", Style::Whole, other("/api/v*/x", "/api/*")),
        ] {
            assert_eq!(said(path, style), expected, "{path}");
        }
    }
}
