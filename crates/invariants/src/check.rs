//! `corsgate check` and `compile`. The input is the text of a policy file.
//!
//! For any text: each environment compiles or has an error, `check` and `compile` agree, every label and fix lies in
//! the text, and a fix leaves valid TOML. A policy that compiles does so to the same bytes again, and the gateway
//! reads them, with the same id, as a [policy](crate::policy).

use corsgate_authoring::{Compiled, Finding, Fix, Report, Source, check, compile};
use corsgate_policy::Policy;
use corsgate_policy::grammar::day::Day;

/// The code of a syntax error; a text without it is TOML.
const SYNTAX: &str = "CG001";
/// The maximum number of fixes that are tried.
const FIXES: usize = 8;

/// Checks the rules above.
pub fn holds(input: &[u8]) {
    let Ok(source) = Source::from_bytes("policy.toml", input.to_vec()) else {
        return;
    };
    for environment in [None, Some("development")] {
        let today = Some(Day::from_unix_milliseconds(1.8e12));
        let checked = check(&source, environment, today).report;
        check_report(&source, &checked);
        match compile(&source, environment) {
            Ok(compiled) => {
                assert!(!checked.has_errors(), "{checked:#?}");
                check_compiled(&compiled);
                let again = compile(&source, environment).map(|again| again.json);
                assert_eq!(again.ok().as_ref(), Some(&compiled.json), "the same text, the same bytes");
            }
            Err(report) => {
                assert!(report.has_errors() && checked.has_errors());
                check_report(&source, &report);
            }
        }
        check_fixes(&source, &checked, environment);
    }
}

fn check_report(source: &Source, report: &Report) {
    for finding in report.findings() {
        assert!(!finding.message.is_empty());
        for label in &finding.labels {
            assert!(source.text().get(label.span.clone()).is_some(), "{finding:?}");
            let lines = source.lines(&label.span);
            assert!(source.text().get(lines).is_some(), "{finding:?}");
        }
    }
}

fn check_compiled(compiled: &Compiled) {
    let policy =
        Policy::read(&compiled.json).unwrap_or_else(|error| panic!("what compiles is read: {error}"));
    assert_eq!(policy.id(), compiled.document.id);
    assert_eq!(policy.id().len(), 16);
    crate::policy::check_policy(&compiled.document, &policy);
}

fn check_fixes(source: &Source, report: &Report, environment: Option<&str>) {
    let fixes = report.findings().iter().filter_map(|finding| Some((finding, finding.fix.as_ref()?)));
    for (finding, fix) in fixes.take(FIXES) {
        let fixed = fixed(source, finding, fix);
        let Ok(fixed) = Source::from_bytes("policy.toml", fixed.into_bytes()) else {
            panic!("a repair leaves text: {finding:?}");
        };
        let report = check(&fixed, environment, None).report;
        let broken = report.findings().iter().any(|other| other.code.to_string() == SYNTAX);
        assert!(!broken, "a repair leaves TOML: {finding:?}\n{}", fixed.text());
    }
}

fn fixed(source: &Source, finding: &Finding, fix: &Fix) -> String {
    let mut text = source.text().to_owned();
    assert!(text.get(fix.span.clone()).is_some(), "{finding:?}");
    text.replace_range(fix.span.clone(), &fix.replacement);
    text
}
