//! Checks the base policy and every environment of a file.

use std::collections::{HashMap, HashSet};

use crate::calendar::Calendar;
use crate::compile::{Checked, check};
use crate::file::environments;
use crate::finding::{Finding, Span};
use crate::lint::Code;
use crate::nearest::listed;
use crate::source::Source;

/// What makes two findings the same. The same text can stand at one place in the base and in environments.
type Identity = (Code, Option<Span>, String);

/// Like [`check`] for the base, and adds what is found in environments alone: each such finding names them. An environment
/// replaces values, so it can have errors that the base has not.
#[must_use]
pub fn check_every_environment(source: &Source, calendar: impl Into<Calendar>) -> Checked {
    let calendar = calendar.into();
    let mut checked = check(source, None, calendar);
    let in_base: HashSet<Identity> = checked.report.findings().iter().map(identity).collect();
    let mut others: Vec<(Finding, Vec<String>)> = Vec::new();
    let mut positions: HashMap<Identity, usize> = HashMap::new();
    for name in environments(source) {
        let found = check(source, Some(&name), calendar).report;
        for finding in found.findings().iter().filter(|finding| !in_base.contains(&identity(finding))) {
            let at = *positions.entry(identity(finding)).or_insert_with(|| {
                others.push((finding.clone(), Vec::new()));
                others.len() - 1
            });
            if let Some((_, names)) = others.get_mut(at) {
                names.push(name.clone());
            }
        }
    }
    for (mut finding, names) in others {
        let environments = if names.len() == 1 { "environment" } else { "environments" };
        let names = listed(names.iter().map(String::as_str), "and");
        finding.message = format!("in {environments} {names}: {}", finding.message);
        checked.report.add(finding);
    }
    checked.report = checked.report.sorted();
    checked
}

fn identity(finding: &Finding) -> Identity {
    (finding.code, finding.span().cloned(), finding.message.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = r#"
        version = 1
        upstreams.api = "https://origin.example.net"
        allowlists.x = ["https://app.example.com"]
        [[routes]]
        name = "api"
        hosts = ["api.example.com"]
        path = "/*"
        upstream = "api"
        cors = { origins = ["@x"], credentials = true }
    "#;

    fn errors(environments: &str) -> Vec<String> {
        let source = Source::from_bytes("policy.toml", format!("{BASE}{environments}").into()).expect("text");
        let checked = check_every_environment(&source, None);
        assert_eq!(checked.routes, 1);
        checked
            .report
            .findings()
            .iter()
            .map(|finding| format!("{} {}", finding.code, finding.message))
            .collect()
    }

    #[test]
    fn a_finding_that_the_base_has_not_names_its_environments() {
        let other = "[environments.staging.upstreams]\napi = \"https://staging.example.net\"\n";
        let bad =
            |name: &str, origin: &str| format!("[environments.{name}.allowlists]\nx = [\"{origin}\"]\n");
        let http = "CG027 in environment `production`: an `http` origin cannot have credentials";
        for (text, expected) in [
            (other.to_owned(), &[][..]),
            (format!("{other}{}", bad("production", "http://a.example")), &[http]),
            (
                bad("production", "null"),
                &["CG014 in environment `production`: every sandboxed frame sends `null`"],
            ),
            (
                bad("production", "https://*.github.io"),
                &["CG101 in environment `production`: `github.io` is a public suffix of a hosting platform"],
            ),
            (
                "[environments.production.upstreams]\napi = \"ftp://x\"\n".to_owned(),
                &["CG021 in environment `production`: an upstream needs `https`"],
            ),
            // The route has it in both environments, at one place.
            (
                "[environments.a.hosts]\n\"api.example.com\" = [\"origin.example.net\"]\n\
                 [environments.b.hosts]\n\"api.example.com\" = [\"origin.example.net\"]\n"
                    .to_owned(),
                &["CG106 in environments `a` and `b`: `origin.example.net` is a host of this gateway"],
            ),
        ] {
            let found = errors(&text);
            assert_eq!(found.len(), expected.len(), "{text}: {found:?}");
            for (found, expected) in found.iter().zip(expected) {
                assert!(found.starts_with(expected), "{text}: {found}");
            }
        }
    }

    #[test]
    fn what_the_base_has_is_said_once_and_of_no_environment() {
        let text =
            "[environments.a.upstreams]\napi = \"https://a.example.net\"\n[records]\nsample_allowed = 2\n";
        let found = errors(text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found.iter().all(|found| !found.contains("in environment")), "{found:?}");
    }
}
