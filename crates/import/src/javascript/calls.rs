//! Where a script uses CORS: the calls of libraries, and the paths that they are for.

use std::collections::HashSet;

use tree_sitter::Node;

use crate::javascript::library::{Library, remark};
use crate::javascript::order::handled_before;
use crate::javascript::paths::{Style, below, said};
use crate::javascript::script::{Script, callee};
use crate::javascript::value::{Item, Table, Value, item};
use crate::kind::Kind;
use crate::model::{PathSaid, Reading, Remark, Rule};
use crate::place::Said;
use crate::report::{About, Class};
use crate::syntax::{arguments, children};

/// Reads the uses of CORS libraries.
pub(super) fn read(script: &Script<'_>, only: Option<Kind>, reading: &mut Reading) {
    let mut finder = Finder {
        script,
        only,
        used: HashSet::new(),
        preflights: Vec::new(),
        rules: Vec::new(),
        holes: Vec::new(),
        plugin: None,
    };
    for call in &script.calls {
        finder.take(*call);
    }
    // A route may stand before what registers the plugin.
    for call in &script.calls {
        finder.route_options(*call);
    }
    finder.finish(reading);
}

pub(super) struct Finder<'f, 't> {
    pub(super) script: &'f Script<'t>,
    pub(super) only: Option<Kind>,
    /// The calls of `cors()` that some route uses.
    used: HashSet<usize>,
    /// What `app.options(…)` answers: a path and a rule.
    preflights: Vec<(usize, Rule)>,
    /// The rules, each with its position among all of them.
    rules: Vec<(usize, Rule)>,
    pub(super) holes: Vec<Said<Remark>>,
    /// The options of `@fastify/cors`, which those of a route change.
    pub(super) plugin: Option<Table<'t>>,
}

/// The methods of a router that take handlers.
pub(super) const METHODS: [&str; 9] =
    ["use", "all", "get", "head", "post", "put", "patch", "delete", "options"];

impl<'t> Finder<'_, 't> {
    fn take(&mut self, call: Node<'t>) {
        let script = self.script;
        let Some(function) = callee(call) else { return };
        let given = arguments(call);
        let Some(method) = function.child_by_field_name("property").map(|it| script.text(it)) else { return };
        match method {
            "enableCors" => self.push(Library::Nest, given.first().copied(), call, PathSaid::All, "use"),
            "create" if script.text(function).starts_with("NestFactory") => self.nest(call, &given),
            "register" => self.registered(call, &given),
            _ if METHODS.contains(&method) => self.routed(call, function, method, &given),
            _ => {}
        }
    }

    /// `NestFactory.create(AppModule, { cors: … })`.
    fn nest(&mut self, call: Node<'t>, given: &[Node<'t>]) {
        let options = given.iter().skip(1).map(|it| item(self.script, *it)).find_map(|it| match it.value {
            Value::Table(table) => table.get("cors").cloned(),
            _ => None,
        });
        match options {
            Some(Item { value: Value::Bool(true), .. }) => {
                self.push(Library::Nest, None, call, PathSaid::All, "use")
            }
            Some(Item { value: Value::Bool(false), .. }) | None => {}
            Some(options) => self.push_item(self.nest_library(), Some(options), call, PathSaid::All, "use"),
        }
    }

    /// NestJS hands its options to the library of its adapter.
    fn nest_library(&self) -> Library {
        let is_fastify = self.script.text.contains("FastifyAdapter");
        if is_fastify { Library::Fastify } else { Library::Nest }
    }

    /// `app.use([path,] …handlers)` and the like.
    fn routed(&mut self, call: Node<'t>, function: Node<'t>, method: &'t str, given: &[Node<'t>]) {
        let mut handlers = Vec::new();
        for node in given {
            match self.script.resolved(*node) {
                list if list.kind() == "array" => handlers.extend(children(list)),
                _ => handlers.push(*node),
            }
        }
        let found = handlers.into_iter().find_map(|node| {
            let resolved = self.script.resolved(node);
            Some((resolved, self.library_of(resolved)?))
        });
        let Some((cors, library)) = found else { return };
        self.used.insert(cors.start_byte());
        if is_conditional(call) || is_conditional(cors) {
            return self.conditional(library, call);
        }
        let style = match (library, method) {
            (Library::Hono, _) => Style::Whole,
            (_, "use") => Style::Mounted,
            _ => Style::Whole,
        };
        let first = given.first().map(|first| (*first, item(self.script, *first)));
        let mut paths = match first {
            Some((node, _)) if self.library_of(self.script.resolved(node)).is_some() => vec![PathSaid::All],
            Some((_, Item { value: Value::Text(path), .. })) => vec![said(&path, style)],
            Some((_, Item { value: Value::List(items), .. })) => items
                .iter()
                .filter(|item| self.library_of(self.script.resolved(item.node)).is_none())
                .map(|item| match &item.value {
                    Value::Text(path) => said(path, style),
                    other => PathSaid::Other { text: other.noun(), nearest: None },
                })
                .collect(),
            Some((_, other)) => vec![PathSaid::Other { text: other.value.noun(), nearest: None }],
            None => vec![PathSaid::All],
        };
        if paths.is_empty() {
            paths.push(PathSaid::All);
        }
        let script = self.script;
        let mount =
            function.child_by_field_name("object").map_or(PathSaid::All, |router| self.mount(router, 0));
        let options = arguments(cors).first().copied();
        for path in paths {
            if method == "use" {
                let has_cors = |node: Node<'t>| self.library_of(node).is_some();
                let before = handled_before(script, call, &path, has_cors);
                self.holes.extend(before);
            }
            self.push(library, options, cors, below(&mount, path), method);
        }
    }

    pub(super) fn push(
        &mut self,
        library: Library,
        options: Option<Node<'t>>,
        call: Node<'t>,
        path: PathSaid,
        method: &str,
    ) {
        let options = options.map(|options| item(self.script, options));
        self.push_item(library, options, call, path, method);
    }

    pub(super) fn push_item(
        &mut self,
        library: Library,
        options: Option<Item<'t>>,
        call: Node<'t>,
        path: PathSaid,
        method: &str,
    ) {
        let Some((order, mut rule)) = self.rule(library, options, call) else { return };
        rule.scope.path = path;
        match method {
            "options" => return self.preflights.push((order, rule)),
            "use" | "all" => {}
            method => rule.scope.methods = Some(vec![method.to_ascii_uppercase()]),
        }
        self.rules.push((order, rule));
    }

    /// The rule of a call, if it is wanted and always made, with its position among all of them.
    fn rule(&mut self, library: Library, options: Option<Item<'t>>, call: Node<'t>) -> Option<(usize, Rule)> {
        let library = if library == Library::Nest { self.nest_library() } else { library };
        if self.only.is_some_and(|only| {
            only != kind(library) && !(only == Kind::Nest && self.nest_library() == library)
        }) {
            return None;
        }
        if is_conditional(call) {
            self.conditional(library, call);
            return None;
        }
        let rule = library.rule(self.script, options, &self.script.place(call));
        Some((self.rules.len() + self.preflights.len(), rule))
    }

    /// A rule for the responses of a route alone; another one answers its preflights.
    pub(super) fn push_route(
        &mut self,
        library: Library,
        options: Item<'t>,
        call: Node<'t>,
        (path, methods): (PathSaid, Option<Vec<String>>),
    ) {
        let Some((order, mut rule)) = self.rule(library, Some(options), call) else { return };
        rule.scope.path = match path {
            // The rule only takes away from what the plugin allows, so that it may have more paths.
            PathSaid::Other { text, nearest } => {
                let wider = nearest.map_or(PathSaid::All, |nearest| said(&nearest, Style::Whole));
                let message = format!(
                    "a policy cannot say the path `{}`, so that more paths allow only what it allows",
                    crate::shown::path(&text)
                );
                let advice = "Write the paths of the route.";
                rule.remarks
                    .push(Said::new(remark(Class::Unreadable, About::Path, &message, advice), &rule.place));
                wider
            }
            path => path,
        };
        rule.scope.methods = methods;
        self.rules.push((order, rule));
    }

    fn conditional(&mut self, library: Library, call: Node<'t>) {
        let message = format!(
            "{} is used only under a condition, which is not read: what it allows is left out",
            library.what()
        );
        let advice = "Write a route for it if the condition holds where this policy will be in force.";
        let remark = remark(Class::Unreadable, About::Path, &message, advice);
        self.holes.push(Said::new(remark, &self.script.place(call)));
    }

    fn finish(mut self, reading: &mut Reading) {
        let preflights = core::mem::take(&mut self.preflights);
        let everywhere: Vec<_> =
            self.rules.iter().filter(|(_, rule)| rule.scope.methods.is_none()).cloned().collect();
        for (order, mut rule) in core::mem::take(&mut self.rules) {
            let has = |other: &&(usize, Rule)| covers(&other.1.scope.path, &rule.scope.path);
            if rule.scope.methods.is_some() {
                match everywhere.iter().chain(&preflights).find(has) {
                    Some((_, other)) => answered_by(other, &mut rule),
                    None => rule.scope.preflights = false,
                }
            } else if let Some((_, other)) = preflights.iter().filter(|(at, _)| *at < order).find(has) {
                // The first handler answers.
                answered_by(other, &mut rule);
            }
            reading.rules.push(rule);
        }
        for (_, rule) in preflights {
            let mut overlaps = reading.rules.iter().filter(|other| {
                covers(&rule.scope.path, &other.scope.path) || covers(&other.scope.path, &rule.scope.path)
            });
            let (class, message) = match overlaps.next() {
                None => (
                    Class::Stricter,
                    "preflights are answered, but no response has CORS headers, so pages can read nothing",
                ),
                Some(other) if is_narrower(&rule, other) => (
                    Class::Unreadable,
                    "preflights of a part of these paths are answered by a rule of their own, which is left out",
                ),
                Some(_) => continue,
            };
            reading.holes.push(Said::new(remark(class, About::Preflights, message, ""), &rule.place));
        }
        reading.holes.append(&mut self.holes);
        self.loose(reading);
    }

    /// Calls of `cors()` that no route was found for, and calls whose library nobody names.
    fn loose(&self, reading: &mut Reading) {
        let mut is_named = true;
        for call in &self.script.calls {
            let Some(library) = self.library_of(*call) else { continue };
            if self.only.is_some_and(|only| only != kind(library)) {
                continue;
            }
            let function = callee(*call);
            is_named &= function.is_some_and(|it| self.module_of(it).is_some());
            if !self.used.contains(&call.start_byte()) {
                let message = format!(
                    "{} is called here, and the requests that it is for cannot be read",
                    library.what()
                );
                let advice = "Write a route for it, with the origins of its options.";
                reading.holes.push(Said::new(
                    remark(Class::Unreadable, About::Path, &message, advice),
                    &self.script.place(*call),
                ));
            }
        }
        if !is_named
            && self.only.is_none()
            && let Some(rule) = reading.rules.first()
        {
            let message = "no line says which library `cors` is: it is read as that of Express";
            let advice = "Name another with `--from`.";
            reading
                .holes
                .push(Said::new(remark(Class::Unreadable, About::File, message, advice), &rule.place));
        }
    }
}

/// Whether a call is only made if something holds: `if`, `?:`, `&&`, a loop.
pub(super) fn is_conditional(call: Node<'_>) -> bool {
    let mut node = call;
    while let Some(parent) = node.parent() {
        let is_test = ["condition", "value", "left"]
            .iter()
            .any(|field| parent.child_by_field_name(field) == Some(node));
        let is_choice = match parent.kind() {
            "if_statement" | "ternary_expression" | "switch_statement" | "while_statement"
            | "do_statement" => !is_test,
            "for_statement" | "for_in_statement" | "catch_clause" | "switch_case" | "else_clause" => true,
            // In `a && b`, `a ?? b` only what is on the right depends.
            "binary_expression" => !is_test,
            _ => false,
        };
        // `if (…) return;` before it.
        let is_guarded = parent.kind() == "statement_block"
            && children(parent).iter().take_while(|it| it.start_byte() < node.start_byte()).any(|it| {
                let then = it.child_by_field_name("consequence");
                let last = then
                    .map(|then| if then.kind() == "statement_block" { children(then) } else { vec![then] });
                it.kind() == "if_statement"
                    && last.is_some_and(|all| all.iter().any(|it| it.kind() == "return_statement"))
            });
        if is_choice || is_guarded {
            return true;
        }
        node = parent;
    }
    false
}

fn kind(library: Library) -> Kind {
    match library {
        Library::Express => Kind::Express,
        Library::Hono => Kind::Hono,
        Library::Fastify => Kind::Fastify,
        Library::Koa => Kind::Koa,
        Library::Nest => Kind::Nest,
    }
}

/// Preflights of a rule are answered by another one.
fn answered_by(other: &Rule, rule: &mut Rule) {
    if same_origins(other, rule) {
        rule.methods = other.methods.clone();
        rule.request_headers = other.request_headers.clone();
        rule.max_age.clone_from(&other.max_age);
        return;
    }
    rule.scope.preflights = false;
    let message =
        format!("preflights are answered for other origins ({}): none is allowed here", other.place);
    let advice = "Say in the policy who may send which methods and headers.";
    rule.remarks.push(Said::new(remark(Class::Unreadable, About::Preflights, &message, advice), &rule.place));
}

/// Whether preflights of a part of a rule's paths are answered by something that says something else.
fn is_narrower(preflights: &Rule, rule: &Rule) -> bool {
    let same = same_origins(preflights, rule)
        && preflights.methods == rule.methods
        && preflights.request_headers == rule.request_headers;
    rule.scope.methods.is_none() && !same && !covers(&preflights.scope.path, &rule.scope.path)
}

fn same_origins(one: &Rule, other: &Rule) -> bool {
    let origins = |rule: &Rule| rule.origins.iter().map(|said| said.value.clone()).collect::<Vec<_>>();
    origins(one) == origins(other) && one.credentials.value == other.credentials.value
}

/// Whether one path surely has all requests of another.
pub(super) fn covers(wide: &PathSaid, narrow: &PathSaid) -> bool {
    match (wide, narrow) {
        (PathSaid::All, _) => true,
        (PathSaid::Prefix(prefix), PathSaid::Exact(path) | PathSaid::Prefix(path)) => {
            path.strip_prefix(prefix.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        }
        (wide, narrow) => wide == narrow,
    }
}
