//! A file of Python as a tree, and what its names stand for.

use std::collections::{HashMap, HashSet};

use corsgate_authoring::Source;
use tree_sitter::{Node, Tree};

use crate::place::{Place, Places};
use crate::python::doubt::{is_too_deep, may_bind};
use crate::syntax::{self, children, walk};

/// Parses a file; `Err` says why it is not read.
pub(super) fn parse(text: &str) -> Result<Tree, &'static str> {
    if is_too_deep(text) {
        return Err("blocks are nested more deeply than Python allows: nothing of the file is read");
    }
    syntax::parse(&tree_sitter_python::LANGUAGE.into(), text).ok_or("the file takes too long to parse")
}

pub(super) struct Script<'t> {
    source: &'t str,
    pub(super) root: Node<'t>,
    places: Places<'t>,
    /// The nodes that give each name a meaning. Names in the body of a class are its attributes.
    bindings: HashMap<&'t str, Vec<Node<'t>>>,
    /// Names whose values change after they were bound.
    changed: HashSet<&'t str>,
    /// Where something stands that may bind any name: `from … import *`, `exec(…)`.
    stars: Vec<usize>,
    /// All calls, in the order of the text.
    pub(super) calls: Vec<Node<'t>>,
    /// All assignments, also those that add to a value.
    pub(super) assignments: Vec<Node<'t>>,
    /// All decorated functions and classes.
    pub(super) decorated: Vec<Node<'t>>,
    pub(super) classes: Vec<Node<'t>>,
    /// Pairs of dictionaries.
    pub(super) pairs: Vec<Node<'t>>,
    /// The place of the first text that is not Python.
    pub(super) first_error: Option<Place>,
    /// The place of the first statement that only Python 2 has.
    pub(super) python_2: Option<Place>,
}

/// The longest name that is looked up: an expression may be longer, and is none.
const MAX_NAME: usize = 256;

/// The methods that change a list, a set or a dictionary.
pub(super) const CHANGING: [&str; 16] = [
    "append",
    "extend",
    "insert",
    "remove",
    "pop",
    "popitem",
    "clear",
    "update",
    "add",
    "discard",
    "setdefault",
    "sort",
    "reverse",
    "difference_update",
    "intersection_update",
    "__setitem__",
];

impl<'t> Script<'t> {
    pub(super) fn new(source: &'t Source, tree: &'t Tree) -> Self {
        let mut script = Self {
            source: source.text(),
            root: tree.root_node(),
            places: Places::new(source, 0),
            bindings: HashMap::new(),
            changed: HashSet::new(),
            stars: Vec::new(),
            calls: Vec::new(),
            assignments: Vec::new(),
            decorated: Vec::new(),
            classes: Vec::new(),
            pairs: Vec::new(),
            first_error: None,
            python_2: None,
        };
        for node in walk(script.root) {
            script.take(node);
        }
        script.spread_changes();
        script
    }

    fn take(&mut self, node: Node<'t>) {
        if self.first_error.is_none() && (node.is_error() || node.is_missing()) {
            self.first_error = Some(self.place(node));
        }
        let field = |name| node.child_by_field_name(name);
        match node.kind() {
            "call" => {
                self.calls.push(node);
                self.take_mutation(node);
                let function = field("function").filter(|it| it.kind() == "identifier");
                if function.is_some_and(|it| may_bind(self, node, self.text(it))) {
                    self.stars.push(node.start_byte());
                }
            }
            "assignment" => {
                self.assignments.push(node);
                self.assigned(field("left"), node);
            }
            "augmented_assignment" => {
                self.assignments.push(node);
                self.changed.extend(field("left").and_then(|it| self.leftmost(it)));
            }
            "decorated_definition" => self.decorated.push(node),
            "pair" => self.pairs.push(node),
            "function_definition" | "class_definition" => {
                if node.kind() == "class_definition" {
                    self.classes.push(node);
                }
                self.bind_names(field("name"), node);
            }
            "named_expression" => self.bind_names(field("name"), node),
            "for_statement" | "for_in_clause" => self.bind_names(field("left"), node),
            "as_pattern_target" => self.bind_names(Some(node), node),
            "parameters" | "lambda_parameters" => {
                for parameter in children(node) {
                    let name = parameter.child_by_field_name("name").unwrap_or(parameter);
                    let name =
                        if name.kind() == "typed_parameter" { name.named_child(0) } else { Some(name) };
                    self.bind_names(name, node);
                }
            }
            "delete_statement" => {
                let names = walk(node).into_iter().filter(|it| it.kind() == "identifier");
                let names: Vec<_> = names.map(|it| self.text(it)).collect();
                self.changed.extend(names);
            }
            "import_statement" | "import_from_statement" => self.take_import(node),
            "wildcard_import" => self.stars.push(node.start_byte()),
            "print_statement" | "exec_statement" => {
                if node.kind() == "exec_statement" {
                    self.stars.push(node.start_byte());
                }
                if self.python_2.is_none() {
                    self.python_2 = Some(self.place(node));
                }
            }
            _ => {}
        }
    }

    fn take_import(&mut self, statement: Node<'t>) {
        let mut cursor = statement.walk();
        let names: Vec<_> = statement.children_by_field_name("name", &mut cursor).collect();
        for name in names {
            let bound = match name.child_by_field_name("alias") {
                Some(alias) => alias,
                // `import os.path` binds `os`.
                None => name.named_child(0).unwrap_or(name),
            };
            self.bindings.entry(self.text(bound)).or_default().push(name);
        }
    }

    /// What an assignment binds or changes.
    fn assigned(&mut self, left: Option<Node<'t>>, assignment: Node<'t>) {
        let Some(left) = left else { return };
        match left.kind() {
            "identifier" if is_attribute_of_class(assignment) => {}
            "identifier" => self.bind_names(Some(left), assignment),
            "attribute" | "subscript" => self.changed.extend(self.leftmost(left)),
            _ => self.bind_names(Some(left), left),
        }
    }

    fn bind_names(&mut self, names: Option<Node<'t>>, meaning: Node<'t>) {
        for node in names.map(walk).unwrap_or_default() {
            if node.kind() == "identifier" {
                self.bindings.entry(self.text(node)).or_default().push(meaning);
            }
        }
    }

    /// A call such as `list.append(…)`.
    fn take_mutation(&mut self, call: Node<'t>) {
        let Some(function) = call.child_by_field_name("function").filter(|it| it.kind() == "attribute")
        else {
            return;
        };
        let method = function.child_by_field_name("attribute").map(|it| self.text(it)).unwrap_or_default();
        if CHANGING.contains(&method) {
            let object = function.child_by_field_name("object");
            self.changed.extend(object.and_then(|object| self.leftmost(object)));
        }
    }

    /// A list that a function of this file gets may be changed there, and one that has two names changes under both.
    fn spread_changes(&mut self) {
        for call in &self.calls {
            let function = call.child_by_field_name("function").map(|it| self.text(it)).unwrap_or_default();
            if self.meanings(function).iter().any(|it| it.kind() == "function_definition") {
                let given =
                    arguments(*call).into_iter().map(|it| it.child_by_field_name("value").unwrap_or(it));
                let given: Vec<_> =
                    given.filter(|it| it.kind() == "identifier").map(|it| self.text(it)).collect();
                self.changed.extend(given);
            }
        }
        let mut aliases: HashMap<&str, Vec<&'t str>> = HashMap::new();
        for (name, bound) in &self.bindings {
            let values = bound.iter().filter_map(|it| it.child_by_field_name("right"));
            // Of `a = b = []`, each is a name of the other's value.
            let named = |value: Node<'t>| match value.kind() {
                "assignment" => value.child_by_field_name("left"),
                _ => Some(value),
            };
            aliases.insert(name, values.filter_map(named).filter_map(|value| self.leftmost(value)).collect());
        }
        let mut open: Vec<_> = self.changed.iter().copied().collect();
        while let Some(name) = open.pop() {
            for other in aliases.get(name).into_iter().flatten() {
                if self.changed.insert(other) {
                    open.push(other);
                }
            }
        }
    }

    /// The name at the beginning of `name.a["b"]`.
    pub(super) fn leftmost(&self, node: Node<'t>) -> Option<&'t str> {
        let mut node = node;
        loop {
            node = match node.kind() {
                "identifier" => return Some(self.text(node)),
                "attribute" => node.child_by_field_name("object")?,
                "subscript" => node.child_by_field_name("value")?,
                "parenthesized_expression" => node.named_child(0)?,
                _ => return None,
            };
        }
    }

    pub(super) fn text(&self, node: Node<'_>) -> &'t str {
        self.source.get(node.byte_range()).unwrap_or_default()
    }

    pub(super) fn place(&self, node: Node<'_>) -> Place {
        self.places.at(node.start_byte())
    }

    /// All that gives a name a meaning.
    pub(super) fn meanings(&self, name: &str) -> &[Node<'t>] {
        let bound = if name.len() > MAX_NAME { None } else { self.bindings.get(name) };
        bound.map(Vec::as_slice).unwrap_or_default()
    }

    /// All names that something gives a meaning, in the order of the alphabet.
    pub(super) fn names(&self) -> Vec<&'t str> {
        let mut names: Vec<_> = self.bindings.keys().copied().collect();
        names.sort_unstable();
        names
    }

    /// What gives a name its meaning, if one thing does and nothing changes it.
    pub(super) fn binding(&self, name: &str) -> Option<Node<'t>> {
        match self.meanings(name) {
            [only] if !self.changed.contains(name) && !self.is_overridden(*only) => Some(*only),
            _ => None,
        }
    }

    /// What gives a name its meaning, even if it is changed later.
    pub(super) fn first_binding(&self, name: &str) -> Option<Node<'t>> {
        match self.meanings(name) {
            [only] => Some(*only),
            _ => None,
        }
    }

    /// Whether something comes behind it that may bind any name.
    pub(super) fn is_overridden(&self, node: Node<'_>) -> bool {
        self.stars.iter().any(|star| *star > node.start_byte())
    }

    /// Whether names may come from a file that is not read.
    pub(super) fn has_stars(&self) -> bool {
        !self.stars.is_empty()
    }

    pub(super) fn is_bound(&self, name: &str) -> bool {
        !self.meanings(name).is_empty()
    }

    /// The module and the name in it that a name was imported as: `("flask_cors", "CORS")`. A module itself has no name.
    pub(super) fn imported(&self, name: &str) -> Option<(&'t str, &'t str)> {
        let bound = self.binding(name)?;
        if !matches!(bound.kind(), "dotted_name" | "aliased_import") {
            return None;
        }
        let own = self.text(bound.child_by_field_name("name").unwrap_or(bound));
        let statement = bound.parent()?;
        match statement.child_by_field_name("module_name") {
            Some(module) => Some((self.text(module), own)),
            None => Some((own, "")),
        }
    }

    /// The module and the name in it that an expression stands for: `CORS`, `flask_cors.CORS`.
    pub(super) fn origin_of(&self, node: Node<'t>) -> Option<(String, &'t str)> {
        match node.kind() {
            "identifier" => self.imported(self.text(node)).map(|(module, name)| (module.to_owned(), name)),
            "attribute" => {
                let object = node.child_by_field_name("object")?;
                let name = self.text(node.child_by_field_name("attribute")?);
                let first = self.leftmost(object)?;
                let (module, inner) = self.imported(first)?;
                let rest = self.text(object).strip_prefix(first)?;
                let base = if inner.is_empty() { module.to_owned() } else { format!("{module}.{inner}") };
                // `import a.b` binds `a`, so the text has the whole name.
                let whole = if inner.is_empty() && self.text(object).starts_with(module) {
                    self.text(object).to_owned()
                } else {
                    format!("{base}{rest}")
                };
                Some((whole, name))
            }
            _ => None,
        }
    }

    /// Every module that is imported.
    pub(super) fn modules(&self) -> Vec<(&'t str, Node<'t>)> {
        let nodes = walk(self.root).into_iter().filter_map(|node| match node.kind() {
            "import_from_statement" => node.child_by_field_name("module_name"),
            "import_statement" => {
                node.child_by_field_name("name").map(|it| it.child_by_field_name("name").unwrap_or(it))
            }
            _ => None,
        });
        nodes.map(|node| (self.text(node), node)).collect()
    }
}

/// The arguments of a call.
pub(super) fn arguments(call: Node<'_>) -> Vec<Node<'_>> {
    let list = call.child_by_field_name("arguments").filter(|it| it.kind() == "argument_list");
    list.map(children).unwrap_or_default()
}

/// The name of the method that a call calls: `add` of `response.headers.add(…)`.
pub(super) fn method<'t>(script: &Script<'t>, call: Node<'t>) -> Option<(Node<'t>, &'t str)> {
    let function = call.child_by_field_name("function").filter(|it| it.kind() == "attribute")?;
    Some((function.child_by_field_name("object")?, script.text(function.child_by_field_name("attribute")?)))
}

fn is_attribute_of_class(assignment: Node<'_>) -> bool {
    let mut node = assignment;
    while let Some(parent) = node.parent() {
        match parent.kind() {
            "class_definition" => return true,
            "function_definition" | "lambda" | "module" => return false,
            _ => node = parent,
        }
    }
    false
}
