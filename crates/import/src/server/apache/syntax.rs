//! Lines and sections, as Apache reads them (`ap_getword_conf` in its `server/util.c`).

use corsgate_authoring::Source;

use crate::place::Places;
use crate::server::directive::{Building, Directive, MOST_DEPTH, Tree, Word};
use crate::server::hole;

/// Reads a file.
pub(super) fn parse(source: &Source) -> Tree {
    let places = Places::new(source, 0);
    let mut tree = Tree::default();
    let mut building = Building::new();
    let mut at = 0;
    while let Some((line, begin, next)) = logical_line(source.text(), at) {
        at = next;
        let place = places.at(begin);
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with("{%") || line.starts_with("<%") || line.starts_with("<?") {
            let message = "a template decides here: what it leaves out or repeats is not known";
            tree.holes.push(hole(message.to_owned(), None, &place));
            continue;
        }
        if let Some(name) = line.strip_prefix("</") {
            let name = name.trim_end_matches('>').trim();
            if !building.open_name().is_some_and(|open| open.eq_ignore_ascii_case(name)) || !building.close()
            {
                tree.holes.push(hole(
                    format!("`</{}>` closes nothing", crate::shown::name(name)),
                    None,
                    &place,
                ));
            }
            continue;
        }
        let (text, is_section) = match line.strip_prefix('<') {
            Some(section) => (section.strip_suffix('>').unwrap_or(section), true),
            None => (line, false),
        };
        let mut words = words(text);
        if words.is_empty() {
            continue;
        }
        let name = words.remove(0).0;
        let words = words.into_iter().map(|(text, is_quoted)| Word {
            is_template: text.contains("{{") || text.contains("<%") || text.contains("${"),
            text,
            is_quoted,
            place: place.clone(),
        });
        let directive = Directive { name, words: words.collect(), block: None, place: place.clone() };
        if !is_section {
            building.push(directive);
        } else if building.depth() == MOST_DEPTH {
            let message = format!("sections are nested more than {MOST_DEPTH} deep: the rest is not read");
            tree.holes.push(hole(message, None, &place));
            break;
        } else {
            building.open(directive);
        }
    }
    if let Some(name) = building.open_name() {
        let message = format!("the file ends within `<{}>`", crate::shown::name(name));
        tree.holes.push(hole(message, None, &places.at(source.text().len())));
    }
    tree.directives = building.done();
    tree
}

/// A line with those that a backslash joins to it, where it begins, and where the next one does.
fn logical_line(text: &str, at: usize) -> Option<(String, usize, usize)> {
    let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
    let mut line = String::new();
    let mut taken = 0;
    for part in rest.split_inclusive('\n') {
        taken += part.len();
        let part = part.trim_end_matches(['\n', '\r']);
        match part.strip_suffix('\\') {
            Some(part) => line.push_str(part),
            None => {
                line.push_str(part);
                break;
            }
        }
    }
    let indent = rest.len() - rest.trim_start_matches([' ', '\t', '\u{feff}']).len();
    let line = line.trim_start_matches('\u{feff}').to_owned();
    Some((line, at + indent.min(taken), at + taken))
}

/// The words of a line, and whether each is in quotation marks.
fn words(line: &str) -> Vec<(String, bool)> {
    let mut words = Vec::new();
    let mut letters = line.chars().peekable();
    loop {
        while letters.next_if(|it| it.is_ascii_whitespace()).is_some() {}
        let Some(first) = letters.peek().copied() else { break };
        let quote = Some(first).filter(|it| matches!(it, '"' | '\''));
        if quote.is_some() {
            letters.next();
        }
        let mut word = String::new();
        while let Some(letter) = letters.next_if(|it| quote.is_some() || !it.is_ascii_whitespace()) {
            match (letter, letters.peek().copied()) {
                ('\\', Some(next)) if next == '\\' || Some(next) == quote => {
                    word.push(next);
                    letters.next();
                }
                (end, _) if Some(end) == quote => break,
                _ => word.push(letter),
            }
        }
        words.push((word, quote.is_some()));
    }
    words
}
