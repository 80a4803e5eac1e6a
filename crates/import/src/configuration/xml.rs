//! The CORS rules of a bucket in XML: `CORSConfiguration`, as the REST API of S3 has it, and `CorsConfig` of Cloud
//! Storage. They become the same mappings that their JSON is.
//!
//! The parser expands no entities, and what declares some is not read. Nothing here calls itself, so that no nesting
//! can end the tool.

use corsgate_authoring::Source;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};
use quick_xml::reader::Reader;

use crate::kind::Kind;
use crate::model::{Reading, Remark};
use crate::place::{Place, Places, Said};
use crate::yaml::{List, Node, Table, Value};

/// The elements of the roots, and of their rules.
const ROOTS: [(&str, &str); 2] = [("CORSConfiguration", "CORSRule"), ("CorsConfig", "Cors")];
/// Lists of Cloud Storage around elements that stand for themselves in S3.
const LISTS: [&str; 3] = ["Origins", "Methods", "ResponseHeaders"];
/// Elements that may stand several times, and the keys of the same lists in JSON.
const REPEATED: [(&str, &str); 7] = [
    ("AllowedOrigin", "allowedOrigin"),
    ("AllowedMethod", "allowedMethod"),
    ("AllowedHeader", "allowedHeader"),
    ("ExposeHeader", "exposeHeader"),
    ("Origin", "origin"),
    ("Method", "method"),
    ("ResponseHeader", "responseHeader"),
];
/// Elements that stand once.
const SINGLE: [&str; 2] = ["MaxAgeSeconds", "MaxAgeSec"];
/// Nothing that is read is nested as deep as this.
const MOST_DEPTH: usize = 64;
/// The most elements that are read.
const MOST_ELEMENTS: usize = 100_000;
/// The most places that are named.
const MOST_HOLES: usize = 20;

/// Whether a text is XML, by its name or its beginning.
pub(crate) fn is_xml(source: &Source) -> bool {
    let text = source.text().trim_start_matches('\u{feff}').trim_start();
    source.name().to_ascii_lowercase().ends_with(".xml")
        || ["<?xml", "<!DOCTYPE", "<CORSConfiguration", "<CorsConfig"].iter().any(|it| text.starts_with(it))
}

/// Reads XML.
pub(crate) fn read(source: &Source, only: Option<Kind>) -> Reading {
    let mut tree = Tree {
        places: Places::new(source, 0),
        open: Vec::new(),
        rule: None,
        value: None,
        rules: Vec::new(),
        holes: Vec::new(),
        elements: 0,
    };
    if let Err((message, at)) = tree.parse(source.text()) {
        let place = tree.places.at(at.min(source.text().len()));
        // The rule that it stands in may say more.
        if let Some(mut rule) = tree.rule.take() {
            rule.table.unknown = Some(("what could not be read".to_owned(), place.clone()));
            tree.close(rule);
        }
        tree.holes.truncate(MOST_HOLES - 1);
        tree.hole(message, &place);
    }
    let mut reading = Reading { rules: Vec::new(), holes: tree.holes };
    let place = tree.rules.first().map_or_else(|| Place::whole(source.name()), |rule| rule.place.clone());
    let list = Value::List(List { items: tree.rules, unknown: None });
    super::read_nodes(&[Node { value: list, place }], only, &mut reading);
    reading
}

struct Tree<'s> {
    places: Places<'s>,
    /// The names of the elements around.
    open: Vec<String>,
    rule: Option<RuleRead>,
    value: Option<Open>,
    rules: Vec<Node>,
    holes: Vec<Said<Remark>>,
    elements: usize,
}

/// A value that is not closed yet.
struct Open {
    /// What it has in it so far.
    text: Result<String, &'static str>,
    place: Place,
    /// The number of elements around it.
    depth: usize,
}

/// A rule that is not closed yet.
struct RuleRead {
    table: Table,
    lists: Vec<(&'static str, Vec<Node>)>,
    place: Place,
}

/// What ends the reading, and the byte where.
type Ended = (String, usize);

impl Tree<'_> {
    fn parse(&mut self, text: &str) -> Result<(), Ended> {
        let body = text.trim_start_matches('\u{feff}');
        let shift = text.len() - body.len();
        let mut reader = Reader::from_str(body);
        loop {
            let at = shift + usize::try_from(reader.buffer_position()).unwrap_or_default();
            let event = reader.read_event().map_err(|_| {
                let at = usize::try_from(reader.error_position()).unwrap_or_default();
                ("something here is not XML: what it belongs to is not read".to_owned(), shift + at)
            })?;
            match event {
                Event::Start(element) => self.start(element.local_name().as_ref(), at)?,
                Event::Empty(element) => {
                    self.start(element.local_name().as_ref(), at)?;
                    self.end();
                }
                Event::End(_) => self.end(),
                Event::Text(text) => self.take(&text.xml10_content(), at)?,
                Event::CData(text) => self.take(&text.xml10_content(), at)?,
                Event::GeneralRef(reference) => match character(&reference) {
                    Some(text) => self.take(&text, at)?,
                    None => {
                        let name = crate::shown::name(&reference.xml10_content());
                        return Err((format!("the entity `&{name};` is not read, nor what follows"), at));
                    }
                },
                Event::DocType(_) => {
                    let message = "a document type, which can declare entities: nothing of the file is read";
                    self.rules.clear();
                    return Err((message.to_owned(), at));
                }
                Event::Eof if self.open.is_empty() => return Ok(()),
                Event::Eof => return Err(("the file ends within an element".to_owned(), text.len())),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    fn start(&mut self, name: &str, at: usize) -> Result<(), Ended> {
        self.elements += 1;
        if self.elements > MOST_ELEMENTS {
            return Err((
                format!("the file has more than {MOST_ELEMENTS} elements: the rest is not read"),
                at,
            ));
        }
        if self.open.len() == MOST_DEPTH {
            return Err((
                format!("elements are nested more than {MOST_DEPTH} deep: the rest is not read"),
                at,
            ));
        }
        let place = self.places.at(at);
        match (self.open.first(), self.open.len()) {
            (None, _) if !ROOTS.iter().any(|(root, _)| *root == name) => {
                let name = crate::shown::name(name);
                return Err((
                    format!("`{name}` is no CORS configuration of S3 or Cloud Storage: it is not read"),
                    at,
                ));
            }
            (Some(root), 1) if ROOTS.contains(&(root, name)) => {
                self.rule = Some(RuleRead { table: Table::default(), lists: Vec::new(), place });
            }
            (_, 2) if self.rule.is_some() && LISTS.contains(&name) => {}
            (_, depth) if self.value.is_none() && self.takes_values(depth) && is_known(name) => {
                self.value = Some(Open { text: Ok(String::new()), place, depth });
            }
            // A name for people.
            (_, 2) if name == "ID" => {}
            (Some(_), _) => match (&mut self.value, &mut self.rule) {
                (Some(value), _) => value.text = Err("an element within a value"),
                (None, Some(rule)) => {
                    let what = format!("the element `{}`, which is not read", crate::shown::name(name));
                    rule.table.unknown.get_or_insert((what, place));
                }
                (None, None) => {
                    let message = format!("the element `{}` is not read", crate::shown::name(name));
                    self.hole(message, &place);
                }
            },
            (None, _) => {}
        }
        self.open.push(name.to_owned());
        Ok(())
    }

    fn end(&mut self) {
        let Some(name) = self.open.pop() else { return };
        let depth = self.open.len();
        if depth == 1
            && let Some(rule) = self.rule.take()
        {
            self.close(rule);
        }
        if let Some(value) = self.value.take_if(|value| value.depth == depth)
            && let Some(rule) = &mut self.rule
        {
            rule.set(&name, value);
        }
    }

    fn close(&mut self, rule: RuleRead) {
        let has = |keys: [&str; 2]| rule.lists.iter().any(|(key, _)| keys.contains(key));
        if !has(["allowedOrigin", "origin"]) || !has(["allowedMethod", "method"]) {
            self.hole("a rule without origins or without methods is not read".to_owned(), &rule.place);
        }
        self.rules.push(rule.done());
    }

    /// Whether an element with so many around it can be a value: in a rule, or in a list of one.
    fn takes_values(&self, depth: usize) -> bool {
        let is_in_list = self.open.last().is_some_and(|name| LISTS.contains(&name.as_str()));
        self.rule.is_some() && (depth == 2 || depth == 3 && is_in_list)
    }

    /// Takes text. What is between elements has to be white.
    fn take(&mut self, text: &str, at: usize) -> Result<(), Ended> {
        match &mut self.value {
            Some(Open { text: Ok(value), .. }) => value.push_str(text),
            // What is not read may have any text.
            None if !text.trim().is_empty() && self.open.last().is_none_or(|name| is_container(name)) => {
                return Err(("a text that belongs to no element: the rest is not read".to_owned(), at));
            }
            _ => {}
        }
        Ok(())
    }

    fn hole(&mut self, message: String, place: &Place) {
        let remark = Remark::unread(message, None);
        if self.holes.len() < MOST_HOLES {
            self.holes.push(Said::new(remark, place));
        }
    }
}

/// Whether an element has elements in it alone.
fn is_container(name: &str) -> bool {
    ROOTS.iter().any(|(root, rule)| *root == name || *rule == name) || LISTS.contains(&name)
}

fn is_known(name: &str) -> bool {
    REPEATED.iter().any(|(known, _)| *known == name) || SINGLE.contains(&name)
}

/// The character that a reference stands for: `&amp;` and `&#38;`.
fn character(reference: &BytesRef<'_>) -> Option<String> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => Some(character.to_string()),
        Ok(None) => resolve_predefined_entity(&reference.xml10_content()).map(str::to_owned),
        Err(_) => None,
    }
}

impl RuleRead {
    fn set(&mut self, name: &str, read: Open) {
        let value = match read.text {
            Ok(text) => Value::Scalar { text, is_plain: false },
            Err(what) => Value::Unknown(what.to_owned()),
        };
        let node = Node { value, place: read.place };
        let Some((_, key)) = REPEATED.iter().find(|(known, _)| *known == name) else {
            return self.table.set(name.to_owned(), node);
        };
        match self.lists.iter_mut().find(|(known, _)| known == key) {
            Some((_, items)) => items.push(node),
            None => self.lists.push((key, vec![node])),
        }
    }

    fn done(mut self) -> Node {
        for (key, items) in self.lists {
            let place = items.first().map_or_else(|| self.place.clone(), |first| first.place.clone());
            let value = Value::List(List { items, unknown: None });
            self.table.set(key.to_owned(), Node { value, place });
        }
        Node { value: Value::Table(self.table), place: self.place }
    }
}
