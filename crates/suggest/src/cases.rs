//! Writes the test cases that pin the suggestions.

use std::collections::BTreeSet;

use corsgate_authoring::cases::{ReadList, Suite, Verdict, read_cases};
use corsgate_authoring::{EnvironmentPolicy, Source, domains};
use corsgate_explain::Kv;
use corsgate_policy::Reason;
use corsgate_policy::origin::Origin;
use corsgate_policy::policy::document::EntryDocument;
use thiserror::Error;

use crate::candidate::Addition;
use crate::request::{Asked, Decided, asked_of, decided};
use crate::suggest::SuggestOptions;

/// Writes the cases for all additions in the file that are in force: each origin is allowed where it was rejected, and
/// similar origins are not. `compiled` is the policy with the additions: whoever sends requests chooses their origins, so one
/// addition can look like another, and is allowed all the same.
pub(crate) fn write(
    additions: &[Addition],
    compiled: &EnvironmentPolicy,
    options: &SuggestOptions<'_>,
) -> String {
    let mut text = String::new();
    let live = additions.iter().filter(|addition| addition.live && addition.target.is_in_policy());
    for addition in live {
        for on in &addition.refused {
            let Some(asked) = asked_of(compiled, &on.route) else { continue };
            let request = asked.in_case();
            let env = options.environment.map(|name| format!("env     = \"{name}\"\n")).unwrap_or_default();
            let origin = &addition.origin;
            let route = &on.route;
            text.push_str(&format!(
                "[[cases]]\nname    = \"{origin} may use {route}\"\n{env}request = {{ {request}, origin = \"{origin}\" }}\nexpect  = {{ outcome = \"allow\", route = \"{route}\", entry = \"{origin}\" }}\n\n"
            ));
            let others = others(origin, &asked, compiled, options);
            if !others.is_empty() && !asks_kv(compiled, route) {
                text.push_str(&format!(
                    "[[cases]]\nname    = \"origins that look like {origin} may not use {route}\"\n{env}request = {{ {request} }}\norigins = [{}]\nexpect  = {{ route = \"{route}\", reason = \"origin_not_listed\" }}\n\n",
                    others.join(", ")
                ));
            }
        }
    }
    text.truncate(text.trim_end().len());
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// Whether lists in KV decide about origins that the route itself does not list. A case for such an origin must say
/// what they hold.
fn asks_kv(compiled: &EnvironmentPolicy, route: &str) -> bool {
    let document = compiled.document();
    let cors = document.routes.iter().find(|known| known.name == route).and_then(|route| route.cors.as_ref());
    let names = cors.into_iter().flat_map(|cors| &cors.origins).map(EntryDocument::origin);
    names.filter_map(|name| name.strip_prefix('@')).any(|name| {
        !matches!(
            document.allowlists.get(name),
            Some(corsgate_policy::policy::document::AllowlistDocument::Entries(_)) | None
        )
    })
}

/// Origins that a loose rule would take for this one, and that the policy rejects.
fn others(
    origin: &str,
    asked: &Asked,
    compiled: &EnvironmentPolicy,
    options: &SuggestOptions<'_>,
) -> Vec<String> {
    let Ok(parsed) = Origin::parse(origin) else { return Vec::new() };
    let host = parsed.host();
    if parsed.scheme() != "https" || domains::registrable_domain(host).is_none() {
        return Vec::new();
    }
    let all =
        [format!("http://{host}"), format!("https://{host}.evil.example"), format!("https://evil{host}")];
    let refused = |other: &String| {
        let is = decided(compiled.policy(), asked, other, &Kv::default(), options.today);
        Origin::parse(other).is_ok() && is == Decided::Refused(Reason::OriginNotListed)
    };
    all.into_iter().filter(refused).map(|other| format!("\"{other}\"")).collect()
}

/// Appends cases to a file of cases, except those whose name it already has.
#[must_use]
pub fn append(before: &str, cases: &str) -> String {
    let windows = before.contains("\r\n");
    let mut text = before.to_owned();
    for case in cases.split("\n\n").filter(|case| !case.trim().is_empty()) {
        let name = case.lines().find(|line| line.starts_with("name ")).unwrap_or_default();
        if text.lines().any(|line| line.trim() == name) {
            continue;
        }
        let newline = if windows { "\r\n" } else { "\n" };
        if !text.is_empty() {
            if !text.ends_with('\n') {
                text.push_str(newline);
            }
            text.push_str(newline);
        }
        for line in case.trim_end().lines() {
            text.push_str(line);
            text.push_str(newline);
        }
    }
    text
}

/// Why cases do not pass on a policy.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CasesError {
    /// The file with this name has errors; the text is the first of them.
    #[error("`{0}` cannot be run: {1}")]
    CannotRun(String, String),
    /// The request of this case cannot be decided, for this reason.
    #[error("case `{}`: {}", crate::shown(.0), .1)]
    Undecided(String, String),
    /// This case fails.
    #[error("case `{}` fails", crate::shown(.0))]
    Failed(String),
}

/// Runs cases against a policy.
///
/// # Errors
/// When a case cannot be run, or fails.
pub fn check(
    policy: &Source,
    cases: &Source,
    options: &SuggestOptions<'_>,
    read_list: &mut ReadList<'_>,
) -> Result<(), CasesError> {
    let cannot_run = |report: &corsgate_authoring::Report| {
        let first = report.findings().first().map(|finding| finding.message.clone());
        CasesError::CannotRun(cases.name().to_owned(), first.unwrap_or_default())
    };
    let read = read_cases(cases, read_list).map_err(|report| cannot_run(&report))?;
    let suite = Suite::new(&read, policy, None).map_err(|unprepared| {
        cannot_run(if unprepared.policy.has_errors() { &unprepared.policy } else { &unprepared.cases })
    })?;
    for run in suite.runs() {
        let verdict = suite.run(&run, options.today).map(|ran| ran.verdict);
        match verdict {
            Some(Verdict::Passed) => {}
            Some(Verdict::Undecided(why)) => {
                return Err(CasesError::Undecided(run.name, why.to_string()));
            }
            Some(Verdict::Failed(_)) | None => {
                return Err(CasesError::Failed(run.name));
            }
        }
    }
    Ok(())
}

/// The origins among the additions that cases reject, each with the name of a case that fails for its request once the origin
/// is in `policy`. Whoever sends requests chooses their origins, so such a case must not cost the other additions. None if the
/// cases cannot be run: [`check`] says why.
#[must_use]
pub fn forbidden(
    policy: &Source,
    cases: &Source,
    additions: &[Addition],
    options: &SuggestOptions<'_>,
    read_list: &mut ReadList<'_>,
) -> Vec<(String, String)> {
    let Ok(read) = read_cases(cases, read_list) else { return Vec::new() };
    let Ok(suite) = Suite::new(&read, policy, None) else { return Vec::new() };
    let live = additions.iter().filter(|addition| addition.live && addition.target.is_in_policy());
    let live: BTreeSet<_> = live.map(|addition| addition.origin.as_str()).collect();
    let failed = suite.runs().filter_map(|run| {
        let origin = run.request.origin().filter(|origin| live.contains(origin))?;
        let ran = suite.run(&run, options.today)?;
        matches!(ran.verdict, Verdict::Failed(_)).then(|| (origin.to_owned(), run.case.name().to_owned()))
    });
    let mut found: Vec<_> = failed.collect();
    found.sort();
    found.dedup_by(|one, other| one.0 == other.0);
    found
}
