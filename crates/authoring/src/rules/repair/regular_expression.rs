//! Repairs regular expressions. Other tools accept them and this one does not: an unescaped dot or a missing `$` is
//! the classic mistake in allowlists.

use corsgate_policy::origin::pattern::OriginPattern;

use crate::lints::public_suffix;

/// Whether a text was meant as a regular expression.
pub(super) fn is_one(text: &str) -> bool {
    // `.*` is not a mark everywhere: `https://app.*.example.com` is a shell wildcard.
    const MARKS: [&str; 8] = ["\\", "//.*", ".+", "(", "|", "[^", "[a-", "[0-"];
    let delimited =
        text.len() > 2 && text.starts_with('/') && !text.starts_with("//") && unwrapped(text) != text;
    let anchored = text.starts_with('^') || text.ends_with('$') || text.starts_with(".*");
    anchored || delimited || MARKS.iter().any(|mark| text.contains(mark))
}

/// The advice for a regular expression, with the patterns to write if they are obvious.
pub(super) fn advice(text: &str) -> String {
    let patterns = plain(text);
    let none = "regular expressions are not supported";
    match patterns.as_slice() {
        [] => format!(
            "{none}: list each origin, or write `https://*.example.com` for every name under `example.com`"
        ),
        [pattern] => match pattern.split_once("*.") {
            Some((_, parent)) => format!("{none}: write `{pattern}` for every name under `{parent}`"),
            None => format!("{none}: write `{pattern}`"),
        },
        _ => {
            let patterns: Vec<_> = patterns.iter().map(|pattern| format!("`{pattern}`")).collect();
            format!("{none}: write one entry for each origin: {}", patterns.join(", "))
        }
    }
}

/// The text between the delimiters and anchors of an expression.
fn unwrapped(text: &str) -> &str {
    let delimited = text.strip_prefix('/').and_then(|rest| {
        let (inner, flags) = rest.rsplit_once('/')?;
        flags.bytes().all(|flag| flag.is_ascii_lowercase()).then_some(inner)
    });
    let text = delimited.unwrap_or(text);
    let text = text.strip_prefix('^').unwrap_or(text);
    text.strip_suffix('$').unwrap_or(text)
}

/// The patterns that match the same origins; empty if they are not obvious.
fn plain(text: &str) -> Vec<String> {
    const LABELS: [&str; 10] = [
        "(.*\\.)?",
        "(.+\\.)?",
        "(.*)\\.",
        "(.+)\\.",
        ".*\\.",
        ".+\\.",
        ".*.",
        "[^.]+\\.",
        "[a-z0-9-]+\\.",
        "\\w+\\.",
    ];
    const PORTS: [&str; 6] = ["(:[0-9]+)?", "(:\\d+)?", ":[0-9]+", ":\\d+", "(:.*)?", ":.*"];
    let mut text = unwrapped(text).replace("\\/", "/").replace("https?://", "https://");
    for port in PORTS {
        text = text.replace(port, ":*");
    }
    let mut texts = Vec::new();
    if let Some((scheme, rest)) = text.split_once("://")
        && let Some((labels, parent)) =
            LABELS.iter().find_map(|labels| Some((labels, rest.strip_prefix(labels)?)))
    {
        // An optional group also matches the parent itself, which a wildcard does not.
        texts.extend(labels.ends_with('?').then(|| format!("{scheme}://{parent}")));
        texts.push(format!("{scheme}://*.{parent}"));
    } else {
        texts.push(text);
    }
    let plain = |text: &String| alternatives(&text.replace("\\.", ".").replace("\\-", "-"));
    let patterns: Vec<_> = texts.iter().flat_map(plain).collect();
    if patterns.iter().all(|pattern| is_safe(pattern)) { patterns } else { Vec::new() }
}

/// Whether a pattern is valid and not over a public suffix, which the next check would reject.
fn is_safe(pattern: &str) -> bool {
    let parsed = OriginPattern::parse(pattern).ok().filter(|_| !is_one(pattern));
    parsed.is_some_and(|pattern| public_suffix::of_line(&pattern.form()).is_none())
}

/// One text for each word in a group such as `(app|www)`.
fn alternatives(text: &str) -> Vec<String> {
    let group = text.split_once('(').and_then(|(before, rest)| Some((before, rest.split_once(')')?)));
    match group {
        Some((before, (words, after))) => {
            words.trim_start_matches("?:").split('|').map(|word| format!("{before}{word}{after}")).collect()
        }
        None => vec![text.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_expressions_become_patterns() {
        for (text, patterns) in [
            (r"^https://.*\.example\.com$", &["https://*.example.com"][..]),
            (r"https://.*\.example\.com", &["https://*.example.com"]),
            (r"/^https:\/\/.*\.example\.com$/i", &["https://*.example.com"]),
            (r"^https?://[a-z0-9-]+\.example\.com(:\d+)?$", &["https://*.example.com:*"]),
            (r"https://app\.example\.com", &["https://app.example.com"]),
            (r"https://(app|www).example.com", &["https://app.example.com", "https://www.example.com"]),
            (r"https://a.example:[0-9]+", &["https://a.example:*"]),
            (r"^https://(.*\.)?example\.com$", &["https://example.com", "https://*.example.com"]),
            (r"^https://.*\.vercel\.app$", &[]),
            ("/example/", &[]),
            (".*", &[]),
            (r"^https://[a-f]{3}\.example\.com$", &[]),
        ] {
            assert!(is_one(text), "{text}");
            assert_eq!(plain(text), patterns, "{text}");
            assert!(advice(text).starts_with("regular expressions are not supported: "), "{text}");
        }
    }

    #[test]
    fn other_mistakes_are_not_taken_for_expressions() {
        for text in
            ["//app.example.com/", "https://[::1", "https://app.example.com/?x", "*.example.com", "/", "$"]
        {
            assert_eq!(is_one(text), text == "$", "{text}");
        }
    }
}
