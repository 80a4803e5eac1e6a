//! Writes a list as a set, and a set as a text. Only the tools do this.

use std::collections::BTreeMap;

use super::{BLOCK, MAGIC, SortedOrigins, UnreadableSet, VERSION, checksum, key_of};
use crate::grammar::day::Day;
use crate::origin::Origin;
use crate::origin::entry::Entry;

/// The most bytes that a key says it has in common with the one before it.
const MOST_SHARED: usize = 63;

/// The bytes of a set with these entries. Of two with the same pattern, the one that expires later counts. The bytes
/// depend on the entries alone, not on their order.
///
/// The set decides as a text list with these entries does.
#[must_use]
pub fn write_set(entries: impl IntoIterator<Item = Entry>) -> Vec<u8> {
    let mut wildcards = BTreeMap::new();
    let mut exact = BTreeMap::new();
    for Entry { pattern, expires } in entries {
        let (form, text) = (pattern.form(), pattern.as_str());
        let last_day = match form.is_exact() {
            true => exact.entry(key_of(text).collect::<Vec<u8>>()).or_insert(expires),
            false => wildcards.entry(text.to_owned()).or_insert(expires),
        };
        *last_day = expires.max(*last_day);
    }
    let wildcards: String = wildcards.iter().map(|(text, last_day)| line(text, *last_day)).collect();
    let (mut index, mut origins, mut previous) = (Vec::new(), Vec::new(), &Vec::new());
    for (at, (key, last_day)) in exact.iter().enumerate() {
        let begins_block = at.is_multiple_of(BLOCK);
        if begins_block {
            index.extend(field(origins.len()));
        }
        let common = key.iter().zip(previous).take(MOST_SHARED).take_while(|(a, b)| a == b).count();
        let shared = if begins_block { 0 } else { common };
        let rest = key.get(shared..).unwrap_or_default();
        let ends = *last_day != Day::NEVER;
        let head = shared << 10 | usize::from(ends) << 9 | rest.len().saturating_sub(1);
        origins.extend(u16::try_from(head).unwrap_or(u16::MAX).to_le_bytes());
        origins.extend(rest);
        if ends {
            origins.extend(last_day.days().to_le_bytes());
        }
        previous = key;
    }
    let mut checked = [field(wildcards.len()), field(exact.len())].concat();
    checked.extend(wildcards.into_bytes());
    checked.extend(index);
    checked.extend(origins);
    set_of(&checked)
}

/// A set with these bytes after its checksum, which is correct whatever they are. Tests make hostile sets with it.
#[must_use]
pub fn set_of(checked: &[u8]) -> Vec<u8> {
    let (version, sum) = (VERSION.to_le_bytes(), checksum(checked).to_le_bytes());
    [MAGIC.as_slice(), &version, &sum, checked].concat()
}

/// A length or a position. A set with more than 4 GiB is a hundred times larger than a value in KV may be, and is then
/// damaged to whoever reads it.
fn field(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}

/// A set as a text list: its wildcards, then its origins, those of one domain together.
///
/// # Errors
/// When the bytes are not a set that this version can read, or have something else than origins: no request could name it,
/// so a gateway need not look for it, but a text with it could mean something else.
pub fn text_of_set(bytes: Vec<u8>) -> Result<String, UnreadableSet> {
    let set = SortedOrigins::read(bytes)?;
    let mut text = set.wildcards().to_owned();
    for (origin, last_day) in set.iter() {
        Origin::parse(&origin).map_err(|_not_an_origin| UnreadableSet::Damaged)?;
        text.push_str(&line(&origin, last_day));
    }
    Ok(text)
}

/// The line of an entry in a text list.
fn line(origin: &str, last_day: Day) -> String {
    match last_day {
        Day::NEVER => format!("{origin}\n"),
        _ => format!("{origin} expires={last_day}\n"),
    }
}
