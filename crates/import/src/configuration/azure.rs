//! App Service and Functions of Azure: `cors` of a site's configuration in ARM and in what `az` prints, and `Host.CORS` of
//! `local.settings.json`. The rules of Azure Storage are read as those of other buckets.

use super::cors;
use crate::model::{Names, OriginSaid, Rule};
use crate::place::Place;
use crate::yaml::{Node, Table, Value};

const WHAT: &str = "CORS of Azure App Service";

/// Reads `cors` of a site, or `Host` of local settings.
pub(super) fn read(table: &Table, _: &Place, _: &[&Table]) -> Option<Vec<Rule>> {
    if let Some((cors, node)) = table.get("cors").and_then(block).and_then(|node| Some((node.table()?, node)))
        && let Some(origins) = cors.first(&["allowedOrigins", "allowed_origins"])
        && cors.first(&["allowedMethods", "allowed_methods"]).is_none()
    {
        let mut rule = site(Some(origins), &node.place);
        cors::credentials(cors.first(&["supportCredentials", "support_credentials"]), &mut rule);
        if let Some((what, place)) = &cors.unknown {
            cors::doubtful(&mut rule, what, place);
        }
        return Some(vec![rule]);
    }
    let host = table.table("Host")?;
    let origins = host.get("CORS").filter(|node| matches!(node.value, Value::Scalar { .. }))?;
    let mut rule = site(Some(origins), &origins.place);
    cors::credentials(host.get("CORSCredentials"), &mut rule);
    Some(vec![rule])
}

fn site(origins: Option<&Node>, place: &Place) -> Rule {
    let mut rule = Rule::new(WHAT, place);
    rule.origins = cors::origins(origins, |text| match text {
        "*" => OriginSaid::Any,
        _ => OriginSaid::Exact(text.to_owned()),
    });
    let what = "App Service, whose documentation does not name them";
    rule.methods = Names::unreadable(what.to_owned(), place);
    rule.request_headers = Names::unreadable(what.to_owned(), place);
    rule
}

/// A mapping, or the only one of a list, as a block of Terraform is written in JSON.
fn block(node: &Node) -> Option<&Node> {
    match &node.value {
        Value::List(list) if list.items.len() == 1 => list.items.first(),
        _ => Some(node),
    }
}
