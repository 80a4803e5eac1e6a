//! Expressions of RE2 (Envoy, Istio), Go (Traefik) and PCRE (Kong, APISIX). The syntax of `regex-syntax` comes from
//! RE2; what these three have in common with it is read, and the rest is refused.

use super::dialect::Expression;

/// How an expression is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compared {
    /// It matches the whole origin.
    Whole,
    /// It matches the beginning of the origin.
    FromStart,
    /// It is searched for.
    Anywhere,
    /// It matches the whole host name; scheme and port do not matter.
    Host,
}

impl Expression {
    /// An expression of RE2, Go or PCRE.
    ///
    /// # Errors
    /// What the expression has that cannot be read, as a noun.
    pub(crate) fn perl(source: &str, compared: Compared) -> Result<Self, &'static str> {
        let syntax = translated(source)?;
        let syntax = match compared {
            Compared::Whole => format!("^(?:{syntax})$"),
            Compared::FromStart => format!("^(?:{syntax})"),
            Compared::Anywhere => syntax,
            Compared::Host => {
                // Anchors would have to mean the host.
                if syntax.contains(['^', '$', '|', '\\'])
                    && syntax.replace("\\.", "").contains(['^', '$', '|', '\\'])
                {
                    return Err("anchors or alternatives, for a host name alone");
                }
                format!("^[a-z][a-z0-9+.-]*://(?:{syntax})(?::[0-9]+)?$")
            }
        };
        Self::read(source, &syntax, false, '/')
    }

    /// A text that must stand at the beginning, at the end or anywhere in an origin, in any case.
    ///
    /// # Errors
    /// What cannot be read, as a noun.
    pub(crate) fn part(
        text: &str,
        at_start: bool,
        at_end: bool,
        ignores_case: bool,
    ) -> Result<Self, &'static str> {
        // Browsers send lower case alone.
        let text = if ignores_case { text.to_ascii_lowercase() } else { text.to_owned() };
        Self::of_text(&text, at_start, at_end)
    }

    /// An origin in which a `*` stands for the letters of `class`.
    ///
    /// # Errors
    /// What cannot be read, as a noun.
    pub(crate) fn wildcard(text: &str, class: &str) -> Result<Self, &'static str> {
        let parts: Vec<_> = text.split('*').map(regex_syntax::escape).collect();
        Self::read(text, &format!("^{}$", parts.join(class)), false, '\0')
    }
}

/// The flags that mean the same everywhere, and change which origins match or nothing at all.
const FLAGS: [&str; 6] = ["(?i)", "(?s)", "(?:", "(?i:", "(?P<", "(?<"];

fn translated(source: &str) -> Result<String, &'static str> {
    if !source.is_ascii() {
        return Err("a letter beyond ASCII");
    }
    let mut syntax = String::with_capacity(source.len());
    let mut characters = source.chars().peekable();
    let mut rest = source;
    let mut in_class = false;
    // Whether something stands before that `*`, `+`, `?` or `{…}` repeats, and is repeated already.
    let mut is_repeated = false;
    while let Some(character) = characters.next() {
        rest = rest.get(1..).unwrap_or_default();
        let was_repeated = core::mem::replace(&mut is_repeated, false);
        match character {
            '\\' => {
                let escaped = characters.next().ok_or("a backslash at its end")?;
                rest = rest.get(1..).unwrap_or_default();
                match escaped {
                    'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'n' | 'r' | 't' | 'f' | 'x' => {}
                    'b' | 'B' | 'A' | 'z' if !in_class => {}
                    _ if escaped.is_ascii_alphanumeric() => {
                        return Err("an escape that not every language has");
                    }
                    _ => {
                        syntax.push_str(&regex_syntax::escape(&escaped.to_string()));
                        continue;
                    }
                }
                syntax.extend(['\\', escaped]);
            }
            '[' if !in_class => {
                in_class = true;
                syntax.push('[');
                for first in ['^', ']'] {
                    if characters.peek() == Some(&first) {
                        characters.next();
                        rest = rest.get(1..).unwrap_or_default();
                        syntax.push_str(if first == ']' { "\\]" } else { "^" });
                    }
                }
            }
            '[' if rest.starts_with(':') => {
                let (class, after) = rest.split_once(":]").ok_or("a class without an end")?;
                syntax.push_str(&format!("[{class}:]"));
                for _ in 0..class.len() + 2 {
                    characters.next();
                }
                rest = after;
            }
            ']' if in_class => {
                in_class = false;
                syntax.push(']');
            }
            // Operators of classes in the other syntax.
            '[' | '&' | '~' if in_class => syntax.push_str(&regex_syntax::escape(&character.to_string())),
            '-' if in_class && rest.starts_with('-') => return Err("a range that begins with `-`"),
            _ if in_class => syntax.push(character),
            '(' if rest.starts_with('?') => {
                let group = format!("({rest}");
                let is_known = FLAGS.iter().any(|flag| group.starts_with(flag));
                if !is_known || group.starts_with("(?<=") || group.starts_with("(?<!") {
                    return Err("a look around or a flag");
                }
                syntax.push('(');
                // The question mark repeats nothing.
                syntax.push('?');
                characters.next();
                rest = rest.get(1..).unwrap_or_default();
            }
            '*' | '+' | '?' => {
                // `a++` gives nothing back in PCRE; `a+?` is lazy, which does not matter.
                if was_repeated && character != '?' {
                    return Err("a repetition of a repetition");
                }
                is_repeated = true;
                syntax.push(character);
            }
            '{' if rest.starts_with(',') => return Err("a repetition without a beginning"),
            '}' => {
                is_repeated = true;
                syntax.push(character);
            }
            _ => syntax.push(character),
        }
    }
    Ok(syntax)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::Matched;

    #[test]
    fn expressions_mean_what_their_program_compares() {
        for (source, compared, origin, matches) in [
            (r"https://.*\.example\.com", Compared::Whole, "https://a.example.com", true),
            (r"https://.*\.example\.com", Compared::Whole, "https://a.example.com.evil.example", false),
            (r"https://.*\.example\.com", Compared::FromStart, "https://a.example.com.evil.example", true),
            (r"example\.com", Compared::FromStart, "https://example.com", false),
            (r"example\.com", Compared::Anywhere, "https://example.com.evil.example", true),
            (r".*\.example\.com", Compared::Host, "http://a.example.com:8080", true),
            (r".*\.example\.com", Compared::Host, "https://a.example.com.evil.example", false),
            (r"a|https://b\.example", Compared::Whole, "https://b.example", true),
            (r"(?i)HTTPS://A\.EXAMPLE", Compared::Whole, "https://a.example", true),
            (r"https://[[:alpha:]]+\.example", Compared::Whole, "https://abc.example", true),
            (r"https://[]a]\.example", Compared::Whole, "https://a.example", true),
            (r"https://[a-z&&b]\.example", Compared::Whole, "https://x.example", true),
            (r"https://\w+?\.example", Compared::Whole, "https://abc.example", true),
        ] {
            let expression = Expression::perl(source, compared).expect(source);
            assert_eq!(expression.matches(origin), matches, "{source} {origin}");
        }
    }

    #[test]
    fn what_is_not_common_to_all_is_refused() {
        for source in [
            r"(?=a)", r"(?!a)", r"(?<=a)", r"(?<!a)", r"(?>a)", r"(?#a)", r"(?x)a", r"(?m)a", "a++", "a*+",
            "a{1,2}+", r"\1", r"\Qa\E", r"\pL", r"\K", r"\R", "a{,2}", "[a--b]", "a\\", "\u{e9}", "[[:alpha",
        ] {
            assert!(Expression::perl(source, Compared::Whole).is_err(), "{source}");
        }
        assert!(Expression::perl(r"a|b\.example", Compared::Host).is_err());
    }

    #[test]
    fn a_wildcard_for_one_label_is_narrower_than_a_pattern() {
        let one = Expression::wildcard("https://*.example.com", "[A-Za-z0-9-]+").expect("an expression");
        assert!(matches!(one.matched(), Matched::Narrower { .. }), "{:?}", one.matched());
        let any = Expression::wildcard("https://*.example.com", ".*").expect("an expression");
        assert_eq!(any.matched(), Matched::Exactly(vec!["https://*.example.com".to_owned()]));
    }
}
