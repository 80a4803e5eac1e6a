//! A regular expression of another language in the syntax of `regex-syntax`. What has no counterpart there, or means
//! something else, is refused: an expression is read exactly or not at all.
//!
//! Origins and paths are ASCII without line breaks, so the differences in what `.`, `$` and `\s` match do not matter.

use core::iter::Peekable;
use core::str::Chars;

/// What a language of regular expressions has that others write in another way, or do not have.
pub(super) struct Dialect {
    /// Escapes by a letter that mean what they mean in `regex-syntax`, outside a class.
    escapes: &'static str,
    /// The escape that matches at the end of the text, where it is not `\z`.
    end: Option<char>,
    /// The beginnings of groups, after `(`, other than of groups without a name.
    groups: &'static [&'static str],
    /// What `]` means as the first character of a class.
    first_bracket: FirstBracket,
    /// Whether `[[:alpha:]]` is a class of letters.
    has_posix_classes: bool,
    /// Whether `{,3}` is a repetition.
    has_open_bounds: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FirstBracket {
    Literal,
    Closes,
}

/// Escapes that mean the same inside a class as outside, in each dialect that has them.
const ESCAPES_IN_CLASSES: &str = "dDwWsSnrtfva";

/// JavaScript without the flag `v` (ECMAScript, 22.2 and annex B.1.2).
pub(super) const JAVASCRIPT: Dialect = Dialect {
    escapes: "dDwWsSnrtfvbB",
    end: None,
    groups: &["?:", "?<"],
    first_bracket: FirstBracket::Closes,
    has_posix_classes: false,
    has_open_bounds: false,
};

/// Python's `re` (docs.python.org, Regular Expression Syntax).
pub(super) const PYTHON: Dialect = Dialect {
    escapes: "dDwWsSnrtfvabBAz",
    end: Some('Z'),
    groups: &["?:", "?P<", "?i:"],
    first_bracket: FirstBracket::Literal,
    has_posix_classes: false,
    has_open_bounds: true,
};

/// What PCRE has in common with RE2 (nginx, Apache and Caddy).
pub(super) const PCRE: Dialect = Dialect {
    escapes: "dDwWsSnrtfbBAz",
    // The end, or a line break before it, which no origin has.
    end: Some('Z'),
    groups: &["?:", "?P<", "?<", "?i:", "?i)", "?s)"],
    first_bracket: FirstBracket::Literal,
    has_posix_classes: true,
    has_open_bounds: false,
};

/// What RE2 (Envoy, Istio), Go (Traefik) and PCRE (Kong, APISIX) have in common.
pub(super) const COMMON: Dialect = Dialect { end: None, ..PCRE };

/// Brings an expression of a dialect into the syntax of `regex-syntax`.
///
/// # Errors
/// What the expression has that cannot be read, as a noun.
pub(super) fn translated(source: &str, dialect: &Dialect) -> Result<String, &'static str> {
    if !source.is_ascii() {
        return Err("a letter beyond ASCII");
    }
    let mut translation = Translation {
        dialect,
        characters: source.chars().peekable(),
        syntax: String::with_capacity(source.len()),
    };
    translation.run()?;
    Ok(translation.syntax)
}

struct Translation<'s> {
    dialect: &'s Dialect,
    characters: Peekable<Chars<'s>>,
    syntax: String,
}

impl Translation<'_> {
    fn run(&mut self) -> Result<(), &'static str> {
        // Whether a quantifier may follow.
        let mut is_repeatable = false;
        while let Some(character) = self.characters.next() {
            let was_repeatable = core::mem::replace(&mut is_repeatable, true);
            match character {
                '\\' => is_repeatable = self.escape()?,
                '[' => self.class()?,
                '(' => {
                    is_repeatable = false;
                    self.group()?;
                }
                '*' | '+' | '?' => {
                    self.quantifier(character.encode_utf8(&mut [0; 4]), was_repeatable)?;
                    is_repeatable = false;
                }
                '{' => match bounds(self.characters.clone()) {
                    Some(bounds) if bounds.is_open && !self.dialect.has_open_bounds => {
                        return Err("a repetition without a lower bound");
                    }
                    Some(bounds) => {
                        self.skip(bounds.length);
                        self.quantifier(&bounds.written, was_repeatable)?;
                        is_repeatable = false;
                    }
                    None => self.literal('{'),
                },
                '^' | '$' | '|' => {
                    is_repeatable = false;
                    self.syntax.push(character);
                }
                ')' | '.' => self.syntax.push(character),
                _ => self.literal(character),
            }
        }
        Ok(())
    }

    /// What follows a backslash outside a class; whether a quantifier may follow it.
    fn escape(&mut self) -> Result<bool, &'static str> {
        let escaped = self.characters.next().ok_or("a backslash at its end")?;
        if self.dialect.end == Some(escaped) {
            self.syntax.push_str("\\z");
            return Ok(false);
        }
        if self.dialect.escapes.contains(escaped) {
            self.syntax.extend(['\\', escaped]);
            return Ok(!"bBAz".contains(escaped));
        }
        let literal = self.escaped_literal(escaped)?;
        self.literal(literal);
        Ok(true)
    }

    /// The character that `\x2e` or a backslash before punctuation stands for.
    fn escaped_literal(&mut self, escaped: char) -> Result<char, &'static str> {
        if escaped == 'x' {
            let mut digit = || self.characters.next_if(char::is_ascii_hexdigit)?.to_digit(16);
            let code = digit().zip(digit()).and_then(|(high, low)| char::from_u32(high * 16 + low));
            return code.filter(char::is_ascii).ok_or("a character by its code");
        }
        // Any other letter or digit is a back reference, a property, or an escape that other languages lack.
        if escaped.is_ascii_alphanumeric() { Err("an escape that is not read") } else { Ok(escaped) }
    }

    fn class(&mut self) -> Result<(), &'static str> {
        self.syntax.push('[');
        if self.characters.next_if_eq(&'^').is_some() {
            self.syntax.push('^');
        }
        if self.characters.peek() == Some(&']') {
            match self.dialect.first_bracket {
                // `[]` matches nothing and `[^]` anything.
                FirstBracket::Closes => return Err("an empty class"),
                FirstBracket::Literal => {
                    self.characters.next();
                    self.literal(']');
                }
            }
        }
        // After a class such as `\w`, a hyphen makes no range.
        let mut was_class = false;
        while let Some(character) = self.characters.next() {
            let follows_class = core::mem::replace(&mut was_class, false);
            match character {
                ']' => {
                    self.syntax.push(']');
                    return Ok(());
                }
                '\\' => {
                    let escaped = self.characters.next().ok_or("a backslash at its end")?;
                    if self.dialect.escapes.contains(escaped) && ESCAPES_IN_CLASSES.contains(escaped) {
                        was_class = "dDwWsS".contains(escaped);
                        self.syntax.extend(['\\', escaped]);
                    } else {
                        let literal = self.escaped_literal(escaped)?;
                        self.literal(literal);
                    }
                }
                '[' if self.dialect.has_posix_classes => match self.characters.peek() {
                    Some(':') => {
                        self.posix_class()?;
                        was_class = true;
                    }
                    Some('.' | '=') => return Err("a collating element"),
                    _ => self.literal('['),
                },
                '-' if self.characters.peek() == Some(&'-') => return Err("a range that begins with `-`"),
                '-' if !follows_class => self.syntax.push('-'),
                _ => self.literal(character),
            }
        }
        Err("a class without an end")
    }

    /// `[:alpha:]`, of which the first bracket is read.
    fn posix_class(&mut self) -> Result<(), &'static str> {
        let name: String = self.characters.clone().take_while(|it| *it != ']').collect();
        let is_name = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_lowercase());
        if !name.strip_prefix(':').and_then(|it| it.strip_suffix(':')).is_some_and(is_name) {
            return Err("a class that is not read");
        }
        self.syntax.push_str(&format!("[{name}]"));
        // The name and the bracket after it.
        self.skip(name.len() + 1);
        Ok(())
    }

    /// What follows `(`.
    fn group(&mut self) -> Result<(), &'static str> {
        self.syntax.push('(');
        if self.characters.peek() != Some(&'?') {
            return Ok(());
        }
        let rest: String = self.characters.clone().take(3).collect();
        let begin = self.dialect.groups.iter().find(|begin| rest.starts_with(**begin));
        match begin {
            Some(begin) if !rest.starts_with("?<=") && !rest.starts_with("?<!") => {
                self.syntax.push_str(begin);
                self.skip(begin.len());
                Ok(())
            }
            _ => Err("a look around or a group with flags"),
        }
    }

    /// A quantifier, and `?` after it, which changes what is matched first and not whether.
    fn quantifier(&mut self, written: &str, may_repeat: bool) -> Result<(), &'static str> {
        if !may_repeat {
            return Err("a quantifier of nothing");
        }
        self.syntax.push_str(written);
        if self.characters.next_if_eq(&'?').is_some() {
            self.syntax.push('?');
        }
        // `a++` gives nothing back in PCRE and Python.
        let mut rest = self.characters.clone();
        let is_repeated = match rest.next() {
            Some('*' | '+' | '?') => true,
            Some('{') => bounds(rest).is_some(),
            _ => false,
        };
        if is_repeated { Err("a repetition of a repetition") } else { Ok(()) }
    }

    fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.characters.next();
        }
    }

    fn literal(&mut self, character: char) {
        self.syntax.push_str(&regex_syntax::escape(character.encode_utf8(&mut [0; 4])));
    }
}

/// The bounds of a repetition.
struct Bounds {
    /// As `regex-syntax` has them.
    written: String,
    /// How many characters follow the brace.
    length: usize,
    /// Without a lower bound.
    is_open: bool,
}

/// `2}`, `2,}`, `,3}` or `2,3}`. Any other brace stands for itself.
fn bounds(characters: impl Iterator<Item = char>) -> Option<Bounds> {
    let rest: String = characters.take(12).collect();
    let (inner, _) = rest.split_once('}')?;
    let (low, high) = match inner.split_once(',') {
        Some((low, high)) => (low, Some(high)),
        None => (inner, None),
    };
    let is_number = |text: &str| text.len() <= 4 && text.bytes().all(|it| it.is_ascii_digit());
    let is_open = low.is_empty();
    let is_bound =
        is_number(low) && high.is_none_or(is_number) && !(is_open && high.is_none_or(str::is_empty));
    let low = if is_open { "0" } else { low };
    let written = match high {
        Some(high) => format!("{{{low},{high}}}"),
        None => format!("{{{low}}}"),
    };
    is_bound.then(|| Bounds { written, length: inner.len() + 1, is_open })
}

#[cfg(test)]
mod tests {
    use crate::expression::{Compared, Expression};

    /// Whether the expression matches the text, searched for; `None` if it cannot be read.
    fn matches(dialect: &str, source: &str, text: &str) -> Option<bool> {
        let expression = match dialect {
            "javascript" => Expression::javascript(source, ""),
            "python" => Expression::python(source, false, Compared::Anywhere),
            "pcre" => Expression::pcre(source, false),
            _ => Expression::common(source, Compared::Anywhere),
        };
        Some(expression.ok()?.matches(text))
    }

    const DIALECTS: [&str; 4] = ["javascript", "python", "pcre", "common"];

    #[test]
    fn what_all_dialects_share_is_read() {
        for (source, text, does) in [
            (r"^https:\/\/a\.example$", "https://a.example", true),
            (r"^https://a\-b$", "https://a-b", true),
            (r"^https://a.example$", "https://axexample", true),
            (r"^(?:a|b)$", "b", true),
            (r"^(a)$", "a", true),
            (r"^\w+\d$", "a1", true),
            (r"^a+?$", "aa", true),
            (r"^a{2}$", "aa", true),
            (r"^a{2,}$", "aaaa", true),
            (r"^a{1,2}?$", "aa", true),
            (r"^a{2}$", "a", false),
            ("^a{x}$", "a{x}", true),
            ("^a{}$", "a{}", true),
            ("^a{2$", "a{2", true),
            ("^a}$", "a}", true),
            (r"^\x2e$", ".", true),
            (r"^\x2e$", "a", false),
            (r"^\x41$", "A", true),
            (r"^\#\ $", "# ", true),
            (r"^\:\@$", ":@", true),
            ("^[a&&b]$", "&", true),
            ("^[~~]$", "~", true),
            ("^[[a]$", "[", true),
            (r"^[\w-.]+$", "a-.", true),
            (r"^[\w-.]+$", "a/", false),
            ("^[a-z-]+$", "a-", true),
            ("^[-a]$", "-", true),
            (r"^[^/]+$", "a/", false),
            (r"^[\]]$", "]", true),
            (r"^[\x2d-9]$", ".", true),
        ] {
            for dialect in DIALECTS {
                assert_eq!(matches(dialect, source, text), Some(does), "{dialect}: {source} and {text}");
            }
        }
    }

    #[test]
    fn what_a_dialect_alone_has_is_read_there() {
        for (source, text, of) in [
            ("^(?<o>a)$", "a", &["javascript", "pcre", "common"][..]),
            ("^(?P<o>a)$", "a", &["python", "pcre", "common"]),
            ("(?i)^A$", "a", &["python", "pcre", "common"]),
            ("^(?i:A)b$", "ab", &["python", "pcre", "common"]),
            (r"\Aa\z", "a", &["python", "pcre", "common"]),
            (r"\Aa\Z", "a", &["python", "pcre"]),
            ("^[]a]+$", "]a", &["python", "pcre", "common"]),
            ("^[[:alpha:]-]+$", "a-", &["pcre", "common"]),
            ("^[:al:]$", "l", &DIALECTS),
            ("^a{,2}$", "aa", &["python"]),
        ] {
            for dialect in DIALECTS {
                let expected = of.contains(&dialect).then_some(true);
                // `[[:alpha:]-]+` is a class and a literal bracket elsewhere.
                let found = matches(dialect, source, text).filter(|it| *it);
                assert_eq!(found, expected, "{dialect}: {source} and {text}");
            }
        }
        assert_eq!(matches("pcre", "^[[:digit:]]$", "a"), Some(false));
        assert_eq!(matches("python", "^[^]a]$", "]"), Some(false));
    }

    #[test]
    fn what_means_something_else_is_refused_everywhere() {
        for source in [
            "(?=a)",
            "^https://(?!evil)",
            "(?<=x)y",
            "(?<!x)y",
            "(?>a)",
            "(?|a)",
            "(?#a)",
            "(?m)^a",
            "(?x) a",
            "(?P=name)",
            "(?(1)a|b)",
            r"(a)\1",
            r"\k<a>",
            r"\Qa.b\E",
            r"\p{L}",
            r"\pL",
            r"\h",
            r"\G",
            r"\K",
            r"\R",
            r"\u0061",
            r"\N{DOT}",
            r"\q",
            r"\x",
            r"\x4",
            r"\xe9",
            r"\x{41}",
            r"\cA",
            r"\0",
            "a++",
            "a*+b",
            "a**",
            "a{2}+",
            "a{2}{3}",
            "a{1,2}+",
            "a+?+",
            "*a",
            "(*UTF8)a",
            "a|*b",
            "^*",
            r"\b+",
            "[a--b]",
            r"[\b]",
            r"[\B]",
            "[a",
            "a\\",
            "(",
            ")",
            "\u{e9}",
        ] {
            for dialect in DIALECTS {
                assert_eq!(matches(dialect, source, "a"), None, "{dialect}: {source}");
            }
        }
        for (dialect, source) in [
            ("javascript", "[]"),
            ("javascript", "[^]"),
            ("javascript", "[]a]"),
            ("javascript", r"\Ahttps"),
            ("javascript", "(?i:a)"),
            ("pcre", "[[.a.]]"),
            ("common", "[[=a=]]"),
            ("pcre", "[[:alpha"),
            ("pcre", "[[:^alpha:]]"),
            ("pcre", "a{,2}"),
            ("common", "a{,2}"),
            ("javascript", "a{,2}"),
        ] {
            assert_eq!(matches(dialect, source, "a"), None, "{dialect}: {source}");
        }
    }

    #[test]
    fn what_is_too_deep_or_too_long_is_refused() {
        for source in
            ["(".repeat(4000), format!("{}{}", "(".repeat(2000), ")".repeat(2000)), "a".repeat(5000)]
        {
            for dialect in DIALECTS {
                assert_eq!(matches(dialect, &source, "a"), None, "{dialect}");
            }
        }
    }
}
