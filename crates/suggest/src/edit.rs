//! Inserts lines into a TOML array without changing any existing byte.

use core::ops::Range;

/// The position of an array in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Array {
    /// From the opening bracket to just after the closing one.
    pub(crate) span: Range<usize>,
    /// The last element, if there is one.
    pub(crate) last: Option<Range<usize>>,
}

/// A text to insert, and its byte position.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Insertion {
    pub(crate) at: usize,
    pub(crate) text: String,
}

/// The insertions that add lines after the last element of an array. Each line is an element with its comma, or a
/// comment. `None` if there is no array at this position.
pub(crate) fn lines_into(text: &str, array: &Array, lines: &[String]) -> Option<Vec<Insertion>> {
    let close = array.span.end.checked_sub(1).filter(|at| text.get(*at..=*at) == Some("]"))?;
    let open = array.span.start;
    let mut insertions = Vec::new();
    if let Some(last) = &array.last
        && !has_comma(text.get(last.end..close)?)
    {
        insertions.push(Insertion { at: last.end, text: ",".to_owned() });
    }
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let line_start = |at: usize| text.get(..at).map(|before| before.rfind('\n').map_or(0, |end| end + 1));
    let start_of_close = line_start(close)?;
    // If the bracket has a line of its own, insert the new lines before that line.
    let own_line = start_of_close > open && text.get(start_of_close..close)?.trim().is_empty();
    let outer = indent(text.get(line_start(open)?..)?);
    let inner = match &array.last {
        Some(last) if line_start(last.start)? > open => indent(text.get(line_start(last.start)?..)?),
        _ => format!("{outer}  "),
    };
    let block: String = lines.iter().map(|line| format!("{inner}{line}{newline}")).collect();
    insertions.push(match own_line {
        true => Insertion { at: start_of_close, text: block },
        false => Insertion { at: close, text: format!("{newline}{block}{outer}") },
    });
    Some(insertions)
}

/// Whether a comma, outside comments, stands between the last element and the bracket.
fn has_comma(gap: &str) -> bool {
    gap.lines().any(|line| line.split('#').next().unwrap_or_default().contains(','))
}

fn indent(line: &str) -> String {
    line.trim_start_matches('\u{feff}').chars().take_while(|letter| matches!(letter, ' ' | '\t')).collect()
}

/// Applies insertions to a text.
pub(crate) fn apply(text: &str, mut insertions: Vec<Insertion>) -> String {
    insertions.sort_by_key(|insertion| insertion.at);
    let mut written = String::with_capacity(text.len());
    let mut done = 0;
    for insertion in &insertions {
        written.push_str(text.get(done..insertion.at).unwrap_or_default());
        written.push_str(&insertion.text);
        done = insertion.at;
    }
    written.push_str(text.get(done..).unwrap_or_default());
    written
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use toml::de::{DeTable, DeValue};

    use super::*;

    /// The array `a` of a text.
    fn array(text: &str) -> Array {
        let table = DeTable::parse(text).expect("TOML").into_inner();
        let value = table.get("a").expect("a");
        let DeValue::Array(items) = value.get_ref() else { panic!("an array") };
        Array { span: value.span(), last: items.iter().last().map(|item| item.span()) }
    }

    fn with(text: &str, lines: &[&str]) -> String {
        let lines: Vec<_> = lines.iter().map(|line| (*line).to_owned()).collect();
        apply(text, lines_into(text, &array(text), &lines).expect("an array"))
    }

    #[test]
    fn lines_go_behind_the_last_element_whatever_the_array_looks_like() {
        for (name, before, after) in [
            ("one line", "a = [\"x\"] # c\nb = 1\n", "a = [\"x\",\n  # n\n  \"y\",\n] # c\nb = 1\n"),
            ("one line with a comma", "  a = [\"x\", ]\n", "  a = [\"x\", \n    # n\n    \"y\",\n  ]\n"),
            ("nothing in it", "a = []", "a = [\n  # n\n  \"y\",\n]"),
            ("a comment in it", "a = [ # c, ]\n]\n", "a = [ # c, ]\n  # n\n  \"y\",\n]\n"),
            (
                "lines",
                "a = [\n    \"x\",\n    \"z\", # z\n]\n",
                "a = [\n    \"x\",\n    \"z\", # z\n    # n\n    \"y\",\n]\n",
            ),
            (
                "no comma, and a comment with one",
                "a = [\n\t\"x\" # one, two\n\t# more,\n]\n",
                "a = [\n\t\"x\", # one, two\n\t# more,\n\t# n\n\t\"y\",\n]\n",
            ),
            (
                "the comma on a line of its own",
                "a = [\n  \"x\"\n  ,\n]\n",
                "a = [\n  \"x\"\n  ,\n  # n\n  \"y\",\n]\n",
            ),
            (
                "the bracket behind the last",
                "a = [\n  \"x\",\n  \"z\"]\n",
                "a = [\n  \"x\",\n  \"z\",\n  # n\n  \"y\",\n]\n",
            ),
            (
                "the line breaks of Windows",
                "a = [\r\n  \"x\"\r\n]\r\n",
                "a = [\r\n  \"x\",\r\n  # n\r\n  \"y\",\r\n]\r\n",
            ),
            (
                "tables",
                "a = [{ o = \"x\", p = [1] }]\n",
                "a = [{ o = \"x\", p = [1] },\n  # n\n  \"y\",\n]\n",
            ),
            ("a mark in front", "\u{feff}a = [\"x\"]\n", "\u{feff}a = [\"x\",\n  # n\n  \"y\",\n]\n"),
            (
                "other letters",
                "# \u{e4}\na = ['\u{e4}#,]']\n",
                "# \u{e4}\na = ['\u{e4}#,]',\n  # n\n  \"y\",\n]\n",
            ),
        ] {
            let written = with(before, &["# n", "\"y\","]);
            assert_eq!(written, after, "{name}");
            DeTable::parse(&written).expect("TOML");
        }
    }

    /// Whether `after` is `before` with text inserted.
    fn is_within(before: &str, after: &str) -> bool {
        let mut rest = after.chars();
        before.chars().all(|letter| rest.any(|other| other == letter))
    }

    proptest! {
        #[test]
        fn every_byte_stays_and_the_elements_come_last(
            items in prop::collection::vec("\"[a-z#,\\]]{0,3}\"|'[ab#,]{0,2}'|\\{ o = \"[x#,]\" \\}", 0..5),
            gaps in prop::collection::vec("( |\t|\n| # [a-z,\\]\"]{0,4}\n){0,3}", 12),
            comma in any::<bool>(),
            windows in any::<bool>(),
        ) {
            let mut text = "b = 1\na = [".to_owned();
            let mut gaps = gaps.iter();
            let last = items.len();
            for (at, item) in items.iter().enumerate() {
                text.push_str(gaps.next().map_or("", String::as_str));
                text.push_str(item);
                text.push_str(gaps.next().map_or("", String::as_str));
                if comma || at + 1 < last { text.push(','); }
            }
            text.push_str(gaps.next().map_or("", String::as_str));
            text.push_str("] # end\nc = 2\n");
            if windows { text = text.replace('\n', "\r\n"); }
            let written = with(&text, &["# commented, out ]", "\"new\","]);
            prop_assert!(is_within(&text, &written), "{text:?} {written:?}");
            let parse = |text: &str| text.parse::<toml::Table>().expect("TOML");
            let (mut before, after) = (parse(&text), parse(&written));
            before["a"].as_array_mut().expect("an array").push("new".into());
            prop_assert_eq!(before, after);
            prop_assert!(windows || !written.contains('\r'));
            prop_assert!(!windows || !written.replace("\r\n", "").contains('\n'));
        }
    }
}
