//! CG204.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    204,
    "a dangerous switch is on",
    r#"What is dangerous but sometimes needed has a name that begins with `dangerously_`. Each one that is on is listed in every check, so that it is never forgotten:

- `dangerously_allow_public_suffix`: wildcards over suffixes under which anybody can have a name.
- `dangerously_allow_insecure_origins`: origins for which anyone on the way can speak.
- `dangerously_allow_any_origin`: WebSocket handshakes of any site.
- `dangerously_unchecked_wildcards`: wildcards in a list in KV, which nobody checks at the edge.
- `dangerously_share_keys`: a tenant's own entry opens every host of the route, with credentials."#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    subject.spans.descendants(&mut |key, tree| {
        if tree.is_true && key.starts_with("dangerously_") {
            report.add(Finding::new(&LINT, format!("`{key}` is on")).at(tree.span.clone(), ""));
        }
    });
}
