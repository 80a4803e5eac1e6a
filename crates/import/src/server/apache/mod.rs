//! Apache: `Header` of mod_headers, with `SetEnvIf`, `RewriteRule`, `<If>` and the order in which sections are merged.
//!
//! `syntax` reads lines and sections, `config` finds hosts and what applies to which paths, `evaluate` says what is
//! answered to a request, and `expression` reads `expr=` and `<If>`.

mod config;
mod evaluate;
mod expression;
mod syntax;

use corsgate_authoring::Source;

use crate::kind::Kind;
use crate::model::{Reading, Rule};
use crate::report::{About, Class};
use crate::server::pages::Asking;
use crate::server::rule::{Part, rule};
use crate::server::section::{Section, rules_of};
use crate::server::{hole, remark};
use config::{Host, Spot, hosts};

const WHAT: &str = "`Header` of Apache";

/// Reads a configuration, a part of one, or `.htaccess`.
pub(crate) fn read(source: &Source, _only: Option<Kind>) -> Reading {
    let tree = syntax::parse(source);
    let mut holes = tree.holes;
    let found = hosts(&tree.directives);
    for include in found.iter().flat_map(|host| &host.includes) {
        let shown = crate::shown::path(&include.value);
        let said = hole(
            format!("`Include {shown}` is not followed"),
            Some("Put what it has in its place, and import the whole."),
            &include.place,
        );
        if !holes.contains(&said) {
            holes.push(said);
        }
    }
    let is_folder = source.name().rsplit(['/', '\\']).next() == Some(".htaccess");
    let mut rules: Vec<_> = found.iter().flat_map(of_host).collect();
    if let Some(first) = rules.first_mut().filter(|_| is_folder) {
        let message = "a `.htaccess` is for its folder, which is taken for the root of the host";
        first.remarks.push(remark(Class::Same, About::Path, message, None, &first.place));
    }
    Reading { rules, holes }
}

/// The rules of a host: one for each path whose sections make a difference.
fn of_host(host: &Host<'_>) -> Vec<Rule> {
    let read = |spot: &Spot| {
        let evaluate = |asking: &Asking<'_>| evaluate::answer(host, spot, asking);
        let path = spot.path();
        rule(Part { what: WHAT, place: spot.place.clone(), path, hosts: &host.names, evaluate: &evaluate })
    };
    let sections = host.spots.iter().map(|spot| Section {
        place: &spot.place,
        path: spot.path(),
        rule: read(spot),
        is_within_another: host.is_within_another(spot),
    });
    let mut rules = rules_of(WHAT, &host.names, sections.collect());
    if let (Some(first), Some(folder)) = (rules.first_mut(), &host.folder) {
        let shown = crate::shown::path(&folder.value);
        let message = format!(
            "`<Directory {shown}>` is taken for all that the host serves: no `DocumentRoot` says otherwise"
        );
        first.remarks.push(remark(Class::Same, About::Path, message, None, &folder.place));
    }
    rules
}
