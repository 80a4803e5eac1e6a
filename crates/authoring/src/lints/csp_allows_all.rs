//! CG243.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject, public_suffix};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    243,
    "a Content-Security-Policy that allows everything",
    r#"`default-src *`, or a scheme alone such as `https:`, allows scripts from any host, also from one where an attacker can put a file. So does `*` with a scheme, a port or a path (`https://*`), and a wildcard over a domain under which anybody can get a name (`*.com`, `*.github.io`). Such a policy looks like protection and is none. `'strict-dynamic'` makes browsers ignore hosts and schemes, so a policy with it is not reported.

An API that answers with data needs nothing:

    csp = "default-src 'none'; frame-ancestors 'none'""#,
);

/// Schemes that, alone, match scripts of any site (CSP 3, "Does url match expression in origin with redirect count?").
const SCHEMES: [&str; 3] = ["https:", "http:", "data:"];

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (place, route) in subject.routes() {
        let Some(csp) = &route.security.csp else { continue };
        let Some((directive, source)) = allows_any_script(csp) else { continue };
        let message = format!("`{directive} {source}` allows scripts from sites of anybody");
        let span = subject.span(&place.key("security").key("csp"));
        report.add(Finding::new(&LINT, message).at(span, "").help("name the hosts, or write `'none'`"));
    }
}

/// The directive that decides about scripts, and the source in it that matches those of any site.
///
/// Elements fall back from `script-src-elem` to `script-src` and `default-src` (CSP 3, "Get the effective directive for inline
/// checks" and "Get fetch directive fallback list").
fn allows_any_script(csp: &str) -> Option<(&'static str, String)> {
    // The first of several directives with one name counts.
    let sources = |name: &str| {
        csp.split(';').find_map(|directive| {
            let mut words = directive.split_ascii_whitespace();
            words.next().filter(|word| word.eq_ignore_ascii_case(name)).map(|_| words)
        })
    };
    let (directive, sources) = ["script-src-elem", "script-src", "default-src"]
        .into_iter()
        .find_map(|name| sources(name).map(|words| (name, words.collect::<Vec<_>>())))?;
    if sources.iter().any(|word| word.eq_ignore_ascii_case("'strict-dynamic'")) {
        return None;
    }
    let any = sources.iter().map(|word| word.to_ascii_lowercase()).find(|source| is_any(source))?;
    Some((directive, any))
}

/// Whether a source in lower case matches sites of anybody: a scheme alone, `*` as the host, or a wildcard over a domain
/// under which anybody can get a name. Ports and paths narrow nothing, since everybody chooses those of their own site.
fn is_any(source: &str) -> bool {
    if SCHEMES.contains(&source) {
        return true;
    }
    let host = source.split_once("://").map_or(source, |(_scheme, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    host == "*" || host.strip_prefix("*.").is_some_and(public_suffix::has_many_owners)
}

#[cfg(test)]
mod tests {
    use super::allows_any_script;

    #[test]
    fn what_decides_about_scripts_is_looked_at() {
        for (csp, open) in [
            ("default-src *", Some(("default-src", "*"))),
            ("DEFAULT-SRC 'self' HTTPS:", Some(("default-src", "https:"))),
            ("default-src 'none'; script-src data:", Some(("script-src", "data:"))),
            ("default-src *; script-src 'self'", None),
            ("default-src 'none'; default-src *", None),
            ("default-src 'none'; img-src *", None),
            ("script-src https: 'strict-dynamic' 'nonce-x'", None),
            ("frame-ancestors 'none'", None),
            ("default-src https://*.example.com", None),
            ("script-src https://*", Some(("script-src", "https://*"))),
            ("script-src 'self' HTTP://*", Some(("script-src", "http://*"))),
            ("script-src *:*", Some(("script-src", "*:*"))),
            ("script-src *:8443", Some(("script-src", "*:8443"))),
            ("script-src https://*/lib/", Some(("script-src", "https://*/lib/"))),
            ("script-src *.com", Some(("script-src", "*.com"))),
            ("script-src https://*.github.io:443/x", Some(("script-src", "https://*.github.io:443/x"))),
            ("script-src *.amazonaws.com", Some(("script-src", "*.amazonaws.com"))),
            ("script-src *.example.co.uk com", None),
            ("script-src https://a.example/*", None),
            ("default-src 'self'; script-src-elem *", Some(("script-src-elem", "*"))),
            ("script-src *; script-src-elem 'self'", None),
            ("script-src 'self'; script-src-attr *", None),
            ("script-src https://* 'strict-dynamic'", None),
            ("", None),
            (";;", None),
        ] {
            let open = open.map(|(directive, source)| (directive, source.to_owned()));
            assert_eq!(allows_any_script(csp), open, "{csp}");
        }
    }
}
