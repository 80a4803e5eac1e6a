//! Values from the parser's events. The parser keeps its own stack and so does this, so no nesting can end the program.

use core::ops::Range;
use std::collections::HashMap;

use granit_parser::{Event, Options, Parser, ScalarStyle, Span, Tag};

use super::node::{List, Node, Table, Value};
use super::template::MARK;
use crate::place::{Place, Places};

/// The most values of a file, those of its aliases included.
const MOST_VALUES: usize = 500_000;

pub(super) struct Builder<'b> {
    places: &'b Places<'b>,
    text: &'b str,
    /// Where templates may add something.
    regions: &'b [Range<usize>],
    left: usize,
    /// The file has more values than are read.
    pub(super) is_exhausted: bool,
}

/// What came of a document.
pub(super) struct Read {
    pub(super) value: Option<Node>,
    /// Where the first text begins that is not YAML.
    pub(super) error: Option<usize>,
}

/// A mapping or list that is not complete.
struct Open {
    start: usize,
    anchor: usize,
    tag: Option<String>,
    content: Content,
    /// The bytes of each value that is complete.
    inner: Vec<Range<usize>>,
}

enum Content {
    List(List),
    Table(Box<OpenTable>),
}

#[derive(Default)]
struct OpenTable {
    table: Table,
    /// The key whose value comes next.
    key: Option<Node>,
    /// The values of `<<`.
    merged: Vec<Node>,
}

impl<'b> Builder<'b> {
    pub(super) fn new(places: &'b Places<'b>, text: &'b str, regions: &'b [Range<usize>]) -> Self {
        Self { places, text, regions, left: MOST_VALUES, is_exhausted: false }
    }

    /// Reads one document. What is open at an error may have had more, and is unknown.
    pub(super) fn document(&mut self, document: Range<usize>) -> Read {
        let part = self.text.get(document.clone()).unwrap_or_default();
        let mut options = Options::default();
        options.emit_unresolved_aliases = true;
        let mut parser = Parser::new_from_str_with_options(part, options);
        let mut reading = Reading {
            builder: self,
            base: document.start,
            anchors: HashMap::new(),
            open: Vec::new(),
            root: None,
        };
        let mut error = None;
        while let Some(event) = parser.next_event() {
            match event {
                Ok((Event::StreamEnd, _)) => break,
                Ok((event, span)) => reading.take(event, span),
                Err(at) => {
                    error = Some(document.start + at.marker().byte_offset().unwrap_or_default());
                    break;
                }
            }
        }
        if error.is_some() {
            reading.abandon();
        }
        Read { value: reading.root, error }
    }

    /// What a template may add to the bytes of a value.
    fn added(&self, range: &Range<usize>, inner: &[Range<usize>]) -> Option<(String, Place)> {
        let touches = |region: &&Range<usize>| {
            region.start <= range.end
                && region.end >= range.start
                && !inner.iter().any(|inner| inner.start < region.start && region.end < inner.end)
        };
        let region = self.regions.iter().find(touches)?;
        Some(("a template".to_owned(), self.places.at(region.start)))
    }
}

struct Reading<'r, 'b> {
    builder: &'r mut Builder<'b>,
    /// Where the document begins in the file.
    base: usize,
    anchors: HashMap<usize, Node>,
    open: Vec<Open>,
    root: Option<Node>,
}

impl Reading<'_, '_> {
    fn take(&mut self, event: Event<'_>, span: Span) {
        let range = self.range(span);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = tagged(name(tag.as_deref()), self.scalar(&text, style, &range));
                self.complete(value, range, anchor);
            }
            Event::Alias(anchor) => {
                let value = self.alias(anchor);
                self.complete(value, range, 0);
            }
            Event::UnresolvedAlias(_) => {
                self.complete(Value::Unknown("an alias of nothing".to_owned()), range, 0);
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.begin(Content::List(List::default()), range.start, anchor, tag.as_deref());
            }
            Event::MappingStart(_, anchor, tag) => {
                self.begin(Content::Table(Box::default()), range.start, anchor, tag.as_deref());
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    self.end(open, range.end, None);
                }
            }
            _ => {}
        }
    }

    /// The bytes of the file, without the spaces behind.
    fn range(&self, span: Span) -> Range<usize> {
        let start = self.base + span.start.byte_offset().unwrap_or_default();
        let end = self.base + span.end.byte_offset().unwrap_or_default();
        start..self.trimmed(start, end)
    }

    fn trimmed(&self, start: usize, end: usize) -> usize {
        self.builder.text.get(start..end).map_or(start, |text| start + text.trim_end().len())
    }

    fn begin(&mut self, content: Content, start: usize, anchor: usize, tag: Option<&Tag>) {
        self.open.push(Open { start, anchor, tag: name(tag), content, inner: Vec::new() });
    }

    fn scalar(&self, text: &str, style: ScalarStyle, range: &Range<usize>) -> Value {
        if text.contains(MARK) {
            return Value::Unknown("a template".to_owned());
        }
        let is_plain = style == ScalarStyle::Plain;
        match text {
            "" if is_plain => {
                // Nothing stands there, but a template may put something there.
                let at = self.builder.text.get(..range.start).unwrap_or_default().trim_end().len();
                let put = self.builder.added(&(at..range.start), &[]);
                put.map_or(Value::Nothing, |(what, _)| Value::Unknown(what))
            }
            "null" | "Null" | "NULL" | "~" if is_plain => Value::Nothing,
            _ => Value::Scalar { text: text.to_owned(), is_plain },
        }
    }

    fn alias(&mut self, anchor: usize) -> Value {
        let Some(meant) = self.anchors.get(&anchor) else {
            return Value::Unknown("an alias of itself".to_owned());
        };
        match self.builder.left.checked_sub(meant.size()) {
            Some(left) => {
                self.builder.left = left;
                meant.value.clone()
            }
            None => {
                self.builder.is_exhausted = true;
                Value::Unknown("aliases of too many values".to_owned())
            }
        }
    }

    /// A value is complete: it goes into the mapping or list that is open.
    fn complete(&mut self, value: Value, range: Range<usize>, anchor: usize) {
        let mut node = Node { value, place: self.builder.places.at(range.start) };
        match self.builder.left.checked_sub(1) {
            Some(left) => self.builder.left = left,
            None => {
                node.value = Value::Unknown("a file with too many values".to_owned());
                self.builder.is_exhausted = true;
            }
        }
        if anchor != 0
            && let Some(left) = self.builder.left.checked_sub(node.size())
        {
            self.builder.left = left;
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        match &mut open.content {
            Content::List(list) => {
                list.items.push(node);
                open.inner.push(range);
            }
            Content::Table(own) => match own.key.take() {
                None => own.key = Some(node),
                Some(key) => {
                    open.inner.push(range);
                    own.set(key, node);
                }
            },
        }
    }

    /// A mapping or list ends. `unknown` says what may have belonged to it.
    fn end(&mut self, open: Open, end: usize, unknown: Option<&str>) {
        let Open { start, anchor, tag, content, inner } = open;
        // The end of a block is only known by what comes next.
        let last = inner.last().map_or(start, |last| last.end);
        let end = if self.builder.text.get(start..).is_some_and(|text| text.starts_with(['{', '['])) {
            end.max(last)
        } else {
            last.max(self.trimmed(start, end.min(last.max(start))))
        };
        let range = start..end;
        let place = self.builder.places.at(start);
        let unknown =
            unknown.map(|what| (what.to_owned(), place)).or_else(|| self.builder.added(&range, &inner));
        let value = match content {
            Content::List(mut list) => {
                list.unknown = unknown;
                Value::List(list)
            }
            Content::Table(own) => {
                let mut table = own.table;
                for node in own.merged {
                    merge(&mut table, node);
                }
                table.unknown = table.unknown.or(unknown);
                Value::Table(table)
            }
        };
        self.complete(tagged(tag, value), range, anchor);
    }

    /// Ends everything that is open at an error.
    fn abandon(&mut self) {
        while let Some(mut open) = self.open.pop() {
            if let Content::Table(own) = &mut open.content
                && let Some(key) = own.key.take()
            {
                let value = Node::unknown(NOT_YAML, key.place.clone());
                own.set(key, value);
            }
            let end = open.inner.last().map_or(open.start, |last| last.end);
            self.end(open, end, Some(NOT_YAML));
        }
    }
}

const NOT_YAML: &str = "something that is not YAML";

impl OpenTable {
    fn set(&mut self, key: Node, value: Node) {
        match key.value {
            Value::Scalar { text, is_plain: true } if text == "<<" => self.merged.push(value),
            Value::Scalar { text, .. } => self.table.set(text, value),
            Value::Nothing => {}
            _ => {
                self.table.unknown.get_or_insert(("a key that is not known".to_owned(), key.place));
            }
        }
    }
}

/// `<<`: what the mapping does not say itself (<https://yaml.org/type/merge.html>).
fn merge(table: &mut Table, value: Node) {
    match value.value {
        Value::Table(more) => table.complete(more),
        Value::List(list) => {
            for item in list.items {
                if !matches!(item.value, Value::List(_)) {
                    merge(table, item);
                }
            }
            table.unknown = table.unknown.take().or(list.unknown);
        }
        _ => {
            let what = value.noun();
            table.unknown.get_or_insert((what, value.place));
        }
    }
}

/// A tag as it is written.
fn name(tag: Option<&Tag>) -> Option<String> {
    tag.map(|tag| match tag.handle() {
        "tag:yaml.org,2002:" => format!("!!{}", tag.suffix()),
        handle => format!("{handle}{}", tag.suffix()),
    })
}

/// Tags of YAML itself change nothing here; any other is a function of its program.
fn tagged(tag: Option<String>, value: Value) -> Value {
    let Some(tag) = tag else { return value };
    match (tag.as_str(), value) {
        ("!!str" | "!", Value::Nothing) => Value::Scalar { text: String::new(), is_plain: false },
        ("!!str" | "!", Value::Scalar { text, .. }) => Value::Scalar { text, is_plain: false },
        ("!!map" | "!!seq" | "!!int" | "!!float" | "!!bool" | "!!null" | "!!omap", value) => value,
        // A text without a variable is the text itself.
        ("!Sub", Value::Scalar { text, .. }) if !text.contains("${") => {
            Value::Scalar { text, is_plain: false }
        }
        (tag, _) => {
            let name: String =
                tag.chars().filter(|it| it.is_ascii_alphanumeric() || "!:.-".contains(*it)).collect();
            Value::Unknown(match name.len() {
                2..=40 => format!("`{name}`"),
                _ => "a tag".to_owned(),
            })
        }
    }
}
