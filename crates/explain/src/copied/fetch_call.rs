//! Reads *Copy as fetch*, for browsers and for Node.js, and the like written by hand. The script is parsed
//! and not run.

use tree_sitter::Node;

use super::javascript::{Source, children, parse};
use super::{Copied, CopyError, Headers, MAX_TEXT, MOST_COPIES, Unread, origin_of};
use crate::initiator::Initiator;
use crate::page::Parts;

/// Reads the first call of a script.
///
/// # Errors
/// If it cannot be read as a request.
pub fn read(script: &str) -> Result<Copied, Unread> {
    let (mut all, _) = read_all(script);
    if all.is_empty() { Err(CopyError::NoFetch.into()) } else { all.swap_remove(0) }
}

/// Reads each call of a script, up to [`MOST_COPIES`]. The second value is whether there are more.
#[must_use]
pub fn read_all(script: &str) -> (Vec<Result<Copied, Unread>>, bool) {
    read_tree(script).unwrap_or_else(|error| (vec![Err(error.into())], false))
}

fn read_tree(script: &str) -> Result<(Vec<Result<Copied, Unread>>, bool), CopyError> {
    if script.len() > MAX_TEXT {
        return Err(CopyError::TooLong);
    }
    let tree = parse(script)?;
    let source = Source { text: script, root: tree.root_node() };
    if source.calls().is_empty() && source.root.has_error() {
        // A copy often lacks its end, without which the parser sees no call.
        for end in [")", "})", "}})"] {
            let mended = format!("{script}{end}");
            let tree = parse(&mended)?;
            let source = Source { text: &mended, root: tree.root_node() };
            if !source.calls().is_empty() {
                return source.all(&["the script breaks off; what can be read is explained".to_owned()]);
            }
        }
        let line = source.broken().unwrap_or(1);
        return Err(CopyError::NotJavaScript(format!("it breaks off or has a mistake on line {line}")));
    }
    source.all(&[])
}

/// What a script calls to send a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sends {
    Fetch,
    EventSource,
    WebSocket,
}

impl<'s> Source<'s> {
    /// Each call that sends a request, with its arguments.
    fn calls(&self) -> Vec<(Sends, Node<'s>)> {
        let sends = |node: &Node<'s>| {
            let name = |field| node.child_by_field_name(field).map(|name| self.text(name));
            match (node.kind(), name("function"), name("constructor")) {
                ("call_expression", Some(name), _) if name == "fetch" || name.ends_with(".fetch") => {
                    Some(Sends::Fetch)
                }
                ("new_expression", _, Some("Request")) if !self.is_within_fetch(*node) => Some(Sends::Fetch),
                ("new_expression", _, Some("EventSource")) => Some(Sends::EventSource),
                ("new_expression", _, Some("WebSocket")) => Some(Sends::WebSocket),
                _ => None,
            }
        };
        self.nodes()
            .filter_map(|node| Some((sends(&node)?, node.child_by_field_name("arguments")?)))
            .take(MOST_COPIES + 1)
            .collect()
    }

    /// Whether `new Request(…)` is what `fetch` gets.
    fn is_within_fetch(&self, node: Node<'s>) -> bool {
        let call = node.parent().and_then(|arguments| arguments.parent());
        let function = call.and_then(|call| call.child_by_field_name("function"));
        function.is_some_and(|name| self.text(name) == "fetch" || self.text(name).ends_with(".fetch"))
    }

    /// Reads each call.
    fn all(&self, noticed: &[String]) -> Result<(Vec<Result<Copied, Unread>>, bool), CopyError> {
        let mut calls = self.calls();
        if calls.is_empty() {
            return Err(CopyError::NoFetch);
        }
        let has_more = calls.len() > MOST_COPIES;
        calls.truncate(MOST_COPIES);
        let broken = self
            .broken()
            .map(|line| format!("the script has a mistake on line {line}; what can be read is explained"));
        let read = |(sends, arguments): (Sends, Node<'s>)| {
            let mut notes: Vec<String> = noticed.iter().cloned().chain(broken.clone()).collect();
            let copied = match sends {
                Sends::Fetch => self.request(arguments, &mut notes),
                Sends::EventSource | Sends::WebSocket => self.stream(sends, arguments, &mut notes),
            };
            match copied {
                Ok(copied) => Ok(Copied { notes, ..copied }),
                Err(error) => Err(Unread { error, notes }),
            }
        };
        Ok((calls.into_iter().map(read).collect(), has_more))
    }

    /// `new EventSource(url, { withCredentials: true })` and `new WebSocket(url)`.
    fn stream(
        &self,
        sends: Sends,
        arguments: Node<'s>,
        notes: &mut Vec<String>,
    ) -> Result<Copied, CopyError> {
        let arguments: Vec<_> = children(arguments);
        let url = arguments.first().and_then(|url| self.url(*url)).ok_or(CopyError::ComputedUrl)?;
        let mut parts = Parts { url, ..Parts::default() };
        if sends == Sends::WebSocket {
            parts.websocket = true;
        } else {
            parts.initiator = Initiator::Resource;
            let options = arguments.get(1).map(|options| self.resolved(*options));
            let pairs = options.map(|options| self.pairs(options, notes)).unwrap_or_default();
            parts.credentials =
                pairs.iter().any(|(name, value)| name == "withCredentials" && value.kind() == "true");
        }
        Ok(Copied { parts, ..Copied::default() })
    }

    fn request(&self, arguments: Node<'s>, notes: &mut Vec<String>) -> Result<Copied, CopyError> {
        let arguments: Vec<_> = children(arguments);
        let url = arguments.first().and_then(|url| self.url(*url)).ok_or(CopyError::ComputedUrl)?;
        let mut parts = Parts { url, ..Parts::default() };
        let (mut mode, mut referrer, mut body) = (String::new(), None, None);
        let mut headers = Vec::new();
        let options = arguments.get(1).map(|options| self.resolved(*options));
        if options.is_some_and(|options| options.kind() != "object") {
            notes.push("the options of `fetch` are computed by the script, which is not run; add `--method`, `--header` and `--credentials`".to_owned());
        }
        // `fetch(new Request(url, …), …)`: what `fetch` gets counts more than what the request has.
        let request = arguments.first().map(|request| self.resolved(*request));
        let request = request.filter(|request| request.kind() == "new_expression");
        let of_request = request.and_then(|request| request.child_by_field_name("arguments")).map(children);
        let of_request = of_request.and_then(|arguments| arguments.get(1).copied());
        let of_request = of_request.map(|options| self.resolved(options));
        let mut pairs = of_request.map(|options| self.pairs(options, notes)).unwrap_or_default();
        pairs.extend(options.map(|options| self.pairs(options, notes)).unwrap_or_default());
        for (name, value) in pairs {
            match (name.as_str(), self.value(value)) {
                ("method", Some(method)) => parts.method = method,
                ("credentials", Some(credentials)) => parts.credentials = credentials == "include",
                ("mode", Some(value)) => mode = value,
                ("referrer", Some(value)) => referrer = Some(value),
                ("headers", _) => headers = self.headers(value, notes),
                ("body", _) => body = Some(value),
                ("method" | "credentials" | "mode", None) => {
                    notes.push(format!("the option `{name}` is computed by the script, which is not run"));
                }
                _ => {}
            }
        }
        // "Copy as fetch" always writes the mode, and one for Node.js the header that a browser adds.
        let exported = !mode.is_empty() && referrer.is_some();
        let mut headers = Headers::read(headers, exported);
        headers.referer = headers.referer.or(referrer.filter(|page| origin_of(page).is_some()));
        parts.origin = headers.origin("call", notes);
        parts.credentials |= headers.has_cookies;
        parts.websocket = headers.opens_websocket;
        if headers.is_event_source {
            parts.initiator = Initiator::Resource;
        }
        parts.headers = core::mem::take(&mut headers.of_script);
        let has_type = parts.headers.iter().any(|(name, _)| name == "content-type");
        if let Some(implied) = body.filter(|_| !has_type).and_then(|body| self.content_type(body)) {
            parts.headers.push(("content-type".to_owned(), Some(implied.to_owned())));
        }
        let without_cors = match mode.as_str() {
            "no-cors" => Some("a `no-cors` request"),
            "navigate" => Some("a navigation"),
            "same-origin" => {
                Some("a request of the mode `same-origin`, which fails for another origin without being sent")
            }
            _ => headers.without_cors,
        };
        Ok(Copied { parts, notes: Vec::new(), without_cors })
    }

    /// A URL as a string, or within `new URL(…)` and `new Request(…)`.
    fn url(&self, node: Node<'s>) -> Option<String> {
        let node = self.resolved(node);
        match node.kind() {
            "new_expression" => {
                let arguments = node.child_by_field_name("arguments")?;
                self.value(*children(arguments).first()?)
            }
            _ => self.value(node),
        }
    }

    /// Headers as an object, as pairs, or within `new Headers(…)`.
    fn headers(&self, node: Node<'s>, notes: &mut Vec<String>) -> Vec<(String, String)> {
        let mut node = self.resolved(node);
        if node.kind() == "new_expression" {
            let arguments = node.child_by_field_name("arguments").map(children).unwrap_or_default();
            let Some(first) = arguments.first() else { return Vec::new() };
            node = self.resolved(*first);
        }
        let mut pairs = Vec::new();
        match node.kind() {
            "object" => pairs = self.pairs(node, notes),
            "array" => {
                for pair in children(node).into_iter().map(children) {
                    if let [name, value] = pair[..]
                        && let Some(name) = self.value(name)
                    {
                        pairs.push((name, value));
                    }
                }
            }
            _ => notes
                .push("the headers are computed by the script, which is not run; add `--header`".to_owned()),
        }
        let mut headers = Vec::new();
        for (name, value) in pairs {
            let name = name.trim().to_ascii_lowercase();
            // A value that is computed, such as a token, makes no difference but to the safelist.
            headers
                .push((name, self.value(value).unwrap_or_else(|| "{computed}".to_owned()).trim().to_owned()));
        }
        headers
    }

    /// The content type that a body implies ("extract a body").
    fn content_type(&self, body: Node<'s>) -> Option<&'static str> {
        let body = self.resolved(body);
        match body.kind() {
            "null" | "undefined" => None,
            "new_expression" => match body.child_by_field_name("constructor").map(|name| self.text(name)) {
                Some("URLSearchParams") => Some("application/x-www-form-urlencoded;charset=UTF-8"),
                Some("FormData") => Some("multipart/form-data"),
                _ => None,
            },
            _ => Some("text/plain;charset=UTF-8"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn calls_are_read_however_they_are_written() {
        for script in [
            "fetch(\"https://a.example/x\", { \"method\": \"PUT\", \"headers\": { \"X-A\": \"1\" } });",
            "await window.fetch('https://a.example/x', { method: 'PUT', headers: { 'X-A': token } })",
            "const url = `https://a.example/${'x'}`; const options = { method: \"PUT\", headers: new Headers({ 'x-a': `${t}` }) };\nfetch(url, options).then(r => r.json())",
            "async function f() { const method = 'PUT'; return fetch('https://a.' + 'example' + '/x', { method, headers: [['x-a', '1']] }); }",
            "fetch(new Request('https://a.example/x', { method: 'PUT' }), { method: 'PUT', headers: { 'x-a': '' } })",
            "fetch('https://\\x61.\\u0065xample/x', { // a comment\n method: 'PUT', /* another */ headers: {'x-a': '1',}, })",
            "fetch(new URL('https://a.example/x'), { method: 'PUT', headers: { \"x-a\": '1' } }",
        ] {
            let copied = read(script).expect(script);
            let names: Vec<_> = copied.parts.headers.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(
                (copied.parts.url.as_str(), copied.parts.method.as_str(), &names[..]),
                ("https://a.example/x", "PUT", &["x-a"][..]),
                "{script}"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_the_reason() {
        for (script, error) in [
            ("fetch(api + path)", CopyError::ComputedUrl),
            ("fetch()", CopyError::ComputedUrl),
            ("axios.get('https://a.example')", CopyError::NoFetch),
        ] {
            assert_eq!(read(script).map_err(|unread| unread.error).err(), Some(error), "{script}");
        }
        assert!(matches!(
            read("fetch(\"https://a").err().map(|it| it.error),
            Some(CopyError::NotJavaScript(_) | CopyError::ComputedUrl)
        ));
    }

    #[test]
    fn nothing_that_is_nested_ends_the_program() {
        for piece in ["[", "!", "(", "a=", "`${", "f(", "{", "fetch(", "'a'+"] {
            let _read_or_not = read(&format!("fetch({}", piece.repeat(20_000)));
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(script in "(fetch\\(|headers: |\\{|\\}|\\PC|['\"`$\n ,:]){0,40}") {
            let _read_or_not = read(&script);
        }
    }
}
