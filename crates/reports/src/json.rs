//! The JSON of an answer.

use crate::time;

/// A value. The members of an object stand in the order in which a person reads them.
#[derive(Debug)]
pub(crate) enum Json<'a> {
    Null,
    Flag(bool),
    Number(u64),
    /// A number of thousandths.
    Thousandths(i64),
    /// A number of millionths.
    Millionths(u32),
    Text(&'a str),
    Owned(String),
    /// Seconds since 1970, written as RFC 3339.
    Time(u64),
    List(Vec<Json<'a>>),
    Object(Vec<(&'a str, Json<'a>)>),
}

impl<'a> Json<'a> {
    /// A list of texts.
    pub(crate) fn texts(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::List(texts.into_iter().map(Self::Text).collect())
    }

    /// A time, null for the 0 of none.
    pub(crate) fn time(seconds: u64) -> Self {
        if seconds == 0 { Self::Null } else { Self::Time(seconds) }
    }

    /// Appends its text.
    pub(crate) fn write(&self, text: &mut String) {
        match self {
            Self::Null => text.push_str("null"),
            Self::Flag(flag) => text.push_str(if *flag { "true" } else { "false" }),
            Self::Number(number) => text.push_str(&number.to_string()),
            Self::Thousandths(number) => {
                if *number < 0 {
                    text.push('-');
                }
                push_decimal(number.unsigned_abs(), 1_000, text);
            }
            Self::Millionths(number) => push_decimal((*number).into(), 1_000_000, text),
            Self::Text(value) => push_text(value, text),
            Self::Owned(value) => push_text(value, text),
            Self::Time(seconds) => push_text(&time::write(*seconds), text),
            Self::List(values) => {
                text.push('[');
                for (at, value) in values.iter().enumerate() {
                    if at > 0 {
                        text.push(',');
                    }
                    value.write(text);
                }
                text.push(']');
            }
            Self::Object(members) => {
                text.push('{');
                for (at, (name, value)) in members.iter().enumerate() {
                    if at > 0 {
                        text.push(',');
                    }
                    push_text(name, text);
                    text.push(':');
                    value.write(text);
                }
                text.push('}');
            }
        }
    }
}

fn push_text(value: &str, text: &mut String) {
    // Every text has a JSON form: this does not fail.
    text.push_str(&serde_json::to_string(value).unwrap_or_default());
}

/// Writes a number of parts of one, `unit` of which are 1, without floating point, whose writing would take ten kilobytes
/// of Wasm.
fn push_decimal(number: u64, unit: u64, text: &mut String) {
    text.push_str(&(number / unit).to_string());
    let (mut rest, mut place) = (number % unit, unit / 10);
    if rest > 0 {
        text.push('.');
    }
    while rest > 0 && place > 0 {
        text.push_str(&(rest / place).to_string());
        rest %= place;
        place /= 10;
    }
}
