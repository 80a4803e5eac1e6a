//! Lists in headers. The input is five lines: allowed headers, allowed methods, the requested method, a `Vary` and
//! offered subprotocols; the rest is `Access-Control-Request-Headers`.
//!
//! The response to a preflight agrees with an obvious evaluation, a browser that reads it reaches the verdict that the
//! gateway recorded, and it contains only allowed names. Merging `Vary` loses nothing and repeats nothing.

use corsgate_policy::decision::decide::decide;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::grammar::token::{HeaderName, Method, first_subprotocol};
use corsgate_policy::policy::document::{CorsDocument, Document, EntryDocument};
use corsgate_policy::{Answers, Outcome, Policy, Reason, response::vary};

use crate::decide::case;
use crate::reference::is_token;
use crate::support::{Request, Response, answer};

const ORIGIN: &str = "https://app.example.com";

/// Checks the rules above.
pub fn holds(input: &[u8]) {
    let text = crate::text(input);
    let mut lines = text.splitn(6, '\n');
    let mut next = || lines.next().unwrap_or_default();
    let (headers, methods, requested_method, vary, subprotocols) = (next(), next(), next(), next(), next());
    let requested_headers = next();
    check_preflight(headers, methods, requested_method, requested_headers);
    for additions in ["Origin", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"] {
        check_vary(vary, additions);
    }
    let offered = subprotocols.split(',').map(trimmed);
    let expected = offered.into_iter().find(|name| is_token(name) && name.len() <= 128);
    assert_eq!(first_subprotocol(subprotocols), expected);
}

fn check_preflight(headers: &str, methods: &str, requested_method: &str, requested_headers: &str) {
    let allowed = Allowed::new(headers, methods);
    let policy = allowed.policy();
    let request = Request::new("OPTIONS", "https://api.example.com/x")
        .with("origin", ORIGIN)
        .with("access-control-request-method", requested_method)
        .with("access-control-request-headers", requested_headers);
    let facts = request.facts();
    let decision = decide(&policy, &facts, &Answers::default(), Day::NEVER);
    let expected = allowed.verdict(requested_method, requested_headers);
    assert_eq!(decision.outcome, expected.map_or_else(Outcome::Reject, |()| Outcome::Allow), "{request:?}");
    let response = answer(&decision, &Response::new(200, []));
    let list = |name| response.headers.get(name).map(members).unwrap_or_default();
    let (sent_methods, sent_headers) =
        (list("access-control-allow-methods"), list("access-control-allow-headers"));
    match expected {
        Err(Reason::MethodMalformed | Reason::HeadersMalformed) => {
            let silent = response.headers.lines().all(|(name, _)| !name.starts_with("access-control-"));
            assert!(silent, "{response:?}");
        }
        _ => {
            assert_eq!(sent_headers, allowed.header_list());
            let understood =
                browser_accepts(&sent_methods, &sent_headers, requested_method, requested_headers);
            assert_eq!(understood, expected.is_ok(), "{response:?}");
        }
    }
}

/// What a route allows, in plain words.
struct Allowed {
    headers: Vec<String>,
    methods: Vec<String>,
}

impl Allowed {
    fn new(headers: &str, methods: &str) -> Self {
        let parsed = |names: &str, good: fn(&str) -> bool| {
            let names = names.split_ascii_whitespace().filter(|name| good(name)).map(str::to_owned);
            names.collect()
        };
        Self {
            headers: parsed(headers, |name| HeaderName::parse(name).is_ok()),
            methods: parsed(methods, |name| Method::parse(name).is_ok()),
        }
    }

    fn policy(&self) -> Policy {
        let cors = CorsDocument {
            origins: vec![EntryDocument::Lasting(ORIGIN.to_owned())],
            methods: self.methods.clone(),
            request_headers: self.headers.clone(),
            ..CorsDocument::default()
        };
        let document = Document { routes: vec![case::route("api", "/*", Some(cors))], ..case::document() };
        Policy::from_document(&document).unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    /// The names in the order of the response: `*` first, the others in the policy's order.
    fn header_list(&self) -> Vec<String> {
        let (star, names): (Vec<_>, Vec<_>) = self.headers.iter().partition(|name| *name == "*");
        let star = star.first().map(|_| "*".to_owned());
        star.into_iter().chain(names.into_iter().map(|name| name.to_ascii_lowercase())).collect()
    }

    fn verdict(&self, method: &str, headers: &str) -> Result<(), Reason> {
        let names = members(headers);
        if !is_token(method) {
            return Err(Reason::MethodMalformed);
        }
        if headers.len() > 4096 || names.len() > 100 || !names.iter().all(|name| is_token(name)) {
            return Err(Reason::HeadersMalformed);
        }
        let has = |list: &[String], name: &str| list.iter().any(|listed| listed == name);
        let method = normalized(method);
        if !has(&self.methods, "*") && !is_safelisted(&method) && !has(&self.methods, &method) {
            return Err(Reason::MethodNotAllowed);
        }
        let names = names.iter().map(|name| name.to_ascii_lowercase());
        let allowed: Vec<_> = self.headers.iter().map(|name| name.to_ascii_lowercase()).collect();
        let any = has(&allowed, "*");
        let mut refused = names.filter(|name| !has(&allowed, name) && (!any || name == "authorization"));
        refused.next().map_or(Ok(()), |_| Err(Reason::HeaderNotAllowed))
    }
}

/// Fetch, "CORS-preflight fetch", step 7, of a request without credentials.
fn browser_accepts(methods: &[String], headers: &[String], method: &str, requested: &str) -> bool {
    let method = normalized(method);
    let has = |list: &[String], name: &str| list.iter().any(|listed| listed == name);
    let method_passes = has(methods, &method) || is_safelisted(&method) || has(methods, "*");
    let header_passes = |name: &String| {
        let name = name.to_ascii_lowercase();
        has(headers, &name) || has(headers, "*") && name != "authorization"
    };
    method_passes && members(requested).iter().all(header_passes)
}

fn is_safelisted(method: &str) -> bool {
    ["GET", "HEAD", "POST"].contains(&method)
}

fn normalized(method: &str) -> String {
    let upper = method.to_ascii_uppercase();
    match ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"].contains(&upper.as_str()) {
        true => upper,
        false => method.to_owned(),
    }
}

fn check_vary(current: &str, additions: &'static str) {
    let (before, added) = (members(current), members(additions));
    let has = |list: &[String], name: &str| list.iter().any(|member| member.eq_ignore_ascii_case(name));
    let Some(merged) = vary::merge(Some(current), additions) else {
        assert!(has(&before, "*") || added.iter().all(|name| has(&before, name)), "{current:?}");
        return;
    };
    let after = members(&merged);
    assert!(!has(&before, "*") && after.starts_with(&before), "{current:?} became {merged:?}");
    let missing: Vec<_> = added.into_iter().filter(|name| !has(&before, name)).collect();
    assert_eq!(after.get(before.len()..), Some(missing.as_slice()), "{current:?} became {merged:?}");
    assert_eq!(vary::merge(Some(&merged), additions), None, "nothing is added twice");
}

fn members(value: &str) -> Vec<String> {
    value.split(',').map(trimmed).filter(|member| !member.is_empty()).map(str::to_owned).collect()
}

fn trimmed(member: &str) -> &str {
    member.trim_matches([' ', '\t'])
}
