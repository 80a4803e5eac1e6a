//! Configurations of gateways, proxies and clouds in YAML, JSON and TOML, and of buckets in XML.
//!
//! A file is read as a tree (`yaml`). Each reader knows the mappings of its program by what is in them, wherever they
//! stand, so that fragments are read, too. `cors` has what they share.

mod api_gateway;
mod apisix;
mod azure;
mod bucket;
mod bucket_list;
mod cors;
mod envoy;
mod http_route;
mod ingress;
mod istio;
mod kong;
mod set_headers;
mod traefik;
mod traefik_routers;
pub(crate) mod xml;

use corsgate_authoring::Source;

use crate::kind::Kind;
use crate::model::{Reading, Rule};
use crate::place::Place;
use crate::yaml::{self, Node, Table, Value};

/// What a reader finds in a mapping; nothing if it is not its business.
type Reader = fn(&Table, &Place, &[&Table]) -> Option<Vec<Rule>>;

const READERS: &[(Kind, Reader)] = &[
    (Kind::IngressNginx, ingress::read),
    (Kind::HttpRoute, http_route::read),
    (Kind::Istio, istio::read),
    (Kind::Envoy, envoy::read),
    (Kind::Traefik, traefik::read),
    (Kind::Kong, kong::read),
    (Kind::Apisix, apisix::read),
    (Kind::ApiGateway, api_gateway::read),
    (Kind::Azure, azure::read),
    (Kind::Json, bucket::read),
];

/// Reads YAML.
pub(crate) fn read(source: &Source, only: Option<Kind>) -> Reading {
    read_parsed(yaml::parse(source), only)
}

/// Reads TOML.
pub(crate) fn read_toml(source: &Source, only: Option<Kind>) -> Reading {
    read_parsed(yaml::of_toml(source), only)
}

fn read_parsed(parsed: yaml::Parsed, only: Option<Kind>) -> Reading {
    let mut reading = Reading { rules: Vec::new(), holes: parsed.holes };
    read_nodes(&parsed.documents, only, &mut reading);
    reading
}

/// Reads documents.
pub(crate) fn read_nodes(documents: &[Node], only: Option<Kind>, reading: &mut Reading) {
    let mut walk = Walk { only, rules: Vec::new() };
    for document in documents {
        walk.visit(document, &mut Vec::new());
    }
    if only.is_none_or(|only| only == Kind::Traefik) {
        traefik_routers::place(&mut walk.rules, documents);
    }
    set_headers::name(documents, &walk.rules, reading);
    // A gateway says of many paths that they have no CORS; that only matters beside those that have.
    let is_about_cors = |kind: Kind, rules: &[(Kind, Rule)]| {
        rules.iter().any(|(of, rule)| *of == kind && !cors::is_empty(rule))
    };
    let kinds: Vec<_> =
        READERS.iter().map(|(kind, _)| *kind).filter(|kind| is_about_cors(*kind, &walk.rules)).collect();
    reading
        .rules
        .extend(walk.rules.into_iter().filter(|(kind, _)| kinds.contains(kind)).map(|(_, rule)| rule));
}

/// Whether a rule is an item of a list, or what R2 has in one.
fn is_in(place: &Place, item: &Node) -> bool {
    let allowed = item.table().and_then(|it| it.get("allowed"));
    [Some(item), allowed].into_iter().flatten().any(|node| node.place == *place)
}

struct Walk {
    only: Option<Kind>,
    rules: Vec<(Kind, Rule)>,
}

impl Walk {
    /// Joins the rules that the items of a list are.
    fn join(&mut self, before: usize, items: &[Node]) {
        let found = self.rules.get(before..).unwrap_or_default();
        let are_items = found.len() == items.len()
            && found
                .iter()
                .zip(items)
                .all(|((kind, rule), item)| *kind == Kind::Json && is_in(&rule.place, item));
        if are_items && found.len() > 1 {
            let rules = self.rules.split_off(before).into_iter().map(|(_, rule)| rule);
            let rules = bucket_list::joined(rules.collect());
            self.rules.extend(rules.into_iter().map(|rule| (Kind::Json, rule)));
        }
    }

    fn visit<'n>(&mut self, node: &'n Node, parents: &mut Vec<&'n Table>) {
        match &node.value {
            Value::List(list) => {
                let before = self.rules.len();
                for item in &list.items {
                    self.visit(item, parents);
                }
                self.join(before, &list.items);
            }
            Value::Table(table) => {
                for (kind, read) in
                    READERS.iter().filter(|(kind, _)| self.only.is_none_or(|only| only == *kind))
                {
                    if let Some(rules) = read(table, &node.place, parents) {
                        self.rules.extend(rules.into_iter().map(|rule| (*kind, rule)));
                        return;
                    }
                }
                parents.push(table);
                for (_, child) in table.entries() {
                    self.visit(child, parents);
                }
                parents.pop();
            }
            _ => {}
        }
    }
}
