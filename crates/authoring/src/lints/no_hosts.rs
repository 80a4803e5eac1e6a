//! CG330.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::info(
    330,
    "a route for every host",
    r#"A route without `hosts` matches requests for any host name. An attacker can point a name of their own at the gateway (DNS rebinding). A page under that name has the same origin as the API there, so no CORS rule applies to it. With `hosts`, requests for such a name get 404, and a route for one site does not match the requests for another.

On Cloudflare, only names of your zones reach the Worker, and its `*.workers.dev` name unless that is turned off. Elsewhere, for example behind `corsgate dev`, any name does. One line sets the hosts for all routes:

    [defaults]
    hosts = ["api.example.com"]"#,
);

/// The most routes that the message names.
const MOST_NAMED: usize = 3;

fn run(subject: &Subject<'_>, report: &mut Report) {
    // For a `zone` upstream, CG207 reports this and more.
    let is_zone =
        |name: &str| subject.document.upstreams.get(name).is_some_and(|upstream| upstream == "zone");
    let mut open = subject.routes().filter(|(place, route)| {
        route.hosts.is_none() && !is_zone(&route.upstream) && !subject.is_broken(&place.key("hosts"))
    });
    let Some((first, route)) = open.next() else { return };
    let mut names = vec![format!("`{}`", route.name)];
    let mut more = 0;
    for (_, route) in open {
        if names.len() < MOST_NAMED {
            names.push(format!("`{}`", route.name));
        } else {
            more += 1;
        }
    }
    let message = match (names.as_slice(), more) {
        ([name], 0) => format!("route {name} has no `hosts`, so it matches requests for any host"),
        (names, 0) => {
            format!("routes {} have no `hosts`, so they match requests for any host", names.join(", "))
        }
        (names, more) => {
            format!(
                "routes {} and {more} more have no `hosts`, so they match requests for any host",
                names.join(", ")
            )
        }
    };
    // Report one finding for the whole policy, because one line in `[defaults]` repairs all routes.
    let finding = Finding::new(&LINT, message).at(subject.span(&first.key("name")), "");
    report
        .add(finding.help("list the hosts of the API once in `[defaults]`: `hosts = [\"api.example.com\"]`"));
}

#[cfg(test)]
mod tests {
    use crate::testing::{BASE, findings};

    #[test]
    fn a_policy_is_told_once_of_all_its_routes() {
        let route = |name: &str, more: &str| {
            format!("[[routes]]\nname = \"{name}\"\npath = \"/{name}\"\nupstream = \"api\"\n{more}")
        };
        let hosts = "hosts = [\"a.example\"]\n";
        for (routes, message) in [
            (vec![route("a", hosts)], None),
            (
                vec![route("a", ""), route("b", hosts)],
                Some("route `a` has no `hosts`, so it matches requests for any host"),
            ),
            (
                vec![route("a", ""), route("b", ""), route("c", ""), route("d", ""), route("e", "")],
                Some("routes `a`, `b`, `c` and 2 more have no `hosts`, so they match requests for any host"),
            ),
            // `hosts` that cannot be read are not absent.
            (vec![route("a", "hosts = 1\n")], None),
        ] {
            let found = findings(&format!("{BASE}{}", routes.concat())).into_iter();
            let found: Vec<_> =
                found.filter(|it| it.code.to_string() == "CG330").map(|it| it.message).collect();
            assert_eq!(found, message.into_iter().collect::<Vec<_>>());
        }
    }
}
