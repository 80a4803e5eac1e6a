//! Expressions of Python's `re`. Origins and paths are ASCII without line breaks, so the flags `a`, `m`, `s` and `u` change
//! nothing.

use crate::expression::Expression;
use crate::expression::dialect::push_literal;

/// The function of `re` that a library calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    /// `match`: from the start, and anything may follow.
    Start,
    /// `fullmatch`.
    Whole,
}

impl Expression {
    /// An expression of Python.
    ///
    /// # Errors
    /// What the expression has that cannot be read, as a noun.
    pub(crate) fn python(source: &str, ignores_case: bool, matched: Match) -> Result<Self, &'static str> {
        let (source_without, ignores_case) = match source.strip_prefix("(?i)") {
            Some(rest) => (rest, true),
            None => (source, ignores_case),
        };
        let (syntax, has_upper_class) = translated(source_without, ignores_case)?;
        let ignores_case = ignores_case && has_upper_class;
        let syntax = match matched {
            Match::Start => format!("^(?:{syntax})"),
            Match::Whole => format!("^(?:{syntax})$"),
        };
        Self::read(source, &syntax, ignores_case, '\0')
    }
}

/// Brings an expression of Python (docs.python.org, `re`, Regular Expression Syntax) into the other syntax.
/// Without regard to case, its letters become small, as those of every origin and of nothing else that is compared so;
/// the second value tells of large letters in a class.
fn translated(source: &str, ignores_case: bool) -> Result<(String, bool), &'static str> {
    if !source.is_ascii() {
        return Err("a letter beyond ASCII");
    }
    let mut syntax = String::with_capacity(source.len());
    let mut in_class = false;
    let mut has_upper_class = false;
    // A quantifier may follow.
    let mut is_repeatable = false;
    let mut characters = source.chars().peekable();
    while let Some(character) = characters.next() {
        let was_repeatable = core::mem::replace(&mut is_repeatable, true);
        match character {
            '\\' => match characters.next().ok_or("a backslash at its end")? {
                'A' if !in_class => syntax.push_str("\\A"),
                'Z' | 'z' if !in_class => syntax.push_str("\\z"),
                'b' if in_class => return Err("an escape that only Python has"),
                escaped @ ('d' | 'D' | 'w' | 'W' | 's' | 'S' | 'n' | 'r' | 't' | 'f' | 'v' | 'a' | 'b'
                | 'B')
                    if !in_class || escaped != 'B' =>
                {
                    syntax.push('\\');
                    syntax.push(escaped);
                }
                // A code, a back reference, or nothing that Python knows.
                escaped if escaped.is_ascii_alphanumeric() => return Err("an escape that only Python has"),
                escaped => push_literal(escaped, &mut syntax),
            },
            '[' if !in_class => {
                in_class = true;
                syntax.push('[');
                if characters.next_if_eq(&'^').is_some() {
                    syntax.push('^');
                }
                // The first one is a letter like any other.
                if characters.next_if_eq(&']').is_some() {
                    syntax.push_str("\\]");
                }
            }
            ']' if in_class => {
                in_class = false;
                syntax.push(']');
            }
            '-' if in_class && characters.peek() == Some(&'-') => return Err("a range that begins with `-`"),
            '-' | '^' if in_class => syntax.push(character),
            _ if in_class && character.is_ascii_uppercase() => {
                has_upper_class = true;
                syntax.push(character);
            }
            _ if in_class => push_literal(character, &mut syntax),
            '(' => {
                is_repeatable = false;
                let rest: String = characters.clone().take(3).collect();
                let opening = match rest.as_str() {
                    "?P<" => "(",
                    "?i:" => "(?i:",
                    _ if rest.starts_with("?:") => "(?:",
                    _ if rest.starts_with('?') => {
                        return Err("a look around or a group that only Python has");
                    }
                    _ => "(",
                };
                syntax.push_str(opening);
                let skipped = match rest.as_str() {
                    "?P<" | "?i:" => 3,
                    _ if opening == "(?:" => 2,
                    _ => 0,
                };
                for _ in 0..skipped {
                    characters.next();
                }
                // The name of a group.
                if rest == "?P<" {
                    let is_name = |it: &char| it.is_ascii_alphanumeric() || *it == '_';
                    while characters.next_if(is_name).is_some() {}
                    characters.next_if_eq(&'>').ok_or("a group without a name")?;
                }
            }
            '*' | '+' | '?' => {
                if !was_repeatable {
                    return Err("a quantifier of nothing");
                }
                syntax.push(character);
                quantified(&mut characters, &mut syntax)?;
                is_repeatable = false;
            }
            '{' => match bounds(characters.clone()) {
                Some((bounds, length)) => {
                    if !was_repeatable {
                        return Err("a quantifier of nothing");
                    }
                    syntax.push_str(&bounds);
                    for _ in 0..length {
                        characters.next();
                    }
                    quantified(&mut characters, &mut syntax)?;
                    is_repeatable = false;
                }
                None => syntax.push_str("\\{"),
            },
            '}' => syntax.push_str("\\}"),
            '|' | '^' => {
                is_repeatable = false;
                syntax.push(character);
            }
            _ if ignores_case => syntax.push(character.to_ascii_lowercase()),
            _ => syntax.push(character),
        }
    }
    if in_class { Err("a class without an end") } else { Ok((syntax, has_upper_class)) }
}

type Characters<'s> = core::iter::Peekable<core::str::Chars<'s>>;

/// What may follow a quantifier: `?`, which changes what is matched first and not whether. With `+` it takes all it can
/// and gives nothing back.
fn quantified(characters: &mut Characters<'_>, syntax: &mut String) -> Result<(), &'static str> {
    if characters.next_if_eq(&'?').is_some() {
        syntax.push('?');
    }
    match characters.peek() {
        Some('*' | '+' | '?') => Err("a possessive quantifier"),
        _ => Ok(()),
    }
}

/// `2}`, `2,}`, `,3}` or `2,3}`, and the number of its letters. Any other brace stands for itself.
fn bounds(characters: Characters<'_>) -> Option<(String, usize)> {
    let inner: String = characters.take_while(|it| *it != '}').take(12).collect();
    let (low, high) = match inner.split_once(',') {
        Some((low, high)) => (low, Some(high)),
        None => (inner.as_str(), None),
    };
    let is_number = |text: &str| text.len() <= 4 && text.bytes().all(|it| it.is_ascii_digit());
    let is_bound =
        is_number(low) && high.is_none_or(is_number) && !(low.is_empty() && high.is_none_or(str::is_empty));
    let low = if low.is_empty() { "0" } else { low };
    let written = match high {
        Some(high) => format!("{{{low},{high}}}"),
        None => format!("{{{low}}}"),
    };
    is_bound.then(|| (written, inner.len() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(source: &str, matched: Match, text: &str) -> bool {
        Expression::python(source, false, matched).expect(source).matches(text)
    }

    #[test]
    fn each_function_of_re_begins_and_ends_where_it_does_in_python() {
        for (source, text, start, whole) in [
            ("https://a", "https://a.evil", true, false),
            ("https://a", "https://a", true, true),
            ("a", "xa", false, false),
            ("x|a", "ab", true, false),
            (r"\Aa\Z", "a", true, true),
            (r"\Aa\Z", "ab", false, false),
            ("a$", "ab", false, false),
        ] {
            assert_eq!(matches(source, Match::Start, text), start, "{source} at the start of {text}");
            assert_eq!(matches(source, Match::Whole, text), whole, "{source} is {text}");
        }
    }

    #[test]
    fn what_differs_is_brought_over() {
        for (source, text, does) in [
            ("(?P<name>a)b", "ab", true),
            ("(?i)A", "a", true),
            ("(?i:A)b", "ab", true),
            ("[]a]+", "]a", true),
            ("[^]a]", "]", false),
            ("[[a]", "[", true),
            ("[a&&b]", "&", true),
            ("[:al:]", "l", true),
            ("a{,2}", "aa", true),
            ("a{2,}", "aaa", true),
            ("a{x}", "a{x}", true),
            ("a{}", "a{}", true),
            ("a}", "a}", true),
            (r"\-\/\.", "-/.", true),
            ("a*?b", "aab", true),
        ] {
            assert_eq!(matches(source, Match::Whole, text), does, "{source}: {text}");
        }
        assert!(Expression::python("ABC", true, Match::Whole).expect("it is plain").matches("abc"));
    }

    #[test]
    fn what_means_something_else_is_refused() {
        for source in [
            "(?=a)",
            "(?!a)",
            "(?<=a)b",
            "(?P=name)",
            "(?#a)",
            "(?x)a",
            "(?>a)",
            "(?(1)a|b)",
            r"(a)\1",
            r"\x41",
            r"\u0041",
            r"\N{DOT}",
            r"\q",
            "a*+",
            "a**",
            "a{2}+",
            "*a",
            "(*a)",
            "a|*b",
            "[a",
            "a\\",
            "(",
            "\u{e9}",
            "[a--b]",
            r"[\b]",
        ] {
            assert!(Expression::python(source, false, Match::Start).is_err(), "{source}");
        }
    }
}
