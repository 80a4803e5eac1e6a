//! The ways in which servers split a path into segments.

use super::MAX_PATH;
use super::folding::{Folded, HIDDEN_END, HIDDEN_SEPARATOR, Hidden, dots};

/// Most paths are shorter than this, in bytes.
const USUAL_PATH: usize = 256;

/// A path as some server reads it: lower-case segment names, without the parts that servers drop.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'t> {
    text: &'t [u8],
    kind: Kind,
    /// The last name is without the suffix that some frameworks use to choose a format.
    suffixless: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing is dropped except empty segments.
    Plain,
    /// Hidden separators are part of names.
    Seen,
    /// Hidden separators separate.
    Hidden,
}

impl<'t> Reading<'t> {
    fn new(text: &'t [u8], kind: Kind) -> Self {
        Self { text, kind, suffixless: false }
    }

    pub(super) fn plain(path: &'t str) -> Self {
        Self::new(path.as_bytes(), Kind::Plain)
    }

    /// Names that were read earlier, each followed by a slash.
    pub(crate) fn joined(names: &'t [u8]) -> Self {
        Self::new(names, Kind::Plain)
    }

    /// A path without hidden structure.
    pub(super) fn of(folded: &'t Folded<'_>) -> Self {
        Self::new(folded.as_bytes(), Kind::Seen)
    }

    /// The text of a path in which only slashes could be dropped.
    pub(crate) fn as_plain(self) -> Option<&'t [u8]> {
        let plain = self.kind == Kind::Plain && !self.suffixless;
        self.text.strip_prefix(b"/").filter(|_| plain)
    }

    pub(crate) fn without_suffix(self) -> Self {
        Self { suffixless: true, ..self }
    }

    /// The names of the segments, without empty ones, which servers may ignore.
    #[inline]
    pub(crate) fn names(self) -> impl Iterator<Item = &'t [u8]> {
        let separates =
            move |byte: &u8| *byte == b'/' || *byte == HIDDEN_SEPARATOR && self.kind == Kind::Hidden;
        let name = move |segment| if self.kind == Kind::Plain { segment } else { trim(segment) };
        let mut names = self.text.split(separates).map(name).filter(|name| !name.is_empty());
        let mut ahead = None;
        core::iter::from_fn(move || {
            if !self.suffixless {
                return names.next();
            }
            let name = ahead.take().or_else(|| names.next())?;
            ahead = names.next();
            Some(if ahead.is_some() { name } else { without_suffix(name) })
        })
    }
}

/// Whether all readings agree: calls `holds` for each until it returns `false`.
///
/// `None` for a path with more readings than the gateway checks.
pub(super) fn all(path: &str, holds: &mut dyn FnMut(Reading<'_>) -> bool) -> Option<bool> {
    // On the stack, so that a decision allocates nothing; most paths need the small buffer.
    if path.len() <= USUAL_PATH {
        all_in(path, &mut [0; USUAL_PATH], holds)
    } else {
        all_in(path, &mut [0; MAX_PATH], holds)
    }
}

fn all_in(path: &str, space: &mut [u8], holds: &mut dyn FnMut(Reading<'_>) -> bool) -> Option<bool> {
    let mut folded = Folded::new(path, space);
    if folded.hidden == Hidden::Tangle {
        return None;
    }
    if !holds(Reading::of(&folded)) {
        return Some(false);
    }
    if folded.hidden == Hidden::Nothing {
        return Some(true);
    }
    let text = folded.as_bytes();
    let ended = text.split(|byte| *byte == HIDDEN_END).next().unwrap_or_default();
    if !hold_hidden(ended, holds) {
        return Some(false);
    }
    Some(!folded.drop_ends() || hold_hidden(folded.as_bytes(), holds))
}

/// The readings of servers that see every separator: dot segments stay, or are resolved before or after
/// slashes are merged.
fn hold_hidden(text: &[u8], holds: &mut dyn FnMut(Reading<'_>) -> bool) -> bool {
    if !holds(Reading::new(text, Kind::Hidden)) {
        return false;
    }
    let separates = |byte: &u8| matches!(*byte, b'/' | HIDDEN_SEPARATOR);
    if !text.split(separates).any(|segment| dots(segment) > 0) {
        return true;
    }
    [false, true].into_iter().all(|merges| {
        let mut resolved = [0; MAX_PATH];
        let mut length = 0;
        // The path begins with a slash.
        for segment in text.split(separates).skip(1) {
            match dots(segment) {
                1 => continue,
                2 => {
                    let kept = resolved.get(..length).unwrap_or_default();
                    length = kept.iter().rposition(|byte| *byte == b'/').unwrap_or_default();
                    continue;
                }
                _ if merges && trim(segment).is_empty() => continue,
                _ => {}
            }
            for (byte, place) in core::iter::once(&b'/').chain(segment).zip(resolved.iter_mut().skip(length))
            {
                *place = *byte;
                length += 1;
            }
        }
        holds(Reading::new(resolved.get(..length).unwrap_or_default(), Kind::Hidden))
    })
}

/// A segment without `;` and what follows, surrounding spaces, and trailing dots.
pub(super) fn trim(segment: &[u8]) -> &[u8] {
    let end = segment.iter().position(|byte| *byte == b';').unwrap_or(segment.len());
    let mut name = segment.get(..end).unwrap_or(segment);
    while let [b' ', rest @ ..] = name {
        name = rest;
    }
    while let [rest @ .., b' ' | b'.'] = name {
        name = rest;
    }
    name
}

/// A name without the suffix that some frameworks use to choose a format: `users.json`.
pub(super) fn without_suffix(name: &[u8]) -> &[u8] {
    /// The longest suffix, in bytes.
    const LONGEST: usize = 8;
    let Some(dot) = name.iter().rposition(|byte| *byte == b'.') else { return name };
    let (stem, suffix) = name.split_at_checked(dot).unwrap_or((name, &[]));
    let is_format = (2..=LONGEST + 1).contains(&suffix.len())
        && suffix.iter().skip(1).all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let stem = trim(stem);
    if is_format && !stem.is_empty() { stem } else { name }
}
