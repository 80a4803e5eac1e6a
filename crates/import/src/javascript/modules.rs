//! Which module a name comes from, and so which library a call of `cors` is.

use tree_sitter::Node;

use crate::javascript::calls::Finder;
use crate::javascript::library::Library;
use crate::javascript::script::callee;
use crate::kind::Kind;
use crate::syntax::{arguments, children};

impl<'t> Finder<'_, 't> {
    /// The library that a call such as `cors(…)` belongs to.
    pub(super) fn library_of(&self, call: Node<'t>) -> Option<Library> {
        if call.kind() != "call_expression" {
            return None;
        }
        let function = callee(call)?;
        let library = match self.module_of(function) {
            Some("cors") => Library::Express,
            Some("hono/cors") => Library::Hono,
            Some("@koa/cors" | "kcors" | "koa2-cors") => Library::Koa,
            Some(_) => return None,
            None if self.script.text(function) == "cors" && !self.script.is_bound("cors") => {
                match self.only {
                    Some(Kind::Hono) => Library::Hono,
                    Some(Kind::Koa) => Library::Koa,
                    _ => Library::Express,
                }
            }
            None => return None,
        };
        Some(library)
    }

    /// The module that a name or a call of `require` stands for.
    pub(super) fn module_of(&self, node: Node<'t>) -> Option<&'t str> {
        let script = self.script;
        let mut node = node;
        for _ in 0..8 {
            match node.kind() {
                "call_expression" => {
                    let function = callee(node)?;
                    let is_import = matches!(script.text(function), "require" | "import");
                    return arguments(node)
                        .first()
                        .filter(|_| is_import)
                        .map(|it| unquoted(script.text(*it)));
                }
                "member_expression" => node = node.child_by_field_name("object")?,
                "await_expression" | "parenthesized_expression" => node = *children(node).first()?,
                "identifier" => {
                    let bound = script.binding(script.text(node))?;
                    match bound.kind() {
                        "variable_declarator" => node = bound.child_by_field_name("value")?,
                        "import_require_clause" => {
                            return bound.child_by_field_name("source").map(|it| unquoted(script.text(it)));
                        }
                        "import_specifier" | "namespace_import" | "import_clause" => {
                            let mut statement = bound;
                            while statement.kind() != "import_statement" {
                                statement = statement.parent()?;
                            }
                            return statement
                                .child_by_field_name("source")
                                .map(|it| unquoted(script.text(it)));
                        }
                        // `const { cors } = require("hono/cors")`.
                        _ => {
                            let mut declarator = bound;
                            while declarator.kind() != "variable_declarator" {
                                declarator = declarator.parent()?;
                            }
                            node = declarator.child_by_field_name("value")?;
                        }
                    }
                }
                _ => return None,
            }
        }
        None
    }
}

fn unquoted(text: &str) -> &str {
    text.trim_matches(['"', '\'', '`'])
}
