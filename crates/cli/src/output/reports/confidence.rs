//! How certain it is that an entry without records was not used.
//!
//! Only a random share `p` of plain allows is recorded: `n` uses of an entry leave no record with a probability of (1
//! − p)ⁿ. Sampling by Analytics Engine makes `p` smaller. By how much is known from its figures: each record stands
//! for 1 / p decisions.

use corsgate_reports::time::{DAY, HOUR};
use serde::Serialize;

use super::answer::Answer;
use super::words::{count, percent, span};

/// An entry counts as seen from this probability on.
const SURE: f64 = 0.95;
/// How often an entry may be used: in words, and the interval in seconds.
const PACES: [(&str, u64); 3] = [("once an hour", HOUR), ("once a day", DAY), ("once a week", 7 * DAY)];
/// If an entry must be used more often than this to be seen, it cannot be distinguished from an unused one.
const SELDOM: u64 = HOUR;
/// With fewer records, the share that was sampled is not known well enough.
const ENOUGH: u64 = 100;

/// How certain the report is.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Confidence {
    /// Whether an unused entry can be distinguished from one that is used rarely.
    pub(crate) can_tell: bool,
    /// The chance that a use leaves a record.
    pub(crate) recorded: f64,
    /// The number of uses from which an entry is seen with a probability of 95 %.
    pub(crate) uses_seen: Option<u64>,
    /// The probability that an entry would have been seen, for several frequencies of use.
    pub(crate) seen: Vec<Seen>,
    /// The same as sentences.
    pub(crate) sentences: Vec<String>,
}

/// The probability that an entry with this frequency of use would have been seen.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Seen {
    /// How often it is used.
    pub(crate) used: &'static str,
    /// The number of uses in the time range.
    pub(crate) uses: f64,
    pub(crate) chance: f64,
}

impl Confidence {
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of decisions and seconds, for chances in per cent"
    )]
    pub(crate) fn of(answer: &Answer) -> Self {
        let length = answer.until.saturating_sub(answer.since);
        let (decisions, rows) = (answer.total.decisions, answer.total.rows);
        let told = answer.sample_allowed.clamp(0.0, 1.0);
        let kept = if rows >= ENOUGH && decisions > rows { rows as f64 / decisions as f64 } else { 1.0 };
        let is_thinned = answer.source == "engine" && kept < told * 0.9;
        let recorded = if is_thinned { kept } else { told };
        let uses_seen = uses(recorded);
        let seen = PACES.map(|(used, apart)| {
            let uses = length as f64 / apart as f64;
            Seen { used, uses, chance: 1.0 - (1.0 - recorded).powf(uses) }
        });
        let least_apart = uses_seen.map(|uses| length / uses.max(1));
        let mut sentences = Vec::new();
        let can_tell = match (rows, least_apart) {
            _ if answer.entries == 0 => {
                sentences.push("there were no entries to check".to_owned());
                false
            }
            (_, None) => {
                sentences.push(
                    "`sample_allowed` is 0, so no allowed request is recorded, and the use of entries is unknown"
                        .to_owned(),
                );
                false
            }
            (0, _) => {
                sentences.push(
                    "no record of this time names an entry: either nothing was allowed, or the records are not of this policy; so the use of entries is unknown"
                        .to_owned(),
                );
                false
            }
            (_, Some(apart)) => {
                sentences.extend(chances(recorded, &seen, length));
                if apart < SELDOM {
                    sentences.push(format!(
                        "an entry must be used every {} or more often to be seen with {}, so it is unknown which are unused; choose a longer time, or raise `sample_allowed`",
                        span(apart),
                        percent(SURE)
                    ));
                } else {
                    sentences.push(format!(
                        "an entry that is used less than once in {} may be missing from the records: find out whose it is before you remove it",
                        span(apart)
                    ));
                }
                apart >= SELDOM
            }
        };
        if is_thinned {
            let (is, was) = (1.0 / recorded, 1.0 / told);
            sentences.push(format!(
                "Analytics Engine has sampled the records: about 1 of {is:.0} uses is recorded, instead of 1 of {was:.0}"
            ));
        }
        if let Some(error) = answer.error.filter(|error| *error > 0) {
            sentences.push(format!(
                "the embedded store has evicted rare entries: each of these may have been used up to {} times (estimated)",
                count(error)
            ));
        }
        if !answer.complete {
            sentences.push(
                "so many entries were used that not all were read: some of these may be in use".to_owned(),
            );
        }
        Self { can_tell, recorded, uses_seen, seen: seen.into(), sentences }
    }
}

fn chances(recorded: f64, seen: &[Seen], length: u64) -> Option<String> {
    let [hour, rest @ ..] = seen else { return None };
    let rest: Vec<_> =
        rest.iter().map(|seen| format!("one {} with {}", seen.used, percent(seen.chance))).collect();
    Some(format!(
        "{} of the allowed requests are recorded, so in {} an entry that is used {} on average would have been seen with {}, {}",
        percent(recorded),
        span(length),
        hour.used,
        percent(hour.chance),
        rest.join(", ")
    ))
}

/// The least number of uses of which at least one is recorded with a probability of 95 %.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a ratio of two negative logarithms"
)]
fn uses(recorded: f64) -> Option<u64> {
    match recorded {
        _ if recorded <= 0.0 => None,
        _ if recorded >= SURE => Some(1),
        _ => Some(((1.0 - SURE).ln() / (1.0 - recorded).ln()).ceil() as u64),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(days: u64, sample: f64, total: (u64, u64), source: &str) -> Confidence {
        let until = 100 * DAY;
        let time = corsgate_reports::time::write;
        let (decisions, rows) = total;
        let answer = json!({
            "report": "unused", "source": source, "since": time(until - days * DAY), "until": time(until),
            "total": { "decisions": decisions, "rows": rows }, "other": null, "error": null, "rows": [],
            "entries": 3, "unused": 1, "sample_allowed": sample,
        });
        Confidence::of(&serde_json::from_value(answer).expect("an answer"))
    }

    #[test]
    fn probabilities_follow_the_binomial_distribution() {
        let month = of(30, 0.01, (100_000, 1_000), "engine");
        assert_eq!((month.can_tell, month.uses_seen), (true, Some(299)));
        let chances: Vec<_> = month.seen.iter().map(|seen| percent(seen.chance)).collect();
        assert_eq!(chances, ["99.9 %", "26.0 %", "4.2 %"]);
        // Everything is recorded, so one use is certainly seen.
        assert_eq!(of(30, 1.0, (1_000, 1_000), "engine").uses_seen, Some(1));
        assert_eq!(of(30, 0.5, (1_000, 500), "engine").uses_seen, Some(5));
    }

    #[test]
    fn a_report_on_too_few_records_says_so() {
        for (confidence, expected) in [
            (of(1, 0.01, (100_000, 1_000), "engine"), false),
            (of(12, 0.01, (100_000, 1_000), "engine"), false),
            (of(13, 0.01, (100_000, 1_000), "engine"), true),
            (of(30, 0.0, (1_000, 1_000), "engine"), false),
            (of(30, 1.0, (0, 0), "embedded"), false),
        ] {
            assert_eq!(confidence.can_tell, expected, "{confidence:?}");
        }
    }

    #[test]
    fn sampled_records_count_as_not_recorded() {
        let thinned = of(30, 0.1, (100_000, 1_000), "engine");
        assert!((thinned.recorded - 0.01).abs() < 1e-9, "{thinned:?}");
        assert!(
            thinned.sentences.iter().any(|it| it.contains("1 of 100 uses is recorded, instead of 1 of 10"))
        );
        // With few records the share is unknown, and the embedded store does not sample.
        for other in [of(30, 0.1, (1_000, 10), "engine"), of(30, 0.1, (100_000, 1_000), "embedded")] {
            assert!((other.recorded - 0.1).abs() < 1e-9, "{other:?}");
        }
    }
}
