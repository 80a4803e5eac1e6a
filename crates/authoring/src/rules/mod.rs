//! Turns broken rules of the policy into findings about the file.
//!
//! The rules themselves are in [`corsgate_policy::Policy`]. This module says where in the file a rule is broken
//! (`explain`), which entry of a list breaks it (`culprit`), which of two routes should come first (`order`), and what
//! to write instead (`repair`).

mod culprit;
mod explain;
mod order;
pub(crate) mod repair;

use corsgate_policy::Policy;
use corsgate_policy::policy::violation::{DocumentPath, Problem};

use crate::file::Reading;
use crate::finding::Severity;
use crate::report::Report;
use crate::source::Source;

/// Checks a policy against its rules, and reports each violation.
pub(crate) fn check(reading: &Reading, source: &Source, report: &mut Report) {
    let Err(mut problems) = Policy::from_document(&reading.document) else { return };
    // Report a mistake in `[defaults]` there, not at the first route that inherits it.
    let default_cors = DocumentPath::default().key("default_cors");
    let in_defaults = |problem: &Problem| problem.place.steps().starts_with(default_cors.steps());
    problems.sort_by_key(|problem| !in_defaults(problem));
    for problem in problems {
        // Explaining a problem may search the whole file, so do not explain problems that are not kept.
        if report.is_full(Severity::Error) {
            report.count_one(Severity::Error);
            continue;
        }
        if let Some(finding) = explain::explain(&problem, reading, source) {
            report.add(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::problems;

    /// Asserts that a text has a finding with this start of a message and these places, the subject first.
    fn assert_found(text: &str, message: &str, places: &[&str]) {
        let found = problems(text, None);
        let right = found.iter().any(|(at, what)| what.starts_with(message) && at == places);
        assert!(right, "{message} at {places:?}, not {found:#?}");
    }

    const ROUTE: &str = "[[routes]]\nname = \"r\"\npath = \"/*\"\nupstream = \"api\"\n";

    #[test]
    fn each_problem_stands_at_its_value() {
        for (text, message, places) in [
            (
                "cors.origins = [\"https://a.example/\"]",
                "an origin has no trailing",
                vec!["\"https://a.example/\""],
            ),
            (
                "cors.origins = [{ origin = \"null\" }]",
                "every sandboxed frame sends `null`",
                vec!["\"null\""],
            ),
            (
                "cors.origins = [{ origin = \"https://a.example\", expires = 1969-12-31 }]",
                "not a day",
                vec!["1969-12-31"],
            ),
            (
                "cors = { origins = [\"*\"], credentials = true }",
                "credentials need named origins",
                vec!["[\"*\"]", "true"],
            ),
            ("response.set.Vary = \"x\"", "the gateway or the protocol", vec!["Vary"]),
            ("response.set.x-y = \"ü\"", "a header value", vec!["\"ü\""]),
            ("hosts = [\"a.example\", \"A.example\"]", "the host has upper-case", vec!["\"A.example\""]),
            ("cors.max_age = 86401", "a max-age", vec!["86401"]),
            ("cors.methods = [\"PUT\"]", "CORS rules without origins", vec!["cors"]),
        ] {
            assert_found(&format!("{ROUTE}{text}\n"), message, &places);
        }
    }

    #[test]
    fn other_places_explain_a_problem() {
        assert_found(&format!("{ROUTE}{ROUTE}"), "the name is used twice", &["\"r\"", "\"r\""]);
        let second = ROUTE.replace("\"r\"", "\"s\"").replace("/*", "/s");
        assert_found(&format!("{ROUTE}{second}"), "route `r` matches every request", &["\"/s\"", "\"/*\""]);
    }

    #[test]
    fn the_entry_of_a_list_that_breaks_the_rule_of_a_route_is_found() {
        let list = "[allowlists]\nlan = [\"https://a.example\", \"http://b.example\"]\n";
        let cors = "cors = { origins = [\"@lan\"], credentials = true }\n";
        assert_found(
            &format!("{list}{ROUTE}{cors}"),
            "an `http` origin cannot have credentials",
            &["\"@lan\"", "true", "\"http://b.example\""],
        );
    }

    #[test]
    fn an_inherited_mistake_is_reported_once_at_the_defaults() {
        let second = ROUTE.replace("\"r\"", "\"s\"").replace("/*", "/s");
        let defaults = "[defaults]\ncors.origins = [\"null\"]\nhosts = [\"A.example\"]\n";
        let found = problems(&format!("{defaults}{second}{ROUTE}"), None);
        let places: Vec<_> = found.iter().map(|(places, _)| places.clone()).collect();
        assert_eq!(places, [vec!["\"null\""], vec!["\"A.example\"", "\"s\""]]);
    }

    #[test]
    fn a_place_that_could_not_be_read_is_not_judged() {
        let text = "[[routes]]\nhosts = [1]\n[routes.cors]\norigins = [2]\n[[routes.limits]]\n";
        let found = problems(text, None);
        assert!(
            found.iter().all(|(_, what)| what.contains("missing") || what.contains("expected")),
            "{found:#?}"
        );
    }
}
