//! Texts of others as they may be shown: without secrets, and without what a terminal acts on.

/// A text with URLs in it, each without its query, its fragment and its user, which may be secret. Characters that a terminal
/// acts on are escaped.
#[must_use]
pub fn without_secrets(text: &str) -> String {
    let ends = |character: char| character.is_whitespace() || "'\"<>()`".contains(character);
    let mut told = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, url) = rest.split_at(at);
        let (url, behind) = url.split_at(url.find(ends).unwrap_or(url.len()));
        told.push_str(before);
        let url = url.split(['?', '#']).next().unwrap_or_default();
        let (authority, path) =
            url.get(3..).map_or(("", ""), |rest| rest.split_at(rest.find('/').unwrap_or(rest.len())));
        told.push_str("://");
        told.push_str(authority.rsplit_once('@').map_or(authority, |(_, host)| host));
        told.push_str(path);
        rest = behind;
    }
    told.push_str(rest);
    printable(&told)
}

/// A text without characters that a terminal acts on, or that change the direction of what stands beside them.
#[must_use]
pub fn printable(text: &str) -> String {
    let is_hostile = |character: char| {
        character.is_control()
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match is_hostile(character) {
            true => shown.extend(character.escape_unicode()),
            false => shown.push(character),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_secret_and_what_a_terminal_acts_on_is_not_shown() {
        for (text, shown) in [
            ("net::ERR_FAILED", "net::ERR_FAILED"),
            (
                "failed: https://u:p@a.example/x?token=1#y (x, line 0)",
                "failed: https://a.example/x (x, line 0)",
            ),
            ("'wss://a.example?t=1' and http://b.example/?u=2", "'wss://a.example' and http://b.example/"),
            ("https://a.example/@x", "https://a.example/@x"),
            ("://", "://"),
            ("a\u{1b}[2Jb\r\nc\u{202e}", "a\\u{1b}[2Jb\\u{d}\\u{a}c\\u{202e}"),
        ] {
            assert_eq!(without_secrets(text), shown, "{text}");
        }
    }
}
