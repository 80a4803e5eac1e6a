//! Caddy: `header` of a Caddyfile, with matchers, snippets, `handle`, `route` and `respond`.
//!
//! `syntax` reads tokens and blocks, `site` finds sites and the paths that they tell apart, `matcher` says which requests
//! a directive is for, and `evaluate` what is answered to one.

mod evaluate;
mod matcher;
mod site;
mod syntax;

use corsgate_authoring::Source;

use crate::kind::Kind;
use crate::model::{Reading, Rule};
use crate::server::pages::Asking;
use crate::server::rule::{Part, nothing, rule, say_alike};
use site::{Site, sites};

const WHAT: &str = "`header` of Caddy";

/// Reads a Caddyfile, or a part of one.
pub(crate) fn read(source: &Source, _only: Option<Kind>) -> Reading {
    let tree = syntax::parse(source);
    let rules = sites(&tree.directives).iter().flat_map(of_site).collect();
    Reading { rules, holes: tree.holes }
}

/// The rules of a site: one for each path that makes a difference.
fn of_site(site: &Site<'_>) -> Vec<Rule> {
    let found: Vec<_> = site
        .spots
        .iter()
        .map(|spot| {
            let evaluate = |asking: &Asking<'_>| evaluate::answer(site, spot, asking);
            let path = spot.path.said();
            (
                spot,
                rule(Part {
                    what: WHAT,
                    place: spot.place.clone(),
                    path,
                    hosts: &site.names,
                    evaluate: &evaluate,
                }),
            )
        })
        .collect();
    if found.iter().all(|(_, rule)| rule.is_none()) {
        return Vec::new();
    }
    let around = found.first().and_then(|(_, rule)| rule.clone());
    let mut rules = Vec::new();
    for (at, (spot, found)) in found.into_iter().enumerate() {
        let is_same = match (&found, &around) {
            (Some(own), Some(around)) => say_alike(own, around),
            (None, None) => true,
            _ => false,
        };
        if at > 0 && is_same && !site.is_within_another(spot) || at == 0 && found.is_none() {
            continue;
        }
        let mut own = found.unwrap_or_else(|| nothing(WHAT, &spot.place, &site.names));
        own.scope.path = spot.path.said();
        rules.push(own);
    }
    rules
}
