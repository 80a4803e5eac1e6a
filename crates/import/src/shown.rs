//! Texts of a source, for comments and reports: escaped, cut, and without what could be a secret.

/// The most characters of a text that are shown.
const MOST: usize = 160;

/// A text on one line: control characters, line separators, direction marks and invisible characters are written as
/// `\u{…}`, so that no text ends a comment or turns a line.
#[must_use]
pub fn line(text: &str) -> String {
    let mut shown = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == MOST {
            shown.push('…');
            break;
        }
        if is_plain(character) {
            shown.push(character);
        } else {
            shown.extend(character.escape_unicode());
        }
    }
    shown
}

/// Letters that every terminal draws from left to right, each in a column of its own or in two.
fn is_plain(character: char) -> bool {
    let turns = matches!(character, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
        || matches!(character, '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}');
    let hidden =
        matches!(character, '\u{ad}' | '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}')
            || matches!(character, '\u{300}'..='\u{36f}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}')
            || character >= '\u{e0000}';
    character == ' '
        || !(character.is_control() || character.is_whitespace() || turns || hidden || is_mark(character))
}

/// Marks that move text or have no width: zero-width, directional and interlinear ones.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff0}'..='\u{fffb}')
}

/// A text that should be an origin. A user name, a path, a query and whatever is not like an origin at all may be
/// secrets: they are not repeated.
#[must_use]
pub fn origin(text: &str) -> String {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) if scheme.len() <= 30 => (format!("{scheme}://"), rest),
        Some(_) => return unnamed(text),
        None if text == "null" || text == "*" => return text.to_owned(),
        None if text.contains('.') || text.starts_with("localhost") => (String::new(), text),
        None => return unnamed(text),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = rest.get(..end).unwrap_or_default();
    let (user, host) = match authority.rsplit_once('@') {
        Some((_, host)) => ("…@", host),
        None => ("", authority),
    };
    let after = rest.get(end..).unwrap_or_default();
    let after = if after.len() > 1 { "/…" } else { after };
    line(&format!("{scheme}{user}{host}{after}"))
}

/// A name of a method or header; anything else is not repeated.
#[must_use]
pub fn name(text: &str) -> String {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if !text.is_empty() && text.len() <= 64 && text.bytes().all(is_token) {
        text.to_owned()
    } else {
        unnamed(text)
    }
}

fn unnamed(text: &str) -> String {
    match text.chars().count() {
        0 => "an empty text".to_owned(),
        1 => "a text of 1 character".to_owned(),
        count => format!("a text of {count} characters"),
    }
}

/// A path of a route, or an expression for paths. Its segments are names; a query is cut.
#[must_use]
pub fn path(text: &str) -> String {
    let is_query = |at: usize| {
        let parameter = text.get(at + 1..).and_then(|rest| rest.split_once('='));
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.[]%".contains(&byte);
        parameter.is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(is_letter))
    };
    let end = text.match_indices(['?', '#']).map(|(at, _)| at).find(|at| is_query(*at));
    line(text.get(..end.unwrap_or(text.len())).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_not_repeated() {
        for (text, shown) in [
            ("https://app.example.com", "https://app.example.com"),
            ("https://app.example.com/", "https://app.example.com/"),
            ("https://user:hunter2@app.example.com", "https://…@app.example.com"),
            ("https://hooks.example.com/services/T0/B0/secret", "https://hooks.example.com/…"),
            ("https://app.example.com?token=abc", "https://app.example.com/…"),
            ("sk_live_4242", "a text of 12 characters"),
            ("", "an empty text"),
            ("app.example.com", "app.example.com"),
            ("null", "null"),
        ] {
            assert_eq!(origin(text), shown, "{text}");
        }
        assert_eq!(name("X-Api-Key"), "X-Api-Key");
        assert_eq!(name("Bearer abc"), "a text of 10 characters");
    }

    #[test]
    fn a_path_is_shown_without_its_query() {
        for (text, shown) in [
            ("/api?token=abc", "/api"),
            ("/api#token=abc", "/api"),
            (r"\.(woff2?|ttf)$", r"\.(woff2?|ttf)$"),
            ("^/(?=a)b?c=d", "^/(?=a)b"),
        ] {
            assert_eq!(path(text), shown);
        }
    }

    #[test]
    fn no_text_ends_its_line_or_turns_it() {
        for text in
            ["a\nb", "a\rb", "a\u{2028}b", "a\u{202e}b", "a\u{1b}[2Jb", "a\u{85}b", "a\u{e0041}b", "\u{5d0}"]
        {
            let shown = line(text);
            assert!(shown.is_ascii() && shown.lines().count() == 1 && shown.contains("\\u{"), "{shown}");
        }
        assert_eq!(line(&"x".repeat(999)).chars().count(), MOST + 1);
    }
}
