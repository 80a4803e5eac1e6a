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
use crate::model::{PathSaid, Reading, Rule};
use crate::server::pages::Asking;
use crate::server::rule::{Part, rule};
use crate::server::section::{Section, also_alike, rules_of};
use site::{Site, Spot, sites};

const WHAT: &str = "`header` of Caddy";

/// Reads a Caddyfile, or a part of one.
pub(crate) fn read(source: &Source, _only: Option<Kind>) -> Reading {
    let tree = syntax::parse(source);
    let rules = sites(&tree.directives).iter().flat_map(of_site).collect();
    Reading { rules, holes: tree.holes }
}

/// The rules of a site: one for each path that makes a difference.
fn of_site(site: &Site<'_>) -> Vec<Rule> {
    let read = |spot: &Spot| {
        let evaluate = |asking: &Asking<'_>| evaluate::answer(site, spot, asking);
        let path = spot.path.said();
        rule(Part { what: WHAT, place: spot.place.clone(), path, hosts: &site.names, evaluate: &evaluate })
    };
    let sections = site.spots.iter().map(|spot| Section {
        place: &spot.place,
        path: spot.path.said(),
        rule: read(spot),
        is_within_another: site.is_within_another(spot),
    });
    let sections: Vec<_> = sections.collect();
    let is_within_cors = sections.first().is_some_and(|whole| whole.rule.is_some());
    let mut rules = rules_of(WHAT, &site.names, sections);
    for rule in &mut rules {
        if let PathSaid::Prefix(path) = &rule.scope.path
            && !path.ends_with('/')
        {
            let remark = also_alike("Caddy", path, is_within_cors, &rule.place);
            rule.remarks.push(remark);
        }
    }
    rules
}
