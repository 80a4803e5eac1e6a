//! What this isolate has charged to each key of a limit, for as long as its object is too slow to say it.
//!
//! A client that sends much makes the object that counts for it slow, and an object that is slow must not let it through.
//! So a request is charged here before its object is asked, by the same algorithm and rate. While calls of a key are in
//! flight, a request for which nothing is left here is denied, and the object is not asked: even if all that it has
//! counted came from this isolate, it would deny. What the object denies or fails to count is refunded; what it does not
//! answer in time stays charged. So of the requests that an object is too slow for, no more pass through an isolate than
//! the quota and what has refilled. When no call is in flight the object has counted them all, and is asked.

use std::cell::RefCell;

use corsgate_policy::gcra::{ArrivalTime, Rate, Standing};

use crate::platform::memory::Memory;

/// By how much the clocks of requests in an isolate may differ, in milliseconds.
pub(crate) const CLOCKS_DIFFER: f64 = 2000.0;

thread_local! {
    /// By the names of objects.
    static CHARGED: RefCell<Memory<Charged>> = RefCell::default();
}

/// What was charged to the limits of an object.
struct Charged {
    /// When it was charged last, in milliseconds since 1970.
    at: f64,
    arrivals: Vec<ArrivalTime>,
    /// Calls that the object has not answered.
    in_flight: u32,
    /// Whether the last of them was charged: not where nothing was left, and the object was asked all the same.
    is_charged: bool,
}

/// Charges a request to all limits of an object, which must then be asked; or to none, where calls are in flight and one
/// of the limits has nothing left: then gives its position among them, and what is left of it. `now` is in milliseconds
/// since 1970.
pub(crate) fn charge(object: &str, rates: &[Rate], now: f64) -> Result<(), (usize, Standing)> {
    with_charged(|charged| {
        let Some(known) = charged.find_mut(object) else {
            charged.remember(object, Charged::first(rates, now, 1));
            return Ok(());
        };
        // A clock that has stepped back says nothing about now; two requests at once may have clocks that differ a little.
        if known.at - now > CLOCKS_DIFFER || known.arrivals.len() != rates.len() {
            *known = Charged::first(rates, now, known.in_flight.saturating_add(1));
            return Ok(());
        }
        let now = now.max(known.at);
        let denying =
            rates.iter().zip(&known.arrivals).position(|(rate, arrival)| rate.admit(*arrival, now).is_none());
        if let Some(own) = denying
            && known.in_flight > 0
            && let (Some(rate), Some(arrival)) = (rates.get(own), known.arrivals.get(own))
        {
            return Err((own, rate.standing(*arrival, now)));
        }
        known.is_charged = denying.is_none();
        if known.is_charged {
            for (rate, arrival) in rates.iter().zip(&mut known.arrivals) {
                *arrival = rate.admit(*arrival, now).unwrap_or(*arrival);
            }
        }
        known.at = now;
        known.in_flight = known.in_flight.saturating_add(1);
        Ok(())
    })
    .unwrap_or(Ok(()))
}

/// Notes that an object has answered a call.
pub(crate) fn answered(object: &str) {
    with_known(object, |known| known.in_flight = known.in_flight.saturating_sub(1));
}

/// Takes back what [`charge`] has charged.
pub(crate) fn refund(object: &str, rates: &[Rate]) {
    with_known(object, |known| {
        if !std::mem::replace(&mut known.is_charged, true) {
            return;
        }
        for (rate, arrival) in rates.iter().zip(&mut known.arrivals) {
            *arrival = rate.give_back(*arrival);
        }
    });
}

impl Charged {
    fn first(rates: &[Rate], now: f64, in_flight: u32) -> Self {
        Self {
            at: now,
            arrivals: rates.iter().filter_map(|rate| rate.admit(0, now)).collect(),
            in_flight,
            is_charged: true,
        }
    }
}

fn with_known(object: &str, change: impl FnOnce(&mut Charged)) {
    with_charged(|charged| charged.find_mut(object).map(change));
}

fn with_charged<T>(change: impl FnOnce(&mut Memory<Charged>) -> T) -> Option<T> {
    CHARGED.with(|charged| charged.try_borrow_mut().ok().map(|mut charged| change(&mut charged)))
}
