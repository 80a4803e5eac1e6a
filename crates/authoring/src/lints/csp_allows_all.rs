//! CG243.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    243,
    "a Content-Security-Policy that allows everything",
    r#"`default-src *`, or a scheme alone such as `https:`, allows scripts from any host, also from one where an attacker can put a file. Such a policy looks like protection and is none. `'strict-dynamic'` makes browsers ignore hosts and schemes, so a policy with it is not reported.

An API that answers with data needs nothing:

    csp = "default-src 'none'; frame-ancestors 'none'""#,
);

/// Sources that match scripts of any site (CSP 3, "Does url match expression in origin with redirect count?").
const ANY: [&str; 4] = ["*", "https:", "http:", "data:"];

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (place, route) in subject.routes() {
        let Some(csp) = &route.security.csp else { continue };
        let Some((directive, source)) = allows_any_script(csp) else { continue };
        let message = format!("`{directive} {source}` allows scripts from any site");
        let span = subject.span(&place.key("security").key("csp"));
        report.add(Finding::new(&LINT, message).at(span, "").help("name the hosts, or write `'none'`"));
    }
}

/// The directive that decides about scripts, and the source in it that matches those of any site.
fn allows_any_script(csp: &str) -> Option<(&'static str, &'static str)> {
    // The first of several directives with one name counts.
    let sources = |name: &str| {
        csp.split(';').find_map(|directive| {
            let mut words = directive.split_ascii_whitespace();
            words.next().filter(|word| word.eq_ignore_ascii_case(name)).map(|_| words)
        })
    };
    let (directive, sources) = ["script-src", "default-src"]
        .into_iter()
        .find_map(|name| sources(name).map(|words| (name, words.collect::<Vec<_>>())))?;
    let has = |source: &str| sources.iter().any(|word| word.eq_ignore_ascii_case(source));
    let any = ANY.into_iter().find(|source| has(source))?;
    (!has("'strict-dynamic'")).then_some((directive, any))
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
            ("", None),
            (";;", None),
        ] {
            assert_eq!(allows_any_script(csp), open, "{csp}");
        }
    }
}
