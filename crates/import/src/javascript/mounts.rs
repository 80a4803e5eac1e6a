//! Where routers and applications are mounted, and so which paths their own are below.

use std::collections::HashMap;

use tree_sitter::Node;

use crate::javascript::calls::{Finder, METHODS};
use crate::javascript::paths::{Style, below, said};
use crate::javascript::script::callee;
use crate::javascript::value::text;
use crate::model::PathSaid;
use crate::syntax::arguments;

/// How other calls of a script name a router.
enum Known<'t> {
    Name(&'t str),
    Node(Node<'t>),
}

/// The calls that may mount a router, by what is given to them.
#[derive(Default)]
pub(super) struct Mounting<'t> {
    names: HashMap<&'t str, Vec<Node<'t>>>,
    nodes: HashMap<usize, Vec<Node<'t>>>,
}

impl<'t> Mounting<'t> {
    fn of(finder: &Finder<'_, 't>) -> Self {
        let script = finder.script;
        let mut found = Self::default();
        for call in &script.calls {
            let Some(function) = callee(*call) else { continue };
            let property = function.child_by_field_name("property").map(|it| script.text(it));
            if !matches!(property, None | Some("use" | "route")) {
                continue;
            }
            for node in arguments(*call) {
                let receiver = finder.receiver(node);
                if matches!(receiver.kind(), "identifier" | "member_expression") {
                    let named = found.names.entry(script.text(receiver)).or_default();
                    if named.last() != Some(call) {
                        named.push(*call);
                    }
                }
                found.nodes.entry(node.id()).or_default().push(*call);
            }
        }
        found
    }

    fn calls(&self, known: &Known<'t>) -> &[Node<'t>] {
        let calls = match known {
            Known::Name(name) => self.names.get(name),
            Known::Node(node) => self.nodes.get(&node.id()),
        };
        calls.map(Vec::as_slice).unwrap_or_default()
    }
}

/// The deepest nesting of routers that is followed.
const MAX_DEPTH: usize = 8;

impl<'t> Finder<'_, 't> {
    /// The path that a router's own paths are below. What nothing mounts is the application itself, at the root.
    pub(super) fn mount(&self, router: Node<'t>) -> PathSaid {
        if router.kind() != "identifier" {
            return self.mount_at(router, 0);
        }
        // Thousands of routes have the same router.
        let name = self.script.text(router);
        if let Some(known) = self.mounts.borrow().get(name) {
            return known.clone();
        }
        let path = self.mount_at(router, 0);
        self.mounts.borrow_mut().insert(name, path.clone());
        path
    }

    fn mount_at(&self, router: Node<'t>, depth: usize) -> PathSaid {
        let made = self.script.resolved(router);
        let chained = self.chained(made, depth);
        // What the chain begins with is known by the same name, and has been asked where it is mounted.
        if let (Some(path), false) = (&chained, self.begins_with_name(made)) {
            return path.clone();
        }
        let known = self.known_as(router);
        let maker = callee(made).or_else(|| made.child_by_field_name("constructor"));
        let maker = maker.map(|it| self.script.text(it)).unwrap_or_default();
        let text = self.script.text(router).to_ascii_lowercase();
        let is_router = maker.ends_with("Router") || maker.is_empty() && text.contains("router");
        let mounting = self.mounting.get_or_init(|| Mounting::of(self));
        let mounts: Vec<_> =
            mounting.calls(&known).iter().filter_map(|call| self.mounted_by(*call, &known)).collect();
        let place = match mounts.as_slice() {
            [] if !is_router => PathSaid::All,
            [(receiver, path)] if depth < MAX_DEPTH => {
                below(&self.mount_at(*receiver, depth + 1), path.clone())
            }
            _ => PathSaid::Other {
                text: "that of a router which is mounted elsewhere".to_owned(),
                nearest: None,
            },
        };
        match chained {
            Some(own) => below(&place, own),
            None => place,
        }
    }

    /// Whether a chain of calls begins with something that has a name of its own.
    fn begins_with_name(&self, made: Node<'t>) -> bool {
        let mut node = made;
        while let Some(object) = callee(node).and_then(|it| it.child_by_field_name("object")) {
            node = object;
        }
        node.kind() == "identifier"
    }

    /// What other calls know a router as: its name, or that of what a chain of calls makes of it
    /// (`const api = new Hono().use(…)`), or the chain itself, if that is given to a call.
    fn known_as(&self, router: Node<'t>) -> Known<'t> {
        if matches!(router.kind(), "identifier" | "member_expression") {
            return Known::Name(self.script.text(router));
        }
        let mut node = router;
        while let Some(parent) = node.parent() {
            match parent.kind() {
                "member_expression" | "call_expression" | "parenthesized_expression" | "as_expression" => {
                    node = parent;
                }
                "variable_declarator" => {
                    let name = parent.child_by_field_name("name").map(|it| self.script.text(it));
                    return Known::Name(name.unwrap_or_default());
                }
                _ => break,
            }
        }
        Known::Node(node)
    }

    /// What a chain of calls that returns its own application begins with: `api` of `api.get(…).post(…)`.
    fn receiver(&self, node: Node<'t>) -> Node<'t> {
        let mut node = node;
        while let Some(function) = callee(node) {
            let property = function.child_by_field_name("property").map(|it| self.script.text(it));
            let is_own = property.is_some_and(|it| METHODS.contains(&it) || matches!(it, "on" | "onError"));
            match function.child_by_field_name("object") {
                Some(object) if is_own => node = object,
                _ => break,
            }
        }
        node
    }

    /// What a call mounts a router on, and at which path: `app.use("/path", router)` of Express, `app.route("/path", api)`
    /// of Hono, `app.use(mount("/path", api))` of Koa.
    fn mounted_by(&self, call: Node<'t>, known: &Known<'t>) -> Option<(Node<'t>, PathSaid)> {
        let function = callee(call)?;
        let given = arguments(call);
        let is_known = |node: &Node<'t>| match known {
            Known::Name(name) => !name.is_empty() && self.script.text(self.receiver(*node)) == *name,
            Known::Node(known) => node.id() == known.id(),
        };
        let property = function.child_by_field_name("property").map(|it| self.script.text(it));
        let (receiver, takes_alone) = match property {
            Some("use") => (function.child_by_field_name("object")?, true),
            Some("route") => (function.child_by_field_name("object")?, false),
            Some(_) => return None,
            None if self.module_of(function) == Some("koa-mount") => {
                let outer = call.parent()?.parent()?;
                (callee(outer)?.child_by_field_name("object")?, true)
            }
            None => return None,
        };
        if is_known(&receiver) {
            return None;
        }
        let first = given.first()?;
        if is_known(first) {
            return takes_alone.then_some((receiver, PathSaid::All));
        }
        if !given.iter().any(is_known) {
            return None;
        }
        let path = match text(self.script, *first) {
            Some(path) => said(&path, Style::Mounted),
            None => PathSaid::Other { text: "that of a router".to_owned(), nearest: None },
        };
        Some((receiver, path))
    }

    /// The path of what a chain of calls has made: `app.route("/books").all(…)`, `app.use(…).use(…)`,
    /// `new Hono().basePath("/v1")`.
    fn chained(&self, made: Node<'t>, depth: usize) -> Option<PathSaid> {
        let function = callee(made).filter(|_| made.kind() == "call_expression")?;
        let property = function.child_by_field_name("property").map(|it| self.script.text(it))?;
        let other = || PathSaid::Other { text: "those of a chain of calls".to_owned(), nearest: None };
        let object = function.child_by_field_name("object").filter(|_| depth < MAX_DEPTH);
        let path = arguments(made).first().and_then(|path| text(self.script, *path));
        Some(match (property, object) {
            // `express.Router()` makes a router.
            ("Router", _) => return None,
            (_, None) => other(),
            ("route" | "basePath", Some(object)) => {
                let style = if property == "route" { Style::Whole } else { Style::Mounted };
                match path {
                    // `app.route("/v1", api)` is the application.
                    Some(_) if arguments(made).len() > 1 => self.mount_at(object, depth + 1),
                    Some(path) => below(&self.mount_at(object, depth + 1), said(&path, style)),
                    None => other(),
                }
            }
            (method, Some(object)) if METHODS.contains(&method) => self.mount_at(object, depth + 1),
            _ => other(),
        })
    }
}
