//! Reads JSON (RFC 8259) front to back, for the two texts that the Worker reads at the edge: the compiled policy and the
//! value of a per-origin key.
//!
//! Each type says where its fields go, and one loop reads them all. By hand, because the code
//! that serde derives for the same documents is four times as large as all else that a policy needs, and every isolate loads
//! it. The tests hold this to serde.

#[cfg(test)]
mod tests;
mod values;

use core::fmt;
use std::borrow::Cow;

pub(crate) use values::Ignored;

/// Most brackets around a value that is skipped: each costs stack.
const MOST_NESTED: u32 = 100;

/// A text that is not the JSON that was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    mistake: Mistake,
    line: usize,
    column: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Mistake {
    Expected(&'static str),
    Missing(&'static str),
    Unknown(String),
    Twice(String),
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, what, after) = match &self.mistake {
            Mistake::Expected(what) => ("expected ", *what, ""),
            Mistake::Missing(name) => ("missing field `", *name, "`"),
            Mistake::Unknown(name) => ("unknown field `", name.as_str(), "`"),
            Mistake::Twice(name) => ("duplicate field `", name.as_str(), "`"),
        };
        write!(f, "{before}{what}{after} at line {} column {}", self.line, self.column)
    }
}

/// A text, and how far it has been read.
pub(crate) struct Json<'a> {
    text: &'a str,
    at: usize,
}

/// In a box, so that each step that may fail returns one word.
pub(crate) type Read<T> = Result<T, Box<Malformed>>;

/// What can be read from JSON.
pub(crate) trait Value {
    /// Takes the value that comes next.
    fn read(&mut self, json: &mut Json<'_>) -> Read<()>;
}

/// A value with named fields.
pub(crate) trait Object {
    /// The fields without which it is malformed.
    fn required(&self) -> &'static [&'static str] {
        &[]
    }

    /// Where the value of a field goes; `None` if there is no such field.
    fn field(&mut self, name: &str) -> Option<&mut dyn Value>;
}

impl<'a> Json<'a> {
    /// Reads a whole text.
    pub(crate) fn read(text: &'a str, into: &mut dyn Value) -> Read<()> {
        let mut json = Self { text, at: 0 };
        into.read(&mut json)?;
        match json.peek() {
            None => Ok(()),
            Some(_) => Err(json.expected("the end")),
        }
    }

    /// One loop for all kinds of objects.
    fn fields(&mut self, object: &mut dyn Object) -> Read<()> {
        self.require(b'{', "an object")?;
        let mut seen = Vec::new();
        while self.continues(b'}', seen.is_empty())? {
            let name = self.name()?;
            if seen.contains(&name) {
                return Err(self.malformed(Mistake::Twice(name.into_owned())));
            }
            match object.field(&name) {
                Some(value) => value.read(self)?,
                None => return Err(self.malformed(Mistake::Unknown(name.into_owned()))),
            }
            seen.push(name);
        }
        match object.required().iter().find(|required| !seen.iter().any(|name| name == **required)) {
            Some(missing) => Err(self.malformed(Mistake::Missing(missing))),
            None => Ok(()),
        }
    }

    /// The name of a field or key, and the colon.
    fn name(&mut self) -> Read<Cow<'a, str>> {
        let name = self.string()?;
        self.require(b':', "`:`")?;
        Ok(name)
    }

    /// Whether an object or list has another value, and not its end.
    fn continues(&mut self, end: u8, is_first: bool) -> Read<bool> {
        if self.take(end) {
            return Ok(false);
        }
        if !is_first {
            self.require(b',', "`,` or the end of the object or list")?;
        }
        Ok(true)
    }

    fn string(&mut self) -> Read<Cow<'a, str>> {
        self.require(b'"', "a text")?;
        let mut unescaped = String::new();
        loop {
            let start = self.at;
            let is_plain = |byte: &u8| *byte >= b' ' && *byte != b'"' && *byte != b'\\';
            self.at += self.rest().iter().take_while(|byte| is_plain(byte)).count();
            // No other byte than the first of a character is below 0x80.
            let plain = self.text.get(start..self.at).unwrap_or_default();
            if self.skip(b'"') {
                return Ok(match unescaped.is_empty() {
                    true => Cow::Borrowed(plain),
                    false => Cow::Owned(unescaped + plain),
                });
            }
            if !self.skip(b'\\') {
                return Err(self.expected("the end of a text"));
            }
            unescaped.push_str(plain);
            unescaped.push(self.escaped()?);
        }
    }

    /// The character after a backslash.
    // Not inlined: hardly any policy has one.
    #[inline(never)]
    fn escaped(&mut self) -> Read<char> {
        let byte = self.rest().first().copied();
        self.at += 1;
        let character = match byte {
            Some(b'"' | b'\\' | b'/') => byte.map(char::from),
            Some(b'b') => Some('\u{8}'),
            Some(b'f') => Some('\u{c}'),
            Some(b'n') => Some('\n'),
            Some(b'r') => Some('\r'),
            Some(b't') => Some('\t'),
            Some(b'u') => match self.unit() {
                // The first half of a pair.
                Some(high @ 0xd800..=0xdbff) if self.skip(b'\\') && self.skip(b'u') => match self.unit() {
                    Some(low @ 0xdc00..=0xdfff) => {
                        char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))
                    }
                    _ => None,
                },
                unit => unit.and_then(char::from_u32),
            },
            _ => None,
        };
        character.ok_or_else(|| self.expected("a valid escape"))
    }

    /// Four hex digits.
    fn unit(&mut self) -> Option<u32> {
        let digits = self.rest().get(..4)?;
        self.at += 4;
        digits.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))
    }

    fn boolean(&mut self) -> Read<bool> {
        if self.word("true") {
            return Ok(true);
        }
        match self.word("false") {
            true => Ok(false),
            false => Err(self.expected("true or false")),
        }
    }

    /// The value that belongs to the text which comes next.
    pub(crate) fn one_of<T: Copy>(&mut self, values: &[(&str, T)]) -> Read<T> {
        let word = self.string()?;
        let value = values.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
        value.ok_or_else(|| self.expected("one of the words for this field"))
    }

    fn whole(&mut self) -> Read<u32> {
        let number = self.number()?;
        let is_whole = number.bytes().all(|byte| byte.is_ascii_digit());
        let value = if is_whole { number.parse().ok() } else { None };
        value.ok_or_else(|| self.expected("a whole number"))
    }

    /// A number as it is written.
    fn number(&mut self) -> Read<&'a str> {
        self.peek();
        let start = self.at;
        self.skip(b'-');
        let whole = self.digits();
        let mut is_number =
            whole == 1 || (whole > 1 && self.text.as_bytes().get(self.at - whole) != Some(&b'0'));
        if self.skip(b'.') {
            is_number &= self.digits() > 0;
        }
        if self.skip(b'e') || self.skip(b'E') {
            let _ = self.skip(b'+') || self.skip(b'-');
            is_number &= self.digits() > 0;
        }
        match self.text.get(start..self.at) {
            Some(number) if is_number => Ok(number),
            _ => Err(self.expected("a number")),
        }
    }

    fn digits(&mut self) -> usize {
        let count = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        count
    }

    /// A number that may have a fraction. It is exact where it has up to 15 digits and up to 22 decimal places.
    fn fraction(&mut self) -> Read<f64> {
        let number = self.number()?;
        let (digits, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
        let mut exponent: i32 = exponent.parse().map_err(|_| self.expected("a number of this size"))?;
        let mut value = 0_u64;
        let mut is_behind_point = false;
        for byte in digits.bytes() {
            let digit = match byte {
                b'0'..=b'9' => u64::from(byte - b'0'),
                _ => {
                    is_behind_point |= byte == b'.';
                    continue;
                }
            };
            // Digits that no double can hold only say how large the number is.
            let held = value.checked_mul(10).and_then(|tens| tens.checked_add(digit));
            exponent = match (held, is_behind_point) {
                (Some(_), true) => exponent.saturating_sub(1),
                (None, false) => exponent.saturating_add(1),
                _ => exponent,
            };
            value = held.unwrap_or(value);
        }
        #[expect(clippy::cast_precision_loss, reason = "a double has no more digits")]
        let value = value as f64;
        let scaled = match exponent {
            0.. => (0..exponent.min(400)).fold(value, |value, _| value * 10.0),
            _ => {
                // In two steps, because no double holds a power of ten that is as large as the smallest are small.
                let places = exponent.saturating_neg().min(400);
                let power = |places| (0..places).fold(1.0, |power, _| power * 10.0);
                value / power(places.min(300)) / power((places - 300).max(0))
            }
        };
        Ok(if digits.starts_with('-') { -scaled } else { scaled })
    }

    /// Passes over any value.
    fn ignore_below(&mut self, depth: u32) -> Read<()> {
        let end = match self.peek() {
            Some(b'{') => b'}',
            Some(b'[') => b']',
            Some(b'"') => return self.string().map(drop),
            Some(b't' | b'f') => return self.boolean().map(drop),
            _ if self.word("null") => return Ok(()),
            _ => return self.number().map(drop),
        };
        let Some(depth) = depth.checked_sub(1) else { return Err(self.expected("fewer brackets")) };
        self.at += 1;
        let mut is_first = true;
        while self.continues(end, is_first)? {
            is_first = false;
            if end == b'}' {
                self.name()?;
            }
            self.ignore_below(depth)?;
        }
        Ok(())
    }

    /// Passes over blanks; the byte that comes next.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        self.at += self.rest().iter().take_while(is_blank).count();
        self.rest().first().copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// Whether this byte comes next, which is then read.
    fn skip(&mut self, byte: u8) -> bool {
        let is_next = self.rest().first() == Some(&byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// The same behind blanks.
    fn take(&mut self, byte: u8) -> bool {
        self.peek();
        self.skip(byte)
    }

    fn require(&mut self, byte: u8, what: &'static str) -> Read<()> {
        match self.take(byte) {
            true => Ok(()),
            false => Err(self.expected(what)),
        }
    }

    fn word(&mut self, word: &str) -> bool {
        self.peek();
        let is_next = self.rest().starts_with(word.as_bytes());
        if is_next {
            self.at += word.len();
        }
        is_next
    }

    pub(crate) fn expected(&self, what: &'static str) -> Box<Malformed> {
        self.malformed(Mistake::Expected(what))
    }

    fn malformed(&self, mistake: Mistake) -> Box<Malformed> {
        let read = self.text.as_bytes().get(..self.at).unwrap_or(self.text.as_bytes());
        let line_start = read.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let line = read.iter().filter(|byte| **byte == b'\n').count() + 1;
        Box::new(Malformed { mistake, line, column: read.len() - line_start + 1 })
    }
}
