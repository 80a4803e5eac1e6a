//! Which routers of Traefik use a headers middleware, and for which requests they are.
//!
//! A middleware does nothing until a router names it, itself or in a chain. Of two routers for a request, the one with
//! the longer rule decides, unless a priority says otherwise.

use crate::configuration::cors;
use crate::configuration::traefik::{WHAT, pairs};
use crate::kind::Kind;
use crate::model::{Applies, PathSaid, Rule};
use crate::place::Place;
use crate::report::{About, Class};
use crate::yaml::{Node, Table};

/// The most routers and middlewares of a file that are looked at: each with each.
const MOST: usize = 1_000;

/// The most hosts of one of several routers.
const MOST_HOSTS: usize = 20;

/// A router, in any of its spellings.
struct Router {
    rule: String,
    /// The middlewares that it names.
    middlewares: Vec<Reference>,
    has_priority: bool,
    place: Place,
}

/// The name of a middleware, and its namespace where one is written.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Reference {
    name: String,
    namespace: Option<String>,
}

impl Reference {
    /// A name, with the provider that may stand behind it: `cors@file`.
    fn of_text(text: &str) -> Self {
        let name = text.trim().split('@').next().unwrap_or_default().to_ascii_lowercase();
        Self { name, namespace: None }
    }

    fn of_resource(table: &Table) -> Option<Self> {
        let namespace = table.text("namespace").map(str::to_owned);
        Some(Self { namespace, ..Self::of_text(table.text("name")?) })
    }

    fn may_be(&self, other: &Self) -> bool {
        let is_elsewhere =
            matches!((&self.namespace, &other.namespace), (Some(own), Some(other)) if own != other);
        self.name == other.name && !is_elsewhere
    }
}

/// What the documents say about routers and middlewares.
#[derive(Default)]
struct Found {
    routers: Vec<Router>,
    /// The headers middlewares, and where their rules are.
    headers: Vec<(Reference, Place)>,
    chains: Vec<(Reference, Vec<Reference>)>,
    /// Middlewares that send every request to another scheme.
    redirects: Vec<Reference>,
}

/// Puts the rules on the hosts and paths of the routers that use them; where that is not known, says so.
pub(super) fn place(rules: &mut Vec<(Kind, Rule)>, documents: &[Node]) {
    if !rules.iter().any(|(kind, _)| *kind == Kind::Traefik) {
        return;
    }
    let mut found = Found::default();
    documents.iter().for_each(|document| found.collect(document));
    found.leave_out_redirects();
    let scopes = scopes(&found.routers);
    let mut placed = Vec::new();
    let mut is_used = vec![false; found.routers.len()];
    for (kind, mut rule) in core::mem::take(rules) {
        if kind != Kind::Traefik {
            placed.push((kind, rule));
            continue;
        }
        let users = found.users(&rule.place);
        match (&scopes, users) {
            (_, Some(users)) if users.is_empty() && !found.routers.is_empty() => {
                let text = "that of its routers, which are elsewhere".to_owned();
                rule.scope.path = PathSaid::Other { text, nearest: None };
                let message = "no router in this file uses this middleware";
                say(&mut rule, message, "Write the hosts and paths of the routers that do.");
                placed.push((kind, rule));
            }
            (Some(scopes), Some(users)) => {
                for at in users {
                    if let (Some(scope), Some(is_used)) = (scopes.get(at), is_used.get_mut(at)) {
                        *is_used = true;
                        placed.push((kind, on(scope, rule.clone())));
                    }
                }
            }
            _ if found.routers.is_empty() => {
                let message = "which routers use this middleware is not read: the route is for all paths";
                say(&mut rule, message, "Write the hosts and paths of those that do.");
                placed.push((kind, rule));
            }
            _ => {
                let text = "that of its routers, whose rules are not read".to_owned();
                rule.scope.path = PathSaid::Other { text, nearest: None };
                let message = "which requests the routers that use this middleware are for is not read";
                say(&mut rule, message, "Write their hosts and paths.");
                placed.push((kind, rule));
            }
        }
    }
    // A router without CORS beside others that have it.
    if let Some(scopes) = scopes.filter(|_| is_used.contains(&true)) {
        let unused = is_used.iter().zip(&scopes).zip(&found.routers).filter(|((is_used, _), _)| !**is_used);
        placed.extend(
            unused.map(|((_, scope), router)| (Kind::Traefik, on(scope, Rule::new(WHAT, &router.place)))),
        );
    }
    *rules = placed;
}

fn say(rule: &mut Rule, message: &str, advice: &str) {
    let place = rule.place.clone();
    cors::remark(rule, Class::Unreadable, About::Path, &place, message, advice);
}

type Scope = (Vec<String>, PathSaid);

fn on((hosts, path): &Scope, mut rule: Rule) -> Rule {
    rule.scope.hosts.clone_from(hosts);
    rule.scope.path = path.clone();
    rule.scope.applies = Applies::Narrowest;
    if let PathSaid::Prefix(prefix) = path {
        cors::letters(prefix, &mut rule);
    }
    rule
}

/// The hosts and paths of the routers, if a policy chooses among them as Traefik does: they have no host in common, or
/// the same hosts, and then the narrower path has the longer rule.
fn scopes(routers: &[Router]) -> Option<Vec<Scope>> {
    if routers.len() > MOST {
        return None;
    }
    let scopes: Option<Vec<Scope>> = routers
        .iter()
        .map(|router| simple(&router.rule).filter(|_| !router.has_priority || routers.len() == 1))
        .collect();
    let scopes = scopes.filter(|scopes| !scopes.is_empty())?;
    if routers.len() > 1 && scopes.iter().any(|(hosts, _)| hosts.len() > MOST_HOSTS) {
        return None;
    }
    let is_chosen = scopes.iter().zip(routers).enumerate().all(|(at, ((hosts, path), router))| {
        scopes.iter().zip(routers).skip(at + 1).all(|((other_hosts, other), other_router)| {
            let (own, theirs) = (router.rule.len(), other_router.rule.len());
            let are_apart = !hosts.is_empty()
                && !other_hosts.is_empty()
                && hosts.iter().all(|host| !other_hosts.iter().any(|it| it.eq_ignore_ascii_case(host)));
            are_apart
                || hosts == other_hosts
                    && path != other
                    && (!covers(path, other) || own < theirs)
                    && (!covers(other, path) || theirs < own)
        })
    });
    is_chosen.then_some(scopes)
}

/// Whether a path has all requests of another.
fn covers(wide: &PathSaid, narrow: &PathSaid) -> bool {
    match (wide, narrow) {
        (PathSaid::All, _) => true,
        // Prefixes are compared letter by letter.
        (PathSaid::Prefix(wide), PathSaid::Prefix(narrow) | PathSaid::Exact(narrow)) => {
            narrow.starts_with(wide)
        }
        _ => false,
    }
}

impl Found {
    /// The routers that use the middleware that a rule is; nothing if it has no name.
    fn users(&self, place: &Place) -> Option<Vec<usize>> {
        let parts: usize = self.chains.iter().map(|(_, parts)| parts.len()).sum();
        if self.headers.len().max(self.routers.len()).max(self.chains.len()).max(parts) > MOST {
            return None;
        }
        let (own, _) = self.headers.iter().find(|(_, at)| at == place)?;
        // The middleware, and the chains that have it.
        let mut known = vec![own];
        let mut at = 0;
        while let Some(part) = known.get(at).copied() {
            at += 1;
            for (chain, parts) in &self.chains {
                if !known.contains(&chain) && parts.iter().any(|it| it.may_be(part)) {
                    known.push(chain);
                }
            }
        }
        let uses =
            |router: &Router| router.middlewares.iter().any(|it| known.iter().any(|own| it.may_be(own)));
        Some(self.routers.iter().enumerate().filter(|(_, it)| uses(it)).map(|(at, _)| at).collect())
    }

    /// Leaves out routers that only redirect, as those for `http` do, and those that say the same as another one, for
    /// another entry point.
    fn leave_out_redirects(&mut self) {
        if self.routers.len() > MOST {
            return;
        }
        let redirects = core::mem::take(&mut self.redirects);
        let is_redirect = |it: &Reference| redirects.iter().any(|own| it.may_be(own));
        self.routers.retain(|router| !router.middlewares.iter().any(is_redirect));
        let mut known: Vec<Router> = Vec::new();
        for router in core::mem::take(&mut self.routers) {
            let is_same = |it: &Router| {
                (&it.rule, &it.middlewares, it.has_priority)
                    == (&router.rule, &router.middlewares, router.has_priority)
            };
            if !known.iter().any(is_same) {
                known.push(router);
            }
        }
        self.routers = known;
    }

    fn collect(&mut self, node: &Node) {
        node.items().iter().for_each(|item| self.collect(item));
        let Some(table) = node.table() else { return };
        let rule = table
            .first(&["rule", "match"])
            .and_then(Node::text)
            .filter(|it| it.contains('(') && !it.contains("HostSNI"));
        if let Some(rule) = rule {
            self.routers.push(Router {
                rule: rule.to_owned(),
                middlewares: references(table.get("middlewares")),
                has_priority: table.present("priority").is_some(),
                place: node.place.clone(),
            });
        }
        if table.text("kind") == Some("Middleware")
            && let Some(own) = table.table("metadata").and_then(Reference::of_resource)
            && let Some(spec) = table.table("spec")
        {
            self.middleware(own, spec);
        }
        for (name, middleware) in table.table("middlewares").into_iter().flat_map(Table::entries) {
            if let Some(middleware) = middleware.table() {
                self.middleware(Reference::of_text(name), middleware);
            }
        }
        if let Some(labels) = table.get("labels") {
            self.labels(&pairs(labels));
        }
        for (key, child) in table.entries().filter(|(key, _)| *key != "labels") {
            if child.text().is_none() || !matches!(key, "rule" | "match") {
                self.collect(child);
            }
        }
    }

    fn middleware(&mut self, own: Reference, table: &Table) {
        if let Some(headers) = table.get("headers") {
            let custom = headers.table().into_iter().flat_map(Table::entries);
            let custom = custom.filter(|(key, _)| key.eq_ignore_ascii_case("customresponseheaders"));
            let places = custom.map(|(_, node)| &node.place).chain([&headers.place]);
            self.headers.extend(places.map(|place| (own.clone(), place.clone())));
        }
        if table.get("redirectScheme").is_some() {
            self.redirects.push(own.clone());
        }
        if let Some(chain) = table.table("chain") {
            self.chains.push((own, references(chain.get("middlewares"))));
        }
    }

    fn labels(&mut self, pairs: &[(String, Node)]) {
        let labels: Vec<_> = pairs.iter().map(|(key, node)| (key.to_ascii_lowercase(), node)).collect();
        for (key, node) in &labels {
            if let Some(name) =
                key.strip_prefix("traefik.http.routers.").and_then(|it| it.strip_suffix(".rule"))
                && let Some(rule) = node.text()
            {
                let of = |option: &str| {
                    let key = format!("traefik.http.routers.{name}.{option}");
                    labels.iter().find(|(own, _)| *own == key).map(|(_, node)| *node)
                };
                self.routers.push(Router {
                    rule: rule.to_owned(),
                    middlewares: references(of("middlewares")),
                    has_priority: of("priority").is_some(),
                    place: node.place.clone(),
                });
            }
            let Some(rest) = key.strip_prefix("traefik.http.middlewares.") else { continue };
            if let Some((name, _)) = rest.split_once(".headers.") {
                self.headers.push((Reference::of_text(name), node.place.clone()));
            }
            if let Some((name, _)) = rest.split_once(".redirectscheme.") {
                self.redirects.push(Reference::of_text(name));
            }
            if let Some(name) = rest.strip_suffix(".chain.middlewares") {
                self.chains.push((Reference::of_text(name), references(Some(node))));
            }
        }
    }
}

fn references(node: Option<&Node>) -> Vec<Reference> {
    let Some(node) = node else { return Vec::new() };
    if let Some(text) = node.text() {
        return text.split(',').map(Reference::of_text).collect();
    }
    let of_item = |item: &Node| match item.table() {
        Some(table) => Reference::of_resource(table),
        None => item.text().map(Reference::of_text),
    };
    node.items().iter().filter_map(of_item).collect()
}

/// The hosts and the path of a rule that has nothing but one of each.
fn simple(rule: &str) -> Option<(Vec<String>, PathSaid)> {
    let (mut hosts, mut path) = (Vec::new(), PathSaid::All);
    for part in rule.split("&&").map(str::trim) {
        let (matcher, rest) = part.split_once('(')?;
        let arguments = rest.strip_suffix(')')?;
        let texts: Option<Vec<_>> = arguments
            .split(',')
            .map(|text| text.trim().strip_prefix(['`', '"'])?.strip_suffix(['`', '"']).map(str::to_owned))
            .collect();
        let texts = texts?;
        let is_plain = |text: &String| !text.contains(['(', ')', '{', '|', '!', '`']);
        if !texts.iter().all(is_plain) {
            return None;
        }
        match (matcher, texts.as_slice()) {
            ("Host", _) if hosts.is_empty() => hosts = texts,
            ("PathPrefix", [prefix]) if path == PathSaid::All => path = cors::prefix(prefix),
            ("Path", [exact]) if path == PathSaid::All => path = PathSaid::Exact(exact.clone()),
            _ => return None,
        }
    }
    Some((hosts, path))
}
