//! The policy and the list that the answers make.

use core::fmt::Write as _;

use crate::init::answers::{Answers, ApiUrl, Credentials};

/// Where the documentation is read, which no package has.
pub(crate) const DOCS: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs");

/// The name of the list in KV, and of its file.
pub(crate) const LIST: &str = "pages";

/// The origin that development allows if no other was named.
const LOCAL_PAGE: &str = "http://localhost:5173";

/// The text of `policy.toml`.
pub(crate) fn policy(answers: &Answers) -> String {
    let mut text = format!(
        "# Written by `corsgate init`; `policy.test.toml` has its test cases. Every key: {DOCS}/policy.md\n\n\
         version = 1\n\n[upstreams]\n",
    );
    let remark = if answers.upstream.is_local() {
        " # before you deploy, write the URL that the edge reaches: `check` says so until then"
    } else {
        ""
    };
    line(&mut text, &format!("api = {}{remark}", toml(&answers.upstream.0)));
    if !answers.allows_any() {
        text.push_str("\n[allowlists]\n");
        line(
            &mut text,
            &format!("# In KV, so that it changes without a deployment: `{LIST}.txt` is published there."),
        );
        line(&mut text, &format!("{LIST} = {{ kv = {} }}", toml(LIST)));
        text.push_str(
            "\n# On this machine, with `--env development`.\n[environments.development.allowlists]\n",
        );
        line(&mut text, &format!("{LIST} = [{}]", list(local(answers))));
    }
    text.push_str(&on_this_machine(&answers.host.0, &answers.upstream));
    text.push_str("\n[[routes]]\nname     = \"api\"\n");
    line(&mut text, &format!("hosts    = [{}]", toml(&answers.host.0)));
    text.push_str("path     = \"/*\"\nupstream = \"api\"\n[routes.cors]\n");
    line(&mut text, &format!("origins = [{}]", list(origins(answers))));
    if !answers.presets.is_empty() {
        let names = answers.presets.iter().map(|preset| preset.name);
        line(
            &mut text,
            &format!("presets = [{}] # `corsgate presets` shows what they stand for", list(names)),
        );
    }
    let methods = methods(answers);
    if !methods.is_empty() {
        line(&mut text, &format!("methods = [{}] # besides GET, HEAD and POST", list(methods)));
    }
    let headers = request_headers(answers);
    if !headers.is_empty() {
        line(&mut text, &format!("request_headers = [{}]", list(headers)));
    }
    match answers.credentials {
        Credentials::Cookies => line(&mut text, "credentials = true # cookies"),
        Credentials::Tokens => {
            line(&mut text, "credentials = false # tokens that the page sets; cookies do not reach the API")
        }
    }
    line(&mut text, "max_age = 600 # seconds for which browsers keep the answer to a preflight");
    text
}

/// The tables of the environment `development` that make the gateway answer on this machine.
pub(crate) fn on_this_machine(host: &str, upstream: &ApiUrl) -> String {
    let mut text = String::new();
    let local = match upstream {
        zone if zone.is_zone() => Some("http://127.0.0.1:9000"),
        local if local.is_local() => Some(local.0.as_str()),
        _ => None,
    };
    if let Some(local) = local {
        line(&mut text, &format!("\n[environments.development.upstreams]\napi = {}", toml(local)));
    }
    text.push_str("\n[environments.development.hosts]\n");
    line(&mut text, &format!("{} = [\"localhost\", \"127.0.0.1\"]", toml(host)));
    text
}

/// The origins that development allows.
pub(crate) fn local(answers: &Answers) -> Vec<&str> {
    match answers.local() {
        none if none.is_empty() => vec![LOCAL_PAGE],
        some => some,
    }
}

fn origins(answers: &Answers) -> Vec<String> {
    if answers.allows_any() {
        return vec!["*".to_owned()];
    }
    let patterns = answers.patterns().into_iter().map(|pattern| pattern.as_str().to_owned());
    let mut origins = vec![format!("@{LIST}")];
    for pattern in patterns {
        if !origins.contains(&pattern) {
            origins.push(pattern);
        }
    }
    origins
}

/// The methods of an API, unless a preset is a protocol with methods of its own. What only adds headers, as traces do, is
/// none.
fn methods(answers: &Answers) -> Vec<&'static str> {
    let is_protocol = answers.presets.iter().any(|preset| !preset.safelisted.is_empty());
    if is_protocol { Vec::new() } else { vec!["PUT", "PATCH", "DELETE"] }
}

fn request_headers(answers: &Answers) -> Vec<&'static str> {
    let own: &[&str] = match answers.credentials {
        Credentials::Cookies => &["content-type"],
        Credentials::Tokens => &["authorization", "content-type"],
    };
    let added = |name: &&str| answers.presets.iter().any(|preset| preset.request_headers.contains(name));
    own.iter().copied().filter(|name| !added(name)).collect()
}

/// The text of the list; none if every origin is allowed.
pub(crate) fn allowlist(answers: &Answers) -> Option<String> {
    if answers.allows_any() {
        return None;
    }
    let mut text = format!(
        "# The origins of pages that may use the API, one a line: the list `{LIST}` of policy.toml.\n"
    );
    let exact = answers.exact();
    if exact.is_empty() {
        text.push_str("# https://app.example.com\n");
    }
    for origin in exact {
        line(&mut text, origin);
    }
    for (origin, pattern) in answers.covered() {
        line(&mut text, &format!("# {origin} needs no line: `{pattern}` in policy.toml allows it"));
    }
    Some(text)
}

/// A text as a basic string of TOML.
pub(crate) fn toml(text: &str) -> String {
    // What answers hold has no control characters, and JSON escapes the others as TOML does.
    serde_json::Value::from(text).to_string()
}

/// The elements of a list of TOML.
pub(crate) fn list<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    texts.into_iter().map(|text| toml(text.as_ref())).collect::<Vec<_>>().join(", ")
}

fn line(text: &mut String, line: &str) {
    // Writing to a string does not fail.
    let _written = writeln!(text, "{line}");
}
