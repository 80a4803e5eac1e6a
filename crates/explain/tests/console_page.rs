//! docs/from-the-console.md has every sentence by which a line of the console is known.

use corsgate_explain::browser_error::BrowserError;
use corsgate_explain::copied::console_line::{LEARN_MORE, NO_HTTP, NOT_EXPOSED, OLDER, UNCOVERED, marks};
use corsgate_explain::sentences::Case;

const PAGE: &str = include_str!("../../../docs/from-the-console.md");

/// Codes of the network, by which browsers name the cause of a failure.
const CODES: [&str; 17] = [
    "net::ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS",
    "net::ERR_BLOCKED_BY_CLIENT",
    "net::ERR_BLOCKED_BY_CSP",
    "net::ERR_BLOCKED_BY_ADMINISTRATOR",
    "net::ERR_BLOCKED_BY_RESPONSE.NotSameOrigin",
    "net::ERR_BLOCKED_BY_ORB",
    "NS_ERROR_DOM_CORP_FAILED",
    "net::ERR_CERT_AUTHORITY_INVALID",
    "net::ERR_SSL_PROTOCOL_ERROR",
    "SEC_ERROR_UNKNOWN_ISSUER",
    "net::ERR_UNSAFE_REDIRECT",
    "net::ERR_CONNECTION_REFUSED",
    "net::ERR_NAME_NOT_RESOLVED",
    "net::ERR_TIMED_OUT",
    "NS_ERROR_UNKNOWN_HOST",
    "net::ERR_ABORTED",
    "net::ERR_FAILED",
];

fn assert_has(table: &str) {
    assert!(
        PAGE.contains(&format!("\n{table}\n")),
        "docs/from-the-console.md must have this table:\n\n{table}"
    );
}

const PRINTS: &str = "| browser | what it prints |\n| --- | --- |\n";

#[test]
fn the_page_has_every_sentence_of_every_case() {
    for case in Case::ALL {
        let mut table = PRINTS.to_owned();
        for (browser, sentence) in ["Chrome", "Firefox", "Safari"].into_iter().zip(case.sentences()) {
            // What stands around a sentence is described above the tables.
            let sentence = sentence
                .replace("{preflight}", "")
                .replace("{xhr}", "")
                .replace("{fetch}", " Have the server send the header with a valid value.");
            let sentence = if sentence.is_empty() { "nothing" } else { &sentence };
            table.push_str(&format!("| {browser} | {sentence} |\n"));
        }
        for (_, sentence) in OLDER.iter().filter(|(known, _)| *known == case) {
            table.push_str(&format!("| older versions | {sentence} |\n"));
        }
        let names: Vec<_> = LEARN_MORE.iter().filter(|(_, known)| *known == case).collect();
        if !names.is_empty() {
            let names: Vec<_> = names.iter().map(|(name, _)| format!("`{name}`")).collect();
            table.push_str(&format!("| Firefox, *Learn More* | {} |\n", names.join(", ")));
        }
        assert_has(&table);
    }
}

#[test]
fn the_page_has_the_lines_that_are_known_by_a_part() {
    assert_has(&format!("{PRINTS}| Chrome, Safari | {NOT_EXPOSED}\"{{value}}\" |\n"));
    assert_has(&format!("{PRINTS}| Firefox | {UNCOVERED}{{url}} soon. |\n"));
    let [chrome, firefox, learn_more] = NO_HTTP;
    assert_has(&format!(
        "{PRINTS}| Chrome | C{chrome} protocol schemes: {{list}}. |\n| Firefox | {firefox} |\n| Firefox, *Learn More* | `{learn_more}` |\n"
    ));
}

#[test]
fn the_page_has_every_error_that_is_not_of_cors() {
    let mut table = "| a part of the line | what happened | what helps |\n| --- | --- | --- |\n".to_owned();
    for (error, parts) in marks() {
        let parts: Vec<_> = parts.iter().map(|part| format!("`{part}`")).collect();
        table.push_str(&format!("| {} | {} | {} |\n", parts.join(", "), error.sentence(), error.advice()));
    }
    assert_has(&table);
}

#[test]
fn the_page_says_what_codes_of_the_network_mean() {
    let mut table = "| code | what happened |\n| --- | --- |\n".to_owned();
    for code in CODES {
        let error = BrowserError::of(code).map_or("", BrowserError::sentence);
        table.push_str(&format!("| `{code}` | {error} |\n"));
    }
    assert_has(&table);
}
