//! Spring: annotations, registries and beans in Java, and the properties of Spring Boot and Spring Cloud Gateway.
//!
//! `configuration` is what all of them fill in; `origin` and `path` know Spring's patterns. `annotations` reads
//! `@CrossOrigin`, `objects` what setters make of a `CorsConfiguration`, `uses` the paths that it is registered for, and
//! `security` what Spring Security does before.

mod annotations;
mod boot;
mod by_hand;
mod configuration;
mod filters;
mod keys;
mod objects;
mod origin;
mod path;
mod predicates;
mod properties;
mod security;
mod uses;

use corsgate_authoring::Source;
use tree_sitter::Node;

use crate::java::{Program, parse};
use crate::kind::Kind;
use crate::model::{Reading, Remark};
use crate::place::{Place, Said};
use crate::report::{About, Class};

/// Words of Spring that no other program has.
const WORDS: [&str; 6] = [
    "org.springframework",
    "@CrossOrigin",
    "CorsRegistry",
    "CorsConfigurationSource",
    "new CorsConfiguration(",
    ".addMapping(",
];

/// Whether a text is of Spring, by its content or the ending of its name.
pub(crate) fn is_spring(source: &Source) -> bool {
    let name = source.name().to_ascii_lowercase();
    let is_data =
        [".properties", ".yml", ".yaml"].iter().any(|ending| name.ends_with(ending)) || !name.contains('.');
    [".java", ".kt", ".kts", ".properties"].iter().any(|ending| name.ends_with(ending))
        || is_data && is_boot(source.text())
        || WORDS.iter().any(|word| source.text().contains(word))
}

/// Reads a file of a Spring program.
pub(crate) fn read(source: &Source, _: Option<Kind>) -> Reading {
    if let Some(properties) = properties_of(source) {
        let mut reading = Reading { holes: properties.1, ..Reading::default() };
        boot::read(&properties.0, &mut reading);
        return reading;
    }
    match is_kotlin(source) {
        true => refused(source, "Kotlin is not read: write the configuration in Java, or its routes by hand"),
        false => read_java(source),
    }
}

/// The properties of Spring Boot in YAML or in a file of properties; `None` for a program.
fn properties_of(source: &Source) -> Option<(Vec<keys::Property>, Vec<Said<Remark>>)> {
    let name = source.name().to_ascii_lowercase();
    let is_program = [".java", ".kt", ".kts"].iter().any(|ending| name.ends_with(ending));
    if is_program || WORDS.iter().any(|word| source.text().contains(word)) && !is_boot(source.text()) {
        return None;
    }
    // A name with dots before a `=`, or nothing but names with dots, is no YAML.
    let is_flat = |line: &str| {
        let name = line.split(['=', ':']).next().unwrap_or_default();
        !line.trim_start().starts_with(['#', '!', '-']) && name.contains('.') && line.contains('=')
    };
    if name.ends_with(".properties") || !name.ends_with("ml") && source.text().lines().any(is_flat) {
        return Some((properties::read(source), Vec::new()));
    }
    let parsed = crate::yaml::parse(source);
    let mut all = Vec::new();
    for (document, node) in parsed.documents.iter().enumerate() {
        keys::of_yaml(node, &[], document, &mut all);
    }
    Some((all, parsed.holes))
}

/// Whether a text has properties of Spring Boot about CORS.
fn is_boot(text: &str) -> bool {
    let text: String =
        text.chars().filter(|it| !matches!(it, '-' | '_')).collect::<String>().to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().all(|word| text.contains(word));
    has(&["spring", "gateway", "cors"])
        || has(&["management", "endpoints", "cors"])
        || has(&["spring", "graphql", "cors"])
}

/// Whether a text is Kotlin: a function or a property stands where Java has none.
fn is_kotlin(source: &Source) -> bool {
    let name = source.name().to_ascii_lowercase();
    let is_line = |line: &str| {
        let line = ["override ", "private ", "open ", "internal ", "public "]
            .iter()
            .fold(line.trim_start(), |line, word| line.strip_prefix(word).unwrap_or(line));
        line.starts_with("fun ") || line.starts_with("val ")
    };
    name.ends_with(".kt")
        || name.ends_with(".kts")
        || !name.ends_with(".java") && source.text().lines().any(is_line)
}

fn refused(source: &Source, message: &str) -> Reading {
    let text = source.text();
    // In a folder, files without CORS are none of our business.
    if !text.contains("Cors") && !text.contains("CrossOrigin") {
        return Reading::default();
    }
    Reading { rules: Vec::new(), holes: vec![hole(About::File, message, "", &Place::whole(source.name()))] }
}

fn read_java(source: &Source) -> Reading {
    let mut reading = Reading::default();
    let Some(tree) = parse(source.text()) else {
        let place = Place::whole(source.name());
        reading.holes.push(hole(About::File, "the file takes too long to parse", "", &place));
        return reading;
    };
    let program = Program::new(source, &tree);
    if let Some(place) = &program.first_error {
        let message = "from here on, something is not Java: what it belongs to is not read";
        reading.holes.push(hole(About::File, message, "", place));
    }
    annotations::read(&program, &mut reading);
    uses::read(&program, &mut reading);
    security::read(&program, &mut reading);
    by_hand::read(&program, &mut reading);
    reading
}

fn hole(about: About, message: &str, advice: &str, place: &Place) -> Said<Remark> {
    Said::new(configuration::remark(Class::Unreadable, about, message, advice), place)
}

/// Whether something is only done if something holds: `if`, `?:`, `switch`, a loop, or after `if (…) return;`.
fn is_conditional(node: Node<'_>) -> bool {
    let mut node = node;
    while let Some(parent) = node.parent() {
        match parent.kind() {
            "method_declaration" | "constructor_declaration" | "lambda_expression" | "class_body" => {
                return false;
            }
            "if_statement" | "ternary_expression" | "while_statement" | "do_statement"
                if parent.child_by_field_name("condition") != Some(node) =>
            {
                return true;
            }
            "for_statement"
            | "enhanced_for_statement"
            | "catch_clause"
            | "switch_block_statement_group"
            | "switch_rule"
            | "finally_clause" => return true,
            "block" => {
                let mut before = crate::syntax::children(parent);
                before.retain(|it| it.start_byte() < node.start_byte());
                if before.iter().any(|it| leaves(*it)) {
                    return true;
                }
            }
            _ => {}
        }
        node = parent;
    }
    false
}

/// What a configuration comes from if [`is_broken`].
const BROKEN: &str = "a text that is not Java";

/// Whether something that is not Java is around a node, or in the nearest node of these kinds that has it.
fn is_broken(node: Node<'_>, within: &[&str]) -> bool {
    let mut node = Some(node);
    while let Some(inner) = node {
        if inner.is_error() {
            return true;
        }
        if within.contains(&inner.kind()) {
            return inner.has_error();
        }
        node = inner.parent();
    }
    false
}

/// `if (…) return;`
fn leaves(statement: Node<'_>) -> bool {
    let then = statement.child_by_field_name("consequence").filter(|_| statement.kind() == "if_statement");
    let last = then.map(|then| match then.kind() {
        "block" => crate::syntax::children(then).last().copied().unwrap_or(then),
        _ => then,
    });
    last.is_some_and(|it| matches!(it.kind(), "return_statement" | "throw_statement" | "continue_statement"))
}
