//! Where routers and applications are mounted, and so which paths their own are below.

use tree_sitter::Node;

use crate::javascript::calls::{Finder, METHODS};
use crate::javascript::paths::{Style, below, said};
use crate::javascript::script::{arguments, callee};
use crate::javascript::value::text;
use crate::model::PathSaid;

/// The deepest nesting of routers that is followed.
const MAX_DEPTH: usize = 8;

impl<'t> Finder<'_, 't> {
    /// The path that a router's own paths are below. What nothing mounts is the application itself, at the root.
    pub(super) fn mount(&self, router: Node<'t>, depth: usize) -> PathSaid {
        let made = self.script.resolved(router);
        let chained = self.chained(made, depth);
        let name = match router.kind() {
            "identifier" | "member_expression" => self.script.text(router),
            _ => "",
        };
        let maker = callee(made).or_else(|| made.child_by_field_name("constructor"));
        let maker = maker.map(|it| self.script.text(it)).unwrap_or_default();
        let is_router =
            maker.ends_with("Router") || maker.is_empty() && name.to_ascii_lowercase().contains("router");
        let mounts: Vec<_> =
            self.script.calls.iter().filter_map(|call| self.mounted_by(*call, name)).collect();
        let place = match mounts.as_slice() {
            [] if !is_router => PathSaid::All,
            [(receiver, path)] if depth < MAX_DEPTH => below(&self.mount(*receiver, depth + 1), path.clone()),
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

    /// What a call mounts a router on, and at which path: `app.use("/path", router)` of Express, `app.route("/path", api)`
    /// of Hono, `app.use(mount("/path", api))` of Koa.
    fn mounted_by(&self, call: Node<'t>, name: &str) -> Option<(Node<'t>, PathSaid)> {
        let function = callee(call)?;
        let given = arguments(call);
        let is_name = |node: &Node<'t>| !name.is_empty() && self.script.text(*node) == name;
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
        if self.script.text(receiver) == name {
            return None;
        }
        let first = given.first()?;
        if is_name(first) {
            return takes_alone.then_some((receiver, PathSaid::All));
        }
        if !given.iter().any(|it| is_name(it)) {
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
                    Some(_) if arguments(made).len() > 1 => self.mount(object, depth + 1),
                    Some(path) => below(&self.mount(object, depth + 1), said(&path, style)),
                    None => other(),
                }
            }
            (method, Some(object)) if METHODS.contains(&method) => self.mount(object, depth + 1),
            _ => other(),
        })
    }
}
