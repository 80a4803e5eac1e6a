//! `@fastify/cors`: where it is registered, and the routes that have options of their own.

use tree_sitter::Node;

use crate::javascript::calls::{Finder, METHODS};
use crate::javascript::library::{Library, remark};
use crate::javascript::paths::{Style, said};
use crate::javascript::script::callee;
use crate::javascript::value::{Item, Table, Value, item};
use crate::model::PathSaid;
use crate::place::Said;
use crate::report::{About, Class};
use crate::syntax::{arguments, children};

impl<'t> Finder<'_, 't> {
    /// `fastify.register(cors, { … })`.
    pub(super) fn registered(&mut self, call: Node<'t>, given: &[Node<'t>]) {
        let Some(plugin) = given.first() else { return };
        let plugin = match self.script.resolved(*plugin) {
            awaited if awaited.kind() == "await_expression" => {
                children(awaited).first().copied().unwrap_or(awaited)
            }
            plugin => plugin,
        };
        let is_cors =
            self.module_of(plugin).is_some_and(|module| matches!(module, "@fastify/cors" | "fastify-cors"))
                || self.script.text(plugin) == "cors" && !self.script.is_bound("cors");
        if !is_cors {
            return;
        }
        let options = given.get(1).map(|options| item(self.script, *options));
        self.plugin = Some(match &options {
            Some(Item { value: Value::Table(table), .. }) => table.clone(),
            _ => Table::default(),
        });
        self.push_item(Library::Fastify, options, call, self.registered_at(call), "use");
    }

    /// Where the instance of a plugin is mounted: Fastify keeps what a plugin registers to itself.
    fn registered_at(&self, call: Node<'t>) -> PathSaid {
        let receiver = callee(call).and_then(|it| it.child_by_field_name("object"));
        let name = receiver.map(|it| self.script.text(it)).unwrap_or_default();
        match self.script.is_parameter(name, call) {
            true => PathSaid::Other {
                text: "those of a plugin that is registered elsewhere".to_owned(),
                nearest: Some("/*".to_owned()),
            },
            false => PathSaid::All,
        }
    }

    /// `fastify.get("/path", { config: { cors: { … } } }, …)` and `fastify.route({ url: "/path", config: … })`: what the
    /// plugin reads of a route. It is for responses; preflights are answered by the options of the plugin.
    pub(super) fn route_options(&mut self, call: Node<'t>) {
        let property = callee(call).and_then(|it| it.child_by_field_name("property"));
        let Some(method) = property.map(|it| self.script.text(it)) else { return };
        let given = arguments(call);
        let (path, options) = match (method, given.as_slice()) {
            ("route", [options]) => (None, options),
            (method, [path, options, ..]) if METHODS.contains(&method) => {
                (Some(item(self.script, *path)), options)
            }
            _ => return,
        };
        let Value::Table(route) = item(self.script, *options).value else { return };
        let Some(Item { value: Value::Table(config), .. }) = route.get("config") else { return };
        let Some(own) = config.get("cors") else { return };
        let Some(plugin) = self.plugin.clone() else {
            let message = "`config.cors` of a route changes what `@fastify/cors` does, whose options are not in this file";
            let advice = "Write a route for its path.";
            let remark = remark(Class::Unreadable, About::Path, message, advice);
            return self.holes.push(Said::new(remark, &own.place));
        };
        let path = match path.as_ref().or_else(|| route.get("url").or_else(|| route.get("path"))) {
            Some(Item { value: Value::Text(path), .. }) => said(path, Style::Whole),
            _ => PathSaid::Other { text: "that of a route with `config.cors`".to_owned(), nearest: None },
        };
        let options = match &own.value {
            Value::Table(own) => Value::Table(plugin.with(own)),
            // Nothing but `false` turns it off.
            Value::Bool(false) => Value::Table(plugin.with(&Table::of("origin", own.clone()))),
            Value::Nothing(_) => return,
            other => Value::Unknown(other.noun()),
        };
        let options = Item { value: options, ..own.clone() };
        self.push_route(Library::Fastify, options, call, (path, methods(method, &route)));
    }
}

/// The methods of a route; `None` for all, and if they cannot be read.
fn methods(method: &str, route: &Table<'_>) -> Option<Vec<String>> {
    let named = |item: &Item<'_>| match &item.value {
        Value::Text(name) => Some(name.to_ascii_uppercase()),
        _ => None,
    };
    match route.get("method") {
        _ if method == "all" => None,
        _ if method != "route" => Some(vec![method.to_ascii_uppercase()]),
        Some(Item { value: Value::List(items), .. }) => items.iter().map(named).collect(),
        Some(item) => named(item).map(|name| vec![name]),
        None => None,
    }
}
