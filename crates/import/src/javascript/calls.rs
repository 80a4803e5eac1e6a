//! Where a script uses CORS: the calls of libraries, and the paths that they are for.

use core::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};

use tree_sitter::Node;

use crate::javascript::library::{Library, remark};
use crate::javascript::mounts::Mounting;
use crate::javascript::order::Answering;
use crate::javascript::paths::{Style, below, said};
use crate::javascript::preflights;
use crate::javascript::script::{Script, callee};
use crate::javascript::value::{Item, Table, Value, item};
use crate::kind::Kind;
use crate::model::{PathSaid, Reading, Remark, Rule};
use crate::place::Said;
use crate::report::{About, Class};
use crate::syntax::{arguments, children};

/// A program with more rules than this is none that somebody wrote.
const MOST_RULES: usize = crate::carry::MOST_RULES;
/// The most origins, methods and headers in all of them.
const MOST_ENTRIES: usize = crate::carry::MOST_ENTRIES;

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
        is_fastify: script.text.contains("FastifyAdapter"),
        entries: 0,
        is_cut: false,
        mounting: OnceCell::new(),
        mounts: RefCell::default(),
        answering: OnceCell::new(),
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
    /// NestJS runs on Fastify.
    is_fastify: bool,
    /// The origins, methods and headers of the rules so far.
    entries: usize,
    /// There were too many of them.
    is_cut: bool,
    /// What mounts routers, and the paths of those that were asked for.
    pub(super) mounting: OnceCell<Mounting<'t>>,
    pub(super) mounts: RefCell<HashMap<&'t str, PathSaid>>,
    answering: OnceCell<Answering<'t>>,
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
        if self.is_fastify { Library::Fastify } else { Library::Nest }
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
        if self.script.is_conditional(call) || self.script.is_conditional(cors) {
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
        let mount = function.child_by_field_name("object").map_or(PathSaid::All, |router| self.mount(router));
        let options = arguments(cors).first().copied();
        for path in paths {
            if method == "use" {
                let has_cors = |node: Node<'t>| self.library_of(node).is_some();
                let answering = self.answering.get_or_init(|| Answering::of(script, has_cors));
                let before = answering.before(script, call, &path, &mount);
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
        if self.script.is_conditional(call) {
            self.conditional(library, call);
            return None;
        }
        let order = self.rules.len() + self.preflights.len();
        let is_too_much = order == MOST_RULES || self.entries > MOST_ENTRIES;
        if is_too_much && !core::mem::replace(&mut self.is_cut, true) {
            let message = format!(
                "the file has more than {MOST_RULES} rules, or lists more than {MOST_ENTRIES} origins, methods and headers: \
                 from here on, none is read"
            );
            let remark = remark(Class::Unreadable, About::File, &message, "Import parts of it.");
            self.holes.push(Said::new(remark, &self.script.place(call)));
        }
        if is_too_much {
            return None;
        }
        let rule = library.rule(self.script, options, &self.script.place(call));
        self.entries += rule.entries();
        Some((order, rule))
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
        preflights::answer(core::mem::take(&mut self.rules), core::mem::take(&mut self.preflights), reading);
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

fn kind(library: Library) -> Kind {
    match library {
        Library::Express => Kind::Express,
        Library::Hono => Kind::Hono,
        Library::Fastify => Kind::Fastify,
        Library::Koa => Kind::Koa,
        Library::Nest => Kind::Nest,
    }
}
