//! The text form of an allowlist in KV: one origin a line.

use crate::origin::entry::{LineError, ListPatterns, parse_line, refusal};
use crate::origin::set::{AcceptedEntries, OriginSet};

/// How many bad lines are kept for the report; the rest are only counted.
pub const REPORTED_LINES: usize = 20;

/// A list read from text. Bad lines are skipped and reported, and do not affect other lines. A line that
/// some route ignores is reported too, but kept, because another route may use it.
#[derive(Debug, Default)]
pub struct TextList {
    /// The entries of the good lines.
    pub origins: OriginSet,
    /// The first [`REPORTED_LINES`] bad lines.
    pub bad_lines: Vec<BadLine>,
    /// The total number of bad lines.
    pub bad_line_count: usize,
}

/// A line that was skipped, or that a route ignores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// The line number, counted from 1.
    pub number: usize,
    /// What is wrong with it.
    pub error: LineError,
}

impl TextList {
    /// Reads a list. It never fails as a whole: each line is independent.
    #[must_use]
    pub fn parse(text: &str, patterns: ListPatterns) -> Self {
        Self::parse_for(text, patterns, AcceptedEntries::ALL)
    }

    /// Reads a list, and also reports the lines that routes with this admission ignore.
    #[must_use]
    pub fn parse_for(text: &str, patterns: ListPatterns, accepted: AcceptedEntries) -> Self {
        let mut bad_lines = Vec::new();
        let mut bad_line_count = 0;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let entries = text.lines().enumerate().filter_map(|(at, line)| {
            let (entry, error) = match parse_line(line, patterns) {
                Ok(entry) => {
                    let refused = entry.as_ref().and_then(|entry| refusal(entry, accepted));
                    (entry, refused)
                }
                Err(error) => (None, Some(error)),
            };
            if let Some(error) = error {
                bad_line_count += 1;
                if bad_lines.len() < REPORTED_LINES {
                    bad_lines.push(BadLine { number: at + 1, error });
                }
            }
            entry
        });
        let origins = OriginSet::new(entries);
        Self { origins, bad_lines, bad_line_count }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::day::{Day, InvalidDay};
    use crate::origin::pattern::PatternError;
    use crate::origin::set::Membership;
    use crate::origin::{Origin, OriginError};

    #[test]
    fn a_bad_line_is_reported_and_the_rest_holds() {
        let list = TextList::parse(
            "\u{feff}# partners\r\n\
             https://a.example.com\r\n\
             \r\n\
             https://b.example.com expires=2026-06-15  # contract 118\n\
             https://c.example.com/\n\
             null\n\
             *\n\
             https://*.example.org\n\
             https://d.example.com expires=soon\n\
             https://e.example.com https://f.example.com\n\
             https://g.example.com expires=2026-06-15 again\n\
             https://g.example.com#fragment\n\
             \thttps://h.example.com",
            ListPatterns::Exact,
        );
        let patterns: Vec<_> = list.origins.texts().collect();
        assert_eq!(patterns, ["https://a.example.com", "https://b.example.com", "https://h.example.com"]);
        assert_eq!(
            list.bad_lines.iter().map(|bad| (bad.number, bad.error)).collect::<Vec<_>>(),
            [
                (5, LineError::Pattern(OriginError::TrailingSlash.into())),
                (6, LineError::Pattern(PatternError::Null)),
                (7, LineError::Pattern(PatternError::AnyOrigin)),
                (8, LineError::WildcardInExactList),
                (9, LineError::Expires(InvalidDay)),
                (10, LineError::UnknownWord),
                (11, LineError::UnknownWord),
                (12, LineError::Pattern(OriginError::Fragment.into())),
            ]
        );
        let b = Origin::parse("https://b.example.com").expect("valid");
        let day = |text| Day::parse(text).expect("valid");
        assert!(matches!(
            list.origins.find(&b, AcceptedEntries::ALL, day("2026-06-15")),
            Membership::Listed(_)
        ));
        assert!(matches!(
            list.origins.find(&b, AcceptedEntries::ALL, day("2026-06-16")),
            Membership::Expired(_)
        ));
    }

    #[test]
    fn wildcards_stand_only_in_a_list_that_says_so() {
        let text = "https://*.example.org\nhttps://localhost:*\n";
        assert_eq!(TextList::parse(text, ListPatterns::Exact).bad_line_count, 2);
        assert_eq!(TextList::parse(text, ListPatterns::Wildcards).origins.len(), 2);
    }

    #[test]
    fn what_a_route_does_not_take_is_reported_and_stays_for_others() {
        let text = "http://lan.example\nhttp://localhost:5173\nhttps://*.a.example\nhttps://b.example\n";
        for (insecure, wildcards, bad) in [
            (true, true, &[][..]),
            (false, true, &[(1, LineError::InsecureOnRoute)]),
            (true, false, &[(3, LineError::WildcardOnRoute)]),
            (false, false, &[(1, LineError::InsecureOnRoute), (3, LineError::WildcardOnRoute)]),
        ] {
            let accepted = AcceptedEntries { insecure, wildcards, extensions: true };
            let list = TextList::parse_for(text, ListPatterns::Wildcards, accepted);
            let reported: Vec<_> = list.bad_lines.iter().map(|bad| (bad.number, bad.error)).collect();
            assert_eq!((reported.as_slice(), list.origins.len()), (bad, 4), "{accepted:?}");
        }
    }

    #[test]
    fn a_list_of_nothing_but_noise_keeps_a_bounded_report() {
        let list = TextList::parse(&"\u{0}noise\n".repeat(1_000), ListPatterns::Exact);
        assert!(list.origins.is_empty());
        assert_eq!((list.bad_lines.len(), list.bad_line_count), (REPORTED_LINES, 1_000));
    }
}
