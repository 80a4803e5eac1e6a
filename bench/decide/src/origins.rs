//! The origins: those on a list, those that send requests, and those on no list.

/// The number of clients that take turns: more than fit in a processor's innermost cache, and few enough to be the
/// same for a list of ten and one of a million.
const CLIENTS: usize = 1_000;

/// The origins on a list.
pub(crate) fn listed(size: usize) -> Vec<String> {
    (0..size).map(|at| format!("https://tenant-{at}.customers.example.com")).collect()
}

/// The numbers of a thousand clients, drawn evenly from a list.
pub(crate) fn drawn(size: usize) -> impl Iterator<Item = usize> {
    // Steps of a prime number visit the list in an order unlike its own.
    (0..CLIENTS).map(move |at| at * 999_983 % size)
}

/// Listed clients, drawn evenly from the whole list.
pub(crate) fn clients(listed: &[String]) -> Vec<String> {
    drawn(listed.len()).map(|at| listed.get(at).cloned().unwrap_or_default()).collect()
}

/// Unlisted clients, with names of the same length under the same domain, so that no first glance distinguishes them.
pub(crate) fn strangers() -> Vec<String> {
    (0..CLIENTS).map(|at| format!("https://stranger-{at}.customer.example.com")).collect()
}
