//! The sentences that all formats for people share.

use corsgate_compare::replay::{Effect, Group, MOST_GROUPS, Tally};
use corsgate_compare::{Direction, Risk, Subject};

use super::{Comparison, Replayed};
use crate::output::human::plural;
use crate::output::reports::words;

/// The subject of a change.
pub(super) fn heading(subjects: &[Subject], comparison: &Comparison<'_>) -> String {
    let is_route = |subject: &Subject| matches!(subject, Subject::Route(_));
    if subjects.len() > 1 && subjects.len() == comparison.routes && subjects.iter().all(is_route) {
        return "all routes".to_owned();
    }
    let names: Vec<_> = subjects
        .iter()
        .map(|subject| match subject {
            Subject::Route(name) => format!("`{name}`"),
            Subject::Requests(requests) => {
                format!("{}: `{}` instead of `{}`", requests.which, requests.now, requests.before)
            }
            Subject::Defaults => "`[defaults.cors]`, if no route matches".to_owned(),
            Subject::Policy => "the policy".to_owned(),
        })
        .collect();
    let what = match subjects.first() {
        Some(Subject::Route(_)) if subjects.len() > 1 => "routes ",
        Some(Subject::Route(_)) => "route ",
        Some(Subject::Requests(_)) => "requests for ",
        _ => "",
    };
    format!("{what}{}", names.join(", "))
}

/// The line that sums up all changes.
pub(super) fn summary(comparison: &Comparison<'_>) -> String {
    let (before, now) = (comparison.before, comparison.now);
    if comparison.changes.is_empty() {
        return match (before.bytes == now.bytes, comparison.unchanged) {
            (true, _) => format!("`{}` and `{}` are the same", before.name, now.name),
            (false, Some(sentence)) => sentence.to_owned(),
            (false, None) => {
                format!("`{}` and `{}` mean the same; only their text differs", before.name, now.name)
            }
        };
    }
    let risky = |risk| {
        let of_risk = comparison
            .changes
            .iter()
            .filter(|change| change.direction == Direction::Widens && change.risk == risk);
        of_risk.count()
    };
    let risks = [(Risk::High, "high"), (Risk::Medium, "medium"), (Risk::Low, "low")];
    let risks: Vec<_> =
        risks.iter().map(|(risk, name)| (risky(*risk), name)).filter(|(count, _)| *count > 0).collect();
    let risks: Vec<_> = risks.iter().map(|(count, name)| format!("{count} of {name} risk")).collect();
    let widens = match comparison.count(Direction::Widens) {
        0 => "nothing widens".to_owned(),
        1 => format!("1 change widens ({})", risks.join(", ")),
        count => format!("{count} changes widen ({})", risks.join(", ")),
    };
    let narrows = match comparison.count(Direction::Narrows) {
        1 => "1 narrows".to_owned(),
        count => format!("{count} narrow"),
    };
    let neutral = match comparison.count(Direction::Neutral) {
        1 => "1 is neutral".to_owned(),
        count => format!("{count} are neutral"),
    };
    format!("{widens}, {narrows}, {neutral}")
}

/// What happens to a group of requests; `quote` escapes text from clients.
pub(super) fn group(group: &Group, quote: &dyn Fn(&str) -> String) -> String {
    let what = match group.kind {
        "preflight" => "preflight",
        "websocket" => "handshake",
        _ => "request",
    };
    let who = if group.origin.is_empty() {
        "without `Origin`".to_owned()
    } else {
        format!("from {}", quote(&group.origin))
    };
    let one = rounded(group.requests) == 1;
    let then = match group.effect {
        Effect::Passes if group.now.outcome() == "allowed" => {
            if one { "now passes" } else { "now pass" }.to_owned()
        }
        Effect::Refused if group.now.outcome() == "refused" => {
            let reason = group.now.reason.unwrap_or_default();
            format!("{} now refused (`{reason}`)", if one { "is" } else { "are" })
        }
        Effect::Passes | Effect::Refused => {
            format!("{} now {}", if one { "is" } else { "are" }, group.now.outcome())
        }
        Effect::Otherwise if group.before.reason != group.now.reason => {
            let said = |reason: Option<&str>| {
                reason.map_or_else(|| "nothing".to_owned(), |reason| format!("`{reason}`"))
            };
            format!(
                "{} now refused as {} instead of {}",
                if one { "is" } else { "are" },
                said(group.now.reason),
                said(group.before.reason)
            )
        }
        Effect::Otherwise => {
            let met = |route: &Option<String>| {
                route.as_ref().map_or_else(|| "no route".to_owned(), |name| format!("`{name}`"))
            };
            format!(
                "now {} {} instead of {}",
                if one { "matches" } else { "match" },
                met(&group.now.route),
                met(&group.before.route)
            )
        }
    };
    format!("{} {what}{} {who} {then}", counted(group.requests), if one { "" } else { "s" })
}

/// The earlier result of a group, and an example request.
pub(super) fn details(group: &Group, quote: &dyn Fn(&str) -> String) -> String {
    let reason = group.before.reason.map_or_else(String::new, |reason| format!(" (`{reason}`)"));
    let by = |route: &Option<String>| match route {
        Some(name) => format!("by `{name}`"),
        None => "without a matching route".to_owned(),
    };
    let now = match group.before.route == group.now.route {
        true => String::new(),
        false => format!(", is {} {}", group.now.outcome(), by(&group.now.route)),
    };
    let (outcome, before) = (group.before.outcome(), by(&group.before.route));
    format!("was {outcome}{reason} {before}{now}; for example {}", quote(&group.example))
}

/// The notes about a replay that do not belong to a group.
pub(super) fn notes(tally: &Tally, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let mut notes = Vec::new();
    if tally.unchanged > 0.0 {
        notes.push(format!("no difference for {}", requests(tally.unchanged)));
    }
    for (effect, count) in &tally.crowded {
        let what = match effect {
            Effect::Passes => "get further",
            Effect::Refused => "get less far",
            Effect::Otherwise => "have another result",
        };
        notes.push(format!(
            "{} more {what}, beyond the {MOST_GROUPS} groups that are shown separately",
            requests(*count)
        ));
    }
    for (why, count) in &tally.undecided {
        notes.push(format!("{} could not be decided: {why}", requests(*count)));
    }
    if tally.left_out > 0.0 {
        notes
            .push(format!("{} decisions are missing: the gateway did not log them", counted(tally.left_out)));
    }
    if tally.malformed > 0 {
        let named: Vec<_> =
            tally.named.iter().map(|row| format!("line {}: {}", row.line, quote(&row.why))).collect();
        let more = if tally.malformed > tally.named.len() as u64 { "; …" } else { "" };
        let rows = plural(usize::try_from(tally.malformed).unwrap_or(usize::MAX), "row");
        notes.push(format!("{rows} could not be read: {}{more}", named.join("; ")));
    }
    if tally.others > 0 {
        let lines = plural(usize::try_from(tally.others).unwrap_or(usize::MAX), "line");
        notes.push(format!("the log has {lines} without a decision"));
    }
    notes
}

/// The head of a replay.
pub(super) fn replay(replayed: &Replayed) -> String {
    let Replayed { name, day, tally, .. } = replayed;
    let records = plural(usize::try_from(tally.records).unwrap_or(usize::MAX), "record");
    format!("replay of `{name}` as of {day}: {records} of {}", requests(tally.requests))
}

fn requests(count: f64) -> String {
    format!("{} request{}", counted(count), if rounded(count) == 1 { "" } else { "s" })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "float casts saturate, and counts are from 0 on"
)]
fn rounded(count: f64) -> u64 {
    count.round() as u64
}

/// A number with separators between its thousands.
pub(super) fn counted(count: f64) -> String {
    words::count(rounded(count))
}

/// Makes control characters visible: policies and records contain text from others.
pub(crate) fn visible(text: &str) -> String {
    let invisible = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let letters = text.chars().map(|letter| match invisible(letter) {
        true => letter.escape_unicode().to_string(),
        false => letter.to_string(),
    });
    letters.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        for (count, text) in [(0.0, "0"), (999.4, "999"), (1204.0, "1,204"), (1e6, "1,000,000")] {
            assert_eq!(counted(count), text);
        }
    }

    #[test]
    fn control_characters_become_visible() {
        assert_eq!(visible("a\u{1b}[31m\u{202e}b\n"), "a\\u{1b}[31m\\u{202e}b\\u{a}");
        assert_eq!(visible("https://ü.example"), "https://ü.example");
    }
}
