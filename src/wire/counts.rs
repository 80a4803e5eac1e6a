//! The message `counts`: the questions to the objects that count for limits, and their answers. It has a line for each object.
//!
//! Rust writes the line. JavaScript asks the object (`Limiter`, which may run another version of the Worker during a
//! deployment) and appends the answer. Rust reads the result.

use corsgate_policy::Count;
use corsgate_policy::gcra::Rate;

const HEAD: &str = "counts 1\t";
/// Marks an object whose request is rejected if the object does not answer.
const DENY: &str = "deny";
const ALLOW: &str = "allow";
/// Begins the answer of an object, with its version.
const ANSWER: &str = "answer 1 ";
/// Ends a line whose count was refunded.
const REFUNDED: &str = "\tgiven back";

/// The question to an object, in parts with a tab before each: its name, `allow` or `deny` for the case that it cannot be
/// asked, and the quota and window (in seconds) of each of its limits.
pub(crate) fn question(object: &str, fails_closed: bool, rates: impl Iterator<Item = Rate>) -> String {
    let on_failure = if fails_closed { DENY } else { ALLOW };
    let rates: Vec<_> = rates.map(|rate| format!("{} {}", rate.quota(), rate.window())).collect();
    format!("{HEAD}{object}\t{on_failure}\t{}", rates.join(" "))
}

/// A line with the object's answer.
#[derive(Debug)]
pub(crate) struct Counted<'l> {
    /// The line, to be passed back to JavaScript.
    pub(crate) line: &'l str,
    pub(crate) object: &'l str,
    fails_closed: bool,
    pub(crate) rates: Vec<Rate>,
    pub(crate) answer: Answer<'l>,
    /// Whether the object's count of this request was already refunded.
    pub(crate) is_refunded: bool,
}

/// The answer of an object.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer<'l> {
    /// All its limits admit the request.
    Admitted(Vec<Count>),
    /// One of them denies it.
    Denied(Vec<Count>),
    Overloaded,
    /// No answer in time.
    Slow(&'l str),
    Failed(&'l str),
}

impl<'l> Counted<'l> {
    /// Reads a line; `None` if it does not have the form of this build.
    #[inline(never)]
    pub(crate) fn parse(line: &'l str) -> Option<Self> {
        let (text, is_refunded) = match line.strip_suffix(REFUNDED) {
            Some(text) => (text, true),
            None => (line, false),
        };
        let mut parts = text.strip_prefix(HEAD)?.splitn(4, '\t');
        let object = parts.next().filter(|object| !object.is_empty())?;
        let fails_closed = match parts.next()? {
            DENY => true,
            ALLOW => false,
            _ => return None,
        };
        let rates = read_rates(parts.next()?)?;
        let answer = Answer::read(parts.next()?, &rates);
        Some(Self { line, object, fails_closed, rates, answer, is_refunded })
    }

    /// The answers in several lines. A line that does not have the form of this build is skipped.
    pub(crate) fn parse_all(lines: &'l str) -> impl Iterator<Item = Self> {
        lines.split('\n').filter_map(Self::parse)
    }

    /// Whether it is the answer to the line `asked`.
    pub(crate) fn answers(&self, asked: &str) -> bool {
        self.line.strip_prefix(asked).is_some_and(|answer| answer.starts_with('\t'))
    }

    /// Whether a request with this answer is rejected.
    pub(crate) fn refuses(&self) -> bool {
        match &self.answer {
            Answer::Denied(_) | Answer::Overloaded => true,
            Answer::Slow(_) | Answer::Failed(_) => self.fails_closed,
            Answer::Admitted(_) => false,
        }
    }

    /// Whether the object has counted the request and the count was not refunded.
    pub(crate) fn has_counted(&self) -> bool {
        matches!(self.answer, Answer::Admitted(_)) && !self.is_refunded
    }

    /// The same line, marked as refunded.
    pub(crate) fn refunded(&self) -> String {
        format!("{}{REFUNDED}", self.line)
    }
}

impl<'l> Answer<'l> {
    #[inline(never)]
    fn read(text: &'l str, rates: &[Rate]) -> Self {
        if text == "overloaded" {
            return Self::Overloaded;
        }
        if let Some(error) = text.strip_prefix("slow ") {
            return Self::Slow(error);
        }
        match read_arrivals(text, rates) {
            Some(counts) if counts.iter().any(|count| matches!(count, Count::Denied(_))) => {
                Self::Denied(counts)
            }
            Some(counts) => Self::Admitted(counts),
            None => Self::Failed(text.strip_prefix("failed ").unwrap_or(text)),
        }
    }
}

fn read_rates(text: &str) -> Option<Vec<Rate>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let numbers: Option<Vec<u32>> = text.split(' ').map(|number| number.parse().ok()).collect();
    let numbers = numbers.filter(|numbers| numbers.len() % 2 == 0)?;
    numbers.chunks_exact(2).map(|pair| Rate::new(*pair.first()?, *pair.last()?)).collect()
}

/// Reads the answer of `Limiter.take`: its time in milliseconds, then for each limit `+` if it admits or `-` if it denies,
/// and its arrival time.
fn read_arrivals(text: &str, rates: &[Rate]) -> Option<Vec<Count>> {
    let mut words = text.strip_prefix(ANSWER)?.split(' ');
    // Parsed as an integer: parsing a fraction takes ten kilobytes of Wasm.
    let now = words.next()?.parse::<u64>().ok()? as f64;
    let count = |rate: &Rate| {
        let word = words.next()?;
        let standing = |arrival: &str| Some(rate.standing(arrival.parse().ok()?, now));
        match word.strip_prefix('-') {
            Some(arrival) => standing(arrival).map(Count::Denied),
            None => standing(word.strip_prefix('+')?).map(Count::Admitted),
        }
    };
    let counts = rates.iter().map(count).collect::<Option<_>>()?;
    words.next().is_none().then_some(counts)
}
