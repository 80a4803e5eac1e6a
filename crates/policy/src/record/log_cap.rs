//! The cap on the number of lines that an isolate writes to the log.

/// The number of lines written in a second before the rest is skipped.
pub const LINES_PER_SECOND: u32 = 10;

const SECOND: f64 = 1000.0;

/// Counts the lines of each second, on a clock that may stand still or step back.
///
/// A second begins with its first line and ends when the clock is 1000 ms past its beginning. If the clock steps back,
/// the second begins at the new time instead, and its count is kept. So if the clock has moved forward by `t` seconds
/// in total, however often it stepped back, at most `(1 + t) * LINES_PER_SECOND` lines are written. Any span of one
/// second has at most twice [`LINES_PER_SECOND`] lines: the end of one second and the beginning of the next. Whatever
/// the clock shows, lines are written again once it has moved 1000 ms further.
#[derive(Clone, Copy, Debug)]
pub struct LogCap {
    /// The start of the current second, in milliseconds.
    began: f64,
    written: u32,
    left_out: u32,
    /// Whether a line of this second was skipped and [`LogCap::take_left_out`] has not been called since.
    pending: bool,
}

/// What to do with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admit {
    /// Write it.
    Write,
    /// Skip it. It is the first one, so report the number of skipped lines in a second.
    LeaveOutFirst,
    /// Skip it.
    LeaveOut,
}

impl LogCap {
    /// A cap that has not counted any line yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { began: f64::NEG_INFINITY, written: 0, left_out: 0, pending: false }
    }

    /// Decides whether to write a line at the time `now`, in milliseconds.
    ///
    /// Every second with skipped lines has a first one, so if the timer that would report their number is lost, the
    /// next such second reports it.
    pub fn admit(&mut self, now: f64) -> Admit {
        if now < self.began {
            self.began = now;
        } else if now - self.began >= SECOND {
            *self = Self { began: now, left_out: self.left_out, ..Self::new() };
        }
        if self.written < LINES_PER_SECOND {
            self.written += 1;
            return Admit::Write;
        }
        self.left_out = self.left_out.saturating_add(1);
        if core::mem::replace(&mut self.pending, true) { Admit::LeaveOut } else { Admit::LeaveOutFirst }
    }

    /// The number of lines skipped since the last call.
    pub fn take_left_out(&mut self) -> u32 {
        self.pending = false;
        core::mem::take(&mut self.left_out)
    }
}

impl Default for LogCap {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of lines written when this many arrive at once.
    fn written(cap: &mut LogCap, now: f64, lines: u32) -> u32 {
        (0..lines).map(|_| u32::from(cap.admit(now) == Admit::Write)).sum()
    }

    #[test]
    fn ten_lines_a_second_and_the_first_of_the_rest_is_told() {
        let mut cap = LogCap::new();
        assert_eq!(written(&mut cap, 5_000.0, 10), 10);
        assert_eq!(cap.admit(5_400.0), Admit::LeaveOutFirst);
        assert_eq!(cap.admit(5_999.0), Admit::LeaveOut);
        assert_eq!(cap.admit(6_000.0), Admit::Write);
        assert_eq!(cap.take_left_out(), 2);
        assert_eq!(cap.take_left_out(), 0);
    }

    #[test]
    fn each_second_has_its_first_even_if_nobody_asked_after_the_last() {
        let mut cap = LogCap::new();
        for second in 0..3 {
            let now = f64::from(second) * 1_000.0;
            assert_eq!(written(&mut cap, now, 10), 10);
            assert_eq!([cap.admit(now), cap.admit(now)], [Admit::LeaveOutFirst, Admit::LeaveOut]);
        }
        assert_eq!(cap.take_left_out(), 6);
    }

    #[test]
    fn what_is_left_out_after_the_count_was_taken_is_told_too() {
        let mut cap = LogCap::new();
        assert_eq!(written(&mut cap, 0.0, 11), 10);
        assert_eq!(cap.take_left_out(), 1);
        assert_eq!(cap.admit(1.0), Admit::LeaveOutFirst);
    }

    #[test]
    fn a_clock_that_steps_back_gives_nothing_and_takes_a_second_at_most() {
        let mut cap = LogCap::new();
        assert_eq!(written(&mut cap, 1e12, 20), 10);
        for step in 0..100 {
            assert_eq!(written(&mut cap, 1e12 - 1.0 - f64::from(step), 1), 0);
        }
        assert_eq!(written(&mut cap, 0.0, 20), 0);
        assert_eq!(written(&mut cap, 999.0, 20), 0);
        assert_eq!(written(&mut cap, 1_000.0, 20), 10);
    }

    #[test]
    fn no_time_at_all_stops_the_clock_and_no_more() {
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut cap = LogCap::new();
            assert_eq!(written(&mut cap, odd, 20), 10, "{odd}");
            let soon = written(&mut cap, 5_000.0, 20) + written(&mut cap, 6_000.0, 20);
            assert!(soon >= 10, "{odd}");
        }
    }
}
