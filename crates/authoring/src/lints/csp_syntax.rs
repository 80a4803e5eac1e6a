//! CG109.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::error(
    109,
    "a mistake in a Content-Security-Policy",
    r#"Directives are separated by `;`, and the sources of a directive by spaces. A comma starts a second policy, so the word after it is read as the name of a directive and usually ignored. A policy without directives gives no protection. Keywords are written in single quotes (`'self'`): without them they are host names, and with a quotation mark at one end only they are nothing.

    csp = "default-src 'none'; frame-ancestors 'none'""#,
);

/// Sources that are keywords, not hosts (CSP3, 2.3.1).
const KEYWORDS: [&str; 8] = [
    "none",
    "self",
    "unsafe-inline",
    "unsafe-eval",
    "unsafe-hashes",
    "strict-dynamic",
    "report-sample",
    "wasm-unsafe-eval",
];

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (place, route) in subject.routes() {
        let Some(csp) = &route.security.csp else { continue };
        let span = || subject.span(&place.key("security").key("csp"));
        let mut say = |message: String| report.add(Finding::new(&LINT, message).at(span(), ""));
        if csp.contains(',') {
            say("a comma starts another policy; separate directives by `;` and sources by spaces".to_owned());
        } else if !csp.is_empty() && csp.split(';').all(|directive| directive.trim().is_empty()) {
            say("the policy has no directive".to_owned());
        }
        for word in csp.split([';', ',']).flat_map(|directive| directive.split_ascii_whitespace().skip(1)) {
            if let Some(keyword) = badly_quoted(word) {
                say(format!(
                    "`{word}` does not stand in single quotes, so browsers ignore it; write `'{keyword}'`"
                ));
            }
        }
        for keyword in csp.split(';').flat_map(bare_keywords) {
            say(format!("`{keyword}` without quotes is a host name; the keyword is `'{keyword}'`"));
        }
    }
}

/// The text of a word that has a quotation mark at one end only, or double ones.
fn badly_quoted(word: &str) -> Option<&str> {
    let text = word.trim_matches(['\'', '"']);
    let is_quoted = word.len() >= 2 && word.starts_with('\'') && word.ends_with('\'');
    let has_marks = word.starts_with(['\'', '"']) || word.ends_with(['\'', '"']);
    (has_marks && (!is_quoted || text.len() + 2 != word.len())).then_some(text)
}

/// The keywords without quotes among the sources of a directive.
fn bare_keywords(directive: &str) -> impl Iterator<Item = &str> {
    let mut words = directive.split_ascii_whitespace();
    let name = words.next().unwrap_or_default().to_ascii_lowercase();
    let has_sources =
        name.contains("-src") || matches!(name.as_str(), "frame-ancestors" | "base-uri" | "form-action");
    words.filter(move |word| has_sources && KEYWORDS.iter().any(|keyword| word.eq_ignore_ascii_case(keyword)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotation_marks_are_single_and_on_both_sides() {
        for (word, text) in [
            ("'none", Some("none")),
            ("none'", Some("none")),
            ("'nonce-abc", Some("nonce-abc")),
            ("\"self\"", Some("self")),
            ("\"self'", Some("self")),
            ("''self''", Some("self")),
            ("'", Some("")),
            ("'none'", None),
            ("'sha256-abc='", None),
            ("https://a.example", None),
            ("https://a.example/it's", None),
        ] {
            assert_eq!(badly_quoted(word), text, "{word}");
        }
    }

    #[test]
    fn keywords_need_their_quotes_where_sources_stand() {
        for (directive, bare) in [
            ("default-src none", &["none"][..]),
            (" script-src-elem Self https://a.example unsafe-inline", &["Self", "unsafe-inline"]),
            ("frame-ancestors none", &["none"]),
            ("default-src 'none'", &[]),
            ("img-src self.example", &[]),
            ("report-to self", &[]),
            ("", &[]),
        ] {
            assert_eq!(bare_keywords(directive).collect::<Vec<_>>(), bare, "{directive}");
        }
    }
}
