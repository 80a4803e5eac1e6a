//! CG340.

use corsgate_policy::decision::decide::decide;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::{Answers, Facts, Outcome, Policy, Reason, RequestUrl};

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::info(
    340,
    "a path that gets 400 with a slash behind it",
    r#"Many servers read `/mcp/` as `/mcp`. If a policy has a route for `/mcp` alone, `/mcp/` belongs to another route or to none, so the gateway cannot know whose rules hold, and answers 400 `path_ambiguous`. Clients that write the slash then fail.

If both are meant, let the route take what is under its path as well:

    path = "/mcp/*"   # `/mcp`, `/mcp/` and everything below

If only `/mcp` is, there is nothing to do. This is reported once for each policy, at the first such route."#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    let Ok(policy) = Policy::from_document(subject.document) else { return };
    for (place, route) in subject.routes().filter(|(_, route)| !route.path.ends_with(['*', '/'])) {
        let every = ["corsgate.invalid".to_owned()];
        let path = format!("{}/", route.path);
        for host in route.hosts.as_deref().unwrap_or(&every) {
            // Use a name under `example.com` for `*.example.com`.
            let host = host.replacen('*', "corsgate", 1);
            let url = RequestUrl { host: &host, path: &path, ..RequestUrl::default() };
            let facts = Facts { url, ..Facts::default() };
            let decision = decide(&policy, &facts, &Answers::default(), Day::NEVER);
            if decision.outcome != Outcome::Reject(Reason::PathAmbiguous) {
                continue;
            }
            let message =
                format!("`{path}` gets 400: servers read it as `{}` of route `{}`", route.path, route.name);
            let help = format!("write `path = \"{}/*\"` if clients may send the slash", route.path);
            report.add(Finding::new(&LINT, message).at(subject.span(&place.key("path")), "").help(help));
            return;
        }
    }
}
