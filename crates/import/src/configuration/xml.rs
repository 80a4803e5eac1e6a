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
use crate::report::{About, Class};
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
const MOST_ELEMENTS: usize = 500_000;

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
            tree.rules.push(rule.done());
        }
        tree.hole(message, &place);
    }
    let mut reading = Reading { rules: Vec::new(), holes: tree.holes };
    super::read_nodes(&tree.rules, only, &mut reading);
    reading
}

struct Tree<'s> {
    places: Places<'s>,
    /// The names of the elements around.
    open: Vec<String>,
    rule: Option<RuleRead>,
    /// What the element that is open has in it so far.
    value: Option<(Result<String, &'static str>, Place)>,
    rules: Vec<Node>,
    holes: Vec<Said<Remark>>,
    elements: usize,
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
            (_, 2 | 3) if self.rule.is_some() && self.value.is_none() && is_known(name) => {
                self.value = Some((Ok(String::new()), place));
            }
            // A name for people.
            (_, 2) if name == "ID" => {}
            (Some(_), _) => match (&mut self.value, &mut self.rule) {
                (Some((value, _)), _) => *value = Err("an element within a value"),
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
            self.rules.push(rule.done());
        }
        if !is_known(&name) || !matches!(depth, 2 | 3) {
            return;
        }
        if let (Some((value, place)), Some(rule)) = (self.value.take(), &mut self.rule) {
            rule.set(&name, value, place);
        }
    }

    /// Takes text. What is between elements has to be white.
    fn take(&mut self, text: &str, at: usize) -> Result<(), Ended> {
        match &mut self.value {
            Some((Ok(value), _)) => value.push_str(text),
            Some((Err(_), _)) => {}
            None if self.open.last().is_some_and(|name| name == "ID") => {}
            None if !text.trim().is_empty() => {
                return Err(("a text that belongs to no element: the rest is not read".to_owned(), at));
            }
            None => {}
        }
        Ok(())
    }

    fn hole(&mut self, message: String, place: &Place) {
        let remark = Remark { class: Class::Unreadable, about: About::File, message, advice: None };
        self.holes.push(Said::new(remark, place));
    }
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
    fn set(&mut self, name: &str, value: Result<String, &'static str>, place: Place) {
        let value = match value {
            Ok(text) => Value::Scalar { text, is_plain: false },
            Err(what) => Value::Unknown(what.to_owned()),
        };
        let node = Node { value, place };
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
