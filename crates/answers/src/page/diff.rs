//! What is different between two policies: the document of `corsgate diff`.

use corsgate_authoring::{Source, check_compiled, compile};
use corsgate_compare::{Side, compare};
use corsgate_policy::Policy;
use serde::Deserialize;

use serde_json::Value;

use super::{Answer, NoAnswer, day, recorded, text};
use crate::changes::{Compared, Comparison, json};

/// The input of `diff`.
#[derive(Deserialize)]
pub(super) struct Asked {
    before: One,
    now: One,
    /// A report `top` by `origin,route,reason`, whose refusals are decided by both. Then `today` is needed.
    #[serde(default)]
    report: Option<Value>,
    today: Option<String>,
}

/// A policy, or a compiled policy.
#[derive(Deserialize)]
struct One {
    name: String,
    text: String,
    environment: Option<String>,
}

/// `diff`.
pub(super) fn diff(asked: &Asked) -> Answer {
    let (before, now) = (side("before", &asked.before)?, side("now", &asked.now)?);
    let changes = compare(&before, &now);
    let replayed = match &asked.report {
        Some(report) => {
            let today = day(asked.today.as_deref().unwrap_or_default())?;
            Some(recorded::replay(report, &before, &now, today)?)
        }
        None => None,
    };
    let comparison = Comparison {
        before: compared(&asked.before, &before),
        now: compared(&asked.now, &now),
        routes: now.document().routes.len(),
        changes: &changes,
        unchanged: None,
        replayed: replayed.as_ref(),
    };
    Ok(json::render(&comparison)?)
}

fn compared<'c>(one: &'c One, side: &'c Side) -> Compared<'c> {
    Compared { name: &one.name, id: &side.document().id, bytes: one.text.as_bytes() }
}

fn side(which: &str, one: &One) -> Result<Side, NoAnswer> {
    let unusable = |error: &dyn core::fmt::Display| NoAnswer::sentence(format!("`{}`: {error}", one.name));
    let document = if one.text.trim_start().starts_with('{') {
        Policy::read(one.text.as_bytes()).map_err(|error| unusable(&error))?;
        let source =
            Source::from_compiled(&one.name, one.text.clone().into()).map_err(|error| unusable(&error))?;
        let (document, checked) = check_compiled(&source, None).map_err(|error| unusable(&error))?;
        if checked.report.has_errors() {
            return Err(NoAnswer::of_reports(&[(which, &checked.report, &source)]));
        }
        document
    } else {
        let source = text(&one.name, &one.text)?;
        let compiled = compile(&source, one.environment.as_deref());
        compiled.map_err(|report| NoAnswer::of_reports(&[(which, &report, &source)]))?.document
    };
    Side::new(document).map_err(|error| unusable(&error))
}
