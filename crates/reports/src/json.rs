//! The JSON of an answer.

use crate::time;

/// A value. The members of an object are written in the order given, which is meant for human readers.
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

    /// A time; null for 0, which means that there is none.
    pub(crate) fn time(seconds: u64) -> Self {
        if seconds == 0 { Self::Null } else { Self::Time(seconds) }
    }

    /// Its text, if it is one that it borrows.
    pub(crate) fn as_text(&self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
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
    // Any text can be written as JSON, so this does not fail.
    text.push_str(&serde_json::to_string(value).unwrap_or_default());
}

/// Writes `number / unit` as a decimal fraction, without floating point: formatting a float would add ten kilobytes of
/// Wasm.
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(value: &Json<'_>) -> String {
        let mut text = String::new();
        value.write(&mut text);
        text
    }

    #[test]
    fn decimals_have_no_more_places_than_they_need() {
        for (value, expected) in [
            (Json::Thousandths(0), "0"),
            (Json::Thousandths(7), "0.007"),
            (Json::Thousandths(250), "0.25"),
            (Json::Thousandths(1_000), "1"),
            (Json::Thousandths(-1_500), "-1.5"),
            (Json::Thousandths(-50), "-0.05"),
            (Json::Millionths(10_000), "0.01"),
            (Json::Millionths(1), "0.000001"),
            (Json::Millionths(1_000_000), "1"),
        ] {
            assert_eq!(written(&value), expected);
        }
    }

    proptest! {
        #[test]
        fn any_text_and_number_is_read_back(text: String, number: u64, thousandths in -1_000_000_000..1_000_000_000_i64) {
            let members = vec![
                ("text", Json::Text(&text)),
                ("list", Json::List(vec![Json::Number(number), Json::Thousandths(thousandths), Json::Null])),
                ("flag", Json::Flag(true)),
            ];
            let read: serde_json::Value =
                serde_json::from_str(&written(&Json::Object(members))).expect("it is JSON");
            let expected =
                serde_json::json!({ "text": text, "list": [number, read["list"][1], null], "flag": true });
            prop_assert_eq!(&read, &expected);
            let decimal = read["list"][1].as_f64().expect("a number");
            prop_assert!((decimal * 1_000.0 - thousandths as f64).abs() < 1e-3);
        }
    }
}
