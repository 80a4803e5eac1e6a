//! CG110.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::error(
    110,
    "a Permissions-Policy that browsers cannot read",
    r#"The header is a structured field: features stand apart by commas, and each has `=` and a list in parentheses, `*` or `self`. Browsers drop a header that they cannot read as a whole. The older Feature-Policy looked like CSP (`geolocation 'none'; camera 'none'`), and that is the usual mistake.

    permissions_policy = "geolocation=(), camera=(self \"https://call.example.com\")""#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (place, route) in subject.routes() {
        let Some(policy) = route.security.permissions_policy.as_ref().filter(|text| !text.is_empty()) else {
            continue;
        };
        let message = if policy.contains(';') {
            "features stand apart by commas, not by `;`".to_owned()
        } else if let Some(member) = policy.split(',').map(str::trim).find(|member| !is_member(member)) {
            match member {
                "" => "there is nothing beside a comma".to_owned(),
                _ => format!("`{member}` is no feature with its list, such as `geolocation=()`"),
            }
        } else {
            continue;
        };
        let span = subject.span(&place.key("security").key("permissions_policy"));
        report.add(Finding::new(&LINT, message).at(span, ""));
    }
}

/// `feature=*`, `feature=self` or `feature=(…)`.
fn is_member(member: &str) -> bool {
    let Some((name, value)) = member.split_once('=') else { return false };
    let named = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'));
    let list = value.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    named
        && match list {
            Some(list) => list.split_ascii_whitespace().all(is_source),
            None => is_source(value),
        }
}

fn is_source(source: &str) -> bool {
    let origin = source.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    matches!(source, "*" | "self" | "src") || origin.is_some_and(|origin| !origin.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_have_a_name_and_a_list() {
        for (member, well_formed) in [
            ("geolocation=()", true),
            ("camera=*", true),
            ("camera=self", true),
            ("camera=(self \"https://call.example.com\")", true),
            ("camera", false),
            ("camera 'none'", false),
            ("camera=none", false),
            ("camera=('self')", false),
            ("camera=(self", false),
            ("Camera=()", false),
            ("=()", false),
        ] {
            assert_eq!(is_member(member), well_formed, "{member}");
        }
    }
}
