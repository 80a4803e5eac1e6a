//! Words and blocks, as nginx reads them (`ngx_conf_read_token` in its `ngx_conf_file.c`).

use core::ops::Range;

use corsgate_authoring::Source;

use crate::place::Places;
use crate::server::directive::{Building, Directive, MOST_DEPTH, Tree, Word};
use crate::server::hole;

/// What ends a word or stands for itself.
enum Token {
    Word(Word),
    /// `;`
    End,
    /// `{`
    Open,
    /// `}`
    Close,
    /// `{% if … %}` and the like of another program.
    Statement,
}

struct Reader<'r> {
    text: &'r str,
    at: usize,
    places: Places<'r>,
}

/// Reads a file, which is all of a source or a part of it.
pub(super) fn parse(source: &Source, range: Range<usize>) -> Tree {
    let text = source.text().get(..range.end).unwrap_or_default();
    let mut reader = Reader { text, at: range.start, places: Places::new(source, 0) };
    let mut tree = Tree::default();
    let mut building = Building::new();
    let mut words: Vec<Word> = Vec::new();
    loop {
        let before = reader.at;
        let Some(token) = reader.next() else { break };
        match token {
            Token::Word(word) => words.push(word),
            Token::End => {
                if let Some(directive) = directive(&mut words) {
                    building.push(directive);
                }
            }
            Token::Open => {
                if building.depth() == MOST_DEPTH {
                    let place = reader.places.at(before);
                    tree.holes.push(hole(
                        format!("blocks are nested more than {MOST_DEPTH} deep: the rest is not read"),
                        None,
                        &place,
                    ));
                    break;
                }
                let mut opened = directive(&mut words).unwrap_or_else(|| Directive {
                    name: String::new(),
                    words: Vec::new(),
                    block: None,
                    place: reader.places.at(before),
                });
                if opened.name.ends_with("_by_lua_block") {
                    let place = reader.places.at(reader.at);
                    let text = reader.skip_block().to_owned();
                    opened.words.push(Word { text, is_quoted: true, is_template: false, place });
                    opened.block = Some(Vec::new());
                    building.push(opened);
                } else {
                    building.open(opened);
                }
            }
            Token::Close => {
                // A directive without its `;`.
                if let Some(directive) = directive(&mut words) {
                    tree.holes.push(hole("a `;` is missing".to_owned(), None, &directive.place));
                    building.push(directive);
                }
                if !building.close() {
                    let place = reader.places.at(before);
                    tree.holes.push(hole("a `}` closes nothing".to_owned(), None, &place));
                }
            }
            Token::Statement => {
                let message = "a template decides here: what it leaves out or repeats is not known";
                tree.holes.push(hole(message.to_owned(), None, &reader.places.at(before)));
            }
        }
    }
    if let Some(directive) = directive(&mut words) {
        tree.holes.push(hole("the file ends within a directive".to_owned(), None, &directive.place));
        building.push(directive);
    } else if building.depth() > 0 {
        let place = reader.places.at(reader.text.len());
        tree.holes.push(hole("the file ends within a block".to_owned(), None, &place));
    }
    tree.directives = building.done();
    tree
}

fn directive(words: &mut Vec<Word>) -> Option<Directive> {
    if words.is_empty() {
        return None;
    }
    let mut words = core::mem::take(words);
    let name = words.remove(0);
    Some(Directive { name: name.text, words, block: None, place: name.place })
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn starts_with(&self, text: &str) -> bool {
        self.text.get(self.at..).is_some_and(|rest| rest.starts_with(text))
    }

    /// Goes behind a text, or to the end.
    fn skip_behind(&mut self, text: &str) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += rest.find(text).map_or(rest.len(), |found| found + text.len());
    }

    fn next(&mut self) -> Option<Token> {
        loop {
            match self.peek()? {
                '#' => self.skip_behind("\n"),
                space if space.is_ascii_whitespace() || space == '\u{feff}' => {
                    self.bump();
                }
                _ => break,
            }
        }
        if self.starts_with("{%") {
            self.skip_behind("%}");
            return Some(Token::Statement);
        }
        if !self.starts_with("{{") {
            let token = match self.peek()? {
                ';' => Some(Token::End),
                '{' => Some(Token::Open),
                '}' => Some(Token::Close),
                _ => None,
            };
            if token.is_some() {
                self.bump();
                return token;
            }
        }
        Some(Token::Word(self.word()))
    }

    fn word(&mut self) -> Word {
        let place = self.places.at(self.at);
        let quote = self.peek().filter(|it| matches!(it, '"' | '\''));
        if quote.is_some() {
            self.bump();
        }
        let mut word = Word { text: String::new(), is_quoted: quote.is_some(), is_template: false, place };
        'letters: while let Some(character) = self.peek() {
            for (open, close) in [("{{", "}}"), ("<%", "%>")] {
                if self.starts_with(open) {
                    word.is_template = true;
                    self.skip_behind(close);
                    word.text.push('…');
                    continue 'letters;
                }
            }
            match (character, quote) {
                ('\\', _) => {
                    self.bump();
                    match self.bump() {
                        Some(escaped @ ('"' | '\'' | '\\')) => word.text.push(escaped),
                        Some('t') => word.text.push('\t'),
                        Some('r') => word.text.push('\r'),
                        Some('n') => word.text.push('\n'),
                        Some(other) => word.text.extend(['\\', other]),
                        None => word.text.push('\\'),
                    }
                    continue;
                }
                (_, Some(quote)) if character == quote => {
                    self.bump();
                    break;
                }
                ('$', _) if self.starts_with("${") => {
                    self.bump();
                    word.text.push('$');
                    self.bump();
                    word.text.push('{');
                    continue;
                }
                (';' | '{', None) => break,
                (space, None) if space.is_ascii_whitespace() => break,
                _ => {}
            }
            self.bump();
            word.text.push(character);
        }
        word
    }

    /// Goes behind the brace that closes a block of another language. Its strings and comments are not read. Returns its
    /// text, with that brace.
    fn skip_block(&mut self) -> &str {
        let begin = self.at;
        let mut depth = 1_usize;
        while let Some(character) = self.bump() {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        self.text.get(begin..self.at).unwrap_or_default()
    }
}
