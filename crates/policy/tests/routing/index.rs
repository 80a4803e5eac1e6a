//! The index finds the same route as a scan of all routes, and the same hidden routes as a comparison of all pairs.

use std::collections::BTreeSet;

use corsgate_policy::Policy;
use corsgate_policy::grammar::host::HostPattern;
use corsgate_policy::path::PathPattern;
use corsgate_policy::policy::document::RouteDocument;
use corsgate_policy::policy::violation::Violation;
use proptest::prelude::*;

use crate::routing::{Found, document, find};

/// More than the index tests one by one.
const HOSTS: [&str; 12] = [
    "a.example",
    "*.a.example",
    "b.a.example",
    "*.b.a.example",
    "-c.b.a.example",
    "*.example",
    "example",
    "1.d",
    "2.d",
    "*.d",
    "c.example",
    "*.c.b.a.example",
];

const ASKED: [&str; 11] = [
    "a.example",
    "b.a.example",
    "x.a.example",
    "-c.b.a.example",
    "x.y.b.a.example",
    ".a.example",
    "example",
    "1.d",
    "3.d",
    "x.y.c.b.a.example",
    "other",
];

fn names() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&["a", "b", "A", "ab", "a!", "a-", "a%20", "%C3%A9", "c", "~"][..])
}

fn paths() -> impl Strategy<Value = String> {
    let stems = prop::collection::vec(names(), 0..4);
    (stems, any::<bool>(), any::<bool>()).prop_map(|(names, prefix, slash)| {
        let stem: String = names.iter().map(|name| format!("/{name}")).collect();
        match (prefix, slash || stem.is_empty()) {
            (true, _) => stem + "/*",
            (false, true) => stem + "/",
            (false, false) => stem,
        }
    })
}

fn routes() -> impl Strategy<Value = Vec<(String, Vec<&'static str>)>> {
    let hosts = prop_oneof![
        1 => Just(vec![]),
        3 => prop::sample::subsequence(&HOSTS[..], 1..6),
    ];
    prop::collection::vec((paths(), hosts), 1..30)
}

struct Scanned<'d> {
    route: &'d RouteDocument,
    path: PathPattern,
    hosts: Vec<HostPattern>,
}

fn scanned(routes: &[RouteDocument]) -> Vec<Scanned<'_>> {
    let mut scanned = Vec::new();
    for route in routes {
        let hosts =
            route.hosts.iter().flatten().map(|host| HostPattern::parse(host).expect("a host")).collect();
        scanned.push(Scanned { route, path: PathPattern::parse(&route.path).expect("a path"), hosts });
    }
    scanned
}

impl Scanned<'_> {
    fn hides(&self, later: &Self) -> bool {
        let covers = |host: &HostPattern| self.hosts.iter().any(|pattern| pattern.covers(host));
        let hosts = self.hosts.is_empty() || !later.hosts.is_empty() && later.hosts.iter().all(covers);
        hosts && self.path.covers(&later.path)
    }

    fn answers_for(&self, host: &str) -> bool {
        self.hosts.is_empty() || self.hosts.iter().any(|pattern| pattern.matches(host))
    }

    /// For paths in which only the case of letters, spaces and a final slash can be read differently.
    fn matches(&self, path: &str) -> bool {
        let stem = self.route.path.strip_suffix("/*");
        let begins =
            |stem: &str| path.strip_prefix(stem).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        stem.map_or(self.route.path == path, begins)
    }
}

/// Routes that a document can have together: hidden routes are left out.
fn readable(routes: Vec<(String, Vec<&'static str>)>) -> Vec<(String, Vec<&'static str>)> {
    let mut kept = Vec::new();
    for route in routes {
        kept.push(route);
        let documents = document(kept.iter().map(|(path, hosts)| (path.as_str(), hosts.as_slice())));
        if Policy::from_document(&documents).is_err() {
            kept.pop();
        }
    }
    kept
}

/// Deeper than the index tells depths apart.
const DEEPEST: usize = 70;

#[test]
fn a_route_is_found_at_any_depth_among_many() {
    let stem = |depth: usize| "/a".repeat(depth);
    let paths: Vec<_> = (0..DEEPEST)
        .flat_map(|depth| {
            [format!("{}/single", stem(depth)), format!("{}/b", stem(depth)), format!("{}/b/*", stem(depth))]
        })
        .collect();
    let document = document(paths.iter().map(|path| (path.as_str(), &["a.example"][..])));
    let policy = Policy::from_document(&document).expect("a policy");
    for depth in 0..DEEPEST {
        let rows = [
            ("single", Found::Route(3 * depth)),
            ("b", Found::Route(3 * depth + 1)),
            ("b/b", Found::Route(3 * depth + 2)),
            ("b/single/x", Found::Route(3 * depth + 2)),
            ("single/x", Found::None),
            ("c", Found::None),
        ];
        for (name, expected) in rows {
            let path = format!("{}/{name}", stem(depth));
            assert_eq!(find(&policy, "a.example", &path), expected, "{path}");
            assert_eq!(find(&policy, "b.example", &path), Found::None, "{path}");
        }
        assert_eq!(find(&policy, "a.example", &format!("{}/a", stem(depth))), Found::None);
    }
}

#[test]
fn a_host_is_found_among_many_hosts_and_wildcards() {
    let hosts: Vec<_> = (0..40)
        .map(|at| {
            if at % 2 == 0 { format!("h{at}.example") } else { format!("*.{}h{at}.example", "x.".repeat(at)) }
        })
        .collect();
    let hosts: Vec<_> = hosts.iter().map(|host| [host.as_str()]).collect();
    let policy =
        Policy::from_document(&document(hosts.iter().map(|host| ("/*", &host[..])))).expect("a policy");
    for (at, [host]) in hosts.iter().enumerate() {
        let (host, others) = match host.strip_prefix("*.") {
            Some(parent) => (format!("y.{parent}"), [parent.to_owned(), format!("y{parent}")]),
            None => ((*host).to_owned(), [format!("y.{host}"), format!("y{host}")]),
        };
        assert_eq!(find(&policy, &host, "/"), Found::Route(at), "{host}");
        for other in others {
            assert_eq!(find(&policy, &other, "/"), Found::None, "{other}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn hidden_routes_are_those_that_a_comparison_of_all_pairs_finds(routes in routes()) {
        let document = document(routes.iter().map(|(path, hosts)| (path.as_str(), hosts.as_slice())));
        let all = scanned(&document.routes);
        let expected: BTreeSet<_> = all.iter().enumerate().filter_map(|(at, later)| {
            let hiding = all.iter().take(at).find(|earlier| earlier.hides(later))?;
            Some((format!("routes[{at}].path"), hiding.route.name.clone()))
        }).collect();
        let problems = Policy::from_document(&document).err().unwrap_or_default();
        let found: BTreeSet<_> = problems.iter().map(|problem| match &problem.violation {
            Violation::Unreachable(hiding) => (problem.place.to_string(), hiding.clone()),
            other => panic!("{other:?}"),
        }).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn the_index_finds_the_route_that_a_scan_finds(routes in routes(), path in paths()) {
        let path = path.replace('*', "b");
        let asked = PathPattern::parse(&path).expect("a path");
        let routes = readable(routes);
        let document = document(routes.iter().map(|(path, hosts)| (path.as_str(), hosts.as_slice())));
        let policy = Policy::from_document(&document).expect("a policy");
        let all = scanned(&document.routes);
        for host in ASKED {
            let first = |takes: &dyn Fn(&Scanned<'_>) -> bool| {
                all.iter().position(|route| route.answers_for(host) && takes(route))
            };
            let exact = first(&|route| route.matches(&path));
            let loose = first(&|route| route.path.covers(&asked));
            let expected = match exact {
                _ if exact != loose => Found::Ambiguous,
                Some(at) => Found::Route(at),
                None => Found::None,
            };
            prop_assert_eq!(find(&policy, host, &path), expected, "{} on {} of {:?}", path, host, routes);
        }
    }
}
