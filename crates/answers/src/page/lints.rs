//! What each code of a finding means.

use corsgate_authoring::{Severity, lints};
use serde_json::json;

use super::Answer;

/// `lints`: an object with the title and the explanation of each code.
pub(super) fn all() -> Answer {
    let all: serde_json::Map<_, _> = lints()
        .map(|lint| {
            let severity = match lint.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "info",
            };
            let about = json!({ "title": lint.title, "explanation": lint.explanation, "severity": severity });
            (lint.code.to_string(), about)
        })
        .collect();
    Ok(serde_json::to_string(&all)?)
}
