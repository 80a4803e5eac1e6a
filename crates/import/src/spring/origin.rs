//! Origins and patterns of origins, as Spring compares them.

use crate::expression::Expression;
use crate::model::OriginSaid;

/// An origin of `allowedOrigins`: compared without regard to case, and without one slash at its end.
pub(super) fn listed(text: Result<String, String>) -> OriginSaid {
    let text = match readable(text) {
        Ok(text) => text,
        Err(what) => return OriginSaid::Unreadable(what),
    };
    match text.contains(',') {
        true => OriginSaid::Unreadable(
            "a text with a comma, where some versions of Spring see one origin".to_owned(),
        ),
        false => OriginSaid::Exact(trimmed(&text).to_ascii_lowercase()),
    }
}

/// A pattern of `allowedOriginPatterns`: a `*` stands for any characters, dots included, and `:[…]` at the end for ports.
pub(super) fn pattern(text: Result<String, String>) -> OriginSaid {
    let text = match readable(text) {
        Ok(text) => text,
        Err(what) => return OriginSaid::Unreadable(what),
    };
    let text = trimmed(&text);
    if text == "*" {
        return OriginSaid::Reflected;
    }
    let (host, ports) = match ports(text) {
        Some((host, ports)) => (host, ports),
        None if text.contains(',') => {
            return OriginSaid::Unreadable(
                "a text with a comma, where some versions of Spring see one origin".to_owned(),
            );
        }
        None => (text, String::new()),
    };
    if host.contains(',') {
        return OriginSaid::Unreadable(
            "a text with a comma, where some versions of Spring see one origin".to_owned(),
        );
    }
    if !host.contains('*') && ports.is_empty() {
        return OriginSaid::Exact(host.to_owned());
    }
    let parts: Vec<_> = host.split('*').map(escaped).collect();
    match Expression::spring(text, &format!("^{}{ports}$", parts.join(".*"))) {
        Ok(expression) => OriginSaid::Matching(expression),
        Err(why) => OriginSaid::Unreadable(format!("a pattern with {why}")),
    }
}

/// What stands before `:[8080,8081]` or `:[*]`, and the expression for the ports.
fn ports(text: &str) -> Option<(&str, String)> {
    let (host, list) = text.strip_suffix(']')?.rsplit_once(":[")?;
    if list == "*" {
        return Some((host, r"(:[0-9]+)?".to_owned()));
    }
    let is_number = |port: &str| !port.is_empty() && port.bytes().all(|it| it.is_ascii_digit());
    let ports: Vec<_> = list.split(',').collect();
    ports.iter().all(|port| is_number(port)).then(|| (host, format!(":({})", ports.join("|"))))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        if letter.is_ascii_punctuation() {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

fn trimmed(text: &str) -> &str {
    text.strip_suffix('/').unwrap_or(text)
}

/// A text without what Spring would put in.
fn readable(text: Result<String, String>) -> Result<String, String> {
    let text = text?;
    match ["${", "#{", "{{", "<%", "@@"].iter().any(|mark| text.contains(mark)) {
        true => Err("a placeholder".to_owned()),
        false => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::Matched;

    fn matched(text: &str) -> Matched {
        match pattern(Ok(text.to_owned())) {
            OriginSaid::Matching(expression) => expression.matched(),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn patterns_are_what_spring_makes_of_them() {
        for (text, patterns) in [
            ("https://*.example.com", &["https://*.example.com"][..]),
            ("https://*.example.com/", &["https://*.example.com"]),
            (
                "https://app.example.com:[8080,8081]",
                &["https://app.example.com:8080", "https://app.example.com:8081"],
            ),
            ("https://app.example.com:[*]", &["https://app.example.com:*"]),
            ("https://*.example.com:[*]", &["https://*.example.com:*"]),
            ("https://*.example.com:[8443]", &["https://*.example.com:8443"]),
        ] {
            assert_eq!(
                matched(text),
                Matched::Exactly(patterns.iter().map(|&it| it.to_owned()).collect()),
                "{text}"
            );
        }
    }

    #[test]
    fn a_star_is_any_characters() {
        for (text, stranger) in [
            ("https://*example.com", "https://evilexample.com"),
            ("https://app.example.*", "https://app.example.evil"),
            ("*.example.com", "http://a.example.com"),
            ("*://app.example.com", "http://app.example.com"),
            ("https://app*.example.com", "https://app.evil.example.com"),
        ] {
            let OriginSaid::Matching(expression) = pattern(Ok(text.to_owned())) else { panic!("{text}") };
            assert!(expression.matches(stranger), "{text}: {stranger}");
            assert!(
                !matches!(expression.matched(), Matched::Exactly(_)),
                "{text}: {:?}",
                expression.matched()
            );
        }
        // A port that is not in brackets may be anything, and must be there.
        assert!(
            matches!(matched("http://localhost:*"), Matched::Narrower { .. }),
            "{:?}",
            matched("http://localhost:*")
        );
    }

    #[test]
    fn what_spring_puts_in_is_not_guessed() {
        for text in ["${origins}", "#{@origins}", "https://${host}", "https://a.example,https://b.example"] {
            assert!(matches!(pattern(Ok(text.to_owned())), OriginSaid::Unreadable(_)), "{text}");
            assert!(matches!(listed(Ok(text.to_owned())), OriginSaid::Unreadable(_)), "{text}");
        }
        assert_eq!(
            listed(Ok("https://App.Example.com/".to_owned())),
            OriginSaid::Exact("https://app.example.com".to_owned())
        );
    }
}
