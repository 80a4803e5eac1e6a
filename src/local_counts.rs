//! What this isolate has charged to each key of a limit, for as long as an object is too slow to say it.
//!
//! A client that sends much makes the object that counts for it slow, and an object that is slow must not let it through.
//! So a request is charged here before its object is asked, by the same algorithm and rate; what would be one too many
//! even if all others came from here is denied and not asked for. What the object denies, or cannot count, is refunded;
//! what it does not answer in time stays charged. So whatever the object does, no more than the quota and what has
//! refilled passes through an isolate for as long as it is not told that the object has failed.

use std::cell::RefCell;

use corsgate_policy::gcra::{ArrivalTime, Rate, Standing};

use crate::memory::Memory;

thread_local! {
    /// By the names of objects.
    static CHARGED: RefCell<Memory<Charged>> = RefCell::default();
}

/// What was charged to the limits of an object.
struct Charged {
    /// When it was charged last, in milliseconds since 1970.
    at: f64,
    arrivals: Vec<ArrivalTime>,
}

/// Charges a request to all limits of an object, or to none where one of them has nothing left: then by its position among
/// them, and what is left of it. `now` is in milliseconds since 1970.
pub(crate) fn charge(object: &str, rates: &[Rate], now: f64) -> Result<(), (usize, Standing)> {
    with_charged(|charged| {
        let known = charged.find_mut(object).filter(|known| {
            // A clock that has stepped back says nothing about now.
            known.at <= now && known.arrivals.len() == rates.len()
        });
        let Some(known) = known else {
            let arrivals = rates.iter().filter_map(|rate| rate.admit(0, now)).collect();
            charged.remember(object, Charged { at: now, arrivals });
            return Ok(());
        };
        for (at, (rate, arrival)) in rates.iter().zip(&known.arrivals).enumerate() {
            if rate.admit(*arrival, now).is_none() {
                return Err((at, rate.standing(*arrival, now)));
            }
        }
        for (rate, arrival) in rates.iter().zip(&mut known.arrivals) {
            *arrival = rate.admit(*arrival, now).unwrap_or(*arrival);
        }
        known.at = now;
        Ok(())
    })
    .unwrap_or(Ok(()))
}

/// Takes back what [`charge`] has charged.
pub(crate) fn refund(object: &str, rates: &[Rate]) {
    with_charged(|charged| {
        if let Some(known) = charged.find_mut(object) {
            for (rate, arrival) in rates.iter().zip(&mut known.arrivals) {
                *arrival = rate.give_back(*arrival);
            }
        }
    });
}

fn with_charged<T>(change: impl FnOnce(&mut Memory<Charged>) -> T) -> Option<T> {
    CHARGED.with(|charged| charged.try_borrow_mut().ok().map(|mut charged| change(&mut charged)))
}
