//! Suggestions for programs.

use corsgate_policy::kv::list_key;
use corsgate_suggest::{Addition, LeftOut, Target};
use serde_json::{Value, json};

use super::Suggested;

/// One JSON object. Characters beyond ASCII are escaped: clients wrote some of them, and the output may end up on a
/// terminal.
///
/// # Errors
/// If it cannot be JSON.
pub fn render(suggested: &Suggested<'_>) -> Result<String, serde_json::Error> {
    let Suggested { suggestions, refusals, .. } = suggested;
    let value = json!({
        "version": 1,
        "policy": suggested.policy,
        "environment": suggested.environment,
        "since": refusals.since,
        "until": refusals.until,
        "additions": suggestions.additions.iter().map(addition).collect::<Vec<_>>(),
        "left_out": suggestions.left_out.iter().map(left_out).collect::<Vec<_>>(),
        "cases": suggestions.cases,
        "patch": suggested.patch,
        "wrote": suggested.wrote,
    });
    let mut text = String::new();
    for letter in serde_json::to_string_pretty(&value)?.chars() {
        if matches!(letter, '\n' | ' '..='~') {
            text.push(letter);
            continue;
        }
        let mut units = [0; 2];
        for unit in letter.encode_utf16(&mut units) {
            text.push_str(&format!("\\u{unit:04x}"));
        }
    }
    text.push('\n');
    Ok(text)
}

fn addition(addition: &Addition) -> Value {
    let refused = addition.refused.iter().map(|on| {
        json!({
            "route": on.route,
            "decisions": on.decisions,
            "rows": on.rows,
            "first_seen": on.first_seen,
            "last_seen": on.last_seen,
        })
    });
    let warnings = addition.warnings.iter().map(|warning| {
        json!({
            "kind": warning.name(),
            "risk": warning.risk().name(),
            "low_confidence": warning.is_low_confidence(),
            "text": warning.to_string(),
        })
    });
    json!({
        "origin": addition.origin,
        "risk": addition.risk.name(),
        "live": addition.live,
        "decisions": addition.decisions(),
        "first_seen": addition.first_seen(),
        "last_seen": addition.last_seen(),
        "refused": refused.collect::<Vec<_>>(),
        "target": target(&addition.target),
        "also_opens": addition.also_opens,
        "instead": addition.instead,
        "warnings": warnings.collect::<Vec<_>>(),
    })
}

fn target(target: &Target) -> Value {
    match target {
        Target::Allowlist { name, of_environment } => {
            json!({ "kind": "allowlist", "name": name, "of_environment": of_environment })
        }
        Target::Route(route) => json!({ "kind": "route", "name": route }),
        Target::Defaults => json!({ "kind": "defaults" }),
        Target::KvList { name, kv } => {
            json!({ "kind": "kv_list", "name": name, "key": list_key(kv) })
        }
        Target::KvKeys { name, key } => json!({ "kind": "kv_keys", "name": name, "key": key }),
    }
}

fn left_out(left: &LeftOut) -> Value {
    json!({
        "origin": left.origin,
        "route": left.route,
        "reason": left.reason,
        "decisions": left.decisions,
        "because": left.because.name(),
        "why": left.why,
    })
}
