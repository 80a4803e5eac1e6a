//! Annotations of ingress-nginx (<https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#enable-cors>).
//!
//! It compares the end of an origin in any case, so that `https://a.example` also has `xhttps://a.example`, which no
//! browser sends. A `*` stands for one label.

use super::cors::{self, matching, names};
use crate::expression::Expression;
use crate::model::{Applies, Names, OriginSaid, PathSaid, Rule};
use crate::place::{Place, Said};
use crate::report::{About, Class};
use crate::yaml::{Node, Table, Value};

const PREFIX: &str = "nginx.ingress.kubernetes.io/";
const METHODS: [&str; 6] = ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"];
const HEADERS: [&str; 9] = [
    "DNT",
    "Keep-Alive",
    "User-Agent",
    "X-Requested-With",
    "If-Modified-Since",
    "Cache-Control",
    "Content-Type",
    "Range",
    "Authorization",
];
const MAX_AGE: i64 = 1_728_000;

/// Reads an Ingress, or annotations alone.
pub(super) fn read(table: &Table, place: &Place, _: &[&Table]) -> Option<Vec<Rule>> {
    if table.text("kind") != Some("Ingress") {
        if !table.entries().any(|(key, _)| key.strip_prefix(PREFIX) == Some("enable-cors")) {
            return None;
        }
        let mut rule = annotated(table, place);
        let message = "the hosts and paths of the Ingress are not in this text: the route is for all paths";
        let advice = "Import the whole Ingress, or write its paths.";
        cors::remark(&mut rule, Class::Unreadable, About::Path, place, message, advice);
        return Some(vec![rule]);
    }
    let metadata = table.table("metadata");
    let annotations = metadata.and_then(|metadata| metadata.get("annotations"));
    let mut rule = match annotations {
        Some(Node { value: Value::Table(annotations), place }) => annotated(annotations, place),
        Some(other @ Node { value: Value::Unknown(_), .. }) => {
            let mut rule = Rule::new(WHAT, &other.place);
            cors::doubtful(&mut rule, &other.noun(), &other.place);
            rule
        }
        _ => Rule::new(WHAT, place),
    };
    if let Some((what, place)) = metadata.and_then(|metadata| metadata.unknown.clone()) {
        cors::doubtful(&mut rule, &what, &place);
    }
    let mut rules = on_paths(&rule, table);
    let canary = annotations.and_then(|it| it.table()?.text(&format!("{PREFIX}canary")));
    if canary.is_some_and(is_true) {
        // The Ingress beside it decides about CORS, also for the requests that a canary gets.
        rules.iter_mut().for_each(cors::limit_to_a_condition);
    }
    Some(rules)
}

const WHAT: &str = "an Ingress of ingress-nginx";

/// The same rule for each path, with all hosts that have it.
fn on_paths(rule: &Rule, ingress: &Table) -> Vec<Rule> {
    let annotation = |name: &str| {
        let annotations = ingress.table("metadata").and_then(|it| it.table("annotations"));
        annotations.and_then(|it| it.text(&format!("{PREFIX}{name}"))).map(str::to_owned)
    };
    let is_regex = annotation("use-regex").is_some_and(|text| is_true(&text));
    // Each host of the Ingress has them as well.
    let aliases = annotation("server-alias").unwrap_or_default();
    let aliases = aliases.split(',').map(str::trim).filter(|it| !it.is_empty());
    let (aliases, regexes): (Vec<_>, Vec<_>) =
        aliases.map(str::to_owned).partition(|it| !it.starts_with('~'));
    let mut rule = rule.clone();
    for regex in regexes {
        let message = format!("a policy cannot say the `server-alias` `{}`", crate::shown::line(&regex));
        let place = rule.place.clone();
        cors::remark(
            &mut rule,
            Class::Unreadable,
            About::Path,
            &place,
            &message,
            "List the hosts that it is for.",
        );
    }
    let rule = &rule;
    let spec = ingress.table("spec");
    let mut placed: Vec<Rule> = Vec::new();
    let mut add =
        |path: PathSaid, remarks: Vec<Said<crate::model::Remark>>, host: Option<&Node>, place: &Place| {
            let mut on = rule.clone();
            on.place = place.clone();
            on.scope.applies = Applies::OfHost;
            on.scope.path = path;
            on.remarks.extend(remarks);
            cors::hosts(host, &mut on);
            if !on.scope.hosts.is_empty() {
                on.scope.hosts.extend(aliases.iter().cloned());
            }
            if let Some(host) = on.scope.hosts.iter().find(|host| host.starts_with("*.")).cloned() {
                let message = format!(
                    "`{}` has one label in place of `*` in an Ingress: here it has any number",
                    crate::shown::line(&host)
                );
                let advice = "List the hosts if there are deeper ones.";
                cors::remark(&mut on, Class::Unreadable, About::Path, place, &message, advice);
            }
            match placed.iter_mut().find(|it| it.scope.path == on.scope.path && !it.scope.hosts.is_empty()) {
                Some(same) if !on.scope.hosts.is_empty() => same.scope.hosts.extend(on.scope.hosts),
                _ => placed.push(on),
            }
        };
    for item in spec.map(|spec| spec.items("rules")).unwrap_or_default() {
        let Some(of) = item.table() else { continue };
        let http = of.table("http");
        let paths = http.map(|http| http.items("paths")).unwrap_or_default();
        if paths.is_empty() {
            add(PathSaid::All, Vec::new(), of.get("host"), &item.place);
        }
        for at in paths {
            let Some(on) = at.table() else { continue };
            let (path, remarks) = path(on, is_regex, &at.place);
            add(path, remarks, of.get("host"), &at.place);
        }
    }
    let unknown = spec.and_then(|spec| match spec.get("rules").map(|rules| &rules.value) {
        Some(Value::List(list)) => list.unknown.clone().or_else(|| spec.unknown.clone()),
        Some(Value::Unknown(what)) => Some((what.clone(), rule.place.clone())),
        _ => spec.unknown.clone(),
    });
    if placed.is_empty() || unknown.is_some() {
        let path = match &unknown {
            Some((what, _)) => cors::under_a_condition(what),
            None => PathSaid::All,
        };
        let mut all = rule.clone();
        all.scope.applies = Applies::OfHost;
        all.scope.path = path;
        placed.push(all);
    }
    placed
}

fn path(on: &Table, is_regex: bool, place: &Place) -> (PathSaid, Vec<Said<crate::model::Remark>>) {
    let path = match on.get("path").map(cors::text) {
        None => return (PathSaid::All, Vec::new()),
        Some(Err(what)) => return (PathSaid::Other { text: what, nearest: None }, Vec::new()),
        Some(Ok(path)) => path,
    };
    let begin = path.find(['(', '[', '*', '+', '?', '$', '|', '\\', '^', '{']);
    match (on.text("pathType"), begin) {
        (Some("Exact"), _) if !is_regex => (PathSaid::Exact(path), Vec::new()),
        (Some("Prefix"), _) if !is_regex => (cors::prefix(&path), Vec::new()),
        (_, None) => {
            let mut rule = Rule::new(WHAT, place);
            cors::letters(&path, &mut rule);
            (rule.scope.path, rule.remarks)
        }
        (_, Some(begin)) => {
            let (before, rest) = path.split_at_checked(begin).unwrap_or((&path, ""));
            // What rewriting is written with: exactly this path and all below it.
            if matches!(rest, "(/|$)(.*)" | "(/.*)?" | "(/|$).*") {
                return (cors::prefix(before), Vec::new());
            }
            if before == "/" && matches!(rest, "(.*)" | "?(.*)" | ".*") {
                return (PathSaid::All, Vec::new());
            }
            let segments = before.rsplit_once('/').map(|(segments, _)| segments).unwrap_or_default();
            let nearest = Some(format!("{segments}/*"));
            (PathSaid::Other { text: path, nearest }, Vec::new())
        }
    }
}

/// As Go reads a boolean.
fn is_true(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "TRUE" | "true" | "True")
}

fn annotated(annotations: &Table, place: &Place) -> Rule {
    let mut rule = Rule::new(WHAT, place);
    let get = |name: &str| annotations.present(&format!("{PREFIX}{name}"));
    for snippet in ["configuration-snippet", "server-snippet", "location-snippet"] {
        let Some(node) = get(snippet) else { continue };
        if node.text().is_none_or(|text| text.to_ascii_lowercase().contains("access-control")) {
            let message = format!("`{snippet}` sets headers of CORS in nginx's own language");
            let advice = "Save it as a file of nginx, and import that.";
            cors::remark(&mut rule, Class::Unreadable, About::Origins, &node.place, &message, advice);
        }
    }
    if let Some((what, place)) = annotations.unknown.clone() {
        cors::doubtful(&mut rule, &what, &place);
        return rule;
    }
    match get("enable-cors").map(|node| (cors::text(node), node)) {
        Some((Ok(text), _)) if is_true(&text) => {}
        Some((Err(what), node)) => {
            cors::doubtful(&mut rule, &what, &node.place);
            return rule;
        }
        _ => return rule,
    }
    let listed = |name: &str| get(name).filter(|node| node.text().is_none_or(|text| !text.trim().is_empty()));
    rule.origins = match listed("cors-allow-origin") {
        None => vec![Said::new(OriginSaid::Any, place)],
        some => cors::origins(some, origin),
    };
    if let Some(any) = rule.origins.iter().find(|said| said.value == OriginSaid::Any).cloned() {
        rule.origins = vec![any];
    }
    let mut defaulted = |name: &str, default: &[&str], about: About| {
        let Some(node) = listed(name) else { return Names::of(default.iter().copied(), place) };
        let said = names(Some(node));
        if said.all.is_none() {
            return said;
        }
        let message = format!("ingress-nginx does not take `*` in `{name}`, and uses its default");
        cors::remark(
            &mut rule,
            Class::Stricter,
            about,
            &node.place,
            &message,
            "List those that the pages use.",
        );
        Names::of(default.iter().copied(), &node.place)
    };
    let methods = defaulted("cors-allow-methods", &METHODS, About::Methods);
    let headers = defaulted("cors-allow-headers", &HEADERS, About::RequestHeaders);
    (rule.methods, rule.request_headers) = (methods, headers);
    rule.exposed_headers = names(listed("cors-expose-headers"));
    rule.credentials = match listed("cors-allow-credentials").map(|node| (cors::text(node), node)) {
        None => Said::new(Some(true), place),
        Some((Ok(text), node)) => {
            let is_false = matches!(text.as_str(), "0" | "f" | "F" | "FALSE" | "false" | "False");
            Said::new(Some(!is_false), &node.place)
        }
        Some((Err(_), node)) => Said::new(None, &node.place),
    };
    rule.max_age = Some(match listed("cors-max-age").map(cors::seconds) {
        Some(said @ Said { value: Ok(_), .. }) => said,
        Some(Said { place, .. }) => Said::new(Ok(MAX_AGE), &place),
        None => Said::new(Ok(MAX_AGE), place),
    });
    rule
}

fn origin(text: &str) -> OriginSaid {
    match text {
        "*" => OriginSaid::Any,
        _ if text.contains('*') => {
            matching(Expression::wildcard(&text.to_ascii_lowercase(), "[A-Za-z0-9-]+"))
        }
        _ => OriginSaid::Exact(text.to_ascii_lowercase()),
    }
}
