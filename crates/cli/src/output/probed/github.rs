//! Results as workflow commands, which GitHub Actions shows beside the changed lines.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use corsgate_probe::{Finding, Severity};

use crate::output::github::{data, property};
use crate::output::probed::{Held, Results};
use crate::output::region::Region;

/// One line for each difference and each mistake.
pub(crate) fn render(results: &Results<'_>) -> String {
    let held = results.held.iter().filter_map(|held| of_held(held, results));
    held.chain(results.findings.iter().map(|it| of_finding(it, results.url))).collect()
}

fn of_held(held: &Held<'_>, results: &Results<'_>) -> Option<String> {
    match held {
        Held::Compared { predicted, compared, .. } if held.differs() => {
            let place = results.cases.map_or_else(String::new, |cases| {
                let Region { start_line, start_column, end_line, end_column } = Region::of(predicted.span, cases);
                let file = property(cases.name());
                format!("file={file},line={start_line},col={start_column},endLine={end_line},endColumn={end_column},")
            });
            let nothing = || "nothing".to_owned();
            let lines = compared.differences.iter().map(|it| {
                let (wanted, got) = (it.predicted.clone(), it.got.clone());
                format!(
                    "{}: predicted {}, got {}",
                    it.what,
                    wanted.unwrap_or_else(nothing),
                    got.unwrap_or_else(nothing)
                )
            });
            let message = lines.collect::<Vec<_>>().join("\n");
            Some(format!("::error {place}title={}::{}\n", property(&predicted.name), data(&message)))
        }
        Held::Failed { item, why } if held.is_failure() => {
            Some(format!("::error title=no response::{}\n", data(&format!("{}: {why}", item.ask().line()))))
        }
        _ => None,
    }
}

fn of_finding(finding: &Finding, url: &str) -> String {
    let level = match finding.severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium | Severity::Low => "warning",
        Severity::Info => "notice",
    };
    let title = format!("{} {} at {url}", finding.severity, finding.name);
    let message = format!("{}\nso: {}\ninstead: {}", finding.message, finding.consequence, finding.instead);
    format!("::{level} title={}::{}\n", property(&title), data(&message))
}
