//! The chart of decisions: a line for each subject and outcome.

use crate::chart::{Chart, Line};
use crate::stopwatch::Figure;

/// The number of subjects, each with a colour of its own.
const SUBJECTS: usize = 4;

/// How the times grow with the list.
pub(crate) fn chart(figures: &[Figure]) -> Chart {
    let mut subjects: Vec<&str> = figures.iter().map(|figure| figure.subject).collect();
    subjects.dedup();
    subjects.truncate(SUBJECTS);
    let mut lines = Vec::new();
    for (colour, subject) in subjects.into_iter().enumerate() {
        for (outcome, width) in [("allowed", 3), ("rejected", 1)] {
            let points = figures
                .iter()
                .filter(|figure| figure.subject == subject && figure.outcome == outcome)
                .map(|figure| (figure.size as f64, figure.nanoseconds));
            lines.push(Line {
                label: format!("{subject}, {outcome}"),
                colour,
                width,
                points: points.collect(),
            });
        }
    }
    Chart {
        counted: "origins in the allowlist".to_owned(),
        timed: "time of one decision".to_owned(),
        times: (10.0, 20_000_000.0),
        lines,
    }
}
