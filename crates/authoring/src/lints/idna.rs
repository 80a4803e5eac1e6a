//! CG112.

use corsgate_policy::origin::pattern::{OriginPattern, PatternForm};
use corsgate_policy::policy::violation::DocumentPath;
use url::{Host, Url};

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::error(
    112,
    "a host that is not a valid internationalised name",
    r#"A label that begins with `xn--` is the ASCII form of a name in another script. Browsers decode it, and refuse the host if it cannot be decoded, or if the decoded name is encoded differently. So no page can have this origin, and no request can have this host.

    origins = ["https://xn--bcher-kva.example"]   # bücher.example"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    let mut add = |host: &str, span| {
        if let Some(finding) = of_host(host) {
            report.add(finding.at(span, ""));
        }
    };
    for list in subject.lists() {
        for (at, entry) in
            list.entries.iter().enumerate().filter(|(_, entry)| entry.origin().contains("xn--"))
        {
            let Ok(pattern) = OriginPattern::parse(entry.origin()) else { continue };
            if is_web(&pattern.form()) {
                add(pattern.form().host, subject.origin_span(&list.place, at));
            }
        }
    }
    for (place, route) in subject.routes() {
        for (at, host) in route.hosts.iter().flatten().enumerate() {
            add(host.trim_start_matches("*."), subject.span(&place.key("hosts").index(at)));
        }
    }
    for (name, upstream) in &subject.document.upstreams {
        let authority = upstream.split_once("://").map(|(_, rest)| rest.split(['/', ':']).next());
        if let Some(host) = authority.flatten().filter(|_| Url::parse(upstream).is_err()) {
            add(host, subject.span(&DocumentPath::default().key("upstreams").key(name)));
        }
    }
}

/// The finding for the host of a line of a list in KV.
pub(crate) fn of_line(form: &PatternForm<'_>) -> Option<Finding> {
    of_host(form.host).filter(|_| is_web(form))
}

/// Whether the host is an internet name: only with `http` and `https`.
fn is_web(form: &PatternForm<'_>) -> bool {
    matches!(form.scheme, "http" | "https")
}

fn of_host(host: &str) -> Option<Finding> {
    let encoded = host.split('.').any(|label| label.starts_with("xn--"));
    let valid = !encoded || Host::parse(host).is_ok_and(|parsed| parsed.to_string() == host);
    (!valid).then(|| Finding::new(&LINT, format!("`{host}` has an `xn--` label that browsers cannot decode")))
}
