//! The test cases of the policy that the answers make.

use core::fmt::Write as _;

use corsgate_policy::origin::pattern::{OriginPattern, PortPattern};
use corsgate_policy::policy::document::CorsDocument;

use crate::init::answers::{Answers, Credentials};
use crate::init::policy::{LIST, list, local, toml};

/// The most origins that a case names.
const MOST_ORIGINS: usize = 20;

/// The text of `policy.test.toml`. `cors` are the rules of the route, with what presets add.
pub(crate) fn cases(answers: &Answers, cors: &CorsDocument) -> String {
    let mut text = format!(
        "# Written by `corsgate init`: what the answers ask for, and that no other page gets in. Add your own paths.\n\n\
         [defaults]\nurl = {}\n",
        toml(&format!("https://{}", answers.example_host()))
    );
    if !answers.allows_any() {
        text.push_str(&format!("\n[lists]\n{LIST} = {{ file = {} }}\n", toml(&format!("{LIST}.txt"))));
    }
    let allowed = allowed(answers);
    if let Some(first) = allowed.first() {
        let headers = match answers.credentials {
            Credentials::Cookies => ", headers = { \"access-control-allow-credentials\" = \"true\" }",
            Credentials::Tokens => ", absent = [\"access-control-allow-credentials\"]",
        };
        let expect = format!("outcome = \"allow\", route = \"api\"{headers}");
        case(&mut text, "pages may use the API", "url = \"/\"", &allowed, &expect);
        preflights(&mut text, first, cors);
    }
    if !answers.allows_any() {
        let rejected = "outcome = \"reject\", reason = \"origin_not_listed\", status = 403";
        case(
            &mut text,
            "no other page may, whatever it is called",
            "url = \"/\"",
            &strangers(answers),
            rejected,
        );
    }
    development(&mut text, answers);
    text
}

/// Who may use the API in development.
fn development(text: &mut String, answers: &Answers) {
    let local = local(answers);
    let (mut allowed, mut others) = (vec!["http://localhost:5173".to_owned()], Vec::new());
    if !answers.allows_any() {
        allowed = local.iter().take(MOST_ORIGINS).filter_map(|origin| example(origin)).collect();
        allowed.extend(answers.patterns().iter().filter_map(|pattern| example(pattern.as_str())));
        let local: Vec<_> = local.iter().filter_map(|origin| OriginPattern::parse(origin).ok()).collect();
        let near = local.iter().map(|origin| match origin.form().host {
            // Nothing can stand behind an address, so that of another scheme.
            host if host.starts_with('[') => format!("https://{host}"),
            host => format!("http://{host}.evil.example"),
        });
        let is_local = |origin: &String| {
            let near = OriginPattern::parse(origin);
            near.is_ok_and(|near| local.iter().any(|it| it.form().covers(&near.form())))
        };
        others = strangers(answers);
        others.extend(near.filter(|origin| !is_local(origin)));
    }
    for (name, origins, expect) in [
        ("in development, local pages may", once_each(allowed), "outcome = \"allow\""),
        (
            "in development, no other page may",
            once_each(others),
            "outcome = \"reject\", reason = \"origin_not_listed\"",
        ),
    ] {
        if !origins.is_empty() {
            text.push_str(&format!(
                "\n[[cases]]\nname    = {}\nenv     = \"development\"\nrequest = {{ url = \"http://localhost:8787/\" }}\n\
                 origins = [{}]\nexpect  = {{ {expect} }}\n",
                toml(name),
                list(origins)
            ));
        }
    }
}

fn once_each(origins: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    origins.into_iter().filter(|origin| seen.insert(origin.clone())).collect()
}

fn case(text: &mut String, name: &str, request: &str, origins: &[String], expect: &str) {
    // Writing to a string does not fail.
    let _written = write!(
        text,
        "\n[[cases]]\nname    = {}\nrequest = {{ {request} }}\norigins = [{}]\nexpect  = {{ {expect} }}\n",
        toml(name),
        list(origins)
    );
}

/// What preflights may ask for, and one thing that they may not.
fn preflights(text: &mut String, origin: &str, cors: &CorsDocument) {
    let origins = [origin.to_owned()];
    let methods: Vec<_> = cors.methods.iter().filter(|it| *it != "*").cloned().collect();
    // Of a family, one name.
    let headers: Vec<_> =
        cors.request_headers.iter().filter(|it| *it != "*").map(|it| it.replace('*', "x")).collect();
    let method = methods.first().map_or("GET", String::as_str);
    let asks = match headers.is_empty() {
        true => String::new(),
        false => format!(", request_headers = [{}]", list(&headers)),
    };
    let of = |method: &str, asks: &str| {
        format!("kind = \"preflight\", url = \"/\", method = {}{asks}", toml(method))
    };
    case(
        text,
        "preflights may ask for what is listed",
        &of(method, &asks),
        &origins,
        "outcome = \"allow\", status = 204",
    );
    case(
        text,
        "preflights may not ask for another method",
        &of("UNLISTED", ""),
        &origins,
        "outcome = \"reject\", reason = \"method_not_allowed\"",
    );
    case(
        text,
        "preflights may not ask for another header",
        &of(method, ", request_headers = [\"x-unlisted\"]"),
        &origins,
        "outcome = \"reject\", reason = \"header_not_allowed\", offending_header = \"x-unlisted\"",
    );
}

/// Origins that are allowed: the first of the list, and one for each pattern.
fn allowed(answers: &Answers) -> Vec<String> {
    if answers.allows_any() {
        return vec!["https://any.example".to_owned()];
    }
    let exact = answers.exact().into_iter().take(MOST_ORIGINS).map(str::to_owned);
    let patterns = answers.patterns();
    // For requests of its own pages the gateway adds no headers, so no case could find them.
    let own = answers.own_origin();
    let examples = patterns.iter().filter_map(|pattern| {
        let examples = ["a.", "b."].into_iter().filter_map(|name| example_named(pattern.as_str(), name));
        examples.into_iter().find(|example| *example != own)
    });
    let mut all = once_each(exact.chain(examples).collect());
    all.retain(|origin| *origin != own);
    all
}

/// An origin that a pattern matches.
fn example(pattern: &str) -> Option<String> {
    example_named(pattern, "a.")
}

/// The same, with this name in place of a wildcard.
fn example_named(pattern: &str, name: &str) -> Option<String> {
    let pattern = OriginPattern::parse(pattern).ok()?;
    let form = pattern.form();
    let names = if form.subdomains { name } else { "" };
    let port = match form.port {
        PortPattern::Default => String::new(),
        PortPattern::Exactly(port) => format!(":{port}"),
        PortPattern::Any => ":8080".to_owned(),
    };
    Some(format!("{}://{names}{}{port}", form.scheme, form.host))
}

/// Origins that only look like those that are allowed.
fn strangers(answers: &Answers) -> Vec<String> {
    let exact = answers.exact();
    let patterns = answers.patterns();
    let is_allowed = |origin: &str| {
        let Ok(stranger) = OriginPattern::parse(origin) else { return true };
        exact.contains(&origin) || patterns.iter().any(|pattern| pattern.form().covers(&stranger.form()))
    };
    let mut all = vec!["https://evil.example".to_owned()];
    let looked = exact.iter().take(MOST_ORIGINS).copied().chain(patterns.iter().map(|it| it.as_str()));
    all.extend(
        looked.filter_map(|text| OriginPattern::parse(text).ok()).flat_map(|pattern| look_alikes(&pattern)),
    );
    // Requests of the API's own pages are never rejected.
    let own = answers.own_origin();
    all.retain(|origin| !is_allowed(origin) && *origin != own);
    once_each(all)
}

fn look_alikes(pattern: &OriginPattern) -> Vec<String> {
    let form = pattern.form();
    let is_name = form.scheme.starts_with("http")
        && form.host.contains('.')
        && form.host.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !form.host.starts_with('[');
    if !is_name {
        return Vec::new();
    }
    let (scheme, host) = (form.scheme, form.host);
    vec![
        format!("{scheme}://{host}.evil.example"),
        format!("{scheme}://evil{host}"),
        format!("http://{host}"),
        // Of `*.example.com`, the domain itself.
        format!("{scheme}://{host}"),
    ]
}
