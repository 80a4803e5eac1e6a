//! CG240.

use std::collections::HashSet;

use corsgate_policy::grammar::host::is_loopback;
use corsgate_policy::origin::pattern::OriginPattern;
use corsgate_policy::policy::document::{AllowlistDocument, EntryDocument};
use corsgate_policy::policy::violation::DocumentPath;

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    240,
    "a loopback origin with credentials in the base policy",
    r#"`http://localhost:5173` is a page on the visitor's own machine. In production that means any program on any visitor's machine that listens on the port: its pages can act as the user who is signed in. List such an origin only in an environment, which replaces the list in development:

    [allowlists]
    spa = ["https://app.example.com"]
    [environments.development.allowlists]
    spa = ["http://localhost:5173"]

If the base policy is the one for development, or every visitor runs your program (a desktop app), say so:

    [check]
    allow = ["CG240"]"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    // A compiled policy does not show which environment its lists come from.
    if subject.is_compiled {
        return;
    }
    let mut checked = HashSet::new();
    for (cors, rules) in subject.rules().filter(|(_, rules)| rules.credentials) {
        let credentials = subject.span(&cors.key("credentials"));
        let mut check = |list: &DocumentPath, entries: &[EntryDocument]| {
            for (at, entry) in entries.iter().enumerate() {
                let Ok(pattern) = OriginPattern::parse(entry.origin()) else { continue };
                let form = pattern.form();
                if !is_loopback(form.host) || !matches!(form.scheme, "http" | "https") {
                    continue;
                }
                let message =
                    format!("`{pattern}` is allowed with credentials, and not only in an environment");
                let finding = Finding::new(&LINT, message)
                    .at(subject.origin_span(list, at), "any program on the visitor's machine can serve it")
                    .at(credentials.clone(), "with credentials");
                report.add(finding.help("list it in `[environments.NAME.allowlists]`"));
            }
        };
        check(&cors.key("origins"), &rules.origins);
        for name in rules.origins.iter().filter_map(|entry| entry.origin().strip_prefix('@')) {
            // The finding names the first route that uses the list.
            if let Some(AllowlistDocument::Entries(entries)) = subject.document.allowlists.get(name)
                && !subject.replaced_lists.contains(name)
                && checked.insert(name)
            {
                check(&DocumentPath::default().key("allowlists").key(name), entries);
            }
        }
    }
}
