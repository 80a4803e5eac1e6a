//! A script as a tree. The grammar is that of TypeScript with JSX, which has JavaScript and JSON in it.

use std::collections::{HashMap, HashSet};

use corsgate_authoring::Source;
use tree_sitter::{Node, Tree};

use crate::javascript::conditional;
use crate::place::{Place, Places};
use crate::syntax::{self, advance, arguments, children, walk};

/// Parses a file; `None` if it takes too long.
pub(crate) fn parse(text: &str) -> Option<Tree> {
    syntax::parse(&tree_sitter_typescript::LANGUAGE_TSX.into(), text)
}

/// A file with its tree, and what its names stand for.
pub(crate) struct Script<'t> {
    pub(crate) text: &'t str,
    pub(crate) root: Node<'t>,
    places: Places<'t>,
    /// The nodes that give each name a meaning.
    bindings: HashMap<&'t str, Vec<Node<'t>>>,
    /// Names whose values change after they were declared.
    changed: HashSet<&'t str>,
    /// All calls, in the order of the text.
    pub(crate) calls: Vec<Node<'t>>,
    /// All objects that stand for themselves.
    pub(crate) objects: Vec<Node<'t>>,
    /// All declarations of a module that is brought in.
    pub(crate) imports: Vec<Node<'t>>,
    /// The calls that are only made if something holds.
    conditional: HashSet<usize>,
    /// The place of the first text that is not of the language.
    pub(crate) first_error: Option<Place>,
}

impl<'t> Script<'t> {
    /// `shift` is the number of letters that stand before the file's own text.
    pub(crate) fn new(source: &'t Source, tree: &'t Tree, shift: usize) -> Self {
        let text = source.text();
        let mut script = Self {
            text,
            root: tree.root_node(),
            places: Places::new(source, shift),
            bindings: HashMap::new(),
            changed: HashSet::new(),
            calls: Vec::new(),
            objects: Vec::new(),
            imports: Vec::new(),
            conditional: conditional::calls(tree.root_node()),
            first_error: None,
        };
        let mut cursor = script.root.walk();
        let mut next = Some(script.root);
        while let Some(node) = next {
            script.take(node);
            next = advance(&mut cursor);
        }
        script.spread_changes();
        script
    }

    /// The expression that the whole text is: JSON in its parentheses.
    pub(crate) fn value(&self) -> Option<Node<'t>> {
        let statement = children(self.root).into_iter().find(|node| node.kind() == "expression_statement")?;
        children(statement).into_iter().next()
    }

    /// A list that a function of this file gets may be changed there, and one that has two names changes under both.
    fn spread_changes(&mut self) {
        for call in &self.calls {
            let function = callee(*call).filter(|it| it.kind() == "identifier");
            let bound = function.and_then(|it| self.bindings.get(self.text(it))).into_iter().flatten();
            let is_own = |it: &Node<'t>| {
                let value = it.child_by_field_name("value").map_or("", |value| value.kind());
                it.kind() == "function_declaration"
                    || matches!(value, "arrow_function" | "function_expression")
            };
            if bound.into_iter().any(is_own) {
                let given = arguments(*call).into_iter().filter(|it| it.kind() == "identifier");
                let given: Vec<_> = given.map(|it| self.text(it)).collect();
                self.changed.extend(given);
            }
        }
        let mut aliases: HashMap<&str, Vec<&'t str>> = HashMap::new();
        for (name, bound) in &self.bindings {
            let values = bound.iter().filter_map(|it| it.child_by_field_name("value"));
            aliases.insert(name, values.filter_map(|value| self.leftmost(value)).collect());
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

    fn take(&mut self, node: Node<'t>) {
        if self.first_error.is_none() && (node.is_error() || node.is_missing()) {
            self.first_error = Some(self.place(node));
        }
        match node.kind() {
            "call_expression" | "new_expression" => {
                self.calls.push(node);
                self.take_mutation(node);
            }
            "object" => self.objects.push(node),
            "import_statement" => self.imports.push(node),
            "variable_declarator" | "function_declaration" | "class_declaration" => {
                if let Some(name) = node.child_by_field_name("name") {
                    self.bind(name, node);
                }
            }
            "required_parameter" | "optional_parameter" => {
                if let Some(name) = node.child_by_field_name("pattern") {
                    self.bind(name, node);
                }
            }
            "arrow_function" | "catch_clause" | "for_in_statement" => {
                for field in ["parameter", "left"] {
                    if let Some(name) = node.child_by_field_name(field) {
                        self.bind(name, node);
                    }
                }
            }
            "import_specifier" | "namespace_import" | "import_clause" | "import_require_clause" => {
                for name in children(node).into_iter().filter(|it| it.kind() == "identifier") {
                    self.bind(name, node);
                }
            }
            "assignment_expression" | "augmented_assignment_expression" | "update_expression" => {
                let left = node.child_by_field_name("left").or_else(|| node.child_by_field_name("argument"));
                match left {
                    // `[a, b] = …` and `({ a } = …)` change every name in them.
                    Some(left) if left.kind().ends_with("_pattern") => {
                        let names =
                            self.nodes_in(left).into_iter().filter(|it| it.kind().contains("identifier"));
                        let names: Vec<_> = names.map(|it| self.text(it)).collect();
                        self.changed.extend(names);
                    }
                    Some(left) => self.changed.extend(self.leftmost(left)),
                    None => {}
                }
            }
            "unary_expression" => {
                let is_delete =
                    node.child_by_field_name("operator").is_some_and(|it| self.text(it) == "delete");
                let argument = node.child_by_field_name("argument").filter(|_| is_delete);
                if let Some(name) = argument.and_then(|it| self.leftmost(it)) {
                    self.changed.insert(name);
                }
            }
            _ => {}
        }
    }

    /// A call such as `list.push(…)` or `Object.assign(list, …)` changes what a name stands for.
    fn take_mutation(&mut self, call: Node<'t>) {
        const CHANGING: [&str; 11] = [
            "push",
            "unshift",
            "splice",
            "pop",
            "shift",
            "fill",
            "copyWithin",
            "set",
            "add",
            "delete",
            "clear",
        ];
        let Some(function) = callee(call) else { return };
        let Some(property) = function.child_by_field_name("property").map(|it| self.text(it)) else { return };
        let object = function.child_by_field_name("object");
        if CHANGING.contains(&property)
            && let Some(name) = object.and_then(|object| self.leftmost(object))
        {
            self.changed.insert(name);
        }
        let is_object = object.is_some_and(|it| matches!(self.text(it), "Object" | "Reflect"));
        if is_object && !matches!(property, "freeze" | "keys" | "values" | "entries") {
            let first = arguments(call).first().and_then(|first| self.leftmost(*first));
            self.changed.extend(first);
        }
    }

    /// The name at the beginning of `name.a.b`.
    fn leftmost(&self, node: Node<'t>) -> Option<&'t str> {
        let mut node = node;
        loop {
            match node.kind() {
                "identifier" => return Some(self.text(node)),
                "member_expression" | "subscript_expression" => node = node.child_by_field_name("object")?,
                "parenthesized_expression" | "non_null_expression" | "as_expression" => {
                    node = *children(node).first()?
                }
                _ => return None,
            }
        }
    }

    /// Binds the names of a pattern. Those in a destructuring pattern have no value of their own here.
    fn bind(&mut self, name: Node<'t>, declaration: Node<'t>) {
        if name.kind() == "identifier" || name.kind() == "type_identifier" {
            self.bindings.entry(self.text(name)).or_default().push(declaration);
            return;
        }
        let mut cursor = name.walk();
        let mut next = Some(name);
        while let Some(node) = next {
            if matches!(node.kind(), "identifier" | "shorthand_property_identifier_pattern") {
                self.bindings.entry(self.text(node)).or_default().push(node);
            }
            next = advance(&mut cursor);
        }
    }

    pub(crate) fn text(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    pub(crate) fn place(&self, node: Node<'_>) -> Place {
        self.places.at(node.start_byte())
    }

    /// What gives a name its meaning, if one thing does and nothing changes it.
    pub(crate) fn binding(&self, name: &str) -> Option<Node<'t>> {
        match self.bindings.get(name).map(Vec::as_slice) {
            Some([only]) if !self.changed.contains(name) => Some(*only),
            _ => None,
        }
    }

    /// Whether a node stands in a function that has a name for a parameter.
    pub(crate) fn is_parameter(&self, name: &str, node: Node<'t>) -> bool {
        core::iter::successors(node.parent(), |node| node.parent()).any(|function| {
            let only = function.child_by_field_name("parameter");
            let listed = function.child_by_field_name("parameters").map(children).unwrap_or_default();
            only.into_iter().chain(listed).any(|it| {
                let pattern = it.child_by_field_name("pattern").unwrap_or(it);
                self.text(pattern) == name
            })
        })
    }

    /// Whether a call is only made if something holds: `if`, `?:`, `&&`, a loop.
    pub(super) fn is_conditional(&self, call: Node<'_>) -> bool {
        self.conditional.contains(&call.id())
    }

    pub(crate) fn is_bound(&self, name: &str) -> bool {
        self.bindings.contains_key(name)
    }

    /// The node that a name stands for, or the node itself. Types and parentheses around it are left aside.
    pub(crate) fn resolved(&self, node: Node<'t>) -> Node<'t> {
        let mut node = node;
        // A name may stand for a name; a circle ends.
        for _ in 0..32 {
            let next = match node.kind() {
                "identifier" | "shorthand_property_identifier" => self
                    .binding(self.text(node))
                    .filter(|it| it.kind() == "variable_declarator")
                    .and_then(|it| it.child_by_field_name("value")),
                "parenthesized_expression"
                | "as_expression"
                | "satisfies_expression"
                | "non_null_expression" => children(node).first().copied(),
                "function_declaration" => None,
                _ => None,
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        node
    }

    /// The keys of an object as they are written, without quotation marks.
    pub(crate) fn keys(&self, object: Node<'t>) -> impl Iterator<Item = &'t str> {
        let keys = children(object).into_iter().filter_map(|it| it.child_by_field_name("key"));
        keys.map(|key| self.text(key).trim_matches(['"', '\'', '`'])).collect::<Vec<_>>().into_iter()
    }

    /// Every node, in the order of the text.
    pub(crate) fn nodes_in(&self, node: Node<'t>) -> Vec<Node<'t>> {
        walk(node)
    }
}

/// What a call calls. The grammar takes `await f<T>(…)` for a call of `await f`.
pub(crate) fn callee(call: Node<'_>) -> Option<Node<'_>> {
    let function = call.child_by_field_name("function")?;
    match function.kind() {
        "await_expression" => children(function).first().copied(),
        _ => Some(function),
    }
}
