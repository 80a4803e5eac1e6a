//! Everything that `corsgate check` finds in a policy.

use corsgate_authoring::{check as check_policy, environments};
use serde_json::json;

use super::{Answer, PolicyOnDay};
use crate::findings;

/// `check`: the findings, beside the size of the policy and its environments.
pub(super) fn check(asked: &PolicyOnDay) -> Answer {
    let source = asked.source()?;
    let checked = check_policy(&source, asked.environment.as_deref(), Some(asked.today()?));
    let document = findings::render(&checked.report, &source)?;
    let size = json!({
        "routes": checked.routes,
        "origins": checked.origins,
        "environments": environments(&source),
    });
    Ok(format!("{{\"document\":{},\"size\":{size}}}", document.trim_end()))
}
