//! Findings about WebSocket handshakes, in the words of an upgrade: CORS headers have no effect there, so the server itself
//! must compare `Origin` before it accepts (RFC 6455, 10.2).

use crate::finding::Finding;

/// The same finding, for a handshake.
pub(crate) fn of_handshake(finding: Finding) -> Finding {
    Finding {
        consequence: gained(&finding.consequence),
        instead: format!(
            "check `Origin` in the upgrade request, and answer 403 before the handshake is accepted; CORS headers have no effect on WebSockets. {}",
            compared(&finding.instead)
        ),
        ..finding
    }
}

/// A page that opens a WebSocket does not only read: it acts for the visitor.
fn gained(consequence: &str) -> String {
    const GAIN: &str = "open the WebSocket with the cookies of the visitor, and read and send as the visitor";
    consequence
        .replace("read the responses as the visitor of the page", GAIN)
        .replace("read the responses", GAIN)
}

/// How to compare. A handshake sends nothing back.
fn compared(instead: &str) -> String {
    match instead.contains("send back") {
        true => "Accept an origin only if the whole origin is in your list".to_owned(),
        false => {
            let mut letters = instead.chars();
            let first = letters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(letters).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::technique::Technique;

    #[test]
    fn no_technique_speaks_of_responses_in_an_upgrade() {
        for technique in Technique::ALL {
            let gained = gained(technique.attack());
            assert!(!gained.contains("responses") || *technique == Technique::Oversize, "{gained}");
            assert!(!compared(technique.instead()).contains("send back"), "{technique:?}");
        }
    }
}
