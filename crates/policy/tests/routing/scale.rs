//! The cost of reading a policy and of finding a route grows neither with routes times length nor with routes squared.
//! Times are compared with each other, the best of a few runs: twenty times as many routes may take 120 times as long;
//! comparing all pairs would take 400 times.

use std::hint::black_box;
use std::time::{Duration, Instant};

use corsgate_policy::Policy;
use corsgate_policy::path::MAX_PATH;
use corsgate_policy::policy::document::Document;

use crate::routing::{Found, document, find};

fn best(runs: usize, mut work: impl FnMut()) -> Duration {
    let run = |_| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..runs).map(run).min().expect("a run")
}

/// Holds times to a bound, several times if need be: what else the machine does makes only some of them long.
fn holds(beyond: impl Fn() -> Option<String>) {
    let times: Vec<String> = (0..5).map_while(|_| beyond()).collect();
    assert!(times.len() < 5, "{}", times.join("\n"));
}

/// Routes with one host each, with all hosts, nested, and with the same path on other hosts.
fn shapes(count: usize) -> Vec<(&'static str, Document)> {
    let of = |path: &dyn Fn(usize) -> String, hosts: &dyn Fn(usize) -> Vec<String>| {
        let routes: Vec<_> = (0..count).map(|at| (path(at), hosts(at))).collect();
        let hosts: Vec<Vec<&str>> =
            routes.iter().map(|(_, hosts)| hosts.iter().map(String::as_str).collect()).collect();
        document(routes.iter().zip(&hosts).map(|((path, _), hosts)| (path.as_str(), hosts.as_slice())))
    };
    vec![
        ("paths beside each other", of(&|at| format!("/api/resource-{at}/*"), &|_| vec![])),
        (
            "paths of two hosts",
            of(&|at| format!("/api/{at}"), &|_| vec!["a.example".into(), "*.b.example".into()]),
        ),
        ("a host each", of(&|_| "/*".into(), &|at| vec![format!("h{at}.example")])),
        (
            "one path, a shared host",
            of(&|_| "/a".into(), &|at| vec!["a.example".into(), format!("h{at}.example")]),
        ),
        ("odd paths", of(&|at| format!("/A%20{at}."), &|_| vec![])),
    ]
}

#[test]
fn reading_scales_with_the_policy() {
    for ((shape, small), (_, large)) in shapes(1_000).into_iter().zip(shapes(20_000)) {
        let read = |document: &Document| drop(black_box(Policy::from_document(document).expect("a policy")));
        holds(|| {
            let (small, large) = (best(3, || read(&small)), best(3, || read(&large)));
            let times = || format!("{shape}: {small:?} for 1,000 routes, {large:?} for 20,000");
            (large >= small * 120).then(times)
        });
    }
}

#[test]
fn names_and_hidden_routes_are_found_in_bounded_time() {
    let doubled = |count: usize| {
        let mut document = document((0..count).map(|_| ("/a", &[][..])));
        document.routes.iter_mut().for_each(|route| "same".clone_into(&mut route.name));
        document
    };
    let read = |document: &Document| {
        let problems = Policy::from_document(document).expect_err("each is hidden, and named again");
        assert_eq!(problems.len(), 2 * (document.routes.len() - 1));
    };
    let (small, large) = (doubled(1_000), doubled(20_000));
    holds(|| {
        let (small, large) = (best(3, || read(&small)), best(3, || read(&large)));
        (large >= small * 120).then(|| format!("{small:?} for 1,000 routes, {large:?} for 20,000"))
    });
}

#[test]
fn finding_a_route_does_not_scale_with_routes_times_length() {
    for ((shape, few), (_, many)) in shapes(10).into_iter().zip(shapes(10_000)) {
        let (few, many) = (Policy::from_document(&few), Policy::from_document(&many));
        let (few, many) = (few.expect("a policy"), many.expect("a policy"));
        for filler in ["/", "/a", "a", ".", ";", "%61", "%2561", "/%252e%252e", "%c0%af", "A"] {
            let path = format!("/api{}", filler.repeat(MAX_PATH));
            let path = path.get(..MAX_PATH - MAX_PATH % filler.len() - 8).expect("ASCII");
            let path = path.trim_end_matches(|end: char| end == '%' || end.is_ascii_digit());
            for host in ["a.example", "x.b.example", "h7.example", "other"] {
                let time = |policy: &Policy| {
                    best(5, || assert_ne!(black_box(find(policy, host, path)), Found::Route(usize::MAX)))
                };
                holds(|| {
                    let (few, many) = (time(&few), time(&many));
                    let times = || format!("{shape}, {filler}: {few:?} with 10 routes, {many:?} with 10,000");
                    (many >= few * 8 + Duration::from_micros(200)).then(times)
                });
            }
        }
    }
}

#[test]
fn a_host_of_many_labels_causes_no_more_lookups_than_a_name_can_have_labels() {
    let wildcards: Vec<_> = (0..10_000).map(|at| format!("*.h{at}.example")).collect();
    let hosts: Vec<_> = wildcards.iter().map(|host| [host.as_str()]).collect();
    let policy =
        Policy::from_document(&document(hosts.iter().map(|host| ("/*", &host[..])))).expect("a policy");
    let time = |labels: usize| {
        let host = format!("{}h7.example", "a.".repeat(labels));
        assert_eq!(find(&policy, &host, "/x"), Found::Route(7));
        best(5, || assert_eq!(black_box(find(&policy, &host, "/x")), Found::Route(7)))
    };
    holds(|| {
        let (usual, absurd) = (time(100), time(30_000));
        (absurd >= usual * 5 + Duration::from_micros(200)).then(|| format!("{usual:?}, {absurd:?}"))
    });
}
