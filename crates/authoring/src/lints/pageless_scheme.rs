//! CG113.

use corsgate_policy::origin::pattern::OriginPattern;

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::error(
    113,
    "an origin that no page has",
    r#"The origin is that of the page that sends the request, not of the URL that it requests. A page that opens a `wss://` WebSocket was loaded from an `https://` URL, and its handshake has that origin in `Origin`. No page has an origin with the scheme `ws`, `ftp` or `blob`. Such an entry would never match.

    origins = ["https://app.example.com"]   # can open wss://… too"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for list in subject.lists() {
        for (at, entry) in list.entries.iter().enumerate() {
            let Some(finding) = of_origin(entry.origin()) else { continue };
            report.add(finding.0.at(subject.origin_span(&list.place, at), "").help(finding.1));
        }
    }
}

/// The finding for the scheme of a pattern, and what to write instead.
fn of_origin(origin: &str) -> Option<(Finding, String)> {
    let (scheme, rest) = origin.split_once("://")?;
    let page = match scheme {
        "ws" => "http",
        "wss" => "https",
        "ftp" | "blob" | "data" | "about" | "javascript" | "view-source" => "https",
        _ => return None,
    };
    OriginPattern::parse(origin).ok()?;
    let message = format!("no page has an origin with the scheme `{scheme}`");
    Some((
        Finding::new(&LINT, message),
        format!("name the origin of the page that sends the request: `{page}://{rest}`"),
    ))
}

/// The finding for a line of a list in KV.
pub(crate) fn of_line(origin: &str) -> Option<Finding> {
    of_origin(origin).map(|(finding, help)| finding.help(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_of_pages_and_web_views_are_left_alone() {
        for (origin, page) in [
            ("wss://app.example.com", Some("`https://app.example.com`")),
            ("ws://localhost:5173", Some("`http://localhost:5173`")),
            ("https://app.example.com", None),
            ("capacitor://localhost", None),
            ("chrome-extension://abcdefghijklmnopabcdefghijklmnop", None),
            ("wss://app.example.com/", None),
            ("@list", None),
        ] {
            let help = of_origin(origin).map(|(_, help)| help);
            assert_eq!(help.is_some(), page.is_some(), "{origin}");
            assert!(help.unwrap_or_default().ends_with(page.unwrap_or_default()), "{origin}");
        }
    }
}
