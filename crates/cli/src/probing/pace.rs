//! Limits the requests per second to the agreed number.

use std::thread;
use std::time::{Duration, Instant};

/// Waits between requests.
#[derive(Debug)]
pub(super) struct Pace {
    between: Duration,
    next: Option<Instant>,
}

impl Pace {
    pub(super) fn new(rate: f64) -> Self {
        Self { between: Duration::try_from_secs_f64(1.0 / rate).unwrap_or_default(), next: None }
    }

    /// Returns when the next request may be sent. Time lost to a slow response is not caught up.
    pub(super) fn wait(&mut self) {
        let now = Instant::now();
        if let Some(next) = self.next {
            thread::sleep(next.saturating_duration_since(now));
        }
        self.next = Some(Instant::now() + self.between);
    }
}
