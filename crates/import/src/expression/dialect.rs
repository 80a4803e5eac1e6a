//! An expression of another language in the syntax of `regex-syntax`. What has no counterpart there, or means something
//! else, is refused.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;

/// The longest expression that is read.
const MAX_EXPRESSION: usize = 4096;

/// A regular expression that is searched for in an origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    /// As the source writes it.
    shown: String,
    syntax: Hir,
}

impl Expression {
    /// An expression of JavaScript (ECMAScript, 22.2) without the slashes around it.
    ///
    /// # Errors
    /// What the expression has that cannot be read, as a noun.
    pub fn javascript(source: &str, flags: &str) -> Result<Self, &'static str> {
        if flags.contains(['g', 'y']) {
            return Err("the flag `g` or `y`, with which `test` begins where the last match ended");
        }
        if flags.contains(['v', 'm']) {
            return Err("the flag `v` or `m`");
        }
        Self::read(source, &translated(source)?, flags.contains('i'), '/')
    }

    /// A text that must stand at the end, at the beginning, or anywhere in an origin.
    pub(crate) fn of_text(text: &str, at_start: bool, at_end: bool) -> Result<Self, &'static str> {
        let (start, end) = (if at_start { "^" } else { "" }, if at_end { "$" } else { "" });
        let syntax = format!("{start}{}{end}", regex_syntax::escape(text));
        Self::read(&syntax, &syntax, false, '/')
    }

    /// A pattern of Spring, with the expression that Spring makes of it.
    pub(crate) fn spring(pattern: &str, syntax: &str) -> Result<Self, &'static str> {
        Self::read(pattern, syntax, false, '\0')
    }

    pub(super) fn read(
        shown: &str,
        syntax: &str,
        ignores_case: bool,
        fence: char,
    ) -> Result<Self, &'static str> {
        if syntax.len() > MAX_EXPRESSION {
            return Err("more than 4,096 characters");
        }
        let mut parser = ParserBuilder::new();
        parser.unicode(false).utf8(false).case_insensitive(ignores_case).dot_matches_new_line(true);
        let syntax = parser
            .nest_limit(50)
            .build()
            .parse(syntax)
            .map_err(|_| "syntax that only its own language has")?;
        let shown = match fence {
            '/' => format!("/{shown}/{}", if ignores_case { "i" } else { "" }),
            _ => shown.to_owned(),
        };
        Ok(Self { shown, syntax })
    }

    /// The expression as the source writes it, on one line.
    #[must_use]
    pub fn shown(&self) -> String {
        match self.shown.split_once('@') {
            // A user name and password.
            Some((before, after)) => {
                let scheme = before.find("//").map_or(0, |at| at + 2);
                crate::shown::line(&format!("{}…@{after}", before.get(..scheme).unwrap_or_default()))
            }
            None => crate::shown::line(&self.shown),
        }
    }

    pub(crate) fn syntax(&self) -> &Hir {
        &self.syntax
    }
}

/// Brings an expression of JavaScript without the flag `v` into the other syntax.
fn translated(source: &str) -> Result<String, &'static str> {
    if !source.is_ascii() {
        return Err("a letter beyond ASCII");
    }
    let mut syntax = String::with_capacity(source.len());
    let mut in_class = false;
    let mut characters = source.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                let escaped = characters.next().ok_or("a backslash at its end")?;
                match escaped {
                    'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'n' | 'r' | 't' | 'f' | 'v' => {}
                    'b' | 'B' if !in_class => {}
                    // Anything else of letters and digits is a back reference, a property or a code.
                    _ if escaped.is_ascii_alphanumeric() => return Err("an escape that only JavaScript has"),
                    // Without the flag `u`, any other character stands for itself.
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
                // `[]` matches nothing and `[^]` anything; elsewhere `]` would be a literal here.
                if characters.peek() == Some(&']') {
                    return Err("an empty class");
                }
            }
            ']' if in_class => {
                in_class = false;
                syntax.push(']');
            }
            // Operators of classes in the other syntax.
            '[' | '&' | '~' if in_class => push_literal(character, &mut syntax),
            '-' if in_class && characters.peek() == Some(&'-') => return Err("a range that begins with `-`"),
            '(' if !in_class && characters.peek() == Some(&'?') => {
                let rest: String = characters.clone().take(3).collect();
                if rest.starts_with("?:") {
                    characters.next();
                    characters.next();
                    syntax.push_str("(?:");
                } else if rest.starts_with("?<") && !rest.starts_with("?<=") && !rest.starts_with("?<!") {
                    syntax.push('(');
                } else {
                    return Err("a look around");
                }
            }
            _ => syntax.push(character),
        }
    }
    Ok(syntax)
}

pub(super) fn push_literal(character: char, syntax: &mut String) {
    let mut buffer = [0; 4];
    syntax.push_str(&regex_syntax::escape(character.encode_utf8(&mut buffer)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_else_is_refused() {
        for (source, flags) in [
            (r"^https://(?!evil)", ""),
            (r"(?<=x)y", ""),
            (r"\p{L}", ""),
            (r"\Ahttps", ""),
            (r"(a)\1", ""),
            (r"\u0061", ""),
            ("[]", ""),
            ("[^]", ""),
            ("a", "g"),
            ("a", "y"),
            ("a", "v"),
            ("(?i:a)", ""),
            ("a\\", ""),
            ("\u{e9}", ""),
        ] {
            assert!(Expression::javascript(source, flags).is_err(), "{source}");
        }
        assert!(Expression::javascript(&"(".repeat(4000), "").is_err());
        assert!(Expression::javascript(&format!("{}{}", "(".repeat(2000), ")".repeat(2000)), "").is_err());
    }

    #[test]
    fn what_differs_is_brought_over() {
        for (source, text, matches) in [
            (r"^[a&&b]$", "&", true),
            (r"^[[a]$", "[", true),
            (r"^https:\/\/a$", "https://a", true),
            (r"^\-\:\@$", "-:@", true),
            (r"^(?<name>a)$", "a", true),
            (r"^\#\ $", "# ", true),
            (r"^[~~]$", "~", true),
        ] {
            assert_eq!(Expression::javascript(source, "").expect(source).matches(text), matches, "{source}");
        }
    }
}
