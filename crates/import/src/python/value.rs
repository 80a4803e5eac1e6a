//! What an expression stands for.

use crate::place::Place;

/// The longest text that is computed, in bytes.
const MAX_TEXT: usize = 65_536;

/// A value, with its place.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) value: Value,
    pub(super) place: Place,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Number(f64),
    Bool(bool),
    None,
    /// A list, a tuple or a set.
    List(Vec<Item>),
    Dict(Dict),
    /// What `re.compile` gives.
    Pattern {
        source: String,
        ignores_case: bool,
    },
    /// A `timedelta`, in seconds.
    Duration(f64),
    /// What only running the program would tell, as a noun.
    Unknown(String),
}

/// A dictionary. A key that stands twice has its last value.
#[derive(Clone, Debug, Default)]
pub(super) struct Dict {
    pub(super) entries: Vec<(Item, Item)>,
    /// Something else may set any key.
    pub(super) unknown: Option<(String, Place)>,
}

impl Dict {
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, &Item)> {
        self.entries.iter().filter_map(|(key, item)| match &key.value {
            Value::Text(key) => Some((key.as_str(), item)),
            _ => None,
        })
    }
}

impl Value {
    /// Whether it counts as true; `None` if that cannot be known.
    pub(super) fn truth(&self) -> Option<bool> {
        Some(match self {
            Self::Text(text) => !text.is_empty(),
            Self::Number(number) | Self::Duration(number) => *number != 0.0,
            Self::Bool(bool) => *bool,
            Self::None => false,
            Self::List(items) => !items.is_empty(),
            Self::Dict(dict) if dict.unknown.is_none() => !dict.entries.is_empty(),
            Self::Pattern { .. } => true,
            Self::Dict(_) | Self::Unknown(_) => return None,
        })
    }

    /// The value as a noun.
    pub(super) fn noun(&self) -> String {
        match self {
            Self::Text(_) => "a text",
            Self::Number(_) => "a number",
            Self::Bool(_) => "a boolean",
            Self::None => "`None`",
            Self::List(_) => "a list",
            Self::Dict(_) => "a dictionary",
            Self::Pattern { .. } => "a regular expression",
            Self::Duration(_) => "a duration",
            Self::Unknown(what) => what,
        }
        .to_owned()
    }
}

pub(super) fn bounded(text: String) -> Value {
    if text.len() > MAX_TEXT { unknown("a very long text") } else { Value::Text(text) }
}

pub(super) fn unknown(what: &str) -> Value {
    Value::Unknown(what.to_owned())
}
