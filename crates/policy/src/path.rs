//! Paths of routes, and the two readings of a request's path.
//!
//! The gateway forwards the very path it matched, but a server behind it may read that path more
//! loosely than the gateway does: fold case, merge slashes, drop a slash at the end or `;parameters`.
//! Were a request matched as one route here and read as another there, the stricter route's rules
//! would be walked around. So each path is read twice, exactly and as loosely as servers do, and a
//! path on which the readings disagree is refused rather than guessed at.

mod pattern;
mod request;
mod segments;

pub use pattern::{PathError, PathPattern};
pub(crate) use request::plain_patterns;
pub use request::{AmbiguousPath, RequestPath};

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
        let careful = RequestPath::read_carefully(path);
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
            ("/%7Eu/*", PathError::NeedlessEscape),
            ("/%61pi", PathError::NeedlessEscape),
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
