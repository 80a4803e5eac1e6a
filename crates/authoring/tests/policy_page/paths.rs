//! The table of paths, compared with the decision.

use corsgate_policy::grammar::day::Day;
use corsgate_policy::{Answers, Outcome};
use corsgate_policy::{Examined, Facts, Policy, RequestUrl};

use crate::policy_page::compiled;
use crate::policy_page::page::{cells, code, lines, text};

const HEADING: &str = "Paths that servers read differently";

#[test]
fn the_table_of_paths_agrees_with_the_decision() {
    let policy = compiled(
        "version = 1\nupstreams = { api = \"https://origin.example.net\" }\nroutes = [\
         { name = \"login\", path = \"/auth/login\", upstream = \"api\" },\
         { name = \"rest\", path = \"/*\", upstream = \"api\" }]\n",
    );
    let policy = Policy::read(&policy.expect("a policy").json).expect("compiled");
    let text = text("docs/policy.md");
    let rows = lines(&text).filter(|(heading, line)| *heading == HEADING && line.starts_with("| `"));
    let mut tried = 0;
    for (_, line) in rows {
        let cells = cells(line);
        for path in code(cells[0]) {
            let url = url::Url::parse(&format!("https://api.example.com{path}")).expect(path);
            let facts = Facts {
                method: "GET",
                url: RequestUrl::parse(url.as_str()).expect(path),
                ..Facts::default()
            };
            let examined = Examined::new(&policy, &facts);
            let decision = examined.decide(&Answers::default(), Day::from_unix_milliseconds(0.0));
            let taken = match (decision.route, decision.outcome) {
                (Some(route), Outcome::Allow) => format!("`{}`", route.path()),
                (None, Outcome::Reject(reason)) => format!("none: {} `{reason}`", reason.status()),
                other => panic!("{path}: {other:?}"),
            };
            assert_eq!(taken, cells[1].trim_end_matches(" |"), "{path}");
            tried += 1;
        }
    }
    assert!(tried > 10, "{tried} paths");
}
