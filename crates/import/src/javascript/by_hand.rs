//! Programs that set the headers of CORS themselves.
//!
//! One handler of `app.use` that only sets headers, compares the origin and answers OPTIONS is read. Any other line that
//! sets such a header is a hole.

use std::collections::HashSet;

use tree_sitter::Node;

use crate::by_hand;
use crate::javascript::allowed::Allowed;
use crate::javascript::callback::{Protocol, Reader, block, parameters};
use crate::javascript::order::Answering;
use crate::javascript::paths::{Style, said};
use crate::javascript::script::Script;
use crate::javascript::value::{Value, item, text};
use crate::model::{OriginSaid, PathSaid, Reading, Rule};
use crate::place::{Place, Said};
use crate::response_headers::{self, HeaderSaid};
use crate::syntax::{arguments, children};

const WHAT: &str = "headers that the program sets itself";

/// Reads the handler that sets the headers, or names the lines that do.
pub(super) fn read(script: &Script<'_>, is_asked: bool, reading: &mut Reading) {
    let setters = setters(script);
    if setters.is_empty() {
        return;
    }
    let mounted = mounted(script);
    let mut handlers =
        script.calls.iter().filter_map(|call| Some((*call, handler(script, *call, &setters, &mounted)?)));
    if is_asked
        && reading.rules.is_empty()
        && let Some((call, rule)) = handlers.next()
    {
        let answering = Answering::of(script, |_| false);
        reading.holes.extend(answering.before(script, call, &rule.scope.path, &PathSaid::All));
        reading.rules.push(rule);
        return;
    }
    by_hand::name_places(setters.iter().map(|it| (enclosing(*it), script.place(*it))), reading);
}

/// The block or the object that a node stands in, by where it begins.
fn enclosing(node: Node<'_>) -> usize {
    let mut node = node;
    while let Some(parent) = node.parent() {
        node = parent;
        if matches!(node.kind(), "statement_block" | "object") {
            break;
        }
    }
    node.start_byte()
}

/// The names of headers that are set or removed: `res.setHeader("…", …)` and its like, and the keys of objects.
fn setters<'t>(script: &Script<'t>) -> Vec<Node<'t>> {
    const SETTING: [&str; 8] =
        ["setHeader", "header", "set", "append", "appendHeader", "headers", "removeHeader", "delete"];
    let is_header = |node: &Node<'t>| {
        matches!(node.kind(), "string" | "template_string")
            && by_hand::is_header(script.text(*node).trim_matches(['"', '\'', '`']))
    };
    let mut found = Vec::new();
    for call in &script.calls {
        let property = call.child_by_field_name("function").and_then(|it| it.child_by_field_name("property"));
        if property.is_some_and(|it| SETTING.contains(&script.text(it))) {
            found.extend(arguments(*call).first().copied().filter(is_header));
        }
    }
    for object in &script.objects {
        let keys = children(*object).into_iter().filter_map(|it| it.child_by_field_name("key"));
        found.extend(keys.filter(is_header));
    }
    found.sort_by_key(|it| it.start_byte());
    found
}

/// The rule of `app.use([path,] handler)`, if this handler sets all of the headers and does nothing else about them.
fn handler<'t>(
    script: &Script<'t>,
    call: Node<'t>,
    setters: &[Node<'t>],
    mounted: &HashSet<&str>,
) -> Option<Rule> {
    let function = call.child_by_field_name("function")?;
    let is_application = function.child_by_field_name("object").is_some_and(|it| it.kind() == "identifier")
        && !script.text(function).to_ascii_lowercase().contains("router");
    let name = function.child_by_field_name("object").map(|it| script.text(it)).unwrap_or_default();
    if script.text(function.child_by_field_name("property")?) != "use"
        || !is_application
        || mounted.contains(name)
        || script.is_conditional(call)
    {
        return None;
    }
    let given = arguments(call);
    let (path, handler) = match given.as_slice() {
        [handler] => (PathSaid::All, *handler),
        [path, handler] => (said(&text(script, *path)?, Style::Mounted), *handler),
        _ => return None,
    };
    let handler = script.resolved(handler);
    let is_in =
        |it: &Node<'t>| it.start_byte() >= handler.start_byte() && it.end_byte() <= handler.end_byte();
    if !setters.iter().all(is_in) || handler.has_error() || script.text(handler).starts_with("async") {
        return None;
    }
    let parameters = parameters(script, handler);
    let [request, response, ..] = parameters.as_slice() else { return None };
    let mut read = Handler {
        script,
        reader: Reader { script, protocol: Protocol::Handshake, origin: request, callback: "" },
        request,
        response,
        headers: Vec::new(),
        origins: None,
        answers_preflights: false,
    };
    let body = handler.child_by_field_name("body").filter(|it| it.kind() == "statement_block")?;
    let statements = children(body);
    for (at, statement) in statements.iter().enumerate() {
        // Nothing runs after it.
        if statement.kind() == "return_statement" && at + 1 < statements.len() {
            return None;
        }
        read.statement(*statement)?;
    }
    let mut rule = response_headers::rule(WHAT, &read.headers, &script.place(call))?;
    rule.scope.path = path;
    rule.origins = read.origins?;
    if read.answers_preflights {
        rule.remarks.clear();
    }
    Some(rule)
}

/// The names of applications that are mounted in another one, at a path that their handlers do not know.
fn mounted<'t>(script: &Script<'t>) -> HashSet<&'t str> {
    let mounting = script.calls.iter().filter(|call| {
        let property = call.child_by_field_name("function").and_then(|it| it.child_by_field_name("property"));
        property.is_some_and(|it| matches!(script.text(it), "use" | "route" | "mount"))
    });
    mounting.flat_map(|call| arguments(*call)).map(|it| script.text(it)).collect()
}

struct Handler<'h, 't> {
    script: &'h Script<'t>,
    reader: Reader<'h, 't>,
    request: &'t str,
    response: &'t str,
    /// Those that are set, `Access-Control-Allow-Origin` among them.
    headers: Vec<HeaderSaid>,
    /// What `Access-Control-Allow-Origin` is set to, once it is.
    origins: Option<Vec<Said<OriginSaid>>>,
    answers_preflights: bool,
}

impl<'t> Handler<'_, 't> {
    /// Reads a statement of the handler; `None` if it does something that cannot be read.
    fn statement(&mut self, statement: Node<'t>) -> Option<()> {
        match statement.kind() {
            "lexical_declaration" | "variable_declaration" => self.reader.is_plain(statement).then_some(()),
            "expression_statement" => {
                let call = *children(statement).first()?;
                if self.goes_on(call) { Some(()) } else { self.set(call, &Allowed::Everything) }
            }
            "return_statement" => {
                children(statement).first().is_none_or(|call| self.goes_on(*call)).then_some(())
            }
            "if_statement" => self.choice(statement),
            _ => None,
        }
    }

    /// `if (request.method === "OPTIONS") …`, or a condition about the origin.
    fn choice(&mut self, statement: Node<'t>) -> Option<()> {
        let condition = statement.child_by_field_name("condition")?;
        let then = block(statement.child_by_field_name("consequence")?);
        let otherwise =
            statement.child_by_field_name("alternative").and_then(|it| children(it).first().copied());
        let otherwise = otherwise.map(block).unwrap_or_default();
        if self.is_preflight(condition) {
            // What is answered before has no headers.
            self.origins.as_ref()?;
            self.answers_preflights = self.answers(&then)?;
            return otherwise.into_iter().try_for_each(|it| self.statement(it));
        }
        let allowed = self.reader.condition(condition, 0)?.plain()?;
        let (known, had_origins) = (self.headers.len(), self.origins.is_some());
        for set in then {
            let call = *children(set).first().filter(|_| set.kind() == "expression_statement")?;
            self.set(call, &allowed)?;
        }
        // Without `Access-Control-Allow-Origin`, nothing else counts; with one that is set elsewhere, the rest would be for
        // other origins than the condition's.
        let is_cors = |it: &HeaderSaid| it.name.starts_with("access-control-");
        let sets_origins = !had_origins && self.origins.is_some();
        (sets_origins || !self.headers.iter().skip(known).any(is_cors)).then_some(())?;
        let is_next = |it: &Node<'t>| children(*it).first().is_some_and(|call| self.goes_on(*call));
        otherwise.iter().all(is_next).then_some(())
    }

    /// A call that sets headers, for the origins of a condition.
    fn set(&mut self, call: Node<'t>, allowed: &Allowed) -> Option<()> {
        let function = call.child_by_field_name("function").filter(|_| call.kind() == "call_expression")?;
        let object = function.child_by_field_name("object")?;
        let method = self.script.text(function.child_by_field_name("property")?);
        let given = arguments(call);
        if self.script.text(object) == "console" {
            return Some(());
        }
        // `res.header(…).header(…)`
        if object.kind() == "call_expression" {
            self.set(object, allowed)?;
        } else if self.script.text(object) != self.response {
            return None;
        }
        match (method, given.as_slice()) {
            ("setHeader" | "header" | "set", [name, value]) => {
                let name = text(self.script, *name)?;
                self.take(&name, *value, allowed)
            }
            ("header" | "set", [headers]) => {
                let Value::Table(table) = item(self.script, *headers).value else { return None };
                if table.unknown.is_some() {
                    return None;
                }
                table.keys().try_for_each(|(name, value)| self.take(name, value.node, allowed))
            }
            // A list of names that a cache needs, and headers that are not of CORS.
            ("vary" | "append" | "removeHeader", [name, ..]) => {
                let name = text(self.script, *name)?;
                (!name.to_ascii_lowercase().starts_with("access-control-")).then_some(())
            }
            _ => None,
        }
    }

    fn take(&mut self, name: &str, value: Node<'t>, allowed: &Allowed) -> Option<()> {
        let place = self.script.place(value);
        let name = name.to_ascii_lowercase();
        let is_cors = name.starts_with("access-control-");
        // A header that is set twice has the later value, and one that is set after preflights are answered is not theirs.
        let is_twice = self.headers.iter().any(|it| it.name == name);
        let is_late = self.answers_preflights && name != "access-control-expose-headers";
        if is_cors && (is_twice || is_late) {
            return None;
        }
        if name == "access-control-allow-origin" {
            self.origins = Some(self.origin(value, allowed, &place)?);
        }
        let value = match item(self.script, value).value {
            Value::Text(text) => Ok(text),
            Value::Bool(value) => Ok(value.to_string()),
            Value::Number(number) => Ok(number.to_string()),
            other => Err(other.noun()),
        };
        self.headers.push(HeaderSaid { name, value: Said::new(value, &place) });
        Some(())
    }

    /// What a value of `Access-Control-Allow-Origin` allows, under a condition about the origin.
    fn origin(&self, value: Node<'t>, allowed: &Allowed, place: &Place) -> Option<Vec<Said<OriginSaid>>> {
        let text = match item(self.script, value).value {
            Value::Text(text) => Some(text),
            _ => None,
        };
        Some(match (allowed, self.reader.answer(value, 0), text) {
            (Allowed::Nothing, ..) => Vec::new(),
            (Allowed::Everything, _, Some(text)) if text == "*" => vec![Said::new(OriginSaid::Any, place)],
            (Allowed::Everything, Some(Allowed::Everything), _) => {
                vec![Said::new(OriginSaid::Reflected, place)]
            }
            (Allowed::Everything, Some(Allowed::Nothing), _) => Vec::new(),
            (Allowed::Everything, Some(Allowed::Some(origins)), _) => origins,
            (Allowed::Everything, None, _) => {
                let what = item(self.script, value).value.noun();
                vec![Said::new(OriginSaid::Unreadable(what), place)]
            }
            (Allowed::Some(origins), Some(Allowed::Everything), _) => origins.clone(),
            // `if (origin === "https://a.example")`, and the same text as the value.
            (Allowed::Some(origins), _, Some(text)) => {
                let is_same = |it: &&Said<OriginSaid>| it.value == OriginSaid::Exact(text.clone());
                vec![origins.iter().find(is_same)?.clone()]
            }
            _ => return None,
        })
    }

    /// `next()`.
    fn goes_on(&self, call: Node<'t>) -> bool {
        matches!(self.script.text(call), "next()" | "return next()")
    }

    /// `request.method === "OPTIONS"`.
    fn is_preflight(&self, condition: Node<'t>) -> bool {
        let text: String = self.script.text(condition).chars().filter(|it| !it.is_whitespace()).collect();
        let text = text.trim_matches(['(', ')']).replace(['\'', '`'], "\"").replace("===", "==");
        let (method, options) = (format!("{}.method", self.request), "\"OPTIONS\"");
        text == format!("{method}=={options}") || text == format!("{options}=={method}")
    }

    /// Whether the statements answer a preflight with a status of success, and do nothing else but set headers.
    fn answers(&mut self, statements: &[Node<'t>]) -> Option<bool> {
        let mut answers = false;
        for statement in statements {
            let Some(call) = children(*statement).first().copied() else { continue };
            let text = self.script.text(call);
            let sent = text.strip_prefix(self.response).and_then(|it| it.strip_prefix('.'))?;
            let status =
                ["sendStatus(", "status(", "writeHead("].iter().find_map(|it| sent.strip_prefix(*it));
            match status {
                Some(rest) => {
                    let status = rest.get(..3).and_then(|it| it.parse::<u16>().ok())?;
                    answers = (200..300).contains(&status);
                    // `status(204)` alone sends nothing, and headers may follow in `writeHead`.
                    let is_plain = !rest.to_ascii_lowercase().contains("access-control-");
                    is_plain.then_some(())?;
                }
                None if ["end(", "send(", "json("].iter().any(|it| sent.starts_with(it)) => {
                    answers |= !statements.iter().any(|it| self.script.text(*it).contains("tatus"));
                }
                None => {
                    let known = self.headers.len();
                    self.set(call, &Allowed::Everything)?;
                    let is_theirs = |it: &HeaderSaid| {
                        let name = it.name.strip_prefix("access-control-");
                        matches!(name, None | Some("allow-methods" | "allow-headers" | "max-age"))
                    };
                    self.headers.iter().skip(known).all(is_theirs).then_some(())?;
                }
            }
        }
        Some(answers)
    }
}
