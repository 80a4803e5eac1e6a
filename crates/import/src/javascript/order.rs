//! Routes that an application has before it sets headers of CORS: their handlers answer first, without them.

use std::collections::HashMap;

use tree_sitter::Node;

use crate::javascript::library::remark;
use crate::javascript::paths::{Style, below, said};
use crate::javascript::script::{Script, callee};
use crate::javascript::value::text;
use crate::model::{PathSaid, Remark};
use crate::path_tree::PathTree;
use crate::place::Said;
use crate::report::{About, Class};
use crate::syntax::arguments;

/// The methods of an application that answer requests.
const ANSWERING: [&str; 7] = ["get", "head", "post", "put", "patch", "delete", "all"];
/// The most routes that are named.
const MOST: usize = 20;

/// The routes of a script that answer without headers of CORS.
#[derive(Default)]
pub(super) struct Answering<'t> {
    /// In the order of the text.
    routes: Vec<Node<'t>>,
    applications: HashMap<&'t str, OfApplication>,
}

/// The routes of an application, by their numbers among all of them.
#[derive(Default)]
struct OfApplication {
    all: Vec<usize>,
    /// Those with a path or below it.
    below: PathTree<Vec<usize>>,
    same: HashMap<PathSaid, Vec<usize>>,
}

impl<'t> Answering<'t> {
    /// Finds the routes; `has_cors` is whether a handler sets the headers itself.
    pub(super) fn of(script: &Script<'t>, has_cors: impl Fn(Node<'t>) -> bool) -> Self {
        let mut found = Self::default();
        for call in &script.calls {
            let property = callee(*call).and_then(|it| it.child_by_field_name("property"));
            if !property.is_some_and(|it| ANSWERING.contains(&script.text(it))) {
                continue;
            }
            let given = arguments(*call);
            let (Some(application), [first, handlers @ ..]) = (application(script, *call), given.as_slice())
            else {
                continue;
            };
            if handlers.is_empty() || handlers.iter().any(|it| has_cors(script.resolved(*it))) {
                continue;
            }
            if let Some(path) = text(script, *first) {
                let of_application = found.applications.entry(application).or_default();
                of_application.insert(said(&path, Style::Whole), found.routes.len());
                found.routes.push(*call);
            }
        }
        found
    }

    /// Names the routes before a call of `use`, among those of a path. `mount` is what their paths are below.
    pub(super) fn before(
        &self,
        script: &Script<'t>,
        call: Node<'t>,
        path: &PathSaid,
        mount: &PathSaid,
    ) -> Vec<Said<Remark>> {
        let of_application = application(script, call).and_then(|name| self.applications.get(name));
        let covered = of_application.and_then(|it| it.covered_by(path)).into_iter().flatten();
        let before = covered.filter_map(|route| self.routes.get(*route));
        let before = before.take_while(|route| route.start_byte() < call.start_byte());
        let named = before.take(MOST).map(|route| {
            let message = format!(
                "this route answers before headers of CORS are set ({}): it has none, and the policy gives it those",
                script.place(call)
            );
            let advice = "Write a route with `cors = false` for its path if no page may read it.";
            let remark = remark(Class::Unreadable, About::Path, &message, advice);
            let own = arguments(*route).first().and_then(|path| text(script, *path));
            let closes = own.map(|own| below(mount, said(&own, Style::Whole)));
            Said::new(Remark { closes, ..remark }, &script.place(*route))
        });
        named.collect()
    }
}

impl OfApplication {
    fn insert(&mut self, path: PathSaid, route: usize) {
        self.all.push(route);
        if let PathSaid::Exact(path) | PathSaid::Prefix(path) = &path {
            self.below.change_along(path, |below| below.push(route));
        }
        self.same.entry(path).or_default().push(route);
    }

    /// The routes that surely have no request outside of a path, in the order of the text.
    fn covered_by(&self, path: &PathSaid) -> Option<&Vec<usize>> {
        match path {
            PathSaid::All => Some(&self.all),
            PathSaid::Prefix(prefix) => self.below.value(prefix),
            path => self.same.get(path),
        }
    }
}

/// The name of what a method is called of.
fn application<'t>(script: &Script<'t>, call: Node<'t>) -> Option<&'t str> {
    let object = callee(call)?.child_by_field_name("object")?;
    (object.kind() == "identifier").then(|| script.text(object))
}
