//! CG230.

use corsgate_policy::{MAX_REQUEST_HEADERS_BYTES, MAX_REQUEST_HEADERS_NAMES};

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    230,
    "more request headers than a preflight can ask for",
    r#"A browser lists every header that a page sets and that is not safelisted in `Access-Control-Request-Headers`. The gateway accepts at most 100 names and 4,096 bytes there, and rejects a preflight with more (403 `headers_malformed`). So no page can send all the listed headers in one request. Requests with fewer of them work.

Remove the headers that no page sends, or let pages send one header instead of many. Without credentials, `*` matches every name except `authorization`:

    request_headers = ["*", "authorization"]"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (cors, rules) in subject.rules() {
        let mut names: Vec<_> = rules.request_headers.iter().map(|name| name.to_ascii_lowercase()).collect();
        names.sort_unstable();
        names.dedup();
        // Browsers join names with a comma and no space.
        let bytes = names.iter().map(String::len).sum::<usize>() + names.len().saturating_sub(1);
        let message = if names.len() > MAX_REQUEST_HEADERS_NAMES {
            format!(
                "{} request headers are listed, but a preflight can ask for at most {MAX_REQUEST_HEADERS_NAMES}",
                names.len()
            )
        } else if bytes > MAX_REQUEST_HEADERS_BYTES {
            format!(
                "the listed request headers take {bytes} bytes, but a preflight can ask for at most {MAX_REQUEST_HEADERS_BYTES}"
            )
        } else {
            continue;
        };
        let span = subject.span(&cors.key("request_headers"));
        let finding = Finding::new(&LINT, message).at(span, "no request can have all of them");
        report.add(finding.help("leave out what no page sends"));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{BASE, findings};

    fn found(names: impl Iterator<Item = String>) -> Vec<String> {
        let names: Vec<_> = names.map(|name| format!("\"{name}\"")).collect();
        let route = "[[routes]]\nname = \"r\"\npath = \"/*\"\nupstream = \"api\"\nhosts = [\"a.example\"]\n";
        let cors = format!(
            "[routes.cors]\norigins = [\"https://b.example\"]\nrequest_headers = [{}]\n",
            names.join(", ")
        );
        let findings = findings(&format!("{BASE}{route}{cors}"));
        findings.into_iter().map(|finding| format!("{} {}", finding.code, finding.message)).collect()
    }

    #[test]
    fn the_explanation_has_the_bounds_of_the_policy() {
        assert!(
            super::LINT.explanation.contains(&format!("at most {} names", super::MAX_REQUEST_HEADERS_NAMES))
        );
        assert_eq!(super::MAX_REQUEST_HEADERS_BYTES, 4096);
        assert!(super::LINT.explanation.contains("4,096 bytes"));
    }

    #[test]
    fn more_headers_than_a_preflight_can_request_are_found() {
        assert_eq!(found((0..100).map(|at| format!("x-{at}"))), [""; 0]);
        assert_eq!(
            found((0..101).map(|at| format!("x-{at}"))),
            ["CG230 101 request headers are listed, but a preflight can ask for at most 100"]
        );
        // A name in two spellings counts once.
        assert_eq!(
            found((0..100).map(|at| format!("x-{at}")).chain(["X-0".to_owned()])).len(),
            found(["x-0".to_owned(), "X-0".to_owned()].into_iter()).len()
        );
        // 16 names of 255 bytes and 15 commas.
        let long = |length| (0..16).map(move |at| format!("{:x<length$}", format!("x-{at}-")));
        assert_eq!(found(long(255)), [""; 0]);
        assert_eq!(
            found(long(256)),
            ["CG230 the listed request headers take 4111 bytes, but a preflight can ask for at most 4096"]
        );
    }
}
