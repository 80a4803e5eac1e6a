//! Paths of routes, and the ways in which servers read the path of a request.
//!
//! The gateway forwards exactly the path that it matched, but a server behind it may read that path more
//! loosely: fold case, merge slashes, drop a trailing slash or `;parameters`, decode twice. If the gateway
//! matched one route and the server another, a request could bypass the stricter route's rules. So the
//! gateway reads a path exactly and in each of the ways of lax servers, and rejects it if the readings lead
//! to different routes.

mod folding;
mod pattern;
mod readings;
mod request;
mod segments;

pub use pattern::{PathError, PathPattern};
pub(crate) use readings::Reading;
pub use request::{AmbiguousPath, RequestPath};

/// The most bytes that the path of a request may have.
pub const MAX_PATH: usize = 8192;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Policy;

    fn route(patterns: &[&str], path: &str) -> Result<Option<usize>, AmbiguousPath> {
        route_with(false, patterns, path)
    }

    fn route_with(
        fold_suffixes: bool,
        patterns: &[&str],
        path: &str,
    ) -> Result<Option<usize>, AmbiguousPath> {
        let routes: Vec<_> = patterns
            .iter()
            .enumerate()
            .map(
                |(at, path)| serde_json::json!({ "name": format!("r{at}"), "path": path, "upstream": "api" }),
            )
            .collect();
        find(fold_suffixes, &serde_json::Value::from(routes), path)
    }

    fn find(
        fold_suffixes: bool,
        routes: &serde_json::Value,
        path: &str,
    ) -> Result<Option<usize>, AmbiguousPath> {
        let upstreams = serde_json::json!({ "api": "https://origin.example.net" });
        let document = serde_json::json!({
            "version": 1, "upstreams": upstreams, "routes": routes, "fold_suffixes": fold_suffixes,
        });
        let policy = Policy::read(document.to_string().as_bytes()).expect("a policy");
        let found = policy.routing.find(&policy.routes, "api.example.com", RequestPath::new(path)?)?;
        Ok(found.and_then(|found| policy.routes.iter().position(|route| core::ptr::eq(route, found))))
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
        // No route matches it exactly, but a lax server would match this one.
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
        for filler in ["a", "/", "/a", "%61", "%2525"] {
            let path = format!("/{}", filler.repeat((MAX_PATH - 1) / filler.len()));
            assert_eq!(route(&["/*"], &path), Ok(Some(0)), "{filler}");
            let path = format!("/{}", filler.repeat(MAX_PATH / filler.len() + 1));
            assert_eq!(route(&["/*"], &path), Err(AmbiguousPath), "{filler}");
        }
    }

    /// The route of a path among routes that keep encoded slashes, or do not.
    fn keeping(patterns: &[(&str, bool)], path: &str) -> Result<Option<usize>, AmbiguousPath> {
        let routes: Vec<_> = patterns
            .iter()
            .enumerate()
            .map(|(at, (path, keep))| {
                let encoded_slashes = if *keep { "keep" } else { "refuse" };
                serde_json::json!({
                    "name": format!("r{at}"), "path": path, "upstream": "api", "encoded_slashes": encoded_slashes,
                })
            })
            .collect();
        find(false, &serde_json::Value::from(routes), path)
    }

    #[test]
    fn encoded_slashes_pass_behind_the_path_of_a_route_that_keeps_them() {
        let patterns = [
            ("/projects/secret/*", true),
            ("/projects/*", true),
            ("/plain/*", false),
            ("/one", true),
            ("/@scope/pkg", true),
            ("/*", true),
        ];
        for (path, found) in [
            ("/projects/group%2Fname", 1),
            ("/projects/group%2fname/issues", 1),
            ("/projects/a%5cb", 1),
            ("/projects/a%2f", 1),
            ("/projects/%2fa", 1),
            ("/projects/a%2f%2fb", 1),
            ("/projects/group%2Fsub%2Fname", 1),
            ("/projects/secret/a%2fb", 0),
            ("/@scope%2fother", 5),
            ("/a%2fb", 5),
            ("/files%2fplain%2fx", 5),
        ] {
            assert_eq!(keeping(&patterns, path), Ok(Some(found)), "{path}");
        }
        for path in [
            // Another route's, once they are decoded.
            "/projects/secret%2fx",
            "/projects/secret%5Cx",
            "/projects/%2fsecret/x",
            "/projects/SECRET%2fx",
            "/projects%2fx",
            "/projects%2fsecret%2fx",
            "/x%2f..%2fprojects/y",
            "/@scope%2fpkg",
            "/one%2f",
            "/%2fone",
            // A route that does not keep them.
            "/plain/a%2fb",
            "/plain%2fb",
            // Beside what servers dispute whatever the routes are.
            "/projects/..%2fx",
            "/projects/x%2f..",
            "/projects/x%2f.%2fy",
            "/projects/x%2f..;y%2fz",
            "/projects/x%2f%2e%2e%2fy",
            "/projects/x%5c..%5cy",
            "/projects/a%2f%00",
            "/projects/a%2f%zz",
            // More readings than the gateway checks.
            "/projects/a%2fb%252fc",
        ] {
            assert_eq!(keeping(&patterns, path), Err(AmbiguousPath), "{path}");
        }
        // A single path has nothing behind it, and a path without a route stays refused.
        assert_eq!(keeping(&[("/one", true)], "/one%2fx"), Err(AmbiguousPath));
        assert_eq!(keeping(&[("/a/*", true)], "/b%2fx"), Err(AmbiguousPath));
        assert_eq!(keeping(&[("/*", false)], "/a%2fb"), Err(AmbiguousPath));
        assert_eq!(keeping(&[("/*", true)], "/a%2fb"), Ok(Some(0)));
        assert_eq!(keeping(&[("/*", true)], "/a%2f..%2fb"), Err(AmbiguousPath));
    }

    #[test]
    fn what_decodes_twice_normalizes_or_trims_reaches_no_other_route() {
        let patterns = ["/auth/login", "/admin/*", "/*"];
        for path in [
            "/auth/%256cogin",
            "/auth/%25256cogin",
            "/auth%252flogin",
            "/auth%25252flogin",
            "/auth%255clogin",
            "/auth/login%252f",
            "/auth/login%253bx",
            "/auth/login%2500",
            "/auth/login%2500x",
            "/auth/lo%2500gin",
            "/auth/lo%2509gin",
            "/auth/login%250a",
            "/auth/login%3f",
            "/auth/login%3fx/y",
            "/auth/login%23",
            "/auth/login%253fx",
            "/x/%252e%252e/admin/y",
            "/x/%252e./admin/y",
            "/x/.%252e/admin",
            "/x/%252e%252e%252fadmin",
            "/x%252f..%252fadmin/y",
            "/x/%252e%252e//admin/%252e/y",
            "/x//%252e%252e/admin/y",
            "/x/..%20/admin",
            "/x/%20../admin",
            "/x/..%253b/admin",
            "/%252e/admin",
            "/x/%25252e%25252e/admin/y",
            "/auth/login.",
            "/auth/login...",
            "/auth./login",
            "/auth/login%2e",
            "/auth/login%20",
            "/auth/login.%20.",
            "/auth/%20login",
            "/auth%20/login",
            "/auth/login%2520",
            "/auth/login%252e",
            "/auth/login%c2%a0",
            "/auth/login%c0%af",
            "/auth%c0%aflogin",
            "/auth%e0%80%aflogin",
            "/auth%f0%80%80%aflogin",
            "/auth%25c0%25aflogin",
            "/x/%c0%ae%c0%ae/admin",
            "/x/%c0%ae%c0%ae%c0%afadmin",
            "/auth/%c1%acogin",
            "/auth/login%c0%80",
            "/auth%ef%bc%8flogin",
            "/auth%ef%bc%bclogin",
            "/x/%ef%bc%8e%ef%bc%8e/admin",
            "/auth/%ef%bd%8cogin",
            "/auth/%ef%bc%acogin",
            "/auth/login%ef%bc%9bx",
            "/auth/%25ef%25bd%258cogin",
            "/auth%25u002flogin",
            "/auth/%25u006cogin",
            "/auth%25uff0flogin",
            "/auth/log%c4%b1n",
            "/auth/login%e2%80%8b",
            "/auth/lo%c2%adgin",
            "/%e2%80%a5/x/%e2%80%a5/admin",
            "/x/%e2%80%a5/admin",
            "/auth%e2%88%95login",
            "/%e2%93%90dmin",
            "/%f0%9d%90%9admin",
            // More readings than the gateway checks.
            "/a%252fb/%25252e%25252e/c",
            "/a%25252525252fb",
        ] {
            assert_eq!(route(&patterns, path), Err(AmbiguousPath), "{path}");
            assert_eq!(route(&["/*"], path), Ok(Some(0)), "{path} where there is no other route");
        }
        for (path, found) in [
            ("/files/a%252fb", 2),
            ("/files/a%2520b", 2),
            ("/files/100%25", 2),
            ("/files/a%255cb", 2),
            ("/files/%252e%252e/x", 2),
            ("/auth/%252e%252e/x", 2),
            ("/x%252fadmin", 2),
            ("/xadmin/%252e", 2),
            ("/admin/a%252fb", 1),
            ("/admin/x/%252e%252e/y", 1),
            ("/admin/%ef%bc%8f", 1),
            ("/auth/login.json", 2),
            ("/auth/logins.", 2),
            ("/files/what%3f", 2),
            ("/files/a.b.", 2),
            ("/%e6%97%a5%e6%9c%ac/%c3%a9", 2),
            ("/caf%e9", 2),
        ] {
            assert_eq!(route(&patterns, path), Ok(Some(found)), "{path}");
        }
        // This leaves the only route: a server that decodes twice answers for a path without a route.
        assert_eq!(route(&["/api/*"], "/api/%252e%252e/internal"), Err(AmbiguousPath));
        assert_eq!(route(&["/api/*"], "/api/x/%252e%252e/y"), Ok(Some(0)));
        // One server decodes once and resolves, then the next decodes again.
        assert_eq!(route(&["/x/admin", "/*"], "/x/%25252e%25252e/%252e%252e/admin"), Err(AmbiguousPath));
        assert_eq!(route(&["/kelvin", "/*"], "/%e2%84%aaelvin"), Err(AmbiguousPath));
        assert_eq!(route(&["/session", "/*"], "/%c5%bfe%c5%bfsion"), Err(AmbiguousPath));
    }

    #[test]
    fn format_suffixes_are_folded_only_where_the_policy_says_so() {
        let patterns = ["/auth/login", "/v1.0/*", "/report.pdf", "/api/*", "/*"];
        for (path, folded, kept) in [
            ("/auth/login.json", Err(AmbiguousPath), Ok(Some(4))),
            ("/auth/login.JSON", Err(AmbiguousPath), Ok(Some(4))),
            ("/auth/login%2ejson", Err(AmbiguousPath), Ok(Some(4))),
            ("/auth/login.json;x", Err(AmbiguousPath), Ok(Some(4))),
            ("/auth/login.json/", Err(AmbiguousPath), Ok(Some(4))),
            ("/auth/login.", Err(AmbiguousPath), Err(AmbiguousPath)),
            ("/auth/login.json2csv", Err(AmbiguousPath), Ok(Some(4))),
            ("/auth/login.ninechars", Ok(Some(4)), Ok(Some(4))),
            ("/auth/login.x-y", Ok(Some(4)), Ok(Some(4))),
            ("/auth.json/login", Ok(Some(4)), Ok(Some(4))),
            ("/auth/login", Ok(Some(0)), Ok(Some(0))),
            ("/report.pdf", Ok(Some(2)), Ok(Some(2))),
            ("/report", Err(AmbiguousPath), Ok(Some(4))),
            ("/report.html", Err(AmbiguousPath), Ok(Some(4))),
            ("/v1.0", Ok(Some(1)), Ok(Some(1))),
            ("/v1.0/users", Ok(Some(1)), Ok(Some(1))),
            ("/v1.0/users.json", Ok(Some(1)), Ok(Some(1))),
            ("/api/users.json", Ok(Some(3)), Ok(Some(3))),
            ("/api.json", Err(AmbiguousPath), Ok(Some(4))),
            ("/.json", Ok(Some(4)), Ok(Some(4))),
        ] {
            assert_eq!(route_with(true, &patterns, path), folded, "{path}");
            assert_eq!(route_with(false, &patterns, path), kept, "{path}");
        }
        // A route that names a path in full matches it, with or without a suffix.
        for (path, found) in [("/data.json", 0), ("/data", 1)] {
            assert_eq!(route_with(true, &["/data.json", "/data", "/*"], path), Ok(Some(found)), "{path}");
        }
        assert_eq!(route_with(true, &["/data.json", "/data", "/*"], "/data.xml"), Err(AmbiguousPath));
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
            ("/a%252fb", PathError::Hidden),
            ("/a%3fb", PathError::Hidden),
            ("/%ef%bc%8f", PathError::Hidden),
            ("/x/..%20/*", PathError::Hidden),
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
