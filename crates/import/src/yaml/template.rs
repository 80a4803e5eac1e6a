//! Templates in YAML: `{{ … }}` of Helm and its like, `{% … %}` and `{# … #}` of Jinja.
//!
//! A template inside a value becomes a mark of the same length, so that places stay true, and the value is not known. A
//! template on a line of its own may add anything to what is around it: its line is emptied, and a region says where.

use core::ops::Range;

/// What stands for a template in a value: a letter that no configuration has.
pub(super) const MARK: char = '\u{e000}';
/// With more regions than this, one covers them all.
const MOST_REGIONS: usize = 1_000;
/// The longest template.
const MOST_BYTES: usize = 4_096;

/// A text without its templates.
pub(super) struct Masked {
    pub(super) text: String,
    /// Where templates may add something, in the order of the text. Each begins where the text before it ends.
    pub(super) regions: Vec<Range<usize>>,
}

/// Takes the templates out of a text.
pub(super) fn mask(text: &str) -> Masked {
    let mut masked = String::with_capacity(text.len());
    let mut regions: Vec<Range<usize>> = Vec::new();
    // The blocks that are open: where each begins, if it stands on a line of its own.
    let mut open: Vec<Option<usize>> = Vec::new();
    let mut at = 0;
    while let Some(found) = next(text, at) {
        masked.push_str(text.get(at..found.range.start).unwrap_or_default());
        let length = found.range.len();
        let alone = found.is_alone(text);
        let begin = text.get(..found.range.start).unwrap_or_default().trim_end().len();
        match found.word {
            Word::Opens => open.push(alone.then_some(begin)),
            Word::Closes => {
                if let Some(Some(begin)) = open.pop() {
                    regions.push(begin..found.range.end);
                }
            }
            Word::Adds if alone => regions.push(begin..found.range.end),
            Word::Adds | Word::AddsNothing => {}
        }
        if alone || found.word == Word::AddsNothing {
            masked.extend(core::iter::repeat_n(' ', length));
        } else {
            masked.push(MARK);
            masked.extend(core::iter::repeat_n('x', length.saturating_sub(MARK.len_utf8())));
        }
        at = found.range.end;
    }
    masked.push_str(text.get(at..).unwrap_or_default());
    regions.extend(open.into_iter().flatten().map(|begin| begin..text.len()));
    regions.sort_by_key(|region| region.start);
    if regions.len() > MOST_REGIONS {
        let end = regions.iter().map(|region| region.end).max().unwrap_or_default();
        regions = regions.first().map(|first| first.start..end).into_iter().collect();
    }
    Masked { text: masked, regions }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// It begins a block under a condition, or that is repeated.
    Opens,
    Closes,
    /// It is a comment, or gives a variable its value.
    AddsNothing,
    Adds,
}

struct Template {
    range: Range<usize>,
    word: Word,
}

impl Template {
    /// Whether nothing but templates and spaces stands on its lines.
    fn is_alone(&self, text: &str) -> bool {
        // A line that is longer than a template may be is none of templates alone.
        let from = self.range.start.saturating_sub(MOST_BYTES);
        let from = text.floor_char_boundary(from);
        let to = text.floor_char_boundary(self.range.end.saturating_add(MOST_BYTES));
        let before = text.get(from..self.range.start).unwrap_or_default();
        let after = text.get(self.range.end..to).unwrap_or_default();
        if !(from == 0 || before.contains('\n')) || !(to == text.len() || after.contains('\n')) {
            return false;
        }
        let before = before.rsplit('\n').next().unwrap_or_default().trim();
        let after = after.split('\n').next().unwrap_or_default().trim();
        let only_templates = |side: &str| {
            side.is_empty() || side.starts_with("{{") && side.ends_with("}}") || side.starts_with('#')
        };
        (before.is_empty() || before.starts_with("{{") && before.ends_with("}}")) && only_templates(after)
    }
}

/// The next template; one without an end goes to the end of its line.
fn next(text: &str, at: usize) -> Option<Template> {
    let rest = text.get(at..)?;
    let opens = |start: &usize| rest.get(start + 1..).is_some_and(|it| it.starts_with(['{', '%', '#']));
    let start = rest.match_indices('{').map(|(start, _)| start).find(opens)?;
    let from = rest.get(start..)?;
    let close = match from.get(..2)? {
        "{{" => "}}",
        "{%" => "%}",
        _ => "#}",
    };
    let near = from.get(..from.floor_char_boundary(MOST_BYTES)).unwrap_or_default();
    let length = match near.find(close) {
        Some(length) => length + close.len(),
        None => from.find('\n').unwrap_or(from.len()),
    };
    let inside = from.get(2..length).unwrap_or_default();
    let inside = inside.trim_start_matches(['-', '+']).trim_start();
    let first: String = inside.chars().take_while(|it| it.is_ascii_alphabetic()).collect();
    let is_control = close != "#}";
    let word = match first.as_str() {
        _ if close == "#}" || inside.starts_with("/*") => Word::AddsNothing,
        _ if inside.starts_with('$') && inside.contains('=') => Word::AddsNothing,
        "if" | "range" | "with" | "define" | "block" | "for" | "macro" if is_control => Word::Opens,
        "end" | "endif" | "endfor" | "endblock" | "endmacro" | "endwith" => Word::Closes,
        "set" if close == "%}" => Word::AddsNothing,
        _ => Word::Adds,
    };
    let begin = at + start;
    Some(Template { range: begin..begin + length, word })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stay_true_and_regions_are_known() {
        let text = "a: {{ .x }}\n{{- if .y }}\nb: \u{e9}\n{{- end }}\n{{/* note */}}\n{{ $z := 1 }}\n{{ include \"x\" . }}\nc: {{ open\nd: 1\n";
        let masked = mask(text);
        assert_eq!(masked.text.len(), text.len());
        assert_eq!(masked.text.find("b:"), text.find("b:"));
        assert_eq!(masked.text.matches(MARK).count(), 2);
        assert_eq!(masked.regions.len(), 2);
        assert!(!masked.text.contains("{{"));
        let first = masked.regions.first().expect("a region");
        assert_eq!((first.start, text.get(first.end - 3..first.end)), (11, Some(" }}")));
    }

    #[test]
    fn hostile_templates_end() {
        for text in [
            "{{".repeat(5_000),
            "{{ if x }}\n".repeat(5_000),
            "{{ end }}".repeat(10_000),
            "{{ x\n".repeat(5_000),
        ] {
            assert_eq!(mask(&text).text.len(), text.len());
        }
    }
}
