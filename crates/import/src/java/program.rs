//! A program as a tree.

use std::collections::HashMap;

use corsgate_authoring::Source;
use tree_sitter::{Node, Tree};

use crate::place::{Place, Places};
use crate::syntax::{self, advance, arguments, children};

/// Parses a file; `None` if it takes too long.
pub(crate) fn parse(text: &str) -> Option<Tree> {
    syntax::parse(&tree_sitter_java::LANGUAGE.into(), text)
}

/// A file with its tree, and where its names come from.
pub(crate) struct Program<'t> {
    pub(crate) text: &'t str,
    places: Places<'t>,
    /// The declarations of each name.
    pub(super) declarations: HashMap<&'t str, Vec<Declaration<'t>>>,
    /// Where each name gets another value, or its value is changed.
    pub(super) changes: HashMap<&'t str, Vec<usize>>,
    /// Calls whose object is a name.
    pub(crate) calls_on: HashMap<&'t str, Vec<Node<'t>>>,
    /// Calls, by the name of the method.
    pub(crate) calls: HashMap<&'t str, Vec<Node<'t>>>,
    /// Creations of objects.
    pub(crate) creations: Vec<Node<'t>>,
    /// `return` statements.
    pub(crate) returns: Vec<Node<'t>>,
    pub(crate) lambdas: Vec<Node<'t>>,
    /// Classes, interfaces and records.
    pub(crate) types: Vec<Node<'t>>,
    /// Methods by their names.
    pub(crate) methods: HashMap<&'t str, Vec<Node<'t>>>,
    pub(crate) annotations: Vec<Node<'t>>,
    /// The place of the first text that is not Java.
    pub(crate) first_error: Option<Place>,
}

/// A name that is given a meaning, and where it has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declaration<'t> {
    /// The value; `None` for a parameter or a variable without one.
    pub(super) value: Option<Node<'t>>,
    /// What gives the value instead, as a noun.
    pub(super) otherwise: &'static str,
    pub(super) scope: (usize, usize),
}

/// Methods that change a list or a map.
const CHANGING: [&str; 12] = [
    "add",
    "addAll",
    "addFirst",
    "addLast",
    "remove",
    "removeAll",
    "removeIf",
    "retainAll",
    "replaceAll",
    "clear",
    "set",
    "sort",
];

impl<'t> Program<'t> {
    pub(crate) fn new(source: &'t Source, tree: &'t Tree) -> Self {
        let mut program = Self {
            text: source.text(),
            places: Places::new(source, 0),
            declarations: HashMap::new(),
            changes: HashMap::new(),
            calls_on: HashMap::new(),
            calls: HashMap::new(),
            creations: Vec::new(),
            returns: Vec::new(),
            lambdas: Vec::new(),
            types: Vec::new(),
            methods: HashMap::new(),
            annotations: Vec::new(),
            first_error: None,
        };
        let mut cursor = tree.root_node().walk();
        // The nodes that names are declared in, the innermost last.
        let mut scopes: Vec<(usize, usize)> = vec![(0, source.text().len())];
        let mut next = Some(tree.root_node());
        while let Some(node) = next {
            while scopes.len() > 1 && scopes.last().is_some_and(|(_, end)| node.start_byte() >= *end) {
                scopes.pop();
            }
            program.take(node, scopes.last().copied().unwrap_or_default());
            if is_scope(node.kind()) {
                scopes.push((node.start_byte(), node.end_byte()));
            }
            next = advance(&mut cursor);
        }
        program
    }

    fn take(&mut self, node: Node<'t>, scope: (usize, usize)) {
        if self.first_error.is_none() && (node.is_error() || node.is_missing()) {
            self.first_error = Some(self.place(node));
        }
        match node.kind() {
            "variable_declarator" => {
                let value = node.child_by_field_name("value");
                self.declare(node.child_by_field_name("name"), value, "a variable", scope);
            }
            // The parameters of a lambda without types are identifiers.
            "inferred_parameters" => {
                for name in children(node) {
                    self.declare(Some(name), None, "a parameter", scope);
                }
            }
            "lambda_expression" => {
                self.lambdas.push(node);
                if let Some(name) =
                    node.child_by_field_name("parameters").filter(|it| it.kind() == "identifier")
                {
                    self.declare(Some(name), None, "a parameter", (node.start_byte(), node.end_byte()));
                }
            }
            "formal_parameter" | "catch_formal_parameter" | "resource" => {
                self.declare(node.child_by_field_name("name"), None, "a parameter", scope);
            }
            "enhanced_for_statement" => {
                let range = (node.start_byte(), node.end_byte());
                self.declare(node.child_by_field_name("name"), None, "a loop", range);
            }
            "method_invocation" => self.take_call(node),
            "object_creation_expression" => self.creations.push(node),
            "return_statement" => self.returns.push(node),
            "class_declaration" | "interface_declaration" | "record_declaration" => self.types.push(node),
            "method_declaration" => {
                if let Some(name) = node.child_by_field_name("name") {
                    self.methods.entry(self.text(name)).or_default().push(node);
                }
            }
            "annotation" | "marker_annotation" => self.annotations.push(node),
            "assignment_expression" | "update_expression" => {
                let left = node.child_by_field_name("left").or_else(|| node.named_child(0));
                self.changed(left);
            }
            _ => {}
        }
    }

    fn take_call(&mut self, call: Node<'t>) {
        let Some(name) = call.child_by_field_name("name").map(|it| self.text(it)) else { return };
        self.calls.entry(name).or_default().push(call);
        let object = call.child_by_field_name("object");
        if CHANGING.contains(&name) {
            self.changed(object);
        }
        // `Collections.addAll(list, …)`
        if object.is_some_and(|it| self.text(it) == "Collections") && matches!(name, "addAll" | "sort") {
            self.changed(arguments(call).first().copied());
        }
        if let Some(object) = object.filter(|it| it.kind() == "identifier") {
            self.calls_on.entry(self.text(object)).or_default().push(call);
        }
    }

    fn changed(&mut self, node: Option<Node<'t>>) {
        let mut node = node;
        while let Some(inner) = node {
            node = match inner.kind() {
                "identifier" => {
                    self.changes.entry(self.text(inner)).or_default().push(inner.start_byte());
                    None
                }
                "array_access" => inner.child_by_field_name("array"),
                "field_access" => inner.child_by_field_name("field"),
                _ => None,
            };
        }
    }

    fn declare(
        &mut self,
        name: Option<Node<'t>>,
        value: Option<Node<'t>>,
        otherwise: &'static str,
        scope: (usize, usize),
    ) {
        if let Some(name) = name {
            let declaration = Declaration { value, otherwise, scope };
            self.declarations.entry(self.text(name)).or_default().push(declaration);
        }
    }

    pub(crate) fn text(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    pub(crate) fn place(&self, node: Node<'_>) -> Place {
        self.places.at(node.start_byte())
    }

    /// The name of the file.
    pub(crate) fn file(&self) -> String {
        self.places.at(0).file.to_string()
    }

    /// The calls of a method.
    pub(crate) fn calls_of(&self, name: &str) -> &[Node<'t>] {
        self.calls.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// The name of a method that is called.
    pub(crate) fn method(&self, call: Node<'t>) -> &'t str {
        call.child_by_field_name("name").map(|name| self.text(name)).unwrap_or_default()
    }

    /// The last part of the name of a type, without its type arguments.
    pub(crate) fn simple_name(&self, node: Node<'t>) -> &'t str {
        let name = self.text(node).split(['<', '(']).next().unwrap_or_default().trim();
        name.rsplit('.').next().unwrap_or_default()
    }
}

fn is_scope(kind: &str) -> bool {
    matches!(
        kind,
        "block"
            | "constructor_body"
            | "class_body"
            | "interface_body"
            | "enum_body"
            | "method_declaration"
            | "constructor_declaration"
            | "record_declaration"
            | "lambda_expression"
            | "for_statement"
            | "catch_clause"
            | "try_with_resources_statement"
            | "switch_block_statement_group"
    )
}

/// The annotation of a declaration that has one of these names.
pub(crate) fn annotation<'t>(
    program: &Program<'t>,
    declaration: Node<'t>,
    names: &[&str],
) -> Option<Node<'t>> {
    let modifiers = children(declaration).into_iter().find(|it| it.kind() == "modifiers")?;
    let is_named = |it: &Node<'t>| {
        let name = it.child_by_field_name("name").map(|name| program.simple_name(name)).unwrap_or_default();
        matches!(it.kind(), "annotation" | "marker_annotation") && names.contains(&name)
    };
    children(modifiers).into_iter().find(is_named)
}
