//! CG261.

use std::collections::HashSet;

use corsgate_policy::origin::pattern::OriginPattern;
use corsgate_policy::policy::document::{
    AllowlistDocument, CorsDocument, Document, EntryDocument, Mode, OnDisallowed, RouteDocument,
};
use corsgate_policy::policy::violation::DocumentPath;

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject, public_suffix};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    261,
    "a secret that anyone may spend",
    r#"A route that sets a header to `secret:NAME` lets whoever may call it act with the secret: what the upstream charges, and what it allows, is yours. This finding names what opens the route to everyone: any origin (`*`, `moz-extension://*`, or a wildcard under which anybody can get a name), no rate limit, `on_disallowed = "forward"`, handshakes without `Origin` or from any origin, or a route that only reports.

Without these, the route is still no secret place. CORS and the allowlist stop pages of other sites, because browsers send a true `Origin`. A program can send any `Origin`, or none. Only the rate limit and an authentication of your users, by the upstream or by Cloudflare Access, stop programs. So give the route the narrowest path, `enforce_methods = true`, and a limit by `client_ip`, and give the secret itself few rights and a budget at the provider.

    [routes.request]
    set = { authorization = "Bearer secret:PARTNER_KEY" }
    [routes.cors]
    origins         = ["https://app.example.com"]
    methods         = ["GET"]
    enforce_methods = true
    [[routes.limits]]
    name   = "per-client"
    quota  = 60
    window = 60
    by     = ["client_ip"]

If the upstream or Cloudflare Access authenticates every request, or the secret is meant for everyone, say so:

    [check]
    allow = ["CG261"]"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    let open_lists = open_lists(subject.document);
    for (place, route) in subject.routes() {
        let set = &route.request.set;
        let Some((header, _)) = set.iter().find(|(_, value)| value.contains("secret:")) else { continue };
        let secret = subject.span(&place.key("request").key("set").key(header));
        for (cause, place, help) in causes(subject.document, &open_lists, &place, route) {
            let message = format!("route `{}` sends a secret to its upstream, and {cause}", route.name);
            let finding = Finding::new(&LINT, message).at(subject.span(&place), "");
            report.add(finding.at(secret.clone(), "the secret").help(help));
        }
    }
}

/// What opens the route to everyone, with its place and what to do.
fn causes(
    document: &Document,
    open_lists: &HashSet<&str>,
    place: &DocumentPath,
    route: &RouteDocument,
) -> Vec<(&'static str, DocumentPath, &'static str)> {
    let mut causes = Vec::new();
    if let Some(cors) = &route.cors
        && let Some(cause) = open_origins(document, open_lists, cors)
    {
        let help =
            "list the origins of your own pages; programs can send any `Origin`, so a limit is still needed";
        causes.push((cause, place.key("cors").key("origins"), help));
    }
    if route.limits.is_empty() {
        let help = "add a limit by `client_ip`: programs can send any `Origin`, and only limits and authentication stop them";
        causes.push(("has no rate limit", place.key("name"), help));
    }
    if route.mode == Mode::Report {
        let help = "write `mode = \"enforce\"`: a route that only reports refuses no origin";
        causes.push(("only reports", place.key("mode"), help));
    } else if route.on_disallowed == OnDisallowed::Forward {
        let help = "leave it out: rejected requests then end at the edge";
        causes.push(("forwards requests of rejected origins", place.key("on_disallowed"), help));
    }
    let websocket = place.key("websocket");
    if !route.websocket.require_origin {
        let help = "leave it out; programs that send no `Origin` need a route and a secret of their own";
        causes.push(("accepts handshakes without an origin", websocket.key("require_origin"), help));
    }
    if route.websocket.dangerously_allow_any_origin {
        let help = "list the origins of your own pages";
        let switch = websocket.key("dangerously_allow_any_origin");
        causes.push(("accepts handshakes from any origin", switch, help));
    }
    causes
}

/// How the origins of a route are open to everyone.
fn open_origins(
    document: &Document,
    open_lists: &HashSet<&str>,
    cors: &CorsDocument,
) -> Option<&'static str> {
    const OPEN: &str = "allows origins that anybody can get";
    cors.origins.iter().find_map(|entry| match entry.origin() {
        "*" => Some("allows any origin"),
        text => match text.strip_prefix('@').and_then(|name| Some((name, document.allowlists.get(name)?))) {
            None => is_open(entry).then_some(OPEN),
            Some((name, AllowlistDocument::Entries(_))) => open_lists.contains(name).then_some(OPEN),
            Some((_, AllowlistDocument::Kv { dangerously_unchecked_wildcards: true, .. })) => {
                Some("allows wildcards that nothing checks")
            }
            Some(_) => None,
        },
    })
}

/// The allowlists in the policy with an origin that anybody can get. Many routes may use one long list.
fn open_lists(document: &Document) -> HashSet<&str> {
    let open = document.allowlists.iter().filter(|(_, list)| match list {
        AllowlistDocument::Entries(entries) => entries.iter().any(is_open),
        _ => false,
    });
    open.map(|(name, _)| name.as_str()).collect()
}

fn is_open(entry: &EntryDocument) -> bool {
    // Only wildcards are, and only they are worth parsing.
    entry.origin().contains('*')
        && OriginPattern::parse(entry.origin())
            .is_ok_and(|pattern| pattern.form().is_any_extension() || public_suffix::is_open(&pattern.form()))
}

#[cfg(test)]
mod tests {
    use crate::testing::findings;

    const SAFE: &str = r#"
        version = 1
        upstreams.api = "https://partner.example"
        [check]
        allow = ["CG330"]
        [[routes]]
        name = "r"
        path = "/r"
        upstream = "api"
        request.set = { authorization = "Bearer secret:PARTNER_KEY" }
        cors = { origins = ["https://app.example.com"] }
        limits = [{ name = "per-client", quota = 1, window = 1, by = ["client_ip"] }]
    "#;

    fn causes(text: &str) -> Vec<String> {
        let found = findings(text).into_iter().filter(|finding| finding.code.to_string() == "CG261");
        found.map(|finding| finding.message.split(", and ").nth(1).expect("a cause").to_owned()).collect()
    }

    #[test]
    fn each_way_in_is_named_alone() {
        assert_eq!(causes(SAFE), [""; 0]);
        let origins = "[\"https://app.example.com\"]";
        let open = "allows origins that anybody can get";
        for (from, to, cause) in [
            (origins, "[\"*\"]", "allows any origin"),
            (origins, "[\"https://*.pages.dev\"], dangerously_allow_public_suffix = true", open),
            (origins, "[\"https://*.ngrok.app\"], dangerously_allow_public_suffix = true", open),
            (origins, "[\"moz-extension://*\"], dangerously_allow_any_extension = true", open),
            ("limits = ", "#", "has no rate limit"),
            ("upstream = ", "mode = \"report\"\nupstream = ", "only reports"),
            (
                "upstream = ",
                "on_disallowed = \"forward\"\nupstream = ",
                "forwards requests of rejected origins",
            ),
            (
                "upstream = ",
                "websocket.require_origin = false\nupstream = ",
                "accepts handshakes without an origin",
            ),
        ] {
            assert_eq!(causes(&SAFE.replacen(from, to, 1)), [cause], "{to}");
        }
    }

    #[test]
    fn a_route_without_a_secret_may_be_open() {
        let text = SAFE.replace("Bearer secret:PARTNER_KEY", "Bearer public").replace("limits = ", "#");
        assert_eq!(causes(&text), [""; 0]);
    }

    #[test]
    fn an_author_who_knows_says_so() {
        let text = SAFE.replace("limits = ", "#").replace("\"CG330\"", "\"CG330\", \"CG261\"");
        assert_eq!(causes(&text), [""; 0]);
    }
}
