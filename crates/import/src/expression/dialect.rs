//! An expression as programs of each language write and compare it.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;

use super::translation::{self, Dialect, translated};

/// The longest expression that is read.
const MAX_EXPRESSION: usize = 4096;

/// A regular expression that is searched for in an origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    /// As the source writes it.
    shown: String,
    syntax: Hir,
}

/// Which part of an origin an expression is compared with.
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
        let syntax = translated(source, &translation::JAVASCRIPT)?;
        let shown = fenced(source, if flags.contains('i') { "i" } else { "" });
        Self::read(&shown, &syntax, flags.contains('i'))
    }

    /// An expression of Python.
    ///
    /// # Errors
    /// What the expression has that cannot be read, as a noun.
    pub(crate) fn python(source: &str, ignores_case: bool, compared: Compared) -> Result<Self, &'static str> {
        let (inner, has_flag) = match source.strip_prefix("(?i)") {
            Some(inner) => (inner, true),
            None => (source, false),
        };
        Self::compared(source, inner, &translation::PYTHON, ignores_case || has_flag, compared)
    }

    /// An expression of PCRE or RE2 that is searched for.
    ///
    /// # Errors
    /// What the expression has that cannot be read, as a noun.
    pub fn pcre(source: &str, ignores_case: bool) -> Result<Self, &'static str> {
        Self::read(source, &translated(source, &translation::PCRE)?, ignores_case)
    }

    /// An expression of RE2, Go or PCRE: of a gateway that may use any of them.
    ///
    /// # Errors
    /// What the expression has that cannot be read, as a noun.
    pub(crate) fn common(source: &str, compared: Compared) -> Result<Self, &'static str> {
        Self::compared(&fenced(source, ""), source, &translation::COMMON, false, compared)
    }

    fn compared(
        shown: &str,
        source: &str,
        dialect: &Dialect,
        ignores_case: bool,
        compared: Compared,
    ) -> Result<Self, &'static str> {
        let syntax = translated(source, dialect)?;
        let syntax = match compared {
            Compared::Whole => format!("^(?:{syntax})$"),
            Compared::FromStart => format!("^(?:{syntax})"),
            Compared::Anywhere => syntax,
            Compared::Host => {
                // Anchors would have to mean the host.
                if syntax.replace("\\.", "").contains(['^', '$', '|', '\\']) {
                    return Err("anchors or alternatives, for a host name alone");
                }
                format!("^[a-z][a-z0-9+.-]*://(?:{syntax})(?::[0-9]+)?$")
            }
        };
        Self::read(shown, &syntax, ignores_case)
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
        Self::read(text, &format!("^{}$", parts.join(class)), false)
    }

    /// A text that must stand at the end, at the beginning, or anywhere in an origin.
    pub(crate) fn of_text(text: &str, at_start: bool, at_end: bool) -> Result<Self, &'static str> {
        let (start, end) = (if at_start { "^" } else { "" }, if at_end { "$" } else { "" });
        let syntax = format!("{start}{}{end}", regex_syntax::escape(text));
        Self::read(&fenced(&syntax, ""), &syntax, false)
    }

    /// A pattern of Spring, with the expression that Spring makes of it.
    pub(crate) fn spring(pattern: &str, syntax: &str) -> Result<Self, &'static str> {
        Self::read(pattern, syntax, false)
    }

    pub(super) fn read(shown: &str, syntax: &str, ignores_case: bool) -> Result<Self, &'static str> {
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
        Ok(Self { shown: shown.to_owned(), syntax })
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

/// An expression as JavaScript and most documentation write it.
fn fenced(source: &str, flags: &str) -> String {
    format!("/{source}/{flags}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::Matched;

    #[test]
    fn each_program_compares_its_own_part_of_the_origin() {
        for (source, compared, origin, matches) in [
            (r"https://.*\.example\.com", Compared::Whole, "https://a.example.com", true),
            (r"https://.*\.example\.com", Compared::Whole, "https://a.example.com.evil.example", false),
            (r"https://.*\.example\.com", Compared::FromStart, "https://a.example.com.evil.example", true),
            (r"example\.com", Compared::FromStart, "https://example.com", false),
            (r"example\.com", Compared::Anywhere, "https://example.com.evil.example", true),
            (r"a|https://b\.example", Compared::Whole, "https://b.example", true),
            (r"x|https://a", Compared::FromStart, "https://a.example", true),
            (r"(?i)HTTPS://A\.EXAMPLE", Compared::Whole, "https://a.example", true),
            (r"\Ahttps://a\.example\z", Compared::Anywhere, "https://a.example", true),
        ] {
            for expression in
                [Expression::common(source, compared), Expression::python(source, false, compared)]
            {
                assert_eq!(expression.expect(source).matches(origin), matches, "{source} {origin}");
            }
        }
    }

    #[test]
    fn an_expression_for_hosts_leaves_scheme_and_port_open() {
        for (origin, matches) in
            [("http://a.example.com:8080", true), ("https://a.example.com.evil.example", false)]
        {
            let expression = Expression::common(r".*\.example\.com", Compared::Host).expect("an expression");
            assert_eq!(expression.matches(origin), matches, "{origin}");
        }
        assert!(Expression::common(r"a|b\.example", Compared::Host).is_err());
        assert!(Expression::common(r"^b\.example", Compared::Host).is_err());
    }

    #[test]
    fn flags_of_javascript_that_change_where_it_searches_are_refused() {
        for flags in ["g", "y", "v", "m", "gi"] {
            assert!(Expression::javascript("a", flags).is_err(), "{flags}");
        }
        assert!(Expression::javascript("^HTTPS:", "i").expect("an expression").matches("https:"));
        assert!(Expression::pcre("^HTTPS$", true).expect("an expression").matches("https"));
        assert!(Expression::python("ABC", true, Compared::Whole).expect("an expression").matches("abc"));
    }

    #[test]
    fn a_wildcard_for_one_label_is_narrower_than_a_pattern() {
        let one = Expression::wildcard("https://*.example.com", "[A-Za-z0-9-]+").expect("an expression");
        assert!(matches!(one.matched(), Matched::Narrower { .. }), "{:?}", one.matched());
        let any = Expression::wildcard("https://*.example.com", ".*").expect("an expression");
        assert_eq!(any.matched(), Matched::Exactly(vec!["https://*.example.com".to_owned()]));
    }
}
