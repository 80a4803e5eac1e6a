//! Makes requests that reach a route, and decides them by the policy.

use corsgate_authoring::EnvironmentPolicy;
use corsgate_explain::{End, Kv, PageRequest, Parts, explain};
use corsgate_policy::grammar::day::Day;
use corsgate_policy::policy::document::{Document, RouteDocument};
use corsgate_policy::{Answers, Examined};
use corsgate_policy::{Facts, Policy, Reason, RequestUrl};

/// How the policy decides a page's request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decided {
    Allowed,
    Refused(Reason),
    /// The browser stops, or no such request can be made.
    Otherwise,
}

/// A request that reaches a route, whatever page sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) url: String,
    /// `GET`, or another method if the route enforces a list without it.
    pub(crate) method: String,
}

impl Asked {
    /// The request without its origin, as a test case has it.
    pub(crate) fn in_case(&self) -> String {
        let method = match self.method.as_str() {
            "GET" => String::new(),
            method => format!(", method = \"{method}\""),
        };
        format!("url = \"{}\"{method}", self.url)
    }
}

/// The URL and the method of a request that reaches the route with this name: `GET` wherever the route leaves it to the
/// origin. None if no request can.
#[must_use]
pub fn request_to(document: &Document, policy: &Policy, name: &str) -> Option<(String, String)> {
    let route = document.routes.iter().find(|route| route.name == name)?;
    let method = method_of(route)?;
    let hosts = hosts(route);
    let paths = paths(&route.path);
    let mut urls =
        hosts.iter().flat_map(|host| paths.iter().map(move |path| format!("https://{host}{path}")));
    urls.find(|url| leads_to(policy, url, name)).map(|url| (url, method))
}

/// A request that reaches the route with this name.
pub(crate) fn asked_of(compiled: &EnvironmentPolicy, name: &str) -> Option<Asked> {
    request_to(compiled.document(), compiled.policy(), name).map(|(url, method)| Asked { url, method })
}

/// A method that the route leaves to the origin; none if it enforces an empty list.
fn method_of(route: &RouteDocument) -> Option<String> {
    let enforced = route.cors.as_ref().filter(|cors| cors.enforce_methods).map(|cors| &cors.methods);
    match enforced {
        Some(methods) if !methods.iter().any(|method| method == "GET" || method == "*") => {
            methods.first().cloned()
        }
        _ => Some("GET".to_owned()),
    }
}

fn leads_to(policy: &Policy, url: &str, name: &str) -> bool {
    let Some(url) = RequestUrl::parse(url) else { return false };
    let facts = Facts { method: "GET", url, ..Facts::default() };
    let decision =
        Examined::new(policy, &facts).decide(&Answers::default(), Day::from_unix_milliseconds(0.0));
    decision.route.is_some_and(|route| route.name() == name)
}

fn hosts(route: &RouteDocument) -> Vec<String> {
    let Some(hosts) = &route.hosts else {
        // For a route that matches every host, try hosts that other routes are unlikely to name.
        return vec!["api.example.com".to_owned(), "gateway.example".to_owned()];
    };
    let named = |host: &String| match host.strip_prefix("*.") {
        Some(parent) => format!("any.{parent}"),
        None => host.clone(),
    };
    hosts.iter().map(named).collect()
}

fn paths(path: &str) -> Vec<String> {
    match path.strip_suffix("/*") {
        None => vec![path.to_owned()],
        Some(base) => {
            let itself = if base.is_empty() { "/".to_owned() } else { base.to_owned() };
            vec![
                itself,
                format!("{base}/any"),
                format!("{base}/any/other"),
                format!("{base}/corsgate-suggest"),
            ]
        }
    }
}

/// Decides the request of a page at `origin`, with the given contents of KV.
pub(crate) fn decided(policy: &Policy, asked: &Asked, origin: &str, kv: &Kv, today: Day) -> Decided {
    let Asked { url, method } = asked.clone();
    let parts = Parts { url, method, origin: origin.to_owned(), ..Parts::default() };
    let Ok((request, _notes)) = PageRequest::new(parts) else { return Decided::Otherwise };
    explain(policy, &request, kv, today, |told| match told.end {
        End::Allowed | End::LeftToUpstream(None) => Decided::Allowed,
        End::Refused(reason) | End::Stripped(reason) | End::LeftToUpstream(Some(reason)) => {
            Decided::Refused(reason)
        }
        End::Blocked => Decided::Otherwise,
    })
}
