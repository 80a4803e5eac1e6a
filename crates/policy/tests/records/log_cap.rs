//! The limit of the log holds with any clock.

use corsgate_policy::record::{Admit, LINES_PER_SECOND, LogCap};
use proptest::prelude::*;

use crate::records::bounded;

/// Steps of a clock in milliseconds, and the number of lines after each.
fn clock() -> impl Strategy<Value = Vec<(f64, u32)>> {
    let moves = vec![0.0, 0.0, 1.0, 99.5, 999.0, 1_000.0, 60_000.0, -0.5, -1.0, -999.0, -1_000.0, -1e9];
    prop::collection::vec((prop::sample::select(moves), 0_u32..25), 1..60)
}

proptest! {
    #![proptest_config(bounded(2_000))]

    #[test]
    fn lines_stay_within_the_limit_and_every_dropped_line_is_counted(
        start in prop::sample::select(vec![0.0, 1_800_000_000_000.0, -5.0]),
        moves in clock(),
    ) {
        let mut cap = LogCap::new();
        let (mut now, mut ascent) = (start, 0.0);
        // The time of the clock when each line was written.
        let mut written: Vec<f64> = Vec::new();
        let (mut left_out, mut announced) = (0, false);
        for (by, lines) in moves {
            now += by;
            ascent += f64::max(by, 0.0);
            for _ in 0..lines {
                match cap.admit(now) {
                    Admit::Write => written.push(ascent),
                    Admit::LeaveOutFirst => {
                        left_out += 1;
                        announced = true;
                    }
                    Admit::LeaveOut => {
                        prop_assert!(announced, "a count that nobody was told to give");
                        left_out += 1;
                    }
                }
            }
        }
        let most = f64::from(LINES_PER_SECOND) * (1.0 + ascent / 1_000.0);
        prop_assert!(written.len() as f64 <= most, "{} lines, {most} at most", written.len());
        for (at, then) in written.iter().enumerate() {
            let within = written[at..].iter().take_while(|later| *later - then < 1_000.0).count();
            prop_assert!(within <= 2 * LINES_PER_SECOND as usize, "{within} lines in a second");
        }
        prop_assert_eq!(cap.take_left_out(), left_out);
        // Whatever the clock says, lines are written again a second later.
        cap.admit(now);
        prop_assert_eq!(cap.admit(now + 1_000.0), Admit::Write);
    }
}
