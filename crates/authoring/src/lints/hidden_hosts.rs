//! CG213, and CG020 where several routes together leave nothing of another.

use std::cell::LazyCell;
use std::collections::{BTreeSet, HashMap};

use corsgate_policy::Policy;
use corsgate_policy::path::PathPattern;
use corsgate_policy::policy::document::RouteDocument;
use corsgate_policy::policy::violation::{DocumentPath, Violation};

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::mistakes::UNREACHABLE;
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    213,
    "a host on which a route is never reached",
    r#"The first route that matches host and path decides. On one of the hosts of this route, an earlier route matches every request that this route could match. So the rules of this route, which may be stricter, apply on its other hosts only. Put the narrower route first, or leave out the host:

    path  = "/admin/*"   # before the route with path "/*" on the same host
    hosts = ["a.example.com", "b.example.com"]

If no host is left on which the route is reached, that is an error (CG020)."#,
);

/// The most hosts and routes that one finding names.
const MOST_NAMED: usize = 3;

/// A route whose hosts and path could be read.
struct Readable<'d> {
    place: DocumentPath,
    route: &'d RouteDocument,
    path: PathPattern,
}

fn run(subject: &Subject<'_>, report: &mut Report) {
    let is_broken = |place: &DocumentPath| {
        [place.key("hosts"), place.key("path")].iter().any(|value| subject.is_broken(value))
    };
    let readable: Vec<_> = subject
        .routes()
        .filter(|(place, _)| !is_broken(place))
        .filter_map(|(place, route)| {
            let path = PathPattern::parse(&route.path).ok()?;
            Some(Readable { place, route, path })
        })
        .collect();
    let hidden_by_one = LazyCell::new(|| hidden_by_one(subject));
    let mut earlier = Earlier::default();
    for (at, later) in readable.iter().enumerate() {
        // A route for every host is hidden only by another such route, which is a rule of the policy.
        let hosts = later.route.hosts.as_deref().unwrap_or_default();
        let hidden: Vec<_> = hosts
            .iter()
            .enumerate()
            .filter_map(|(position, host)| Some((position, earlier.hiding(host, &later.path)?)))
            .collect();
        // Where one route hides another on all hosts, the rule has reported it.
        let is_whole = hidden.len() == hosts.len();
        if !hidden.is_empty() && (!is_whole || !hidden_by_one.contains(&later.place)) {
            report.add(finding(subject, &readable, later, hosts, &hidden));
        }
        earlier.add(later, at);
    }
}

/// The routes that one earlier route hides on all of their hosts.
fn hidden_by_one(subject: &Subject<'_>) -> BTreeSet<DocumentPath> {
    let problems = Policy::from_document(subject.document).err().unwrap_or_default();
    let hidden = problems.iter().filter(|problem| matches!(problem.violation, Violation::Unreachable(_)));
    hidden.map(|problem| problem.place.parent()).collect()
}

/// The finding about a route. `hidden` are the positions of hosts, each with that of the route that hides it there.
fn finding(
    subject: &Subject<'_>,
    readable: &[Readable<'_>],
    later: &Readable<'_>,
    hosts: &[String],
    hidden: &[(usize, usize)],
) -> Finding {
    let hiding: BTreeSet<_> = hidden.iter().map(|(_, hiding)| *hiding).collect();
    let hiding: Vec<_> = hiding.iter().filter_map(|at| readable.get(*at)).collect();
    let first = hidden.first().map_or(0, |(at, _)| *at);
    let names: Vec<_> = hiding.iter().map(|hiding| format!("`{}`", hiding.route.name)).collect();
    let (routes, verb) = match names.as_slice() {
        [only] => (format!("route {only}"), "matches"),
        _ => (format!("routes {}", listed(&names)), "match"),
    };
    let finding = if hidden.len() == hosts.len() {
        let message = format!("{routes} together {verb} every request before this route can");
        let place = subject.span(&later.place.key("path"));
        Finding::new(&UNREACHABLE, message).at(place, "never reached")
    } else {
        let dead: Vec<_> =
            hidden.iter().filter_map(|(at, _)| Some(format!("`{}`", hosts.get(*at)?))).collect();
        let message = format!(
            "route `{}` is never reached on {}: {routes} {verb} every request there before it can",
            later.route.name,
            listed(&dead)
        );
        let place = subject.span(&later.place.key("hosts").index(first));
        Finding::new(&LINT, message).at(place, "never reached on this host")
    };
    let finding = hiding.iter().take(MOST_NAMED).fold(finding, |finding, hiding| {
        let path = subject.span(&hiding.place.key("path"));
        finding.at(path, format!("route `{}` matches them", hiding.route.name))
    });
    let those = if names.len() == 1 { routes } else { "those routes".to_owned() };
    finding.help(format!(
        "the first route that matches host and path decides: put this one, which is narrower, above {those}"
    ))
}

/// Names, the first few of them.
fn listed(names: &[String]) -> String {
    let (shown, rest) = names.split_at(names.len().min(MOST_NAMED));
    match (shown, rest.len()) {
        ([before @ .., last], 0) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        (_, 0) => shown.join(", "),
        (_, more) => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The routes before one, by host and by path in the loosest reading.
#[derive(Default)]
struct Earlier<'d> {
    by_host: HashMap<&'d str, HashMap<(&'d [u8], bool), usize>>,
}

/// Stands for every host: no host has this name.
const EVERY: &str = "";

impl<'d> Earlier<'d> {
    /// Adds a route, which is known by its position.
    fn add(&mut self, route: &'d Readable<'_>, position: usize) {
        let hosts = route.route.hosts.as_deref();
        let every = hosts.is_none().then_some(EVERY);
        for host in hosts.into_iter().flatten().map(String::as_str).chain(every) {
            let paths = self.by_host.entry(host).or_default();
            paths.entry((route.path.loose(), route.path.is_prefix())).or_insert(position);
        }
    }

    /// The first route that matches every request for a path on a host, or on the hosts of a pattern.
    fn hiding(&self, host: &str, path: &PathPattern) -> Option<usize> {
        let name = host.strip_prefix("*.").unwrap_or(host);
        // The pattern itself, and those over each parent: of `a.b.c` also `*.b.c` and `*.c`, of `*.b.c` also `*.c`.
        let parents = name.match_indices('.').filter_map(|(dot, _)| name.get(dot + 1..));
        let over: Vec<_> = parents.map(|parent| format!("*.{parent}")).collect();
        let hosts = [host, EVERY].into_iter().chain(over.iter().map(String::as_str));
        hosts.filter_map(|host| first(self.by_host.get(host)?, path)).min()
    }
}

/// The first of the routes of a host that matches every request for a path.
fn first(routes: &HashMap<(&[u8], bool), usize>, path: &PathPattern) -> Option<usize> {
    let loose = path.loose();
    let ends = loose.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(slash, _)| slash + 1);
    let prefixes = core::iter::once(0).chain(ends).filter_map(|end| Some((loose.get(..end)?, true)));
    let single = (!path.is_prefix()).then_some((loose, false));
    prefixes.chain(single).filter_map(|key| routes.get(&key).copied()).min()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;
    use corsgate_policy::grammar::host::HostPattern;

    /// The findings about routes, each with its path and hosts.
    fn found(routes: &[(&str, &[&str])]) -> Vec<String> {
        let mut text = "version = 1\nupstreams.api = \"https://origin.example.net\"\n".to_owned();
        for (at, (path, hosts)) in routes.iter().enumerate() {
            writeln!(text, "[[routes]]\nname = \"r{at}\"\npath = \"{path}\"\nupstream = \"api\"")
                .expect("text");
            if !hosts.is_empty() {
                writeln!(text, "hosts = {hosts:?}").expect("text");
            }
        }
        let found = crate::testing::findings(&text);
        let found = found.into_iter().map(|finding| (finding.code.to_string(), finding.message));
        found
            .filter(|(code, _)| code == "CG020" || code == "CG213")
            .map(|(code, text)| code + ": " + &text)
            .collect()
    }

    #[test]
    fn a_host_on_which_earlier_routes_leave_nothing_is_named() {
        for (routes, expected) in [
            (
                &[("/*", &["a.b.c"][..]), ("/*", &["*.d.e"]), ("/x/*", &["a.b.c", "q.d.e"])][..],
                &["CG020: routes `r0` and `r1` together match every request before this route can"][..],
            ),
            (
                &[("/*", &["a.b.c"]), ("/x/*", &["a.b.c", "q.d.e"])],
                &[
                    "CG213: route `r1` is never reached on `a.b.c`: route `r0` matches every request there before it can",
                ],
            ),
            (
                &[("/*", &["*.b.c"]), ("/x", &["a.b.c", "*.a.b.c", "b.c"])],
                &[
                    "CG213: route `r1` is never reached on `a.b.c` and `*.a.b.c`: route `r0` matches every request there before it can",
                ],
            ),
            // One route that hides another on all hosts is named alone, also where others hide it on some.
            (
                &[("/*", &["a.b.c"]), ("/x/*", &["a.b.c", "q.d.e"]), ("/x/y", &["a.b.c", "q.d.e"])],
                &[
                    "CG213: route `r1` is never reached on `a.b.c`: route `r0` matches every request there before it can",
                    "CG020: route `r1` matches every request before this route can",
                ],
            ),
            (
                &[("/X/", &["a.b.c"]), ("/x", &["a.b.c", "q.d.e"])],
                &[
                    "CG213: route `r1` is never reached on `a.b.c`: route `r0` matches every request there before it can",
                ],
            ),
            (&[("/x", &["a.b.c"]), ("/x/*", &["a.b.c", "q.d.e"])], &[]),
            (&[("/x/*", &["a.b.c"]), ("/xy", &["a.b.c", "q.d.e"])], &[]),
            (&[("/*", &["a.b.c"]), ("/x", &["*.b.c", "q.d.e"])], &[]),
            (&[("/*", &["*.b.c"]), ("/x", &["b.c", "q.d.e"])], &[]),
            // Whoever puts the hosts with rules of their own first means it so.
            (&[("/*", &["a.b.c"]), ("/x", &[])], &[]),
        ] {
            assert_eq!(found(routes), expected, "{routes:?}");
        }
    }

    #[test]
    fn many_hosts_and_routes_are_counted() {
        let hosts = ["a.c", "b.c", "c.c", "d.c", "e.c"];
        let routes: Vec<_> = hosts.iter().map(|host| ("/*", core::slice::from_ref(host))).collect();
        let last = ("/x", &["a.c", "b.c", "c.c", "d.c", "e.c", "f.c"][..]);
        assert_eq!(
            found(&[routes, vec![last]].concat()),
            [
                "CG213: route `r5` is never reached on `a.c`, `b.c`, `c.c` and 2 more: routes `r0`, `r1`, `r2` and 2 more \
              match every request there before it can"
            ]
        );
    }

    proptest! {
        #[test]
        fn the_hiding_route_is_the_one_that_a_comparison_with_each_finds(
            routes in prop::collection::vec(
                (
                    prop::sample::select(&["/*", "/a", "/A/", "/a/*", "/a/b", "/a/b/*", "/ab", "/"][..]),
                    prop::sample::subsequence(&["a.b.c", "*.b.c", "b.c", "*.c", "c", "*.a.b.c", "x.c"][..], 1..4),
                ),
                1..12,
            )
        ) {
            let documents: Vec<(PathPattern, Vec<HostPattern>)> = routes.iter().map(|(path, hosts)| {
                let hosts = hosts.iter().map(|host| HostPattern::parse(host).expect("a host")).collect();
                (PathPattern::parse(path).expect("a path"), hosts)
            }).collect();
            let mut told = Vec::new();
            for (at, (path, hosts)) in documents.iter().enumerate() {
                let dead = hosts.iter().filter(|host| documents.iter().take(at).any(|(earlier, over)| {
                    earlier.covers(path) && over.iter().any(|over| over.covers(host))
                })).count();
                let code = if dead == hosts.len() { "CG020" } else { "CG213" };
                told.extend((dead > 0).then(|| code.to_owned()));
            }
            let routes: Vec<_> = routes.iter().map(|(path, hosts)| (*path, hosts.as_slice())).collect();
            let mut codes: Vec<_> =
                found(&routes).iter().map(|text| text.split(':').next().unwrap_or_default().to_owned()).collect();
            told.sort();
            codes.sort();
            prop_assert_eq!(codes, told);
        }
    }
}
