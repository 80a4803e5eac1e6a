//! Edits one origin of a text list, and keeps every other byte.

use corsgate_policy::grammar::day::Day;

/// Adds the origin to the text, until the given day if there is one. An existing line of the origin keeps its place,
/// and its comment unless a new one is given; a new line is appended.
pub(crate) fn with(text: &str, origin: &str, expires: Day, note: Option<&str>) -> String {
    let mut written = false;
    let mut lines = String::with_capacity(text.len() + origin.len() + 32);
    for line in pieces(text) {
        if first_word(line) != Some(origin) {
            lines.push_str(line);
        } else if !written {
            written = true;
            lines.push_str(&rewritten(line, origin, expires, note));
        }
    }
    if !written {
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        if !lines.is_empty() && !lines.ends_with('\n') {
            lines.push_str(end);
        }
        lines.push_str(&entry(origin, expires, note.map(|note| format!("# {note}")).as_deref()));
        lines.push_str(end);
    }
    lines
}

/// Removes all lines of this origin.
pub(crate) fn without(text: &str, origin: &str) -> String {
    pieces(text).filter(|line| first_word(line) != Some(origin)).collect()
}

/// Removes all lines that are this text literally, or begin with it as a word. A comment is none of them.
pub(crate) fn without_line(text: &str, literally: &str) -> String {
    let is_it = |line: &str| {
        let line = line.trim_ascii();
        !literally.is_empty()
            && !literally.starts_with('#')
            && (line == literally.trim_ascii() || first_word(line) == Some(literally))
    };
    pieces(text).filter(|line| !is_it(line)).collect()
}

/// The byte order mark, if there is one, and the lines with their line ends.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let (mark, rest) = text.split_at_checked(mark).unwrap_or(("", text));
    std::iter::once(mark).chain(rest.split_inclusive('\n'))
}

fn first_word(line: &str) -> Option<&str> {
    line.split_ascii_whitespace().next()
}

fn rewritten(line: &str, origin: &str, expires: Day, note: Option<&str>) -> String {
    let body = line.trim_end_matches(['\n', '\r']);
    let end = line.get(body.len()..).unwrap_or_default();
    let indent = body.get(..body.len() - body.trim_ascii_start().len()).unwrap_or_default();
    // As in the gateway, a `#` inside a word does not start a comment.
    let comment = body.match_indices('#').map(|(at, _)| at).find(|at| {
        body.get(..*at).is_some_and(|before| before.ends_with(|last: char| last.is_ascii_whitespace()))
    });
    let kept = comment.and_then(|at| body.get(at..));
    let noted = note.map(|note| format!("# {note}"));
    format!("{indent}{}{end}", entry(origin, expires, noted.as_deref().or(kept)))
}

fn entry(origin: &str, expires: Day, comment: Option<&str>) -> String {
    let mut line = origin.to_owned();
    if expires != Day::NEVER {
        line.push_str(&format!(" expires={expires}"));
    }
    if let Some(comment) = comment {
        line.push_str("  ");
        line.push_str(comment);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# partners\r\nhttps://a.example  # contract 118\r\n\r\n\thttps://b.example expires=2031-01-31\r\n# https://c.example\r\nhttps://a.example#x\r\nlast line";

    #[test]
    fn adding_an_origin_changes_only_its_line() {
        let day = Day::parse("2027-06-30").unwrap();
        let replaced = |from: &str, to: &str| TEXT.replace(from, to);
        for (origin, expires, note, expected) in [
            ("https://a.example", day, None, replaced("a.example  #", "a.example expires=2027-06-30  #")),
            ("https://a.example", Day::NEVER, Some("contract 119"), replaced("contract 118", "contract 119")),
            ("https://a.example", Day::NEVER, None, TEXT.to_owned()),
            ("https://b.example", Day::NEVER, None, replaced(" expires=2031-01-31", "")),
            ("https://c.example", Day::NEVER, None, format!("{TEXT}\r\nhttps://c.example\r\n")),
            (
                "https://d.example",
                day,
                Some("d"),
                format!("{TEXT}\r\nhttps://d.example expires=2027-06-30  # d\r\n"),
            ),
        ] {
            assert_eq!(with(TEXT, origin, expires, note), expected, "{origin} {expires} {note:?}");
        }
        assert_eq!(with("", "https://a.example", Day::NEVER, None), "https://a.example\n");
        assert_eq!(
            with("\u{feff}https://a.example\n", "https://a.example", day, None),
            "\u{feff}https://a.example expires=2027-06-30\n"
        );
        let twice = "https://a.example\nhttps://b.example\nhttps://a.example expires=2031-01-31\n";
        assert_eq!(
            with(twice, "https://a.example", day, None),
            "https://a.example expires=2027-06-30\nhttps://b.example\n"
        );
    }

    #[test]
    fn removing_an_origin_removes_all_its_lines_and_no_others() {
        for (origin, removed) in [
            ("https://a.example", "https://a.example  # contract 118\r\n"),
            ("https://b.example", "\thttps://b.example expires=2031-01-31\r\n"),
            ("https://c.example", ""),
            ("https://example", ""),
        ] {
            assert_eq!(without(TEXT, origin), TEXT.replacen(removed, "", 1), "{origin}");
        }
        assert_eq!(
            without("\u{feff}https://a.example\n#\nhttps://a.example", "https://a.example"),
            "\u{feff}#\n"
        );
    }
}
