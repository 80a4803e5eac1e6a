//! The origins: those that a list holds, those that send requests, and those that no list holds.

/// How many different clients take turns: more than any cache of a processor keeps in its innermost level, few
/// enough that a list of ten and one of a million are asked by equally many.
const CLIENTS: usize = 1_000;

/// The origins of a list.
pub(crate) fn listed(size: usize) -> Vec<String> {
    (0..size).map(|at| format!("https://tenant-{at}.customers.example.com")).collect()
}

/// Clients that are listed, drawn evenly from the whole list.
pub(crate) fn clients(listed: &[String]) -> Vec<String> {
    // A prime step walks through the list in no order that the list itself has.
    let drawn = (0..CLIENTS).map(|at| listed.get(at * 999_983 % listed.len()).cloned());
    drawn.map(Option::unwrap_or_default).collect()
}

/// Clients that are not, as long as the others and under the same domain: no first look tells them apart.
pub(crate) fn strangers() -> Vec<String> {
    (0..CLIENTS).map(|at| format!("https://stranger-{at}.customer.example.com")).collect()
}
