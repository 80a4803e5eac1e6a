//! Measures subjects in turns, so that other load on the machine affects all of them.

use std::hint::black_box;
use std::time::Duration;

use cpu_time::ThreadTime;
use serde_json::json;

/// The number of rounds; each subject has one turn in a round.
const ROUNDS: usize = 40;
/// The duration of a turn: long compared with reading the clock, short compared with other load on the machine.
const TURN: Duration = Duration::from_millis(20);

/// The kind of request of a row in the table.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    /// The length of the allowlist, or the number of routes.
    pub(crate) size: usize,
    /// The outcome: `allowed` or `rejected`.
    pub(crate) outcome: &'static str,
    /// The number of clients that take turns.
    pub(crate) clients: usize,
}

/// Answers a request of client number `n`, and returns whether it was allowed.
pub(crate) struct Subject<'a> {
    pub(crate) name: &'static str,
    pub(crate) case: Case,
    pub(crate) answer: Box<dyn FnMut(usize) -> bool + 'a>,
}

/// The result for one subject and one kind of request.
pub(crate) struct Figure {
    pub(crate) subject: &'static str,
    pub(crate) size: usize,
    pub(crate) outcome: &'static str,
    /// The lower quartile of the rounds: other load only ever adds time.
    pub(crate) nanoseconds: f64,
    pub(crate) allocations: u64,
}

impl Figure {
    pub(crate) fn to_json(&self) -> serde_json::Value {
        json!({
            "subject": self.subject,
            "size": self.size,
            "outcome": self.outcome,
            "nanoseconds": self.nanoseconds,
            "allocations": self.allocations,
        })
    }
}

/// Measures the subjects. Each must decide as its case says, or different things would be compared.
pub(crate) fn compare(subjects: &mut [Subject<'_>]) -> Vec<Figure> {
    let mut measured: Vec<(usize, Vec<f64>)> = Vec::new();
    for subject in &mut *subjects {
        let Case { size, outcome, clients } = subject.case;
        for client in 0..clients {
            assert_eq!((subject.answer)(client), outcome == "allowed", "{} at {size}", subject.name);
        }
        measured.push((answers_in_a_turn(subject), Vec::with_capacity(ROUNDS)));
    }
    for round in 0..ROUNDS {
        for (subject, (answers, times)) in subjects.iter_mut().zip(&mut measured) {
            // More clients than a turn has answers: the next ones.
            times.push(nanoseconds(subject, round * *answers, *answers));
        }
    }
    let figure = |(subject, (_, times)): (&mut Subject<'_>, (usize, Vec<f64>))| Figure {
        subject: subject.name,
        size: subject.case.size,
        outcome: subject.case.outcome,
        nanoseconds: lower_quartile(times),
        allocations: allocation_counter::measure(|| {
            black_box((subject.answer)(0));
        })
        .count_total,
    };
    subjects.iter_mut().zip(measured).map(figure).collect()
}

fn answers_in_a_turn(subject: &mut Subject<'_>) -> usize {
    let once = nanoseconds(subject, 0, 16);
    (TURN.as_nanos() as f64 / once) as usize + 1
}

/// The processor time of one answer; waiting for a processor does not count.
fn nanoseconds(subject: &mut Subject<'_>, from: usize, answers: usize) -> f64 {
    let clients = subject.case.clients;
    let start = ThreadTime::now();
    for client in (from % clients..clients).chain((0..clients).cycle()).take(answers) {
        black_box((subject.answer)(black_box(client)));
    }
    start.elapsed().as_nanos() as f64 / answers as f64
}

fn lower_quartile(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 4).copied().unwrap_or_default()
}
