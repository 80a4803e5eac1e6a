//! Paths of routes, and the two readings of a request's path.
//!
//! The gateway forwards the very path it matched, but a server behind it may read that path more
//! loosely than the gateway does: fold case, merge slashes, drop a slash at the end or `;parameters`.
//! Were a request matched as one route here and read as another there, the stricter route's rules
//! would be walked around. So each path is read twice, exactly and as loosely as servers do, and a
//! path on which the readings disagree is refused rather than guessed at.

use core::fmt;

/// The path of a route: one path, or with `/*` at its end all below a prefix, the prefix too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern {
    /// The text without `/*`; empty for `/*` itself.
    stem: String,
    prefix: bool,
    exact: Vec<Vec<u8>>,
    loose: Vec<Vec<u8>>,
}

/// What keeps a text from being the path of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathError {
    /// No `/` at the start.
    NotAbsolute,
    /// A `*` that is not the `/*` at the end.
    Wildcard,
    /// Two slashes in a row.
    EmptySegment,
    /// `.` or `..`, plain or encoded: URL parsing removes them, so they never match.
    DotSegment,
    /// A `%` without two hex digits, or one that hides a `/`, `\` or control character.
    Escape,
    /// A query or a fragment.
    NotOnlyPath,
    /// A character that URLs percent-encode.
    NotEncoded,
    /// A `;`, behind which servers disagree.
    Parameters,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAbsolute => "a path begins with `/`",
            Self::Wildcard => "`*` can only stand as `/*` at the end of a path",
            Self::EmptySegment => "a path has no empty segments",
            Self::DotSegment => "`.` and `..` are resolved before a path is matched",
            Self::Escape => "a `%` is not followed by two hex digits of a character a path can hold",
            Self::NotOnlyPath => "a path has no query and no fragment",
            Self::NotEncoded => "a character must be percent-encoded, as browsers do",
            Self::Parameters => "`;` cannot stand in the path of a route",
        })
    }
}

impl core::error::Error for PathError {}

impl PathPattern {
    /// Reads `/auth/refresh`, `/api/*` or `/*`.
    ///
    /// # Errors
    /// When a request's path, once parsed, could never have this form.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let (stem, prefix) = match text.strip_suffix("/*") {
            Some(stem) => (stem, true),
            None => (text, false),
        };
        if !(stem.starts_with('/') || stem.is_empty() && prefix) {
            return Err(PathError::NotAbsolute);
        }
        check_stem(stem)?;
        if prefix && stem.ends_with('/') {
            return Err(PathError::EmptySegment);
        }
        let exact = segments(stem).map(|segment| decode(segment).collect()).collect();
        let loose = loose_segments(stem).map(Iterator::collect).collect();
        Ok(Self { stem: stem.to_owned(), prefix, exact, loose })
    }

    /// Whether the path of a request, read exactly, belongs to the route. Segments are compared
    /// percent-decoded once.
    fn matches(&self, path: RequestPath<'_>) -> bool {
        match path.reading {
            Reading::Plain => self.matches_plain(path.text),
            Reading::Odd => is_prefix(&self.exact, segments(path.text).map(decode), self.prefix),
        }
    }

    /// [`matches`](Self::matches) for a path in which nothing is encoded: the bytes decide.
    fn matches_plain(&self, path: &str) -> bool {
        match path.strip_prefix(self.stem.as_str()) {
            Some("") => true,
            Some(rest) => self.prefix && rest.starts_with('/'),
            None => false,
        }
    }

    /// Whether the path of a request, read as loosely as any server does, belongs to the route.
    fn matches_loosely(&self, path: RequestPath<'_>) -> bool {
        is_prefix(&self.loose, loose_segments(path.text), self.prefix)
    }

    /// Whether every path of `other`, read as loosely as any server does, is one of this pattern:
    /// then a route behind this one can never be told from it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        (self.prefix || !other.prefix)
            && is_prefix(&self.loose, other.loose.iter().map(|segment| segment.iter().copied()), self.prefix)
    }

    /// Whether both readings of the pattern are one.
    fn is_plain(&self) -> bool {
        self.stem.is_empty() || self.stem == "/" || is_plain(&self.stem)
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.stem, if self.prefix { "/*" } else { "" })
    }
}

/// The path of a request: what URL parsing (WHATWG URL, "path state") has made of its target.
#[derive(Clone, Copy, Debug)]
pub struct RequestPath<'a> {
    text: &'a str,
    reading: Reading,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// Lower-case, nothing encoded, no empty segment, no `;`: loosely read, it is itself.
    Plain,
    Odd,
}

/// A path that could be read as another one: an encoded slash, backslash, control character or dot
/// segment, a bad escape, or a loosest reading that belongs to another route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AmbiguousPath;

impl<'a> RequestPath<'a> {
    /// Takes a parsed pathname.
    ///
    /// # Errors
    /// When the path is ambiguous whatever the routes are.
    pub fn new(text: &'a str) -> Result<Self, AmbiguousPath> {
        if text == "/" || is_plain(text) {
            return Ok(Self { text, reading: Reading::Plain });
        }
        if !text.starts_with('/') || !segments(text).all(is_unambiguous) {
            return Err(AmbiguousPath);
        }
        Ok(Self { text, reading: Reading::Odd })
    }

    /// The first of the patterns that the path belongs to.
    ///
    /// `plain_patterns` says that each pattern reads the same both ways, which spares a plain path
    /// the second reading.
    ///
    /// # Errors
    /// When its loosest reading belongs to another one.
    pub fn first_match<'p, I>(self, patterns: I, plain_patterns: bool) -> Result<Option<usize>, AmbiguousPath>
    where
        I: Iterator<Item = (usize, &'p PathPattern)> + Clone,
    {
        let first = |matches: fn(&PathPattern, Self) -> bool| {
            patterns.clone().find(|(_, pattern)| matches(pattern, self)).map(|(at, _)| at)
        };
        let exact = first(PathPattern::matches);
        if plain_patterns && self.reading == Reading::Plain {
            return Ok(exact);
        }
        let loose = first(PathPattern::matches_loosely);
        if loose == exact { Ok(exact) } else { Err(AmbiguousPath) }
    }
}

/// Whether all patterns are such that a plain path reads the same both ways.
pub(crate) fn plain_patterns<'p>(mut patterns: impl Iterator<Item = &'p PathPattern>) -> bool {
    patterns.all(PathPattern::is_plain)
}

fn is_plain(path: &str) -> bool {
    let mut previous = b'x';
    for byte in path.bytes() {
        let plain = match byte {
            b'a'..=b'z'
            | b'0'..=b'9'
            | b'-'
            | b'_'
            | b'~'
            | b'!'
            | b'$'
            | b'&'
            | b'\''
            | b'('
            | b')'
            | b'*'
            | b'+'
            | b','
            | b'='
            | b':'
            | b'@' => true,
            // A dot behind a slash may be a dot segment, a slash behind a slash an empty one.
            b'.' | b'/' => previous != b'/',
            _ => false,
        };
        if !plain {
            return false;
        }
        previous = byte;
    }
    previous != b'/' && path.starts_with('/')
}

fn check_stem(stem: &str) -> Result<(), PathError> {
    for byte in stem.bytes() {
        match byte {
            b'*' => return Err(PathError::Wildcard),
            b'?' | b'#' => return Err(PathError::NotOnlyPath),
            b';' => return Err(PathError::Parameters),
            0..=b' ' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | 0x7f.. => {
                return Err(PathError::NotEncoded);
            }
            _ => {}
        }
    }
    let mut left = segments(stem).count();
    for segment in segments(stem) {
        left -= 1;
        if segment.is_empty() && left > 0 {
            return Err(PathError::EmptySegment);
        }
        let decoded: Vec<u8> = decode(segment).collect();
        if matches!(decoded.as_slice(), b"." | b"..") {
            return Err(PathError::DotSegment);
        }
        if !is_unambiguous(segment) {
            return Err(PathError::Escape);
        }
    }
    Ok(())
}

/// The segments of an absolute path: `/a/b/` has `a`, `b` and an empty one, the empty stem none.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').skip(1)
}

/// The segments as the loosest server reads them: decoded, lower-case, without `;` and what follows
/// it, and without empty ones.
fn loose_segments(path: &str) -> impl Iterator<Item = impl Iterator<Item = u8> + Clone> {
    segments(path)
        .map(|segment| decode(segment).take_while(|byte| *byte != b';').map(|byte| byte.to_ascii_lowercase()))
        .filter(|segment| segment.clone().next().is_some())
}

/// Percent-decodes once. What is no escape stands for itself; [`is_unambiguous`] refuses it.
fn decode(segment: &str) -> impl Iterator<Item = u8> + Clone {
    let mut bytes = segment.bytes();
    core::iter::from_fn(move || {
        let byte = bytes.next()?;
        if byte != b'%' {
            return Some(byte);
        }
        let mut ahead = bytes.clone();
        match (ahead.next().and_then(hex), ahead.next().and_then(hex)) {
            (Some(high), Some(low)) => {
                bytes = ahead;
                Some(high << 4 | low)
            }
            _ => Some(byte),
        }
    })
}

fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// Whether a segment reads the same for everyone who decodes it.
fn is_unambiguous(segment: &str) -> bool {
    let escapes = segment.split('%').skip(1).all(|escape| {
        let mut bytes = escape.bytes();
        bytes.next().and_then(hex).is_some() && bytes.next().and_then(hex).is_some()
    });
    let harmless = decode(segment).all(|byte| !matches!(byte, b'/' | b'\\' | 0..0x20 | 0x7f));
    let name = || decode(segment).take_while(|byte| *byte != b';');
    let dots = name().all(|byte| byte == b'.') && matches!(name().take(3).count(), 1 | 2);
    escapes && harmless && !dots
}

/// Whether the segments are those of the pattern, or with `prefix` begin with them.
fn is_prefix(
    pattern: &[Vec<u8>],
    mut segments: impl Iterator<Item = impl Iterator<Item = u8>>,
    prefix: bool,
) -> bool {
    let begins = pattern
        .iter()
        .all(|expected| segments.next().is_some_and(|segment| segment.eq(expected.iter().copied())));
    begins && (prefix || segments.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn route(patterns: &[&str], path: &str) -> Result<Option<usize>, AmbiguousPath> {
        let patterns: Vec<_> = patterns.iter().map(|text| PathPattern::parse(text).expect(text)).collect();
        let plain = plain_patterns(patterns.iter());
        let found = RequestPath::new(path)?.first_match(patterns.iter().enumerate(), plain);
        // The quick way must never answer otherwise than the careful one.
        let careful = RequestPath { text: path, reading: Reading::Odd };
        assert_eq!(found, careful.first_match(patterns.iter().enumerate(), false), "{path}");
        found
    }

    #[test]
    fn the_first_pattern_in_order_takes_the_path() {
        let patterns = ["/auth/refresh", "/auth/*", "/api/v1/*", "/"];
        for (path, found) in [
            ("/auth/refresh", Some(0)),
            ("/auth/refresh/x", Some(1)),
            ("/auth", Some(1)),
            ("/auth/", Some(1)),
            ("/authx", None),
            ("/api/v1", Some(2)),
            ("/api/v1/users/42", Some(2)),
            ("/api/v1/Users/42/", Some(2)),
            ("/api/v1/%75sers", Some(2)),
            ("/%61pi/v1/users", Some(2)),
            ("/api/v1/a%20b", Some(2)),
            ("/api/v1/.well-known/x", Some(2)),
            ("/api/v1//users", Some(2)),
            ("/api/v1/users;v=1", Some(2)),
            ("/api/v1/%ff", Some(2)),
            ("/api/v10", None),
            ("/", Some(3)),
            ("/x", None),
        ] {
            assert_eq!(route(&patterns, path), Ok(found), "{path}");
        }
        assert_eq!(route(&["/*"], "/anything/At//all;x"), Ok(Some(0)));
    }

    #[test]
    fn what_could_be_another_route_is_refused() {
        let patterns = ["/auth/login", "/api/admin", "/admin/*", "/a/*", "/*"];
        for path in [
            "/AUTH/LOGIN",
            "/auth/login/",
            "/auth//login",
            "//auth/login",
            "/auth/login;x",
            "/auth;x=1/login",
            "/auth/;/login",
            "/auth/login%3bx",
            "/api//admin",
            "/api/%41dmin",
            "/Admin",
            "//admin/x",
        ] {
            assert_eq!(route(&patterns, path), Err(AmbiguousPath), "{path}");
        }
        for (path, found) in
            [("/api/%61dmin", 1), ("/admin/", 2), ("/a/x", 3), ("/A-x", 4), ("//evil.com/x", 4)]
        {
            assert_eq!(route(&patterns, path), Ok(Some(found)), "{path}");
        }
        // No route takes it exactly, but a lax server would read it as one.
        assert_eq!(route(&["/auth/login"], "/AUTH/LOGIN"), Err(AmbiguousPath));
    }

    #[test]
    fn what_servers_decode_differently_is_refused_on_any_route() {
        for path in [
            "/a%2fb",
            "/a%2Fb",
            "/a%5cb",
            "/a%00b",
            "/a%0ab",
            "/a%7f",
            "/a%",
            "/a%2",
            "/a%zz",
            "/a/..;/admin",
            "/a/.;x/admin",
            "/a/%2e%2e;/admin",
            "/a/..%3b/admin",
            "/a/../b",
            "/a/.",
            "/%2e%2e/b",
            "a",
            "",
            "*",
        ] {
            assert_eq!(route(&["/*"], path), Err(AmbiguousPath), "{path}");
        }
        for path in ["/a/...", "/a/..b", "/a/.b", "/a%252fb"] {
            assert_eq!(route(&["/*"], path), Ok(Some(0)), "{path}");
        }
    }

    #[test]
    fn patterns_with_capitals_escapes_or_a_slash_at_the_end_match_themselves() {
        let patterns = ["/Users/*", "/caf%C3%A9", "/login/"];
        for (path, found) in [
            ("/Users/x", Ok(Some(0))),
            ("/users/x", Err(AmbiguousPath)),
            ("/caf%c3%a9", Ok(Some(1))),
            ("/login/", Ok(Some(2))),
            ("/login", Err(AmbiguousPath)),
        ] {
            assert_eq!(route(&patterns, path), found, "{path}");
        }
    }

    #[test]
    fn a_pattern_that_no_parsed_path_has_is_refused() {
        for (text, error) in [
            ("", PathError::NotAbsolute),
            ("api/*", PathError::NotAbsolute),
            ("*", PathError::NotAbsolute),
            ("/api*", PathError::Wildcard),
            ("/*/api", PathError::Wildcard),
            ("/*/*", PathError::Wildcard),
            ("//", PathError::EmptySegment),
            ("/api//x", PathError::EmptySegment),
            ("//*", PathError::EmptySegment),
            ("/api/../x", PathError::DotSegment),
            ("/api/%2e/x", PathError::DotSegment),
            ("/api/%zz", PathError::Escape),
            ("/api/%2f", PathError::Escape),
            ("/api?x", PathError::NotOnlyPath),
            ("/api#x", PathError::NotOnlyPath),
            ("/a b", PathError::NotEncoded),
            ("/café", PathError::NotEncoded),
            ("/a;b", PathError::Parameters),
        ] {
            assert_eq!(PathPattern::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn covering_follows_the_loosest_reading() {
        let covers =
            |a: &str, b: &str| PathPattern::parse(a).expect(a).covers(&PathPattern::parse(b).expect(b));
        for (wide, narrow) in [
            ("/*", "/api/*"),
            ("/api/*", "/api"),
            ("/api/*", "/API/x"),
            ("/api", "/api"),
            ("/login", "/login/"),
        ] {
            assert!(covers(wide, narrow), "{wide} covers {narrow}");
        }
        for (a, b) in [("/api", "/api/*"), ("/api/*", "/apix"), ("/api/x", "/api/*")] {
            assert!(!covers(a, b), "{a} does not cover {b}");
        }
    }
}
