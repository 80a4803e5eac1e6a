//! Cuts what was copied from a console into its complaints: each with the lines beside it that belong to it.

/// What begins a complaint, in Chrome, Firefox and Safari.
const BEGINS: [&str; 12] = [
    "Access to ",
    "Cross-Origin Request Blocked",
    "Cross-Origin Request Warning",
    "downloadable font: ",
    "EventSource's response ",
    "Mixed Content: ",
    "Blocked loading mixed ",
    "[blocked] The page at ",
    "WebSocket connection to ",
    "Blocked a frame ",
    "Firefox can",
    "Uncaught ",
];

/// Safari's last line of a complaint, behind which only a line of the network may follow.
const ENDS: &str = "due to access control checks";
const OF_NETWORK: &str = "Failed to load resource";
/// How many lines are looked at behind it.
const MOST_BEHIND: usize = 4;

/// The complaints of a text.
pub(super) fn pieces(text: &str) -> Vec<&str> {
    let mut cuts: Vec<usize> = Vec::new();
    for mark in BEGINS {
        let begins = text.match_indices(mark).map(|(at, _)| at);
        cuts.extend(begins.filter(|at| mark != "Access to " || is_of_chrome(text, *at)));
    }
    for (at, _) in text.match_indices(ENDS) {
        let rest = text.get(at..).unwrap_or_default();
        let mut end = at;
        for (number, line) in rest.split_inclusive('\n').take(MOST_BEHIND).enumerate() {
            if number > 0 && !line.contains(OF_NETWORK) {
                break;
            }
            end += line.len();
        }
        cuts.push(end);
    }
    // Chrome's lines of the network: `GET https://… net::ERR_CONNECTION_REFUSED`. One with `ERR_FAILED`, or with the status
    // alone, belongs to the complaint before it.
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let is_of_network = line.contains(" net::ERR_") && !line.contains("net::ERR_FAILED");
        let is_of_policy =
            line.contains("Content Security Policy") || line.contains("Content-Security-Policy");
        if is_of_network && !line.contains("WebSocket") || is_of_policy {
            cuts.extend([at, at + line.len()]);
        }
        at += line.len();
    }
    cuts.sort_unstable();
    cuts.dedup();
    let ends = cuts.iter().copied().chain([text.len()]);
    let begins = [0].into_iter().chain(cuts.iter().copied());
    begins
        .zip(ends)
        .filter_map(|(begin, end)| text.get(begin..end))
        .filter(|piece| !piece.trim().is_empty())
        .collect()
}

/// `Access to fetch at '…'`, not a sentence that happens to begin so.
fn is_of_chrome(text: &str, at: usize) -> bool {
    let begin: String = text.get(at..).unwrap_or_default().chars().take(60).collect();
    let quoted = begin.split_once(['\'', '\u{2018}', '\u{2019}', '"']);
    quoted.is_some_and(|(before, _)| before.trim_end().ends_with(" at"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_made_to_be_slow_is_cut_at_once() {
        for piece in [
            "Access to ",
            "Failed to load resource due to access control checks\n",
            "Access to fetch at '",
            "x net::ERR_ABORTED\n",
        ] {
            let text = piece.repeat(1_000_000 / piece.len());
            assert_eq!(pieces(&text).concat(), text);
        }
    }

    #[test]
    fn a_sentence_that_only_begins_like_a_complaint_is_none() {
        for (text, count) in [
            ("Access to the store 'x'", 1),
            ("Access to fetch at 'a' x\nAccess to the store 'x'", 1),
            ("Access to fetch at 'a' x\nAccess to XMLHttpRequest at \u{2018}b\u{2019} x", 2),
            ("", 0),
        ] {
            assert_eq!(pieces(text).len(), count, "{text}");
        }
    }
}
