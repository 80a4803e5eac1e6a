//! CG270.

use corsgate_policy::policy::violation::DocumentPath;

use crate::finding::{Finding, Span};
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    270,
    "a placeholder that has to be filled in",
    r#"Names under `.invalid` never resolve (RFC 6761, 6.4): no request can come for such a host, and none reaches such an upstream. `corsgate import` writes them where the source does not say what the API is called and where it is.

    [upstreams]
    api = "https://origin.example.net"   # where the API answers
    [defaults]
    hosts = ["api.example.com"]          # what browsers call it"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    let root = DocumentPath::default();
    for (name, url) in &subject.document.upstreams {
        let place = root.key("upstreams").key(name);
        if is_placeholder(authority(url)) {
            let message = format!("the upstream `{name}` is a placeholder");
            let finding = Finding::new(&LINT, message).at(subject.span(&place), "");
            report.add(finding.help("write the URL at which the API answers"));
        }
    }
    // Many routes inherit one line.
    let mut told: Vec<Option<Span>> = Vec::new();
    for (place, route) in subject.routes() {
        for (index, host) in route.hosts.iter().flatten().enumerate() {
            let span = subject.span(&place.key("hosts").index(index));
            if !is_placeholder(host) || told.contains(&span) {
                continue;
            }
            let finding =
                Finding::new(&LINT, format!("the host `{host}` is a placeholder")).at(span.clone(), "");
            report.add(finding.help("write the public host name of the API"));
            told.push(span);
        }
    }
}

/// The part of a URL between `//` and the path.
fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or_default();
    host.rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|it| it.is_ascii_digit()))
        .map_or(host, |(host, _)| host)
}

fn is_placeholder(host: &str) -> bool {
    host == "invalid" || host.ends_with(".invalid")
}

#[cfg(test)]
mod tests {
    use crate::testing::findings;

    #[test]
    fn each_placeholder_is_named_once() {
        let text = r#"
            version = 1
            [upstreams]
            a = "https://upstream.invalid:8443/base"
            b = "https://upstream.invalid.example/"
            c = "service:INVALID"
            [defaults]
            hosts = ["api.invalid", "api.example.com"]
            [[routes]]
            name = "one"
            path = "/a"
            upstream = "a"
            [[routes]]
            name = "two"
            path = "/b"
            upstream = "b"
            [[routes]]
            name = "three"
            path = "/c"
            upstream = "c"
            hosts = ["invalid.example"]
        "#;
        let found = findings(text).into_iter().filter(|finding| finding.code.to_string() == "CG270");
        let found: Vec<_> = found.map(|finding| finding.message).collect();
        assert_eq!(found, ["the upstream `a` is a placeholder", "the host `api.invalid` is a placeholder"]);
    }
}
