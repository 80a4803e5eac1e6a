//! Reads exports: JSON lines, as in the log and `FORMAT JSONEachRow`, or the single document of `FORMAT JSON`.

use core::cell::Cell;
use core::fmt;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::row::Row;

/// The longest row, in bytes. A record with all columns full is far shorter, even with every character escaped.
const MOST_ROW: usize = 256 * 1024;
/// The most bytes skipped to find the end of a line. A file with a longer line is not a file of lines.
const MOST_SKIPPED: u64 = 64 * 1024 * 1024;
/// Reading stops after this many lines without any record. Fewer may be the preamble of a log.
const MOST_FOREIGN: usize = 10_000;
/// The number of bytes from which the form of a file is recognized.
const HEAD: usize = 64;

/// A row that is not a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Its line, counted from 1.
    pub line: usize,
    /// The problem, as a sentence for the user.
    pub why: String,
}

/// Passes each row of an export to `take`. A row that cannot be read is passed as [`Malformed`], and reading goes on as
/// far as the form allows.
///
/// # Errors
/// When the reader fails.
pub fn read(mut reader: impl BufRead, take: &mut dyn FnMut(Result<Row, Malformed>)) -> io::Result<()> {
    let mut head = Vec::new();
    reader.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    let head_start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head).to_vec();
    let is_document = is_document(&head_start);
    let whole = io::Cursor::new(head_start).chain(reader);
    if is_document { read_document(whole, take) } else { read_lines(whole, take) }
}

/// Whether a text begins like an array or like the document of `FORMAT JSON`.
fn is_document(head: &[u8]) -> bool {
    let mut compact = head.iter().copied().filter(|byte| !byte.is_ascii_whitespace());
    match compact.next() {
        Some(b'[') => true,
        Some(b'{') => {
            let rest: Vec<u8> = compact.collect();
            [b"\"meta\":".as_slice(), b"\"data\":", b"\"rows\":"].iter().any(|key| rest.starts_with(key))
        }
        _ => false,
    }
}

fn read_lines(mut reader: impl BufRead, take: &mut dyn FnMut(Result<Row, Malformed>)) -> io::Result<()> {
    let mut line = Vec::new();
    let (mut number, mut foreign) = (0, Some(0));
    loop {
        line.clear();
        if reader.by_ref().take(MOST_ROW as u64).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        number += 1;
        let malformed = |why: String| Err(Malformed { line: number, why });
        if line.len() == MOST_ROW && !line.ends_with(b"\n") {
            let ends = skip_line(&mut reader)?;
            let rest = if ends { "" } else { " and does not end; the rest is not read" };
            take(malformed(format!("the line is longer than {} KiB{rest}", MOST_ROW / 1024)));
            if ends {
                continue;
            }
            return Ok(());
        }
        let text = line.trim_ascii();
        if text.is_empty() {
            continue;
        }
        let row = serde_json::from_slice::<Value>(text).map_err(RowError::Json).and_then(row);
        foreign = foreign.filter(|_| row.is_err()).map(|lines| lines + 1);
        take(row.or_else(|error| malformed(error.to_string())));
        if foreign == Some(MOST_FOREIGN) {
            take(malformed("no line so far is a record; the rest is not read".to_owned()));
            return Ok(());
        }
    }
}

/// Skips to the next line. Returns whether the end of this one was found.
fn skip_line(reader: &mut impl BufRead) -> io::Result<bool> {
    let mut line = reader.take(MOST_SKIPPED);
    loop {
        let buffer = line.fill_buf()?;
        let (length, ended) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        line.consume(length);
        if ended {
            return Ok(line.limit() > 0);
        }
    }
}

/// Why a value is not a row.
enum RowError {
    NotAnObject,
    Json(serde_json::Error),
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnObject => f.write_str("not a record: a row must be an object"),
            Self::Json(error) => f.write_str(&reason(error)),
        }
    }
}

fn row(value: Value) -> Result<Row, RowError> {
    // serde would also read a row from an array of values, but the order of its fields is not documented.
    if !value.is_object() {
        return Err(RowError::NotAnObject);
    }
    serde_json::from_value(value).map_err(RowError::Json)
}

/// The message of an error without its position, which would be relative to the row.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    match error.classify() {
        serde_json::error::Category::Data => format!("not a record: {text}"),
        _ => format!("not JSON: {text}"),
    }
}

fn read_document(reader: impl BufRead, take: &mut dyn FnMut(Result<Row, Malformed>)) -> io::Result<()> {
    let budget = Budget(Rc::new(Cell::new(MOST_ROW)));
    let lines = Rc::new(Cell::new(1));
    let guarded = Guarded { reader, budget: budget.clone(), lines: Rc::clone(&lines) };
    let mut json = serde_json::Deserializer::from_reader(guarded);
    let document = RowsDocument { budget, lines: Rc::clone(&lines), take };
    let read = document.deserialize(&mut json);
    match read {
        Ok(()) => Ok(()),
        Err(error) if error.io_error_kind().is_some_and(|kind| kind != io::ErrorKind::InvalidData) => {
            Err(error.into())
        }
        Err(error) => {
            let why = match error.is_io() {
                true => format!("a row is longer than {} KiB; the rest is not read", MOST_ROW / 1024),
                false => format!("{}; the rest is not read", reason(&error)),
            };
            take(Err(Malformed { line: lines.get(), why }));
            Ok(())
        }
    }
}

/// The number of bytes that may still be read for one row.
#[derive(Clone)]
struct Budget(Rc<Cell<usize>>);

/// A reader that fails if a row is too long, because the parser would keep all of it in memory.
struct Guarded<R> {
    reader: R,
    budget: Budget,
    lines: Rc<Cell<usize>>,
}

impl<R: BufRead> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // The parser asks for single bytes.
        let length = self.reader.read(buffer)?;
        let left = self.budget.0.get().checked_sub(length);
        let left = left.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a row is too long"))?;
        self.budget.0.set(left);
        let breaks = buffer.iter().take(length).filter(|byte| **byte == b'\n').count();
        self.lines.set(self.lines.get() + breaks);
        Ok(length)
    }
}

/// The document of `FORMAT JSON`, or the array of its rows.
struct RowsDocument<'t> {
    budget: Budget,
    lines: Rc<Cell<usize>>,
    take: &'t mut dyn FnMut(Result<Row, Malformed>),
}

impl<'de> DeserializeSeed<'de> for RowsDocument<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for RowsDocument<'_> {
    type Value = ();

    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("rows, or a document with rows in `data`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { budget, lines, take } = self;
        while let Some(key) = map.next_key::<String>()? {
            if key == "data" {
                map.next_value_seed(RowsDocument { budget: budget.clone(), lines: Rc::clone(&lines), take })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.budget.0.set(MOST_ROW);
        while let Some(value) = seq.next_element::<Value>()? {
            self.budget.0.set(MOST_ROW);
            let line = self.lines.get();
            (self.take)(row(value).map_err(|why| Malformed { line, why: why.to_string() }));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &[u8]) -> (Vec<String>, Vec<(usize, String)>) {
        let (mut hosts, mut malformed) = (Vec::new(), Vec::new());
        read(io::BufReader::with_capacity(7, text), &mut |row| match row {
            Ok(row) => hosts.push(row.host.unwrap_or_default()),
            Err(error) => malformed.push((error.line, error.why)),
        })
        .expect("no reader fails here");
        (hosts, malformed)
    }

    #[test]
    fn every_form_of_export_gives_its_rows() {
        for text in [
            "{\"host\":\"a\"}\n\n  {\"blob5\":\"b\"}\r\n",
            "\u{feff}{\"host\":\"a\"}\n{\"host\":\"b\"}",
            "[{\"host\":\"a\"},{\"host\":\"b\"}]",
            "{\"meta\":[{\"name\":\"blob5\",\"type\":\"String\"}],\n\"data\":\n[{\"blob5\":\"a\"},\n{\"host\":\"b\"}],\n\"rows\":2}",
            " {\n  \"data\" : [{\"host\":\"a\"}, {\"host\":\"b\"}]}",
        ] {
            assert_eq!(rows(text.as_bytes()), (vec!["a".to_owned(), "b".to_owned()], vec![]), "{text}");
        }
    }

    #[test]
    fn a_line_that_is_not_a_record_is_named_and_the_rest_is_read() {
        let long = format!("{{\"host\":\"{}\"}}\n{{\"host\":\"a\"}}", "x".repeat(MOST_ROW));
        for (text, hosts, line, why) in [
            ("{\"host\":\"a\"}\nnonsense\n{\"host\":\"b\"}", 2, 2, "not JSON: expected ident"),
            ("{\"host\":\"a\"}\n[]\n\"x\"", 1, 2, "not a record: a row must be an object"),
            ("{\"host\":1}", 0, 1, "not a record: invalid type"),
            ("\u{0}\u{1}\n{\"host\":\"a\"}", 1, 1, "not JSON"),
            (&long, 1, 1, "the line is longer than 256 KiB"),
            ("[{\"host\":\"a\"},\n1,\n{\"host\":\"b\"}]", 2, 2, "not a record: a row must be an object"),
            (
                "[{\"host\":\"a\"},\n{\"host\":",
                1,
                2,
                "not JSON: EOF while parsing a value; the rest is not read",
            ),
            ("{\"meta\":[],\n\"data\":3}", 0, 2, "not a record: invalid type"),
        ] {
            let (found, malformed) = rows(text.as_bytes());
            assert_eq!(found.len(), hosts, "{}", text.get(..40.min(text.len())).unwrap_or_default());
            let (at, said) = malformed.first().expect(why);
            assert!(*at == line && said.starts_with(why), "{at}: {said}");
        }
    }

    #[test]
    fn endless_input_is_not_read_for_ever() {
        let said = |reader: &mut dyn Read| {
            let mut said = Vec::new();
            read(io::BufReader::new(reader), &mut |row| said.extend(row.err())).expect("no failure");
            said.pop().expect("something is wrong").why
        };
        assert_eq!(
            said(&mut io::repeat(0)),
            "the line is longer than 256 KiB and does not end; the rest is not read"
        );
        assert_eq!(
            said(&mut io::repeat(b'\n').chain(io::empty()).take(99).chain("x".as_bytes())),
            "not JSON: expected value"
        );
        let noise: String = "no\n".repeat(MOST_FOREIGN + 1);
        assert_eq!(said(&mut noise.as_bytes()), "no line so far is a record; the rest is not read");
        // If a record is among the first lines, the foreign ones are skipped.
        let (hosts, malformed) =
            rows(format!("no\n{{\"host\":\"a\"}}\n{noise}{{\"host\":\"b\"}}").as_bytes());
        assert_eq!((hosts.len(), malformed.len()), (2, MOST_FOREIGN + 2));
    }

    #[test]
    fn a_row_without_end_takes_no_memory() {
        struct Endless(usize);
        impl Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                buffer.fill(b'x');
                self.0 += buffer.len();
                assert!(self.0 < 16 * MOST_ROW, "it is read on");
                Ok(buffer.len())
            }
        }
        let text = b"[{\"host\":\"a\"},{\"host\":\"".as_slice().chain(Endless(0));
        let mut said = Vec::new();
        read(io::BufReader::new(text), &mut |row| said.extend(row.err())).expect("no failure");
        assert_eq!(said.len(), 1);
        assert_eq!(said[0].why, "a row is longer than 256 KiB; the rest is not read");
    }
}
