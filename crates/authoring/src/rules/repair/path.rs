//! Repairs paths of routes.

use corsgate_policy::path::{PathError, PathPattern};
use url::Url;

use super::{MAX_STEPS, Repair, consider, write};

/// Repairs a path, or advises what to write.
pub(super) fn repair(text: &str) -> Option<Repair> {
    let text = text.trim();
    if let Some(stem) = template(text) {
        return Some(consider(only_wildcard(stem)));
    }
    let has_slash = ["%2f", "%5c"].iter().any(|it| text.to_ascii_lowercase().contains(it));
    match plain(text) {
        Some(repaired) => Some(write(&repaired)),
        None if has_slash && PathPattern::parse(text) == Err(PathError::Escape) => Some(consider(
            "an encoded `/` or `\\` can only follow the path of a route: end the path before it with `/*`, and set `encoded_slashes = \"keep\"`",
        )),
        // A `/*` at the end is right, and not what is wrong.
        None => text
            .strip_suffix("/*")
            .unwrap_or(text)
            .find(['*', '(', '^', '$'])
            .map(|at| consider(only_wildcard(text.get(..at).unwrap_or_default()))),
    }
}

/// The part of a path before its first placeholder, in the notation of any common router.
pub(crate) fn template(path: &str) -> Option<&str> {
    let mut start = 0;
    for segment in path.split('/') {
        let named = segment.strip_prefix(':').is_some_and(|name| !name.is_empty());
        let enclosed = [("{", "}"), ("<", ">"), ("[", "]"), ("%7B", "%7D")].iter().any(|(open, close)| {
            segment.len() > open.len() && segment.starts_with(open) && segment.ends_with(close)
        });
        if named || enclosed {
            return path.get(..start);
        }
        start += segment.len() + 1;
    }
    None
}

/// Says which wildcard can follow a stem.
pub(crate) fn only_wildcard(stem: &str) -> String {
    let stem = stem.rsplit_once('/').map_or("", |(stem, _)| stem);
    let here = match PathPattern::parse(&format!("{stem}/*")) {
        Ok(_) => format!("{stem}/*"),
        Err(_) => "/api/*".to_owned(),
    };
    match here.strip_suffix("/*").unwrap_or_default() {
        "" => "`/*` at the end of a path is the only wildcard; alone it matches every path".to_owned(),
        prefix => {
            format!(
                "`/*` at the end is the only wildcard: `{here}` matches `{prefix}` and every path below it"
            )
        }
    }
}

/// Repairs one mistake after another until the text is a path.
fn plain(text: &str) -> Option<String> {
    let mut text = text.to_owned();
    for _ in 0..MAX_STEPS {
        text = match PathPattern::parse(&text) {
            Ok(_) => return Some(text),
            Err(PathError::NotAbsolute) => match Url::parse(&text) {
                Ok(url) if url.has_host() => url.path().to_owned(),
                _ => format!("/{text}"),
            },
            Err(PathError::NotEncoded | PathError::DotSegment) => {
                let mut url = Url::parse("https://x").ok()?;
                url.set_path(&text);
                url.path().to_owned()
            }
            Err(PathError::EmptySegment) => {
                let segments: Vec<_> = text.split('/').filter(|segment| !segment.is_empty()).collect();
                format!("/{}", segments.join("/"))
            }
            Err(PathError::NeedlessEscape) => without_needless_escape(&text)?,
            Err(PathError::NotOnlyPath) => text.split(['?', '#']).next()?.to_owned(),
            // `/api*`, `/api/**` and `/api/*/` mean `/api/*`.
            Err(PathError::Wildcard) => {
                let stem = text.trim_end_matches(['*', '/']);
                let open = text.contains('*') && !stem.ends_with('.');
                open.then(|| format!("{stem}/*"))?
            }
            Err(_) => return None,
        };
    }
    None
}

/// Without the first `%` escape of a letter, a digit or a mark that no server reads as anything else.
fn without_needless_escape(text: &str) -> Option<String> {
    text.match_indices('%').find_map(|(at, _)| {
        let code = u8::from_str_radix(text.get(at + 1..at + 3)?, 16).ok().map(char::from)?;
        let is_plain = code.is_ascii_alphanumeric() || matches!(code, '-' | '_' | '~');
        is_plain.then(|| {
            format!("{}{code}{}", text.get(..at).unwrap_or_default(), text.get(at + 3..).unwrap_or_default())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_repaired_where_it_takes_no_thought() {
        for (text, repaired) in [
            ("api/*", Some("/api/*")),
            ("/bücher", Some("/b%C3%BCcher")),
            ("/%41pi/%7euser", Some("/Api/~user")),
            ("/a%2fb/*", None),
            ("/api*", Some("/api/*")),
            ("/api/**", Some("/api/*")),
            ("/api/*/", Some("/api/*")),
            ("/**", Some("/*")),
            ("*", Some("/*")),
            ("", Some("/")),
            ("//api", Some("/api")),
            ("/a//b", Some("/a/b")),
            ("/a/../b", Some("/b")),
            ("/api?x", Some("/api")),
            ("https://a.example/api", Some("/api")),
            ("/api/*/users", None),
            ("/api.*", None),
            ("/a;b", None),
        ] {
            assert_eq!(plain(text).as_deref(), repaired, "{text}");
        }
    }

    #[test]
    fn templates_and_expressions_are_led_to_the_wildcard() {
        for (text, wildcard) in [
            ("/api/{id}", "`/api/*`"),
            ("/api/<id>/x", "`/api/*`"),
            ("/{id}", "`/*` at the end of a path is the only wildcard; alone"),
            ("/api/*/users", "`/api/*`"),
            ("/api/v1.*", "`/api/*`"),
            ("^/api/.*$", "the only wildcard"),
            ("/api/(.*)", "`/api/*`"),
        ] {
            let Some(Repair::Consider(advice)) = repair(text) else { panic!("{text}") };
            assert!(advice.contains(wildcard), "{text}: {advice}");
        }
    }

    #[test]
    fn placeholders_are_whole_segments() {
        for (path, stem) in [
            ("/api/:id", Some("/api/")),
            ("/api/[id]/x", Some("/api/")),
            ("/%7Bid%7D", Some("/")),
            ("/projects:batchGet", None),
            ("/api/:", None),
            ("/api/*", None),
        ] {
            assert_eq!(template(path), stem, "{path}");
        }
    }
}
