//! CG210.

use std::collections::HashSet;

use corsgate_policy::policy::violation::DocumentPath;

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    210,
    "an upstream that no route uses",
    r#"No route names the upstream. Either a route names the wrong upstream, or this one is no longer needed.

    [[routes]]
    upstream = "legacy""#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    let used: HashSet<_> = subject.routes().map(|(_, route)| route.upstream.as_str()).collect();
    // A route that could not be read, or that names an unknown upstream, may mean any upstream.
    let known = |name: &&str| subject.document.upstreams.contains_key(*name);
    if subject.has_broken_routes() || !used.iter().all(known) {
        return;
    }
    for name in subject.document.upstreams.keys().filter(|name| !used.contains(name.as_str())) {
        if subject.is_broken(&DocumentPath::default().key("upstreams").key(name)) {
            continue;
        }
        let tree = subject.spans.get(&DocumentPath::default().key("upstreams").key(name));
        let finding = Finding::new(&LINT, format!("no route uses the upstream `{name}`"));
        let finding = finding.at(tree.and_then(|tree| tree.name.clone()), "");
        report.add(finding.help(format!("write `upstream = \"{name}\"` in a route, or remove it")));
    }
}
