//! A record in the form in which it was exported.

use corsgate_policy::record::columns;
use serde::{Deserialize, Deserializer};

/// A row of an export: a line of the log, or a data point of Analytics Engine, by column names or by `blob1` and so
/// on. Columns that a replay does not need are left out.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Row {
    /// The event of a log line; data points have none.
    pub(crate) event: Option<String>,
    /// What was left out, in a log line with the event `lines_left_out`; `count` says how many.
    pub(crate) about: Option<String>,
    pub(crate) count: Option<Number>,
    #[serde(alias = "blob1")]
    pub(crate) outcome: Option<String>,
    #[serde(alias = "blob3")]
    pub(crate) origin: Option<String>,
    #[serde(alias = "blob5")]
    pub(crate) host: Option<String>,
    #[serde(alias = "blob6")]
    pub(crate) method: Option<String>,
    #[serde(alias = "blob7")]
    pub(crate) requested_method: Option<String>,
    #[serde(alias = "blob8")]
    pub(crate) header: Option<String>,
    #[serde(alias = "blob9")]
    pub(crate) path: Option<String>,
    #[serde(alias = "blob13")]
    pub(crate) kind: Option<String>,
    #[serde(alias = "double1")]
    pub(crate) weight: Option<Number>,
    #[serde(rename = "_sample_interval")]
    pub(crate) sample_interval: Option<Number>,
}

/// A number, which exports may also write as a string.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Number(pub(crate) f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(f64),
            Text(String),
        }
        let number = match Form::deserialize(deserializer)? {
            Form::Number(number) => Some(number),
            Form::Text(text) => text.parse().ok(),
        };
        let sound = number.filter(|number| number.is_finite() && *number >= 0.0);
        sound.map(Self).ok_or_else(|| serde::de::Error::custom("a count is a number from 0 on"))
    }
}

impl Row {
    /// Requests of pages that were refused, where only their origin and route are known: `host`, `path` and `method` are
    /// those of any request to the route.
    #[must_use]
    pub fn refused(origin: &str, host: &str, path: &str, method: &str, requests: f64) -> Self {
        let text = |text: &str| Some(text.to_owned());
        Self {
            outcome: text("reject"),
            origin: text(origin),
            host: text(host),
            path: text(path),
            method: text(method),
            weight: Some(Number(requests)),
            ..Self::default()
        }
    }

    /// The number of requests that the record represents (docs/records.md, "Asking").
    pub(crate) fn requests(&self) -> f64 {
        let factor = |number: Option<Number>| number.map_or(1.0, |number| number.0);
        factor(self.weight) * factor(self.sample_interval)
    }

    /// Whether a value may have been truncated: its column has no room for one more character, which has up to
    /// four bytes.
    pub(crate) fn may_be_cut(name: &str, value: &str) -> bool {
        let longest = columns::BLOBS.iter().find(|column| column.name == name).map(|column| column.longest);
        longest.is_some_and(|longest| value.len() + 3 >= longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The code that writes records numbers the columns; they must be read under the same numbers.
    #[test]
    fn every_column_is_read_by_name_and_by_number() {
        let read =
            |name: String| -> Row { serde_json::from_str(&format!("{{\"{name}\":\"x\"}}")).expect("a row") };
        let mut known = 0;
        for (at, column) in columns::BLOBS.iter().enumerate() {
            let (by_name, by_number) = (read(column.name.to_owned()), read(format!("blob{}", at + 1)));
            assert_eq!(by_name, by_number, "{}", column.name);
            known += usize::from(by_name != Row::default());
        }
        assert_eq!(known, 8);
        assert_eq!(columns::DOUBLES[0].name, "weight");
    }

    #[test]
    fn counts_are_numbers_or_texts() {
        for (json, requests) in [
            ("{}", Some(1.0)),
            (r#"{"double1":100,"_sample_interval":"3"}"#, Some(300.0)),
            (r#"{"weight":"0.5"}"#, Some(0.5)),
            (r#"{"weight":-1}"#, None),
            (r#"{"weight":"many"}"#, None),
            (r#"{"weight":"NaN"}"#, None),
        ] {
            let row: Result<Row, _> = serde_json::from_str(json);
            assert_eq!(row.ok().map(|row| row.requests()), requests, "{json}");
        }
    }
}
