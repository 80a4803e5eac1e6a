//! Tokens and blocks, as Caddy reads a Caddyfile (`lexer.go` and `parse.go` in its `caddyconfig/caddyfile`), with its
//! snippets put where they are imported.

use std::collections::HashMap;

use corsgate_authoring::Source;

use crate::place::{Place, Places};
use crate::server::directive::{Building, Directive, MOST_DEPTH, Tree, Word};
use crate::server::hole;

/// Snippets may import each other, and grow without an end.
const MOST_IMPORTED: usize = 10_000;

/// Reads a file.
pub(super) fn parse(source: &Source) -> Tree {
    let mut tree = Tree::default();
    let mut reader = Reader { text: source.text(), at: 0, places: Places::new(source, 0) };
    let mut building = Building::new();
    while let Some(mut words) = reader.line() {
        let is_brace = |word: &Word, brace: &str| !word.is_quoted && word.text == brace;
        // `}` closes a block; what is behind it is not for Caddy.
        while words.first().is_some_and(|first| is_brace(first, "}")) {
            let closing = words.remove(0);
            if !building.close() {
                tree.holes.push(hole("a `}` closes nothing".to_owned(), None, &closing.place));
            }
        }
        let opens = words.last().is_some_and(|last| is_brace(last, "{"));
        if opens {
            words.pop();
        }
        let place = words.first().map(|first| first.place.clone());
        let place = place.unwrap_or_else(|| reader.places.at(reader.at));
        if words.is_empty() && !opens {
            continue;
        }
        let name = if words.is_empty() { String::new() } else { words.remove(0).text };
        let directive = Directive { name, words, block: None, place };
        if !opens {
            building.push(directive);
        } else if building.depth() == MOST_DEPTH {
            let message = format!("blocks are nested more than {MOST_DEPTH} deep: the rest is not read");
            tree.holes.push(hole(message, None, &directive.place));
            break;
        } else {
            building.open(directive);
        }
    }
    if building.depth() > 0 {
        let place = reader.places.at(source.text().len());
        tree.holes.push(hole("the file ends within a block".to_owned(), None, &place));
    }
    let directives = building.done();
    let snippets: HashMap<_, _> =
        directives.iter().filter_map(|it| Some((snippet(it)?, it.block()))).collect();
    let mut imports = Imports { snippets, left: MOST_IMPORTED, holes: &mut tree.holes };
    tree.directives = imports.of(&directives, 0);
    tree
}

/// The name of a snippet, if a block is one.
pub(super) fn snippet(directive: &Directive) -> Option<&str> {
    directive.name.strip_prefix('(')?.strip_suffix(')')
}

struct Imports<'i> {
    snippets: HashMap<&'i str, &'i [Directive]>,
    left: usize,
    holes: &'i mut Vec<crate::place::Said<crate::model::Remark>>,
}

impl Imports<'_> {
    /// Directives with what they import.
    fn of(&mut self, directives: &[Directive], depth: usize) -> Vec<Directive> {
        let mut all = Vec::new();
        for directive in directives {
            if directive.name != "import" {
                let block = directive.block.as_ref().map(|block| self.of(block, depth));
                let (name, words, place) =
                    (directive.name.clone(), directive.words.clone(), directive.place.clone());
                all.push(Directive { name, words, block, place });
                continue;
            }
            let Some(body) = self.snippets.get(directive.word(0)).copied() else {
                let shown = crate::shown::path(directive.word(0));
                let advice = "Put what it has in its place, and import the whole.";
                self.holes.push(hole(
                    format!("`import {shown}` is not followed"),
                    Some(advice),
                    &directive.place,
                ));
                continue;
            };
            let given = directive.words.get(1..).unwrap_or_default();
            if depth == MOST_DEPTH || self.left < body.len() {
                self.holes.push(hole(
                    "snippets import each other without an end".to_owned(),
                    None,
                    &directive.place,
                ));
                return all;
            }
            self.left -= body.len();
            let filled = filled(body, given, &directive.place);
            all.extend(self.of(&filled, depth + 1));
        }
        all
    }
}

/// A snippet with the arguments of an import. Its lines are those of the import, which says what is allowed.
fn filled(body: &[Directive], given: &[Word], place: &Place) -> Vec<Directive> {
    let fill = |text: &str| {
        let mut text = text.to_owned();
        if !text.contains("{args") {
            return (text, false);
        }
        for (at, word) in given.iter().enumerate() {
            text = text
                .replace(&format!("{{args[{at}]}}"), &word.text)
                .replace(&format!("{{args.{at}}}"), &word.text);
        }
        (text, true)
    };
    let each = |directive: &Directive| {
        let mut words = Vec::new();
        for word in &directive.words {
            if word.text == "{args[:]}" {
                words.extend(given.iter().cloned());
                continue;
            }
            let (text, is_given) = fill(&word.text);
            let place = if is_given { place.clone() } else { word.place.clone() };
            words.push(Word { text, place, ..word.clone() });
        }
        Directive {
            name: fill(&directive.name).0,
            words,
            block: directive.block.as_ref().map(|block| filled(block, given, place)),
            place: directive.place.clone(),
        }
    };
    body.iter().map(each).collect()
}

struct Reader<'r> {
    text: &'r str,
    at: usize,
    places: Places<'r>,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn bump(&mut self) -> Option<char> {
        let next = self.rest().chars().next()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// The words of the next line; `None` at the end.
    fn line(&mut self) -> Option<Vec<Word>> {
        let mut words = Vec::new();
        while let Some(next) = self.rest().chars().next() {
            match next {
                '\n' => {
                    self.bump();
                    return Some(words);
                }
                '#' => {
                    let rest = self.rest();
                    self.at += rest.find('\n').unwrap_or(rest.len());
                }
                '\\' if self.rest().starts_with("\\\n") || self.rest().starts_with("\\\r\n") => {
                    self.at += if self.rest().starts_with("\\\n") { 2 } else { 3 };
                }
                space if space.is_whitespace() || space == '\u{feff}' => {
                    self.bump();
                }
                _ => words.push(self.word(next)),
            }
        }
        (!words.is_empty()).then_some(words)
    }

    fn word(&mut self, first: char) -> Word {
        let place = self.places.at(self.at);
        let quote = Some(first).filter(|it| matches!(it, '"' | '`'));
        let mut text = String::new();
        if let Some(quote) = quote {
            self.bump();
            while let Some(next) = self.bump() {
                match next {
                    '\\' if quote == '"' && self.rest().starts_with('"') => {
                        text.push('"');
                        self.bump();
                    }
                    end if end == quote => break,
                    _ => text.push(next),
                }
            }
        } else if self.rest().starts_with("<<")
            && self.rest().get(2..3).is_some_and(|it| it.bytes().all(|it| it.is_ascii_alphabetic()))
        {
            return self.heredoc(place);
        } else {
            while let Some(next) = self.rest().chars().next().filter(|it| !it.is_whitespace()) {
                self.bump();
                text.push(next);
            }
        }
        let is_template = text.contains("{{") || text.contains("{%") || text.contains("<%");
        Word { text, is_quoted: quote.is_some(), is_template, place }
    }

    /// `<<EOF`, up to a line that has only `EOF`.
    fn heredoc(&mut self, place: Place) -> Word {
        let rest = self.rest();
        let (marker, _) = rest.split_once('\n').unwrap_or((rest, ""));
        let name = marker.trim_start_matches('<').trim().to_owned();
        self.at += marker.len();
        let mut text = String::new();
        while let Some(line) =
            self.rest().strip_prefix('\n').map(|rest| rest.split('\n').next().unwrap_or_default().to_owned())
        {
            self.at += 1 + line.len();
            if line.trim() == name {
                break;
            }
            text.push_str(&line);
            text.push('\n');
        }
        Word { text, is_quoted: true, is_template: false, place }
    }
}
