//! Expressions in the syntax that PCRE (nginx, Apache) and RE2 (Caddy) share, which comes from Perl.

use regex_syntax::hir::{Hir, HirKind, Look};

use crate::expression::Expression;

impl Expression {
    /// An expression of PCRE or RE2.
    ///
    /// # Errors
    /// What the expression has that cannot be read, as a noun.
    pub fn pcre(source: &str, ignores_case: bool) -> Result<Self, &'static str> {
        Self::read(source, &translated(source)?, ignores_case, '\0')
    }

    /// The groups that hold the whole text whenever the expression matches: `$0`, and `$1` of `^(…)$`. Each has its
    /// number, and its name if it has one.
    pub(crate) fn whole_groups(&self) -> Vec<(u32, Option<&str>)> {
        let mut groups = Vec::new();
        let HirKind::Concat(parts) = self.syntax().kind() else { return groups };
        let is = |part: Option<&Hir>, look| part.is_some_and(|part| *part.kind() == HirKind::Look(look));
        if is(parts.first(), Look::Start) && is(parts.last(), Look::End) {
            groups.push((0, None));
            if let [_, inner, _] = parts.as_slice() {
                let mut inner = inner;
                while let HirKind::Capture(capture) = inner.kind() {
                    groups.push((capture.index, capture.name.as_deref()));
                    inner = &capture.sub;
                }
            }
        }
        groups
    }
}

/// Brings an expression into the syntax of `regex-syntax`.
fn translated(source: &str) -> Result<String, &'static str> {
    if !source.is_ascii() {
        return Err("a letter beyond ASCII");
    }
    let mut syntax = String::with_capacity(source.len());
    let mut in_class = false;
    let mut after_repetition = false;
    let mut characters = source.chars().peekable();
    while let Some(character) = characters.next() {
        // `a++` is possessive in PCRE, and not allowed in RE2.
        let repeats = !in_class && matches!(character, '*' | '+' | '?' | '}');
        if repeats && after_repetition && character == '+' {
            return Err("a repetition that gives nothing back");
        }
        after_repetition = repeats;
        match character {
            '\\' => {
                let escaped = characters.next().ok_or("a backslash at its end")?;
                match escaped {
                    'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'n' | 'r' | 't' | 'f' => {}
                    'b' | 'B' | 'A' | 'z' if !in_class => {}
                    // The end, or a line break before it, which no origin has.
                    'Z' if !in_class => {
                        syntax.push_str(r"\z");
                        continue;
                    }
                    _ if escaped.is_ascii_alphanumeric() => {
                        return Err("an escape that only its own language has");
                    }
                    _ => {
                        push_literal(escaped, &mut syntax);
                        continue;
                    }
                }
                syntax.push('\\');
                syntax.push(escaped);
            }
            '[' if !in_class => {
                in_class = true;
                syntax.push('[');
                if characters.peek() == Some(&'^') {
                    characters.next();
                    syntax.push('^');
                }
                if characters.peek() == Some(&']') {
                    return Err("a class that begins with `]`");
                }
            }
            '[' if characters.peek() == Some(&':') => {
                let name: String = characters.clone().take_while(|it| *it != ']').collect();
                if !name.ends_with(':') || !name.bytes().all(|it| it == b':' || it.is_ascii_lowercase()) {
                    return Err("a class that only its own language has");
                }
                syntax.push('[');
                syntax.push_str(&name);
                syntax.push(']');
                // The name and the bracket after it.
                characters.nth(name.len());
            }
            ']' if in_class => {
                in_class = false;
                syntax.push(']');
            }
            '[' if in_class && matches!(characters.peek(), Some('.' | '=')) => {
                return Err("a class that only its own language has");
            }
            // Operators of classes in the other syntax.
            '[' | '&' | '~' if in_class => push_literal(character, &mut syntax),
            '-' if in_class && characters.peek() == Some(&'-') => return Err("a range that begins with `-`"),
            '(' if !in_class && characters.peek() == Some(&'?') => {
                let rest: String = characters.clone().skip(1).take(2).collect();
                let known = ["P<", ":", "i:", "i)", "<"].iter().any(|begin| rest.starts_with(begin));
                if !known || rest == "<=" || rest == "<!" {
                    return Err("a look around, or a group that only its own language has");
                }
                syntax.push('(');
            }
            '(' if !in_class && characters.peek() == Some(&'*') => return Err("a verb of PCRE"),
            _ => syntax.push(character),
        }
    }
    Ok(syntax)
}

fn push_literal(character: char, syntax: &mut String) {
    let mut buffer = [0; 4];
    syntax.push_str(&regex_syntax::escape(character.encode_utf8(&mut buffer)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_else_is_refused() {
        for source in [
            r"^https://(?!evil)",
            r"(?<=x)y",
            r"(?<!x)y",
            r"(?>a)",
            r"(?|a)",
            r"(?#a)",
            r"(?m)^a",
            r"(?x) a",
            r"a++",
            r"a*+b",
            r"a{2}+",
            r"(a)\1",
            r"\Qa.b\E",
            r"\x2e",
            r"\p{L}",
            r"\h",
            r"\G",
            "[]a]",
            "[[.a.]]",
            "(*UTF8)a",
            "a\\",
            "\u{e9}",
            "(",
        ] {
            assert!(Expression::pcre(source, false).is_err(), "{source}");
        }
        assert!(Expression::pcre(&format!("{}{}", "(".repeat(2000), ")".repeat(2000)), false).is_err());
    }

    #[test]
    fn what_is_common_is_read() {
        for (source, text, matches) in [
            (r"^https://a\.example$", "https://a.example", true),
            (r"^https?:\/\/a\-b$", "https://a-b", true),
            (r"\Ahttps://a\z", "https://a", true),
            (r"https://a\Z", "https://a", true),
            (r"(?i)^HTTPS://A$", "https://a", true),
            (r"^(?:a|b)$", "b", true),
            (r"^(?P<o>a)$", "a", true),
            (r"^(?<o>a)$", "a", true),
            (r"^[[:alpha:]]+$", "ab", true),
            (r"^[[:alpha:]-]+$", "a-b", true),
            (r"^[[:digit:]]$", "a", false),
            (r"^[a&&b]$", "&", true),
            (r"^a+?$", "aa", true),
        ] {
            assert_eq!(Expression::pcre(source, false).expect(source).matches(text), matches, "{source}");
        }
        assert!(Expression::pcre("^HTTPS$", true).expect("an expression").matches("https"));
    }

    #[test]
    fn groups_that_hold_the_whole_text_are_known() {
        for (source, groups) in [
            ("^https://a$", &[0][..]),
            ("^(https://a)$", &[0, 1]),
            ("^((?<o>https://a))$", &[0, 1, 2]),
            ("^https://(a|b)$", &[0]),
            ("https://a$", &[]),
            ("^https://a", &[]),
            ("^a|b$", &[]),
        ] {
            let expression = Expression::pcre(source, false).expect(source);
            let found: Vec<_> = expression.whole_groups().into_iter().map(|(number, _)| number).collect();
            assert_eq!(found, groups, "{source}");
        }
    }
}
