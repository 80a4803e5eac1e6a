//! This isolate's own charges to each object that counts, for the time that the object is too slow to answer.
//!
//! A client that sends many requests makes its own object slow, and a slow object must not let them pass. So each request is
//! charged here before its object is asked, by the same algorithm and rate. While calls to the object are in flight, a
//! request for which nothing is left here is denied without asking: the object would deny it too, even if it had counted
//! only the requests of this isolate. A request that the object denies or fails to count is refunded; a request that it does
//! not answer in time stays charged. So while an object is slow, an isolate lets no more requests pass than the quota and
//! what has refilled. Once no call is in flight, the object has counted them all, and is asked again.

use std::cell::RefCell;

use corsgate_policy::gcra::{ArrivalTime, Rate, Standing};

use crate::platform::bounded_map::BoundedMap;

/// How much the clocks of two requests in an isolate may differ, in milliseconds.
pub(crate) const CLOCKS_DIFFER: f64 = 2000.0;

thread_local! {
    /// By object name.
    static CHARGED: RefCell<BoundedMap<Charged>> = RefCell::default();
}

/// The charges to the limits of an object.
struct Charged {
    /// The time of the last charge, in milliseconds since 1970.
    at: f64,
    arrivals: Vec<ArrivalTime>,
    /// Calls that the object has not yet answered.
    in_flight: u32,
    /// Whether the last call was charged. It was not if nothing was left and no call was in flight.
    is_charged: bool,
}

/// Charges a request to all limits of an object; the object must then be asked. `now` is in milliseconds since 1970.
///
/// # Errors
/// If calls are in flight and a limit has nothing left: its position and its standing. Nothing is charged then.
pub(crate) fn charge(object: &str, rates: &[Rate], now: f64) -> Result<(), (usize, Standing)> {
    with_charged(|charged| {
        let Some(known) = charged.get_mut(object) else {
            charged.insert(object, Charged::first(rates, now, 1));
            return Ok(());
        };
        // If the clock has stepped back, the charges mean nothing now. The clocks of concurrent requests may differ a little.
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
    with_object(object, |known| known.in_flight = known.in_flight.saturating_sub(1));
}

/// Refunds a request that [`charge`] has charged.
pub(crate) fn refund(object: &str, rates: &[Rate]) {
    with_object(object, |known| {
        if !std::mem::replace(&mut known.is_charged, true) {
            return;
        }
        for (rate, arrival) in rates.iter().zip(&mut known.arrivals) {
            *arrival = rate.refund(*arrival);
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

fn with_object(object: &str, change: impl FnOnce(&mut Charged)) {
    with_charged(|charged| charged.get_mut(object).map(change));
}

fn with_charged<T>(change: impl FnOnce(&mut BoundedMap<Charged>) -> T) -> Option<T> {
    CHARGED.with(|charged| charged.try_borrow_mut().ok().map(|mut charged| change(&mut charged)))
}
