//! What a request has learned while it waited, as lines that cross to JavaScript and back.

/// How often a request may wait: for the policy, for lists, for keys and for its limits, each twice, since another policy
/// may come into force meanwhile.
const MOST_ROUNDS: u32 = 8;

/// What a request has learned. The lines: how often it has waited, what could not be read, and what has counted it.
#[derive(Default)]
pub(crate) struct Learned {
    rounds: u32,
    /// Lines of [`Read`](crate::wire::reads::Read)s.
    unread: Vec<String>,
    /// Lines of counts, as `take` in `counting.js` gives them.
    counted: Vec<String>,
}

impl Learned {
    pub(crate) fn read(text: &str) -> Self {
        let mut lines = text.split('\n');
        let rounds = lines.next().and_then(|rounds| rounds.parse().ok()).unwrap_or_default();
        let mut learned = Self { rounds, ..Self::default() };
        for line in lines {
            match line.strip_prefix('-') {
                Some(read) => learned.unread.push(read.to_owned()),
                None => learned.counted.push(line.to_owned()),
            }
        }
        learned
    }

    /// The lines for another round, in which these reads are known to fail as well.
    pub(crate) fn next_round(&self, unread: &[String]) -> String {
        let mut text = self.rounds.saturating_add(1).to_string();
        for read in self.unread.iter().chain(unread) {
            text.push_str("\n-");
            text.push_str(read);
        }
        for line in &self.counted {
            text.push('\n');
            text.push_str(line);
        }
        text
    }

    /// Whether the request has waited so often that it must be answered by what is known.
    pub(crate) fn is_over(&self) -> bool {
        self.rounds >= MOST_ROUNDS
    }

    /// Whether something is known to be unreadable.
    pub(crate) fn is_unread(&self, read: &str) -> bool {
        self.unread.iter().any(|unread| unread == read)
    }

    /// The lines of counts.
    pub(crate) fn counted(&self) -> impl Iterator<Item = &str> {
        self.counted.iter().map(String::as_str)
    }
}
