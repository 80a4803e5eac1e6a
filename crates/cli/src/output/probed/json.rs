//! Results as JSON in the tool's own format, version 1.

use corsgate_probe::{Answer, Ask, Finding, PageOutcome};
use serde_json::{Map, Value, json};

use crate::output::document;
use crate::output::probed::{Held, Results, rests_on};
use crate::output::region::Region;

/// All results.
pub(crate) fn render(results: &Results<'_>) -> serde_json::Result<String> {
    let content = json!({
        "version": 1,
        "url": results.url,
        "cases": results.cases.map(|cases| cases.name()),
        "requests": results.requests,
        "seconds": (results.seconds * 1000.0).round() / 1000.0,
        "asPredicted": results.as_predicted(),
        "differ": results.differing(),
        "limited": results.limited(),
        "failed": results.failed(),
        "results": results.held.iter().map(|held| result(held, results)).collect::<Vec<_>>(),
        "browser": results.browser.to_string().to_lowercase(),
        "pages": results.pages.iter().map(page).collect::<Vec<_>>(),
        "findings": results.findings.iter().map(finding).collect::<Vec<_>>(),
        "skipped": results.skipped.iter().map(|(reason, names)| json!({ "reason": reason, "names": names })).collect::<Vec<_>>(),
        "notes": results.notes,
    });
    document::pretty(&content)
}

fn result(held: &Held<'_>, results: &Results<'_>) -> Value {
    match held {
        Held::Compared { predicted, answer, compared } => {
            let verdict = match (held.differs(), held.is_limited()) {
                (true, _) => "differs",
                (false, true) => "limited",
                (false, false) => "as_predicted",
            };
            let differences = compared
                .differences
                .iter()
                .map(|it| json!({ "what": it.what, "predicted": it.predicted, "got": it.got }));
            json!({
                "case": predicted.name,
                "region": results.cases.map(|cases| Region::of(predicted.span, cases)),
                "request": request(&predicted.ask),
                "verdict": verdict,
                "predicted": {
                    "outcome": predicted.decided.outcome.name(),
                    "reason": predicted.decided.reason.map(|reason| reason.name()),
                    "route": predicted.decided.route,
                    "status": predicted.decided.status,
                    "headers": pairs(&predicted.decided.headers),
                },
                "answer": answered(answer),
                "differences": differences.collect::<Vec<_>>(),
                "notes": compared.notes.iter().cloned().chain(rests_on(predicted)).collect::<Vec<_>>(),
            })
        }
        Held::Judged { probe, answer } => json!({
            "request": request(&probe.ask),
            "verdict": if held.is_limited() { "limited" } else { "judged" },
            "answer": answered(answer),
        }),
        Held::Failed { item, why } => json!({
            "request": request(item.ask()),
            "verdict": if held.is_failure() { "failed" } else { "refused" },
            "failure": why,
        }),
    }
}

fn request(ask: &Ask) -> Value {
    let headers: Vec<_> = ask
        .headers
        .iter()
        .map(|(name, value)| json!({ "name": name, "value": String::from_utf8_lossy(value) }))
        .collect();
    json!({ "line": ask.line(), "method": ask.method, "target": ask.target, "host": ask.host, "headers": headers })
}

fn answered(answer: &Answer) -> Value {
    let mut value = Map::new();
    value.insert("status".to_owned(), answer.status.into());
    value.insert("headers".to_owned(), pairs(&answer.telling()));
    if let Some(closed) = &answer.closed {
        value.insert("closed".to_owned(), json!({ "code": closed.code, "reason": closed.reason }));
    }
    value.into()
}

fn pairs(headers: &[(String, String)]) -> Value {
    headers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

fn page(page: &PageOutcome) -> Value {
    json!({
        "origin": page.origin,
        "preflight": page.preflight,
        "reads": page.reads,
        "redirect": page.redirect,
        "console": page.console,
    })
}

fn finding(finding: &Finding) -> Value {
    let seen = finding.seen.iter().map(
        |seen| json!({ "request": seen.request, "status": seen.status, "headers": pairs(&seen.headers) }),
    );
    json!({
        "severity": finding.severity.name(),
        "name": finding.name,
        "message": finding.message,
        "consequence": finding.consequence,
        "instead": finding.instead,
        "console": finding.console,
        "seen": seen.collect::<Vec<_>>(),
    })
}
