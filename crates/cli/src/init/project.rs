//! The project that the answers make, and whether it stands.

use core::error::Error;

use corsgate_authoring::cases::{Suite, Verdict, read_cases};
use corsgate_authoring::{
    Calendar, EnvironmentPolicy, Finding, Report, Severity, Source, check, check_list_of, compile,
};
use corsgate_policy::grammar::day::Day;

use crate::failure::Failure;
use crate::init::answers::Answers;
use crate::init::cases;
use crate::init::files::New;
use crate::init::policy::{LIST, allowlist, policy};
use crate::system::today;

/// The names of the files.
pub(crate) const POLICY: &str = "policy.toml";
pub(crate) const CASES: &str = "policy.test.toml";
pub(crate) const PAGES: &str = "pages.txt";
pub(crate) const WRANGLER: &str = "wrangler.toml";
/// Only in a project with the npm packages; one that is there stays as it is.
pub(crate) const MANIFEST: &str = "package.json";
/// One that is there stays as it is, too.
pub(crate) const IGNORED: &str = ".gitignore";
/// What the packages, wrangler and its secrets for this machine leave in the folder.
pub(crate) const IGNORED_FILES: &str = "node_modules/\n.wrangler/\n.dev.vars\n";

/// What is wrong with the answers, if anything is that `check --deny warnings` would deny.
pub(crate) fn problem(answers: &Answers) -> Option<String> {
    if let Some(problem) = answers.contradiction() {
        return Some(problem);
    }
    let source = source(POLICY, policy(answers)).ok()?;
    for environment in [None, Some("development")] {
        if let Some(problem) = first(&check(&source, environment, calendar()).report) {
            return Some(problem);
        }
    }
    let list = self::source(PAGES, allowlist(answers)?).ok()?;
    let compiled = EnvironmentPolicy::new(&source, None).ok()?.into_policy();
    check_list_of(&list, &compiled, LIST, calendar()).ok().and_then(|checked| first(&checked.report))
}

fn calendar() -> Calendar {
    Calendar { today: today(), soon: None }
}

/// The first error or warning, as one sentence.
pub(crate) fn first(report: &Report) -> Option<String> {
    let denied = |finding: &&Finding| finding.severity >= Severity::Warning;
    let finding = report.findings().iter().find(denied)?;
    let help = finding.help.as_ref().map_or_else(String::new, |help| format!("; {help}"));
    Some(format!("{}{help} ({})", finding.message, finding.code))
}

/// The policy, its cases and its list.
///
/// # Errors
/// When the answers make no policy, or one whose cases fail.
pub(crate) fn files(answers: &Answers) -> Result<Vec<New>, Failure> {
    if let Some(problem) = problem(answers) {
        return Err(Failure::usage(problem));
    }
    let text = policy(answers);
    let compiled = compile(&source(POLICY, text.clone())?, None);
    let compiled = compiled.map_err(|report| Failure::Project(first(&report).unwrap_or_default()))?;
    let cors = compiled.document.routes.first().and_then(|route| route.cors.as_ref());
    let cors = cors.ok_or_else(|| Failure::Project("its route has no CORS".to_owned()))?;
    let mut files = vec![(POLICY, text), (CASES, cases::cases(answers, cors))];
    files.extend(allowlist(answers).map(|list| (PAGES, list)));
    require_passing(&files)?;
    Ok(files)
}

/// Runs the cases of files that are not written yet.
///
/// # Errors
/// When one fails, which is a mistake of this program.
pub(crate) fn require_passing(files: &[New]) -> Result<(), Failure> {
    let wrong = |what: &str| Failure::Project(what.to_owned());
    let text = |name: &str| files.iter().find(|(known, _)| *known == name).map(|(_, text)| text.clone());
    let policy = source(POLICY, text(POLICY).unwrap_or_default())?;
    let cases = source(CASES, text(CASES).unwrap_or_default())?;
    let mut list =
        |name: &str| text(name).ok_or_else(|| Box::<dyn Error>::from(format!("there is no `{name}`")));
    let cases = read_cases(&cases, &mut list).map_err(|report| wrong(&first(&report).unwrap_or_default()))?;
    let suite = Suite::new(&cases, &policy, None).map_err(|unprepared| {
        wrong(&first(&unprepared.cases).or_else(|| first(&unprepared.policy)).unwrap_or_default())
    })?;
    let today = today().unwrap_or(Day::from_days(0));
    let failed =
        suite.runs().find(|run| suite.run(run, today).is_none_or(|ran| ran.verdict != Verdict::Passed));
    match failed {
        None => Ok(()),
        Some(run) => Err(wrong(&format!("the case `{}` fails", run.name))),
    }
}

/// A text that becomes a file.
pub(crate) fn source(name: &str, text: String) -> Result<Source, Failure> {
    Source::from_bytes(name, text.into_bytes()).map_err(|error| Failure::Project(error.to_string()))
}
