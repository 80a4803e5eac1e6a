//! `policy.test.toml`: cases that pin what was carried over, and that strangers stay out.

use core::fmt::Write as _;

use corsgate_policy::origin::pattern::{OriginPattern, PortPattern};
use corsgate_policy::policy::document::Mode;

use crate::carry::{Listed, Route, closing};
use crate::write::{Target, quoted};

/// The most origins of a route that its cases name.
const MOST_ORIGINS: usize = 20;

/// Writes the cases of the routes.
pub(super) fn cases(routes: &[Route], target: &Target) -> String {
    let host = target.hosts().into_iter().next().unwrap_or_default().replace("*.", "any.");
    let mut text = format!(
        "# Written by `corsgate import`: what was carried over, and that no other origin gets in.\n\n\
         [defaults]\nurl = {}\n",
        quoted(&format!("https://{host}"))
    );
    let is_report = target.mode == Mode::Report;
    for route in routes.iter().filter(|route| !route.is_proposed) {
        Cases { text: &mut text, route, is_report }.write();
    }
    for route in routes.iter().filter(|route| route.what == closing::WHAT) {
        let mut waiting = String::new();
        Cases { text: &mut waiting, route, is_report }.write();
        text.push('\n');
        for waiting in waiting.trim().lines() {
            // Writing to a string does not fail.
            let _written = writeln!(text, "# {waiting}");
        }
    }
    text
}

struct Cases<'c> {
    text: &'c mut String,
    route: &'c Route,
    is_report: bool,
}

impl Cases<'_> {
    fn write(&mut self) {
        let cors = &self.route.cors;
        let listed: Vec<_> =
            cors.origins.iter().take(MOST_ORIGINS).filter_map(|it| example(&it.text)).collect();
        let origins = match cors.any_origin {
            Some(_) => vec!["https://any.example".to_owned()],
            None => listed,
        };
        let Some(first) = origins.first().cloned() else {
            self.case(
                "no other origin may",
                "",
                &["https://stranger.example".to_owned()],
                &self.rejected("origin_not_listed"),
            );
            return;
        };
        let is_get =
            !cors.enforce_methods || cors.methods.iter().any(|it| matches!(it.text.as_str(), "GET" | "*"));
        let method = match cors.methods.first() {
            Some(method) if !is_get => method.text.clone(),
            _ => "GET".to_owned(),
        };
        let request = if is_get { String::new() } else { format!(", method = {}", quoted(&method)) };
        self.case("its pages may read", &request, &origins, "outcome = \"allow\"");
        self.preflights(&first);
        if cors.any_origin.is_none() {
            let mut strangers = vec!["https://stranger.example".to_owned()];
            strangers.extend(cors.origins.iter().take(MOST_ORIGINS).filter_map(|it| look_alike(&it.text)));
            let inside = |stranger: &String| {
                let stranger = OriginPattern::parse(stranger);
                cors.origins.iter().any(|listed| match (OriginPattern::parse(&listed.text), &stranger) {
                    (Ok(pattern), Ok(stranger)) => pattern.form().covers(&stranger.form()),
                    _ => false,
                })
            };
            strangers.retain(|stranger| !inside(stranger));
            strangers.dedup();
            self.case("no other origin may", "", &strangers, &self.rejected("origin_not_listed"));
        }
    }

    /// What preflights may ask for, and one thing that they may not.
    fn preflights(&mut self, origin: &str) {
        let cors = &self.route.cors;
        let origins = [origin.to_owned()];
        let named = |list: &[Listed]| {
            list.iter().filter(|it| it.text != "*").map(|it| it.text.clone()).collect::<Vec<_>>()
        };
        let (methods, headers) = (named(&cors.methods), named(&cors.request_headers));
        let asked = if methods.is_empty() { vec!["GET".to_owned()] } else { methods.clone() };
        let asks = match headers.is_empty() {
            true => String::new(),
            false => format!(", request_headers = [{}]", strings(&headers)),
        };
        if !methods.is_empty() || !headers.is_empty() {
            let more = format!("methods = [{}]\n", strings(&asked));
            let request = format!(", kind = \"preflight\"{asks}");
            self.case_with(
                "preflights may ask for what is listed",
                &request,
                &origins,
                "outcome = \"allow\"",
                &more,
            );
        }
        let lists_any = |list: &[Listed]| list.iter().any(|it| it.text == "*");
        if !lists_any(&cors.methods) && !methods.iter().any(|method| method == "UNLISTED") {
            let request = ", kind = \"preflight\", method = \"UNLISTED\"";
            self.case(
                "preflights may not ask for another method",
                request,
                &origins,
                &self.rejected("method_not_allowed"),
            );
        }
        if !lists_any(&cors.request_headers) && !headers.iter().any(|header| header == "x-unlisted") {
            let method = asked.first().map_or("GET", String::as_str);
            let request = format!(
                ", kind = \"preflight\", method = {}, request_headers = [\"x-unlisted\"]",
                quoted(method)
            );
            self.case(
                "preflights may not ask for another header",
                &request,
                &origins,
                &self.rejected("header_not_allowed"),
            );
        }
    }

    fn rejected(&self, reason: &str) -> String {
        let outcome = if self.is_report { "would_reject" } else { "reject" };
        format!("outcome = \"{outcome}\", reason = \"{reason}\"")
    }

    fn case(&mut self, what: &str, request: &str, origins: &[String], expect: &str) {
        self.case_with(what, request, origins, expect, "");
    }

    fn case_with(&mut self, what: &str, request: &str, origins: &[String], expect: &str, more: &str) {
        let route = &self.route;
        let path = match route.path.strip_suffix("/*") {
            Some(prefix) => format!("{prefix}/any"),
            None => route.path.clone(),
        };
        let path = match route.hosts.first() {
            Some(host) => format!("https://{}{path}", host.replace("*.", "any.")),
            None => path,
        };
        // Writing to a string does not fail.
        let _written = writeln!(
            self.text,
            "\n[[cases]]\nname = {}\nrequest = {{ url = {}{request} }}\norigins = [{}]\n{more}expect = {{ {expect}, route = {} }}",
            quoted(&format!("{}: {what}", route.name)),
            quoted(&path),
            strings(origins),
            quoted(&route.name),
        );
    }
}

fn strings(texts: &[String]) -> String {
    texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ")
}

/// An origin that a pattern matches.
fn example(pattern: &str) -> Option<String> {
    let pattern = OriginPattern::parse(pattern).ok()?;
    let form = pattern.form();
    let names = if form.subdomains { "a." } else { "" };
    let port = match form.port {
        PortPattern::Default => String::new(),
        PortPattern::Exactly(port) => format!(":{port}"),
        PortPattern::Any => ":8080".to_owned(),
    };
    Some(format!("{}://{names}{}{port}", form.scheme, form.host))
}

/// An origin that only looks like one of a pattern.
fn look_alike(pattern: &str) -> Option<String> {
    let parsed = OriginPattern::parse(pattern).ok()?;
    let form = parsed.form();
    let is_name = form.scheme.starts_with("http")
        && form.host.contains('.')
        && form.host.bytes().any(|it| it.is_ascii_alphabetic());
    let host =
        if form.subdomains { format!("evil{}", form.host) } else { format!("{}.evil.example", form.host) };
    let origin = format!("{}://{host}", form.scheme);
    (is_name && OriginPattern::parse(&origin).is_ok()).then_some(origin)
}
