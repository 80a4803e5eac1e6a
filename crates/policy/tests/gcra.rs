//! What must hold for counting with any rate, any clock and any order of requests.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use corsgate_policy::gcra::Rate;
use proptest::prelude::*;

const START: f64 = 1_790_000_000_000.0;

fn rates() -> impl Strategy<Value = Rate> {
    (1..2000u32, 1..100_000u32).prop_map(|(quota, window)| Rate::new(quota, window).expect("neither is 0"))
}

/// Rates that refill some requests in a second.
fn short_rates() -> impl Strategy<Value = Rate> {
    (40..1000u32, 1..60u32).prop_map(|(quota, window)| Rate::new(quota, window).expect("neither is 0"))
}

/// Milliseconds between requests: often zero, sometimes an hour, sometimes negative.
fn steps() -> impl Strategy<Value = Vec<i64>> {
    prop::collection::vec(
        prop_oneof![4 => Just(0), 4 => 0..2000i64, 1 => 0..3_600_000i64, 1 => -60_000..0i64],
        0..400,
    )
}

/// What happens to an object and to the isolates that borrow from it.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Milliseconds pass.
    Wait(u32),
    /// Requests for which the object is asked, by isolates that want no permits.
    Flood(u32),
    /// A request at an isolate that asks the object, and wants permits beside.
    Ask { isolate: usize, permits: u32 },
    /// Requests at an isolate, for which it uses permits.
    Use { isolate: usize, requests: u32 },
    /// Requests for which the object is asked, and which another limit denies.
    Deny(u32),
    /// A request for which an isolate uses a permit, and which another limit denies.
    DenyBeside { isolate: usize },
    /// Some of these are refunded, from one of them on.
    GiveBack { from: usize, requests: usize },
    /// An isolate returns its permits.
    Return { isolate: usize },
    /// An isolate ends and returns nothing.
    Die { isolate: usize },
}

fn steps_of_isolates() -> impl Strategy<Value = Vec<Step>> {
    let isolate = 0..3usize;
    let step = prop_oneof![
        3 => (0..1500u32).prop_map(Step::Wait),
        2 => (1..1200u32).prop_map(Step::Flood),
        4 => (isolate.clone(), 1..200u32).prop_map(|(isolate, permits)| Step::Ask { isolate, permits }),
        4 => (isolate.clone(), 1..100u32).prop_map(|(isolate, requests)| Step::Use { isolate, requests }),
        2 => (1..100u32).prop_map(Step::Deny),
        1 => isolate.clone().prop_map(|isolate| Step::DenyBeside { isolate }),
        3 => (0..8usize, 1..100usize).prop_map(|(from, requests)| Step::GiveBack { from, requests }),
        1 => isolate.clone().prop_map(|isolate| Step::Return { isolate }),
        1 => isolate.prop_map(|isolate| Step::Die { isolate }),
    ];
    prop::collection::vec(step, 1..60)
}

/// Permits of an isolate: how many, until when they may be used, the arrival times before and after them, and the
/// highest one of any request before.
#[derive(Clone, Copy, Default)]
struct Loan {
    permits: u32,
    until: f64,
    begin: u64,
    end: u64,
    highest: u64,
}

/// An object and the isolates that borrow from it, as `arrivals.js` and `permits.js` are for a limit.
struct Counter {
    rate: Rate,
    lease: f64,
    now: f64,
    arrival: u64,
    highest: u64,
    unused: f64,
    loans: [Loan; 3],
    /// The arrival times of what each isolate was told last.
    told: [u64; 3],
    /// The times and arrival times of requests that another limit denies.
    denied: Vec<(f64, u64)>,
    /// For how long those were counted that are refunded, in milliseconds. Without them, the limit might have been unused for
    /// as long.
    open: f64,
    passed: Vec<f64>,
}

impl Counter {
    fn new(rate: Rate, lease: u32) -> Self {
        Self {
            rate,
            lease: lease.into(),
            now: START,
            arrival: 0,
            highest: 0,
            unused: 0.0,
            loans: Default::default(),
            told: Default::default(),
            denied: Vec::new(),
            open: 0.0,
            passed: Vec::new(),
        }
    }

    /// Counts a request, and lends permits that come before it. Gives the arrival time of the answer.
    fn take(&mut self, wish: Option<(usize, u32)>) -> Option<u64> {
        let before = self.arrival;
        let told = self.rate.admit(before, self.now)?;
        self.arrival = told;
        if let Some((isolate, permits)) = wish
            && let Some(end) = self.rate.lend(before, self.now, permits, self.lease)
        {
            self.arrival = self.rate.admit(end, self.now).expect("most of the quota is left");
            let until = self.now + self.lease;
            let begin = before.max(nanoseconds(until));
            self.loans[isolate] = Loan { permits, until, begin, end, highest: self.highest };
            self.told[isolate] = told;
        }
        self.highest = self.highest.max(self.arrival);
        if before <= nanoseconds(self.now) {
            self.unused = self.now;
        }
        Some(told)
    }

    /// Whether an isolate has a permit for a request, and the arrival time of its answer.
    fn use_permit(&mut self, isolate: usize) -> Option<u64> {
        let loan = &mut self.loans[isolate];
        if self.now >= loan.until || loan.permits == 0 {
            return None;
        }
        loan.permits -= 1;
        let interval = self.rate.admit(0, 0.0).expect("nothing was counted");
        self.told[isolate] = self.told[isolate].max(nanoseconds(self.now)) + interval;
        Some(self.told[isolate])
    }

    /// Takes back the permits of an isolate. Later loans move forward.
    fn take_back(&mut self, isolate: usize) {
        let Loan { permits, end, .. } = std::mem::take(&mut self.loans[isolate]);
        let after = self.loans.iter().map(|other| other.until).fold(self.now, f64::max);
        let next = self.rate.take_back(self.arrival, after, permits, end);
        for other in self.loans.iter_mut().filter(|other| other.end > end) {
            other.begin -= self.arrival - next;
            other.end -= self.arrival - next;
        }
        self.arrival = next;
    }

    /// Refunds a request that another limit denies.
    fn give_back(&mut self, (taken_at, arrival): (f64, u64)) {
        if taken_at < self.unused {
            return;
        }
        let now = self.now;
        let is_out = |loan: &&mut Loan| loan.until > now;
        let mut moved = self.arrival - self.rate.refund(self.arrival);
        for loan in self.loans.iter().filter(|loan| loan.until > now && arrival <= loan.highest) {
            moved = moved.min(loan.begin.saturating_sub(nanoseconds(loan.until)));
        }
        for loan in self.loans.iter_mut().filter(is_out) {
            if arrival <= loan.highest {
                loan.begin -= moved;
            }
            loan.end -= moved;
        }
        self.arrival -= moved;
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Wait(milliseconds) => self.now += f64::from(milliseconds),
            Step::Flood(requests) => {
                let passed = (0..requests).map_while(|_| self.take(None)).count();
                self.passed.extend((0..passed).map(|_| self.now));
            }
            Step::Ask { isolate, permits } => {
                self.take_back(isolate);
                let passed = self.take(Some((isolate, permits))).map(|_| self.now);
                self.passed.extend(passed);
            }
            Step::Use { isolate, requests } => {
                let passed = (0..requests).map_while(|_| self.use_permit(isolate)).count();
                self.passed.extend((0..passed).map(|_| self.now));
            }
            Step::Deny(requests) => {
                for _ in 0..requests {
                    let denied = self.take(None).map(|arrival| (self.now, arrival));
                    self.denied.extend(denied);
                }
            }
            Step::DenyBeside { isolate } => {
                let denied = self.use_permit(isolate).map(|arrival| (self.now, arrival));
                self.denied.extend(denied);
            }
            Step::GiveBack { from, requests } => {
                let from = from.min(self.denied.len());
                let to = (from + requests).min(self.denied.len());
                for request in self.denied.drain(from..to).collect::<Vec<_>>() {
                    self.open += self.now - request.0;
                    self.give_back(request);
                }
            }
            Step::Return { isolate } => self.take_back(isolate),
            Step::Die { isolate } => self.loans[isolate] = Loan::default(),
        }
    }
}

fn nanoseconds(milliseconds: f64) -> u64 {
    milliseconds.ceil() as u64 * 1_000_000
}

/// The times at which requests passed, in order, and how long others were counted that are refunded.
fn passed_with_permits(rate: Rate, lease: u32, steps: &[Step]) -> (Vec<f64>, f64) {
    let mut counter = Counter::new(rate, lease);
    for step in steps {
        counter.step(*step);
    }
    (counter.passed, counter.open)
}

/// What a return moves forward is not refunded where it was before: 438 requests of 437 passed at once.
#[test]
fn a_loan_that_an_earlier_one_has_moved_is_returned_where_it_is() {
    let rate = Rate::new(437, 48).expect("neither is 0");
    let steps = [
        Step::Ask { isolate: 0, permits: 2 },
        Step::Ask { isolate: 2, permits: 6 },
        Step::Return { isolate: 0 },
        Step::Wait(330),
        Step::Flood(82),
        Step::Ask { isolate: 2, permits: 23 },
        Step::Flood(355),
    ];
    assert!(passed_with_permits(rate, 1, &steps).0.len() <= 2 + 437);
}

/// Sends requests and returns the times at which they passed.
fn passed(rate: Rate, steps: &[i64]) -> Vec<f64> {
    let (mut now, mut arrival) = (START, 0);
    let mut passed = Vec::new();
    for step in steps {
        now += *step as f64;
        if let Some(next) = rate.admit(arrival, now) {
            assert!(next > arrival, "the arrival time never falls");
            arrival = next;
            passed.push(now);
        }
    }
    passed
}

proptest! {
    #[test]
    fn permits_let_no_more_pass_in_any_interval(rate in short_rates(), lease in 1..4000u32, steps in steps_of_isolates()) {
        let (passed, open) = passed_with_permits(rate, lease, &steps);
        for (from, first) in passed.iter().enumerate() {
            for (to, last) in passed.iter().enumerate().skip(from) {
                let elapsed = (last - first + open) / 1000.0;
                let most = f64::from(rate.quota()) + elapsed * f64::from(rate.quota()) / f64::from(rate.window());
                prop_assert!((to - from + 1) as f64 <= most + 1e-6, "{} to {}", from, to);
            }
        }
    }

    #[test]
    fn a_sixteenth_of_what_is_left_is_lent_at_most(
        rate in rates(), used in 0..2000u32, permits in 1..150u32, lease in 0..4000u32,
    ) {
        let mut arrival = 0;
        for _ in 0..used {
            arrival = rate.admit(arrival, START).unwrap_or(arrival);
        }
        let before = rate.standing(arrival, START).remaining;
        if let Some(end) = rate.lend(arrival, START, permits, lease.into()) {
            prop_assert!(permits * 16 <= before);
            let left = rate.standing(end, START).remaining;
            prop_assert!(left >= permits * 15);
            // Returned at once, only the lease itself is missing, until it is over.
            let after = rate.take_back(end, START, permits, end);
            prop_assert_eq!(rate.standing(after, START).remaining, left + permits);
            prop_assert_eq!(rate.standing(after, START + f64::from(lease)).remaining, rate.standing(arrival, START + f64::from(lease)).remaining);
        }
    }

    #[test]
    fn never_more_pass_than_the_quota_and_the_refill(rate in rates(), steps in steps()) {
        let passed = passed(rate, &steps);
        let latest = steps.iter().scan(START, |now, step| { *now += *step as f64; Some(*now) }).fold(START, f64::max);
        for (at, first) in passed.iter().enumerate() {
            // A clock that steps back does not undo the time that is known to have passed.
            let elapsed = (latest - first).max(0.0) / 1000.0;
            let most = f64::from(rate.quota()) + elapsed * f64::from(rate.quota()) / f64::from(rate.window());
            prop_assert!((passed.len() - at) as f64 <= most + 1e-6);
        }
    }

    #[test]
    fn the_limit_holds_in_every_interval_of_a_running_clock(rate in rates(), steps in steps()) {
        let forward: Vec<_> = steps.iter().map(|step| step.abs()).collect();
        let passed = passed(rate, &forward);
        for (from, first) in passed.iter().enumerate() {
            for (to, last) in passed.iter().enumerate().skip(from) {
                let elapsed = (last - first) / 1000.0;
                let most = f64::from(rate.quota()) + elapsed * f64::from(rate.quota()) / f64::from(rate.window());
                prop_assert!((to - from + 1) as f64 <= most + 1e-6);
            }
        }
    }

    #[test]
    fn exactly_the_remaining_requests_pass(rate in rates(), steps in steps(), wait in 0..200_000u32) {
        let (mut arrival, mut now) = (0, START);
        for step in steps {
            now += step as f64;
            arrival = rate.admit(arrival, now).unwrap_or(arrival);
        }
        now += f64::from(wait);
        let standing = rate.standing(arrival, now);
        let mut at_once = 0;
        let mut later = arrival;
        while let Some(next) = rate.admit(later, now) {
            (later, at_once) = (next, at_once + 1);
        }
        prop_assert_eq!(standing.remaining, at_once);
    }

    #[test]
    fn one_more_request_passes_at_the_reset(rate in rates(), used in 1..2000u32, wait in 0..50_000u32) {
        let mut arrival = 0;
        for _ in 0..used {
            arrival = rate.admit(arrival, START).unwrap_or(arrival);
        }
        let now = START + f64::from(wait);
        let standing = rate.standing(arrival, now);
        prop_assume!(standing.remaining < rate.quota());
        let at = |milliseconds: f64| rate.standing(arrival, now + milliseconds).remaining;
        prop_assert!(at(standing.reset.ceil()) > standing.remaining);
        if standing.reset.ceil() >= 1.0 {
            prop_assert_eq!(at(standing.reset.ceil() - 1.0), standing.remaining);
        }
    }

    #[test]
    fn waiting_never_lets_fewer_requests_pass(rate in rates(), steps in steps(), a in 0..100_000u32, b in 0..100_000u32) {
        let (mut arrival, mut now) = (0, START);
        for step in steps {
            now += step as f64;
            arrival = rate.admit(arrival, now).unwrap_or(arrival);
        }
        let (early, late) = (now + f64::from(a.min(b)), now + f64::from(a.max(b)));
        prop_assert!(rate.admit(arrival, early).is_none() || rate.admit(arrival, late).is_some());
        prop_assert!(rate.standing(arrival, early).remaining <= rate.standing(arrival, late).remaining);
    }

    #[test]
    fn a_stored_time_in_the_future_lets_no_denied_request_pass(rate in rates(), steps in steps()) {
        let (mut arrival, mut now) = (0, START);
        for step in steps {
            now += step as f64;
            let from_store = rate.admit(rate.ahead(arrival), now);
            prop_assert!(from_store.is_none() || rate.admit(arrival, now).is_some());
            arrival = rate.admit(arrival, now).unwrap_or(arrival);
        }
    }
}
