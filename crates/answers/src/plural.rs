//! Numbers with their nouns.

/// A count with its noun: `1 route`, `2 routes`.
#[must_use]
pub fn plural(count: usize, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    }
}
