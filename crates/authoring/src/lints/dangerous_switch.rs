//! CG204.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    204,
    "a dangerous switch is on",
    r#"Switches that are dangerous but sometimes needed have names that begin with `dangerously_`. Every check lists each one that is on, so that none is forgotten:

- `dangerously_allow_public_suffix` allows wildcards under suffixes where anybody can get a name.
- `dangerously_allow_insecure_origins` allows `http` origins, whose pages an attacker on the network can change.
- `dangerously_allow_any_extension` allows `moz-extension://*`, every extension of Firefox.
- `dangerously_allow_any_origin` allows WebSocket handshakes from any site, or from every extension where `moz-extension://*` is listed.
- `dangerously_unchecked_wildcards` allows wildcards in a list in KV, which the gateway cannot check.
- `dangerously_share_keys` lets the key that a tenant writes allow its origin on every host of the route, with credentials."#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    subject.spans.descendants(&mut |key, tree| {
        if tree.is_true && key.starts_with("dangerously_") {
            report.add(Finding::new(&LINT, format!("`{key}` is on")).at(tree.span.clone(), ""));
        }
    });
}
