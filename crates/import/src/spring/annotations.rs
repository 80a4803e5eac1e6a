//! `@CrossOrigin` on classes and methods, with the mappings that they are for.

use std::collections::HashMap;

use tree_sitter::Node;

use crate::java::{Item, Program, Value, annotation, item};
use crate::model::{PathSaid, Reading};
use crate::place::Said;
use crate::report::About;
use crate::spring::configuration::{Configuration, Entry, List};
use crate::spring::path::{combined, said};
use crate::spring::{BROKEN, hole, security};
use crate::syntax::{arguments, children};

/// The annotations that map requests, and the method that each is for.
const MAPPINGS: [(&str, Option<&str>); 6] = [
    ("RequestMapping", None),
    ("GetMapping", Some("GET")),
    ("PostMapping", Some("POST")),
    ("PutMapping", Some("PUT")),
    ("DeleteMapping", Some("DELETE")),
    ("PatchMapping", Some("PATCH")),
];

/// Requests that a method handles.
#[derive(Clone, Debug)]
struct Mapping {
    paths: Vec<Entry>,
    /// All, if there is none.
    methods: Vec<Entry>,
}

impl Mapping {
    /// Notes the requests, `*` for all methods.
    fn handled_by(&self, plain: &mut HashMap<String, Vec<String>>) {
        let known: Option<Vec<String>> = self.methods.iter().map(|it| it.value.clone().ok()).collect();
        let methods = known.filter(|it| !it.is_empty()).unwrap_or_else(|| vec!["*".to_owned()]);
        for path in self.paths.iter().filter_map(|it| it.value.as_ref().ok()) {
            plain.entry(path.clone()).or_default().extend(methods.iter().cloned());
        }
    }
}

/// Reads the annotations of a file.
pub(super) fn read<'t>(program: &Program<'t>, reading: &mut Reading) {
    let mut used = Vec::new();
    let mut plain: HashMap<String, Vec<String>> = HashMap::new();
    for class in &program.types {
        let of_class = annotation(program, *class, &["CrossOrigin"]);
        used.extend(of_class);
        let body = class.child_by_field_name("body").map(children).unwrap_or_default();
        let methods: Vec<_> = body.into_iter().filter(|it| it.kind() == "method_declaration").collect();
        let mut has_route = false;
        for method in methods {
            let of_method = annotation(program, method, &["CrossOrigin"]);
            used.extend(of_method);
            let mapping = mapping(program, *class, Some(method));
            if of_class.or(of_method).is_none() {
                if let Some(mapping) = &mapping {
                    mapping.handled_by(&mut plain);
                }
                continue;
            }
            has_route |= mapping.is_some();
            route(program, [of_class, of_method], mapping, (*class, method), reading);
        }
        if let Some(of_class) = of_class.filter(|_| !has_route) {
            let message = "`@CrossOrigin` is on a class without a mapping that can be read here";
            let advice = "Write a route for its paths, with the origins of the annotation.";
            reading.holes.push(hole(About::Path, message, advice, &program.place(of_class)));
        }
    }
    loose(program, &used, reading);
    shared(&plain, reading);
}

/// Methods outside a class, as people paste them, and annotations on anything else.
fn loose<'t>(program: &Program<'t>, used: &[Node<'t>], reading: &mut Reading) {
    let is_cors = |it: &&Node<'t>| {
        it.child_by_field_name("name").is_some_and(|name| program.simple_name(name) == "CrossOrigin")
    };
    for found in program.annotations.iter().filter(is_cors) {
        if used.contains(found) {
            continue;
        }
        let declaration = found.parent().and_then(|it| it.parent());
        match declaration.filter(|it| it.kind() == "method_declaration") {
            Some(method) => {
                let mapping = mapping(program, method, Some(method));
                route(program, [None, Some(*found)], mapping, (method, method), reading);
            }
            None => {
                let message = "`@CrossOrigin` stands where the requests that it is for cannot be read";
                let advice = "Write a route for them, with the origins of the annotation.";
                reading.holes.push(hole(About::Path, message, advice, &program.place(*found)));
            }
        }
    }
}

/// A handler without the annotation, for requests that another one allows.
fn shared(plain: &HashMap<String, Vec<String>>, reading: &mut Reading) {
    for rule in &mut reading.rules {
        let (PathSaid::Exact(path) | PathSaid::Other { text: path, .. }) = &rule.scope.path else { continue };
        let Some(handled) = plain.get(path) else { continue };
        let also = |method: &String| {
            method == "*" || rule.scope.methods.as_ref().is_none_or(|it| it.contains(method))
        };
        if handled.iter().any(also) {
            let message = "another method of the program handles the same requests, without `@CrossOrigin`";
            let said = hole(About::Path, message, "Look at which of them allows other origins.", &rule.place);
            rule.remarks.push(said);
        }
    }
}

fn route<'t>(
    program: &Program<'t>,
    cross_origin: [Option<Node<'t>>; 2],
    mapping: Option<Mapping>,
    (class, method): (Node<'t>, Node<'t>),
    reading: &mut Reading,
) {
    let Some(nearest) = cross_origin.iter().rev().flatten().next() else { return };
    let place = program.place(*nearest);
    let Some(mapping) = mapping else {
        if cross_origin.last().is_some_and(Option::is_some) {
            let message = "`@CrossOrigin` is on a method without a mapping that can be read here";
            let advice = "Write a route for its paths, with the origins of the annotation.";
            reading.holes.push(hole(About::Path, message, advice, &place));
        }
        return;
    };
    let mut configuration = Configuration::default();
    for annotation in cross_origin.into_iter().flatten() {
        take(program, annotation, &mut configuration);
    }
    if !configuration.has_methods() {
        for entry in &mapping.methods {
            configuration.add(List::Methods, entry.clone());
        }
    }
    configuration.permit_defaults(&place);
    security::conditions(program, &[class, method], &mut configuration);
    narrowing(program, method, &mut configuration);
    let known: Option<Vec<String>> = mapping.methods.iter().map(|it| it.value.clone().ok()).collect();
    let mapped = known.filter(|it| !it.is_empty());
    for path in &mapping.paths {
        let path = match &path.value {
            Ok(path) => said(path),
            Err(what) => PathSaid::Other { text: what.clone(), nearest: None },
        };
        reading.rules.push(configuration.clone().rule("`@CrossOrigin`", &place, path, mapped.as_deref()));
    }
}

/// Conditions of a mapping beside the path and the method: another handler may have the other requests.
fn narrowing<'t>(program: &Program<'t>, method: Node<'t>, configuration: &mut Configuration) {
    let names = MAPPINGS.map(|(name, _)| name);
    let Some(found) = annotation(program, method, &names) else { return };
    for (key, value) in attributes(program, found) {
        if matches!(key, "params" | "headers" | "version") {
            let message = format!(
                "the mapping is only for requests with some `{key}`: the route is for all of its path"
            );
            let said = hole(
                About::Path,
                &message,
                "Look at what else the program answers there.",
                &program.place(value),
            );
            configuration.remark(said.value, &said.place);
        }
    }
}

/// What `@CrossOrigin` adds to a configuration.
fn take<'t>(program: &Program<'t>, found: Node<'t>, configuration: &mut Configuration) {
    if found.has_error() {
        return configuration.lose(BROKEN, &program.place(found));
    }
    for (key, value) in attributes(program, found) {
        let value = item(program, value);
        let list = match key {
            "origins" | "value" => Some(List::Origins),
            "originPatterns" => Some(List::OriginPatterns),
            "methods" => Some(List::Methods),
            "allowedHeaders" => Some(List::RequestHeaders),
            "exposedHeaders" => Some(List::ExposedHeaders),
            _ => None,
        };
        match (list, key) {
            (Some(list), _) => {
                for entry in entries(&value) {
                    configuration.add(list, entry);
                }
            }
            (None, "allowCredentials") => {
                let said = match &value.value {
                    Value::Text(text) if text.is_empty() => continue,
                    Value::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
                    Value::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
                    _ => None,
                };
                configuration.set_credentials(Said::new(said, &value.place));
            }
            (None, "maxAge") => match &value.value {
                // A negative age is none.
                Value::Number(number) if *number < 0 => {}
                _ => configuration.set_max_age(max_age(&value)),
            },
            (None, "allowPrivateNetwork") => {}
            (None, _) => {
                let message = format!("`{}` is no attribute of `@CrossOrigin`", crate::shown::name(key));
                let said = hole(About::Origins, &message, "", &value.place);
                configuration.remark(said.value, &said.place);
            }
        }
    }
}

/// The attributes of an annotation. One value without a name is `value`.
fn attributes<'t>(program: &Program<'t>, found: Node<'t>) -> Vec<(&'t str, Node<'t>)> {
    let pair = |node: Node<'t>| match node.kind() {
        "element_value_pair" => {
            let key = node.child_by_field_name("key")?;
            Some((program.text(key), node.child_by_field_name("value")?))
        }
        _ => Some(("value", node)),
    };
    arguments(found).into_iter().filter_map(pair).collect()
}

/// The requests of a method: its mapping below that of its class.
fn mapping<'t>(program: &Program<'t>, class: Node<'t>, method: Option<Node<'t>>) -> Option<Mapping> {
    let names = MAPPINGS.map(|(name, _)| name);
    let own = method.and_then(|method| annotation(program, method, &names))?;
    let own = annotated(program, own);
    let Some(outer) = annotation(program, class, &["RequestMapping"]).filter(|_| Some(class) != method)
    else {
        return Some(own);
    };
    let outer = annotated(program, outer);
    let paths = outer.paths.iter().flat_map(|class| {
        own.paths.iter().map(|method| match (&class.value, &method.value) {
            (Ok(class), Ok(own)) => Said::new(Ok(combined(class, own)), &method.place),
            (Err(what), _) | (_, Err(what)) => Said::new(Err(what.clone()), &method.place),
        })
    });
    let paths = paths.collect();
    Some(Mapping { paths, methods: [outer.methods, own.methods].concat() })
}

fn annotated<'t>(program: &Program<'t>, found: Node<'t>) -> Mapping {
    let name = found.child_by_field_name("name").map(|it| program.simple_name(it)).unwrap_or_default();
    let place = program.place(found);
    let of_name = MAPPINGS.iter().find(|(it, _)| *it == name).and_then(|(_, method)| *method);
    let mut methods: Vec<_> =
        of_name.iter().map(|method| Said::new(Ok((*method).to_owned()), &place)).collect();
    let mut paths = Vec::new();
    for (key, value) in attributes(program, found) {
        match key {
            "path" | "value" => paths.extend(entries(&item(program, value))),
            "method" => methods.extend(entries(&item(program, value))),
            _ => {}
        }
    }
    if paths.is_empty() {
        paths.push(Said::new(Ok(String::new()), &place));
    }
    Mapping { paths, methods }
}

/// A value as entries of a list.
pub(super) fn entries(value: &Item) -> Vec<Entry> {
    let entry = |item: &Item| match &item.value {
        Value::Text(text) => Said::new(Ok(text.clone()), &item.place),
        other => Said::new(Err(other.noun()), &item.place),
    };
    match &value.value {
        Value::List(items) => items.iter().map(entry).collect(),
        Value::Null => Vec::new(),
        _ => vec![entry(value)],
    }
}

pub(super) fn max_age(value: &Item) -> Said<Result<i64, String>> {
    let seconds = match &value.value {
        Value::Number(number) => Ok(*number),
        other => Err(other.noun()),
    };
    Said::new(seconds, &value.place)
}
