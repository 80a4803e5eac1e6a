//! The ids of a policy in its environments, by which a page finds the one that is in force.

use corsgate_authoring::{compile, environments};
use serde_json::{Value, json};

use super::{Answer, NoAnswer, PolicyOnDay};

/// `environments`: the id of the base, under the name `null`, and of each environment. One with errors has none; if all
/// have errors, those of the asked one are the answer.
pub(super) fn ids(asked: &PolicyOnDay) -> Answer {
    let source = asked.source()?;
    let names = core::iter::once(None).chain(environments(&source).into_iter().map(Some));
    let mut found = Vec::new();
    for name in names {
        let compiled = compile(&source, name.as_deref()).ok();
        found.push((name, compiled.map(|compiled| compiled.document.id)));
    }
    if found.iter().all(|(_, id)| id.is_none())
        && let Err(report) = compile(&source, asked.environment.as_deref())
    {
        return Err(NoAnswer::of_reports(&[("policy", &report, &source)]));
    }
    let all: Vec<Value> = found.into_iter().map(|(name, id)| json!({ "name": name, "id": id })).collect();
    Ok(Value::Array(all).to_string())
}
