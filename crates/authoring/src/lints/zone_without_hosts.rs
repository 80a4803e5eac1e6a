//! CG207.

use corsgate_policy::policy::violation::DocumentPath;

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    207,
    "a zone upstream for every host",
    r#"`zone` forwards a request to the server behind the host in its URL. A route without `hosts` matches every host that reaches the Worker, including `*.workers.dev` and custom domains. These have no server behind them, or not the one that you expect.

    hosts    = ["www.example.com"]
    upstream = "site"   # "zone""#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (place, route) in subject.routes() {
        let zone = subject.document.upstreams.get(&route.upstream).is_some_and(|upstream| upstream == "zone");
        // An upstream that could not be read is `zone` only in the document, as a stand-in.
        let upstream = DocumentPath::default().key("upstreams").key(&route.upstream);
        let broken = subject.spans.get(&upstream).is_none_or(|tree| tree.broken);
        if !zone || broken || route.hosts.is_some() {
            continue;
        }
        let message = format!(
            "route `{}` matches every host, but the server behind `zone` depends on the host",
            route.name
        );
        let finding = Finding::new(&LINT, message).at(subject.span(&place.key("upstream")), "the zone");
        report.add(finding.help("name the hosts of the zone: `hosts = [\"www.example.com\"]`"));
    }
}
