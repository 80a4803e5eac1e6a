//! CG305.

use corsgate_policy::decision::decide::decide;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::policy::document::{EntryDocument, Mode, OnDisallowed, RouteDocument};
use corsgate_policy::{Answers, Facts, Policy, RequestUrl};

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::info(
    305,
    "a route that a format suffix bypasses",
    r#"Rails, Spring and other frameworks choose the format of a response by the suffix of the path: they handle `/auth/login.json` like `/auth/login`. To the gateway it is another path, so a later route with weaker rules, such as `/*`, decides about it. That bypasses the limits or origins of the strict route.

If the server behind the routes handles suffixes this way, set `fold_suffixes`. The gateway then rejects a path with 400 if it belongs to another route without its suffix:

    [defaults]
    fold_suffixes = true

If it does not, there is nothing to do. APIs often have `/data.json` beside `/data`, so suffixes are not folded unless the policy says so. This is reported once for each policy, at the first such route."#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    if subject.document.fold_suffixes {
        return;
    }
    let Ok(policy) = Policy::from_document(subject.document) else { return };
    for (place, route) in subject.routes().filter(|(_, route)| !route.path.ends_with(['*', '/', '.'])) {
        let every = ["corsgate.invalid".to_owned()];
        let path = format!("{}.json", route.path);
        for host in route.hosts.as_deref().unwrap_or(&every) {
            // Use a name under `example.com` for `*.example.com`.
            let host = host.replacen('*', "corsgate", 1);
            let url = RequestUrl { host: &host, path: &path, ..RequestUrl::default() };
            let facts = Facts { url, ..Facts::default() };
            let found = decide(&policy, &facts, &Answers::default(), Day::NEVER).route;
            let at = found.and_then(|found| policy.routes().iter().position(|it| std::ptr::eq(it, found)));
            let Some(other) = at.and_then(|at| subject.document.routes.get(at)) else { continue };
            let Some(what) = what_is_stricter(route, other) else { continue };
            let message = format!(
                "a server that drops suffixes handles `{path}` like `{}`, without {what} of route `{}`",
                route.path, route.name
            );
            let label = format!("`{path}` matches route `{}`", other.name);
            let help = "write `fold_suffixes = true` in `[defaults]` if the upstream drops suffixes";
            report.add(Finding::new(&LINT, message).at(subject.span(&place.key("path")), label).help(help));
            return;
        }
    }
}

/// The protection that a request avoids by matching the other route. `None` if that route has another upstream, because
/// the request then does not reach what this route guards.
fn what_is_stricter(route: &RouteDocument, other: &RouteDocument) -> Option<&'static str> {
    if route.upstream != other.upstream {
        return None;
    }
    if route.limits.iter().any(|limit| !other.limits.contains(limit)) {
        return Some("the limits");
    }
    let origins = |route: &RouteDocument| -> Vec<String> {
        let entries = route.cors.iter().flat_map(|cors| &cors.origins);
        entries.map(|entry: &EntryDocument| entry.origin().to_owned()).collect()
    };
    let lets_refused_pass =
        |route: &RouteDocument| route.on_disallowed == OnDisallowed::Forward || route.mode == Mode::Report;
    if lets_refused_pass(route) {
        return None;
    }
    let (own, others) = (origins(route), origins(other));
    let is_any = |origins: &[String]| origins.iter().any(|origin| origin == "*");
    let more =
        others.iter().any(|origin| !own.contains(origin)) && own.iter().all(|origin| others.contains(origin));
    if !is_any(&own) && (is_any(&others) || more) {
        return Some("the origins");
    }
    lets_refused_pass(other).then_some("the rejections")
}

#[cfg(test)]
mod tests {
    use crate::testing::findings;

    fn told(defaults: &str, strict: &str, lax: &str) -> Vec<String> {
        let text = format!(
            "version = 1\nupstreams = {{ api = \"https://origin.example.net\", other = \"zone\" }}\n\
             [defaults]\nupstream = \"api\"\n{defaults}\n[[routes]]\nname = \"strict\"\n{strict}\n\
             [[routes]]\nname = \"lax\"\n{lax}\n"
        );
        let told = findings(&text).into_iter().filter(|finding| finding.code.to_string() == "CG305");
        told.map(|finding| finding.message).collect()
    }

    const LIMITED: &str =
        "path = \"/auth/login\"\nlimits = [{ name = \"l\", quota = 1, window = 1, by = [\"client_ip\"] }]";

    #[test]
    fn a_route_that_is_stricter_than_the_one_behind_it_is_told_of() {
        let lax = "path = \"/*\"";
        let of = |path: &str, origins: &str| format!("path = \"{path}\"\ncors.origins = [{origins}]");
        for (strict, lax, what) in [
            (LIMITED, lax, Some("the limits")),
            (LIMITED, "path = \"/auth/*\"", Some("the limits")),
            (LIMITED, "path = \"/auth/login/*\"", None),
            (LIMITED, "path = \"/other/*\"", None),
            ("path = \"/a\"", lax, None),
            ("path = \"/a\"", &of("/*", "\"*\""), Some("the origins")),
            (&of("/a", "\"https://a.example\""), &of("/*", "\"*\""), Some("the origins")),
            (&of("/a", "\"*\""), &of("/*", "\"https://a.example\""), None),
            (
                &of("/a", "\"https://a.example\""),
                &of("/*", "\"https://a.example\", \"https://b.example\""),
                Some("the origins"),
            ),
            (&of("/a", "\"https://b.example\""), &of("/*", "\"https://a.example\""), None),
            ("path = \"/a\"", "path = \"/*\"\non_disallowed = \"forward\"", Some("the rejections")),
            ("path = \"/a\"\non_disallowed = \"forward\"", &of("/*", "\"*\""), None),
            ("path = \"/a/*\"", "path = \"/*\"\non_disallowed = \"forward\"", None),
        ] {
            let told = told("", strict, lax);
            assert_eq!(told.len(), usize::from(what.is_some()), "{strict}, {lax}: {told:?}");
            assert!(what.is_none_or(|what| told[0].contains(what)), "{told:?}");
        }
    }

    #[test]
    fn nothing_is_told_where_suffixes_are_folded_or_another_server_answers() {
        let lax = "path = \"/*\"";
        assert_eq!(told("fold_suffixes = true", LIMITED, lax), [""; 0]);
        let elsewhere = "path = \"/*\"\nupstream = \"other\"";
        assert_eq!(told("", LIMITED, elsewhere), [""; 0]);
        assert_eq!(told("hosts = [\"*.a.example\"]", LIMITED, lax).len(), 1);
        assert_eq!(
            told(
                "",
                &format!("hosts = [\"a.example\"]\n{LIMITED}"),
                "hosts = [\"b.example\"]\npath = \"/*\""
            )
            .len(),
            0
        );
    }
}
