//! CG209.

use std::collections::HashSet;

use corsgate_policy::policy::document::AllowlistDocument;
use corsgate_policy::policy::violation::DocumentPath;

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    209,
    "an allowlist that no route uses",
    r#"No CORS rules name the allowlist, so its entries allow nothing, and the gateway never reads it from KV. Either a route should name it, or it is no longer needed.

    [routes.cors]
    origins = ["@partners"]   # uses the list `partners`"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    let origins = subject.rules().flat_map(|(_, rules)| &rules.origins);
    let used: HashSet<_> = origins.filter_map(|entry| entry.origin().strip_prefix('@')).collect();
    // Origins that could not be read, or that name an unknown list, may mean any list.
    let known = |name: &&str| subject.document.allowlists.contains_key(*name);
    if subject.has_broken_routes() || !used.iter().all(known) {
        return;
    }
    for (name, list) in &subject.document.allowlists {
        if used.contains(name.as_str())
            || subject.is_broken(&DocumentPath::default().key("allowlists").key(name))
        {
            continue;
        }
        let finding = Finding::new(&LINT, format!("no route uses the allowlist `{name}`"));
        let tree = subject.spans.get(&DocumentPath::default().key("allowlists").key(name));
        let finding = finding.at(tree.and_then(|tree| tree.name.clone()), "");
        report.add(finding.help(match list {
            AllowlistDocument::Entries(_) => {
                format!("write `\"@{name}\"` among the origins of a route, or remove the list")
            }
            AllowlistDocument::Kv { kv: key, .. } | AllowlistDocument::KvKeys { kv_keys: key, .. } => {
                format!(
                    "write `\"@{name}\"` among the origins of a route; until then `{key}` in KV is never read"
                )
            }
        }));
    }
}
