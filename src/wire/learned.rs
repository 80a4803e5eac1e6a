//! The message `learned`: the results of a request's waits. Rust and JavaScript both write it, Rust reads it.

use super::Malformed;

const HEAD: &str = "learned 1";

/// How often a request may wait: for the policy, for lists, for keys and for its limits, each twice, because another policy
/// may come into force in between.
const MOST_ROUNDS: u32 = 8;

/// The results of a request's waits. The lines of the message: how often it has waited; after a `-`, each
/// [`Read`](super::read::Read) that failed in KV; after a `+`, each line of [`counts`](super::counts) that was answered.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Learned {
    rounds: u32,
    unread: Vec<String>,
    counted: Vec<String>,
}

impl Learned {
    pub(crate) fn read(message: &str) -> Result<Self, Malformed> {
        const MALFORMED: Malformed = Malformed("learned");
        let mut lines = message.split('\n');
        if lines.next() != Some(HEAD) {
            return Err(MALFORMED);
        }
        let rounds = lines.next().and_then(|rounds| rounds.parse().ok()).ok_or(MALFORMED)?;
        let mut learned = Self { rounds, ..Self::default() };
        for line in lines {
            if let Some(read) = line.strip_prefix('-') {
                learned.unread.push(read.to_owned());
            } else if let Some(counted) = line.strip_prefix('+') {
                learned.counted.push(counted.to_owned());
            } else {
                return Err(MALFORMED);
            }
        }
        Ok(learned)
    }

    /// The message for the next round, which also counts these reads as failed.
    pub(crate) fn next_round(&self, unread: &[String]) -> String {
        let mut message = HEAD.to_owned();
        message.push('\n');
        message.push_str(&self.rounds.saturating_add(1).to_string());
        for read in self.unread.iter().chain(unread) {
            message.push_str("\n-");
            message.push_str(read);
        }
        for line in &self.counted {
            message.push_str("\n+");
            message.push_str(line);
        }
        message
    }

    /// Whether the request must not wait again and must be answered from what is known.
    pub(crate) fn is_over(&self) -> bool {
        self.rounds >= MOST_ROUNDS
    }

    /// Whether KV failed for a read.
    pub(crate) fn is_unread(&self, read: &str) -> bool {
        self.unread.iter().any(|unread| unread == read)
    }

    /// The lines of limits that were answered.
    pub(crate) fn counted(&self) -> impl Iterator<Item = &str> {
        self.counted.iter().map(String::as_str)
    }
}
