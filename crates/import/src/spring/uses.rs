//! What configurations are used for: the mappings of a `CorsRegistry`, the paths of a `UrlBasedCorsConfigurationSource`,
//! and sources that answer every request with the same one.

use tree_sitter::Node;

use crate::java::{Program, Value, item};
use crate::model::{Applies, PathSaid, Reading};
use crate::report::About;
use crate::spring::configuration::Configuration;
use crate::spring::objects::Objects;
use crate::spring::path::said;
use crate::spring::{BROKEN, hole, is_broken, is_conditional, security};
use crate::syntax::arguments;

/// With more uses than this, a file is no program that somebody wrote.
const MOST_USES: usize = 2_000;

/// Reads the uses of a file.
pub(super) fn read<'t>(program: &Program<'t>, reading: &mut Reading) {
    let mut finder =
        Finder { program, objects: Objects::new(program), made: Vec::new(), registries: Vec::new(), reading };
    let calls = |name: &str| program.calls_of(name).iter().take(MOST_USES).copied().collect::<Vec<_>>();
    for call in calls("addMapping") {
        finder.mapped(call);
    }
    for name in ["registerCorsConfiguration", "put"] {
        for call in calls(name) {
            finder.registered(call, name == "put");
        }
    }
    for call in calls("setCorsConfigurations") {
        finder.registered_all(call);
    }
    for answer in program.returns.iter().take(MOST_USES) {
        let value = crate::syntax::children(*answer).first().copied();
        finder.answered(*answer, value);
    }
    for lambda in program.lambdas.iter().take(MOST_USES) {
        let body = lambda.child_by_field_name("body").filter(|it| it.kind() != "block");
        finder.answered(*lambda, body);
    }
    finder.order();
    finder.loose();
    if program.calls_of("addMapping").len() > MOST_USES || program.returns.len() > MOST_USES * 10 {
        let message = format!("the file has more than {MOST_USES} uses of CORS: the rest is not read");
        let place = crate::place::Place::whole(&finder.file());
        finder.reading.holes.push(hole(About::File, &message, "", &place));
    }
}

struct Finder<'r, 't> {
    program: &'r Program<'t>,
    objects: Objects<'r, 't>,
    /// The creations of configurations that some use has read.
    made: Vec<usize>,
    /// What each rule is registered in.
    registries: Vec<Option<Registry<'t>>>,
    reading: &'r mut Reading,
}

/// A `CorsRegistry`, or a source with paths: the method that fills it, and what it is called there.
type Registry<'t> = (usize, &'t str);

/// Where an object gets what it is made of.
const METHODS: &[&str] = &["method_declaration", "constructor_declaration", "field_declaration"];

const ADVICE: &str = "Write a route for it if the condition holds where this policy will be in force.";

impl<'t> Finder<'_, 't> {
    fn file(&self) -> String {
        self.program.file()
    }

    /// `registry.addMapping("/api/**").allowedOrigins(…)…`
    fn mapped(&mut self, call: Node<'t>) {
        let program = self.program;
        let place = program.place(call);
        let given = arguments(call);
        let [path] = given.as_slice() else { return };
        if is_conditional(call) {
            let message = "a mapping is only added under a condition or in a loop, which is not read";
            return self.reading.holes.push(hole(About::Path, message, ADVICE, &place));
        }
        let mut configuration = Configuration::default();
        configuration.permit_defaults(&place);
        let mut last = call;
        while let Some(outer) = last.parent().filter(|it| it.kind() == "method_invocation") {
            if outer.child_by_field_name("object") != Some(last) {
                break;
            }
            self.objects.take(outer, &mut configuration);
            last = outer;
        }
        if is_broken(last, &["expression_statement", "lambda_expression"]) {
            configuration.lose(BROKEN, &place);
        }
        // The registration may have a name.
        let name = last.parent().filter(|it| it.kind() == "variable_declarator");
        let name = name.and_then(|it| it.child_by_field_name("name"));
        if let Some((_, calls)) = name.and_then(|name| program.variable(name)) {
            self.objects.called(&calls, &mut configuration);
            if is_broken(call, METHODS) {
                configuration.lose(BROKEN, &place);
            }
        }
        self.push("`addCorsMappings`", Some(*path), call, configuration);
    }

    /// `source.registerCorsConfiguration("/api/**", configuration)`, or `map.put(…)`.
    fn registered(&mut self, call: Node<'t>, is_map: bool) {
        let given = arguments(call);
        let [path, configuration] = given.as_slice() else { return };
        self.registration(*path, *configuration, call, is_map);
    }

    fn registration(&mut self, path: Node<'t>, of: Node<'t>, call: Node<'t>, is_map: bool) {
        let place = self.program.place(call);
        let read = self.objects.configuration(of, &mut self.made);
        let Some(mut configuration) = read else {
            if !is_map {
                let message = "a configuration is registered here that cannot be read";
                let advice = "Write a route for it, with its origins.";
                self.reading.holes.push(hole(About::Origins, message, advice, &place));
            }
            return;
        };
        if is_conditional(call) {
            let message =
                "a configuration is only registered under a condition or in a loop, which is not read";
            return self.reading.holes.push(hole(About::Path, message, ADVICE, &place));
        }
        if is_broken(call, METHODS) {
            configuration.lose(BROKEN, &place);
        }
        self.push("`CorsConfiguration`", Some(path), call, configuration);
    }

    /// `source.setCorsConfigurations(Map.of("/**", configuration))`
    fn registered_all(&mut self, call: Node<'t>) {
        let given = arguments(call);
        let pairs = match given.as_slice() {
            [map] if matches!(self.program.method(*map), "of" | "singletonMap") => arguments(*map),
            // A map that was filled: its `put` has been read.
            [map] if map.kind() == "identifier" && !self.made.is_empty() => return,
            _ => Vec::new(),
        };
        if pairs.is_empty() {
            let message = "configurations are registered here that cannot be read";
            return self.reading.holes.push(hole(About::Path, message, "", &self.program.place(call)));
        }
        for pair in pairs.chunks(2) {
            if let [path, configuration] = pair {
                self.registration(*path, *configuration, call, false);
            }
        }
    }

    /// A configuration that a source answers with: it is for every request.
    fn answered(&mut self, answer: Node<'t>, value: Option<Node<'t>>) {
        let Some(value) = value else { return };
        if !self.is_source(answer) {
            return;
        }
        let read = self.objects.configuration(value, &mut self.made);
        let place = self.program.place(answer);
        match read {
            Some(_) if answer.kind() == "return_statement" && is_conditional(answer) => {
                let message =
                    "a configuration is the answer to some requests only, by a condition that is not read";
                self.reading.holes.push(hole(About::Path, message, ADVICE, &place));
            }
            Some(mut configuration) => {
                if is_broken(answer, METHODS) {
                    configuration.lose(BROKEN, &place);
                }
                self.push("`CorsConfiguration`", None, answer, configuration);
            }
            None if value.kind() == "null_literal" || answer.kind() == "lambda_expression" => {}
            None => {
                let message = "the configuration that a source answers with cannot be read";
                self.reading.holes.push(hole(About::Origins, message, "", &place));
            }
        }
    }

    /// Whether something answers for a `CorsConfigurationSource`: a lambda, or its method.
    fn is_source(&self, answer: Node<'t>) -> bool {
        let mut node = Some(answer);
        while let Some(inner) = node {
            match inner.kind() {
                "lambda_expression" => return true,
                "method_declaration" => return self.program.method(inner) == "getCorsConfiguration",
                _ => node = inner.parent(),
            }
        }
        false
    }

    fn push(
        &mut self,
        what: &'static str,
        path: Option<Node<'t>>,
        at: Node<'t>,
        configuration: Configuration,
    ) {
        let mut configuration = configuration;
        security::conditions_around(self.program, at, &mut configuration);
        let path = match path.map(|it| item(self.program, it).value) {
            None => PathSaid::All,
            Some(Value::Text(path)) => said(&path),
            Some(other) => PathSaid::Other { text: other.noun(), nearest: None },
        };
        self.registries.push(self.registry(at));
        self.reading.rules.push(configuration.rule(what, &self.program.place(at), path, None));
    }

    /// Of the paths of one registry, Spring takes the first that was registered. Of several, all have a say.
    fn order(&mut self) {
        let [Some(first), rest @ ..] = self.registries.as_slice() else { return };
        if rest.iter().any(|registry| registry.as_ref() != Some(first)) {
            return;
        }
        let before = self.reading.rules.len().saturating_sub(self.registries.len());
        for rule in self.reading.rules.iter_mut().skip(before) {
            rule.scope.applies = Applies::First;
        }
    }

    /// What a call registers in.
    fn registry(&self, call: Node<'t>) -> Option<Registry<'t>> {
        let object = call.child_by_field_name("object")?;
        let mut node = Some(call);
        while let Some(inner) = node {
            if inner.kind() == "method_declaration" {
                return (object.kind() == "identifier")
                    .then(|| (inner.start_byte(), self.program.text(object)));
            }
            node = inner.parent();
        }
        None
    }

    /// Configurations that no use was found for.
    fn loose(&mut self) {
        for creation in &self.program.creations {
            let name = creation.child_by_field_name("type").map(|it| self.program.simple_name(it));
            if name == Some("CorsConfiguration") && !self.made.contains(&creation.start_byte()) {
                let message =
                    "a `CorsConfiguration` is made here, and the requests that it is for cannot be read";
                let advice = "Write a route for it, with its origins.";
                let place = self.program.place(*creation);
                self.reading.holes.push(hole(About::Path, message, advice, &place));
            }
        }
    }
}
