//! What limits cost at Cloudflare: `docs/cost.md` says what follows from how the object of a limit stores its count.
//!
//! After a change of that, `SNAPSHOTS=overwrite cargo test -p corsgate-policy cost` writes the table.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use corsgate_policy::gcra::Rate;

use crate::table;

const HEAD: &str = "| limit | a client asks | objects' requests | rows written | dollars |\n\
                    | --- | --- | --: | --: | --: |\n";

/// Dollars for a million: <https://developers.cloudflare.com/durable-objects/platform/pricing>.
const OBJECT_REQUESTS: f64 = 0.15;
const ROWS_WRITTEN: f64 = 1.0;

/// So many requests of one client in a row, then silence.
const REQUESTS: u32 = 10_000;
const START: f64 = 1_790_000_000_000.0;

/// The object of `src/limits/limiter.js`, as far as it is billed.
struct Object {
    rate: Rate,
    arrival: u64,
    stored: u64,
    alarm: Option<f64>,
    requests: u32,
    rows: u32,
}

impl Object {
    fn new(rate: Rate) -> Self {
        Self { rate, arrival: 0, stored: 0, alarm: None, requests: 0, rows: 0 }
    }

    fn take(&mut self, now: f64) {
        self.requests += 1;
        let next = self.rate.admit(self.arrival, now).expect("the scenes stay within their limits");
        self.arrival = next;
        if next > self.stored {
            let stored = self.rate.ahead(next);
            if self.stored == 0 {
                self.wake_at(stored, now + f64::from(self.rate.window()) * 1000.0);
            }
            self.stored = stored;
            self.rows += 1;
        }
    }

    fn wake_at(&mut self, arrival: u64, idle_at: f64) {
        self.alarm = Some((arrival as f64 / 1e6).ceil().max(idle_at));
        self.rows += 1;
    }

    /// Lets the alarms ring that are due before a time.
    fn until(&mut self, now: f64) {
        while let Some(at) = self.alarm.filter(|at| *at <= now) {
            self.alarm = None;
            self.requests += 1;
            let left = (self.stored as f64 / 1e6).ceil() - at;
            if left > 0.0 {
                self.wake_at(self.stored, at + (3.0 * left).min(left + 60_000.0));
            } else {
                self.rows += 1;
                self.stored = 0;
            }
        }
    }
}

fn row(quota: u32, window: u32, gap: f64, asks: &str) -> String {
    let rate = Rate::new(quota, window).expect("a rate");
    let mut object = Object::new(rate);
    for at in 0..REQUESTS {
        let now = START + f64::from(at) * gap * 1000.0;
        object.until(now);
        object.take(now);
    }
    object.until(f64::INFINITY);
    let of_each = |count: u32| f64::from(count) / f64::from(REQUESTS);
    let (requests, rows) = (of_each(object.requests), of_each(object.rows));
    let dollars = requests * OBJECT_REQUESTS + rows * ROWS_WRITTEN;
    format!("| {quota} in {window} s | {asks} | {requests:.2} | {rows:.2} | {dollars:.2} |\n")
}

fn rows() -> String {
    [
        HEAD.to_owned(),
        row(120, 60, 0.5, "twice a second, all that it may"),
        row(120, 60, 10.0, "every ten seconds"),
        row(120, 60, 600.0, "once, or every ten minutes"),
        row(1000, 3600, 3.6, "every 3.6 seconds, all that it may"),
        row(1000, 3600, 60.0, "every minute"),
        row(100, 86400, 864.0, "every 14 minutes, all that it may"),
    ]
    .concat()
}

#[test]
fn the_page_says_what_the_way_of_storing_costs() {
    table::hold("cost.md", HEAD, &rows());
}
