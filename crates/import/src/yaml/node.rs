//! Values with their places.

use std::collections::HashMap;

use crate::place::Place;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) place: Place,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// A text, a number, `true` or `false`. Plain scalars are not quoted.
    Scalar {
        text: String,
        is_plain: bool,
    },
    /// `null`, `~` or nothing at all.
    Nothing,
    List(List),
    Table(Table),
    /// What only its program would tell, as a noun.
    Unknown(String),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct List {
    pub(crate) items: Vec<Node>,
    /// Something else may add items.
    pub(crate) unknown: Option<(String, Place)>,
}

/// A mapping. A key that stands twice has no value that can be known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    entries: Vec<(String, Node)>,
    /// Where each key stands in the entries.
    index: HashMap<String, usize>,
    /// Something else may set any key.
    pub(crate) unknown: Option<(String, Place)>,
}

impl Table {
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entries.get(*self.index.get(key)?).map(|(_, node)| node)
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.entries.iter().map(|(key, node)| (key.as_str(), node))
    }

    /// The value of the first of some keys that is there.
    pub(crate) fn first(&self, keys: &[&str]) -> Option<&Node> {
        keys.iter().find_map(|key| self.get(key))
    }

    /// A value that is there and not `null`.
    pub(crate) fn present(&self, key: &str) -> Option<&Node> {
        self.get(key).filter(|node| !matches!(node.value, Value::Nothing))
    }

    /// A mapping in this one.
    pub(crate) fn table(&self, key: &str) -> Option<&Table> {
        self.get(key)?.table()
    }

    /// The text of a key.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    /// The items of a list, or none.
    pub(crate) fn items(&self, key: &str) -> &[Node] {
        self.get(key).map(Node::items).unwrap_or_default()
    }

    /// Sets a key. One that is there becomes unknown.
    pub(crate) fn set(&mut self, key: String, node: Node) {
        match self.index.get(&key).and_then(|at| self.entries.get_mut(*at)) {
            Some((_, earlier)) => earlier.value = Value::Unknown("a key that stands twice".to_owned()),
            None => {
                self.index.insert(key.clone(), self.entries.len());
                self.entries.push((key, node));
            }
        }
    }

    /// Removes a key.
    pub(crate) fn remove(&mut self, key: &str) {
        if self.index.remove(key).is_some() {
            self.entries.retain(|(name, _)| name != key);
            self.index = self.entries.iter().enumerate().map(|(at, (name, _))| (name.clone(), at)).collect();
        }
    }

    /// Sets the keys of another mapping that are not there.
    pub(crate) fn complete(&mut self, more: Self) {
        for (key, node) in more.entries {
            if !self.index.contains_key(&key) {
                self.set(key, node);
            }
        }
        self.unknown = self.unknown.take().or(more.unknown);
    }
}

impl Node {
    pub(crate) fn unknown(what: impl Into<String>, place: Place) -> Self {
        Self { value: Value::Unknown(what.into()), place }
    }

    pub(crate) fn table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    pub(crate) fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(list) => &list.items,
            _ => &[],
        }
    }

    /// The value as a noun.
    pub(crate) fn noun(&self) -> String {
        match &self.value {
            Value::Scalar { .. } => "a text",
            Value::Nothing => "nothing",
            Value::List(_) => "a list",
            Value::Table(_) => "a mapping",
            Value::Unknown(what) => what,
        }
        .to_owned()
    }

    /// How many values it has in it, itself included.
    pub(crate) fn size(&self) -> usize {
        match &self.value {
            Value::List(list) => 1 + list.items.iter().map(Self::size).sum::<usize>(),
            Value::Table(table) => 1 + table.entries.iter().map(|(_, node)| node.size()).sum::<usize>(),
            _ => 1,
        }
    }
}
