//! Suggestions in the format for people. The patch comes last, and `git apply` ignores the text before it.

use corsgate_suggest::{Addition, LeftOut, Risk, Target, shown};

use super::Suggested;
use crate::output::human::plural;

/// The maximum number of origins that were left out.
const MOST: usize = 25;

/// The whole output.
pub(super) fn render(suggested: &Suggested<'_>) -> String {
    let additions = &suggested.suggestions.additions;
    let mut text = head(suggested);
    for addition in additions {
        push_addition(&mut text, addition, suggested.environment);
    }
    push_left_out(&mut text, &suggested.suggestions.left_out);
    let cases = &suggested.suggestions.cases;
    if !cases.is_empty() && !suggested.cases_in_patch {
        text.push_str("\nTest cases for this (`--cases FILE` adds them to a file):\n\n");
        text.push_str(cases);
    }
    if !suggested.patch.is_empty() {
        text.push_str(match suggested.wrote {
            true => "\nWhat was written:\n\n",
            false => "\nThe patch, for `git apply` or `patch -p1` (`--format patch` writes it alone):\n\n",
        });
        text.push_str(suggested.patch);
    }
    text
}

fn head(suggested: &Suggested<'_>) -> String {
    let additions = &suggested.suggestions.additions;
    let (since, until) = (&suggested.refusals.since, &suggested.refusals.until);
    let off = additions.iter().filter(|addition| !addition.live).count();
    let off = match off {
        0 => String::new(),
        off => format!(", {off} of them commented out"),
    };
    let environment = suggested.environment.map(|name| format!(", in `{name}`")).unwrap_or_default();
    let mut head = format!(
        "{} for `{}`{environment}{off}, from refusals from {since} to {until}\n",
        plural(additions.len(), "addition"),
        shown(suggested.policy)
    );
    if suggested.refusals.other > 0 {
        head.push_str(&format!("{} more refusals are in no row of the report\n", suggested.refusals.other));
    }
    head
}

fn push_addition(text: &mut String, addition: &Addition, environment: Option<&str>) {
    let risk = addition.risk.name();
    let off = match (addition.live, addition.target.is_in_policy()) {
        (true, _) => "",
        (false, true) if !addition.unclear_lists().is_empty() => ", commented out in each list",
        (false, true) => ", commented out",
        (false, false) => ", do not add it without knowing whose it is",
    };
    text.push_str(&format!("\n{}: {risk} risk{off}\n", shown(&addition.origin)));
    for on in &addition.refused {
        let (times, route) = (times(on.decisions), &on.route);
        text.push_str(&format!(
            "  refused {times} on `{route}` from {} to {}\n",
            on.first_seen, on.last_seen
        ));
    }
    let unclear = addition.unclear_lists();
    let instead = match addition.instead.as_slice() {
        _ if !unclear.is_empty() => String::new(),
        [] => String::new(),
        lists => format!(" (or, with `--into`, {})", lists.join(", ")),
    };
    match unclear {
        [] => text.push_str(&format!("  add it {}{instead}\n", place(&addition.target, environment))),
        lists => text.push_str(&format!("  add it to one of the allowlists {}\n", lists.join(", "))),
    }
    for warning in &addition.warnings {
        text.push_str(&format!("  {}: {warning}\n", warning.risk().name()));
    }
    if addition.risk == Risk::Low {
        text.push_str("  low: its domain is already listed\n");
    }
    match &addition.target {
        Target::KvList { kv, .. } => {
            let mark = if addition.live { "" } else { "# " };
            text.push_str(&format!(
                "  the line for the value of `allowlist/{kv}`: {mark}{}\n",
                addition.origin
            ));
        }
        Target::KvKeys { key, .. } => text.push_str(&format!("  the key: {}\n", shown(key))),
        _ => {}
    }
}

fn place(target: &Target, environment: Option<&str>) -> String {
    match target {
        Target::Allowlist { name, of_environment: true } => {
            format!("to the environment's allowlist `{name}`")
        }
        Target::Allowlist { name, .. } if environment.is_some() => {
            format!(
                "to the allowlist `{name}`, and so to every environment without its own list of that name"
            )
        }
        Target::Allowlist { name, .. } => format!("to the allowlist `{name}`"),
        Target::Route(route) => format!("to the `origins` of the route `{route}`"),
        Target::Defaults => "to the `origins` of `[defaults.cors]`".to_owned(),
        Target::KvList { name, .. } => format!("to the list in KV of the allowlist `{name}`"),
        Target::KvKeys { name, .. } => format!("to the keys in KV of the allowlist `{name}`"),
    }
}

fn push_left_out(text: &mut String, left_out: &[LeftOut]) {
    if left_out.is_empty() {
        return;
    }
    text.push_str("\nLeft out:\n");
    for left in left_out.iter().take(MOST) {
        let route = left.route.as_deref().map(|route| format!(" on `{}`", shown(route))).unwrap_or_default();
        text.push_str(&format!(
            "  {} ({}{route}): {}\n",
            shown(&left.origin),
            times(left.decisions),
            left.why
        ));
    }
    if let Some(more) = left_out.len().checked_sub(MOST).filter(|more| *more > 0) {
        text.push_str(&format!("  and {more} more: see `--format json`\n"));
    }
}

fn times(count: u64) -> String {
    match count {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}
