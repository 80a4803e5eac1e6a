//! The messages that cross between Rust and JavaScript.
//!
//! Each message has one home: a `.rs` and a `.js` file of the same name in this folder. No other file knows its form. A
//! message is text, because one text crosses at less cost than several values. Its first line begins with its name and
//! version. Nothing is escaped: no method, parsed URL, header, key or name contains a line break or a tab.
//!
//! A message that is too short, too long or of another version is rejected as a whole ([`Malformed`]).

#[cfg(feature = "requests")]
pub(crate) mod counts;
#[cfg(feature = "requests")]
pub(crate) mod failure;
pub(crate) mod gathered;
#[cfg(feature = "requests")]
pub(crate) mod granted;
#[cfg(feature = "requests")]
pub(crate) mod headers;
pub(crate) mod learned;
#[cfg(feature = "requests")]
pub(crate) mod observed;
#[cfg(feature = "requests")]
pub(crate) mod plan;
pub(crate) mod read;
#[cfg(feature = "requests")]
pub(crate) mod record;
pub(crate) mod reply;
// Native only: the tests call Node.js.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

use core::fmt;

/// The name of a message that does not have the form of this build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the message `{}` does not have the form of this build", self.0)
    }
}

/// The lines of a message after the first, `head`. There must be exactly `N` of them.
fn values<'m, const N: usize>(message: &'m str, head: &'static str) -> Result<[&'m str; N], Malformed> {
    let malformed = || Malformed(name_of(head));
    let mut lines = message.split('\n');
    if lines.next() != Some(head) {
        return Err(malformed());
    }
    let mut values = [""; N];
    for value in &mut values {
        *value = lines.next().ok_or_else(malformed)?;
    }
    match lines.next() {
        None => Ok(values),
        Some(_) => Err(malformed()),
    }
}

/// An optional value. An absent value is an empty line. A present value begins with `=`, even if it is empty.
fn optional<'m>(line: &'m str, head: &'static str) -> Result<Option<&'m str>, Malformed> {
    match line.strip_prefix('=') {
        None if !line.is_empty() => Err(Malformed(name_of(head))),
        value => Ok(value),
    }
}

fn name_of(head: &'static str) -> &'static str {
    head.split_once(' ').map_or(head, |(name, _)| name)
}
