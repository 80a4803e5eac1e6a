//! The result, held to what was meant, before anybody sees it.

use std::collections::{BTreeMap, BTreeSet};

use corsgate_authoring::{Source, Stage};
use corsgate_compare::{Direction, Kind, Side, Subject, compare};
use corsgate_explain::Kv;
use corsgate_policy::Reason;
use serde_json::Value;

use crate::candidate::{Addition, Target};
use crate::request::{Decided, decided, url_of};
use crate::suggest::{Options, Placed, Trouble, source_of};

/// Holds a text with additions to four promises: it compiles; what is live is allowed where it was refused, and what is
/// not stays refused; it differs from the policy before in the live entries alone; and the comparison of the two knows no
/// change but that these origins may ask, on the routes that are named.
pub(crate) fn hold(
    source: &Source,
    text: &str,
    before: &Stage,
    additions: &[Placed<'_>],
    options: &Options<'_>,
) -> Result<(), Trouble> {
    let wrong = |sentence: String| Trouble::Wrong(sentence);
    let patched = source_of(source.name(), text)?;
    let now = Stage::new(&patched, options.environment)
        .map_err(|_report| wrong("the policy with the additions does not compile".to_owned()))?;
    for (addition, _) in additions {
        decisions(addition, before, &now, options).map_err(wrong)?;
    }
    let live: BTreeSet<_> = additions
        .iter()
        .filter(|(addition, _)| addition.live && addition.target.is_in_policy())
        .map(|(addition, _)| addition.origin.as_str())
        .collect();
    if without(before, &live) != without(&now, &live) {
        return Err(wrong("the additions would change more than the origins".to_owned()));
    }
    widenings(before, &now, additions).map_err(wrong)
}

fn decisions(addition: &Addition, before: &Stage, now: &Stage, options: &Options<'_>) -> Result<(), String> {
    let nothing = Kv::default();
    let mut kv = Kv::default();
    if let (Target::KvList { kv: name, .. }, true) = (&addition.target, addition.live) {
        kv.add_list(now.policy(), name, &addition.origin)?;
    }
    for on in &addition.refused {
        let url = url_of(before, &on.route).ok_or_else(|| format!("no request reaches `{}`", on.route))?;
        if let (Target::KvKeys { key, .. }, true) = (&addition.target, addition.live) {
            let host = url.trim_start_matches("https://").split('/').next().unwrap_or_default();
            kv.add_key(&key.replace("<host>", host), "{}")?;
        }
        let expected =
            if addition.live { Decided::Allowed } else { Decided::Refused(Reason::OriginNotListed) };
        let is = decided(now.policy(), &url, &addition.origin, &kv, options.today);
        // Before a key is read, its place in the file opens nothing.
        let was = decided(before.policy(), &url, &addition.origin, &nothing, options.today);
        if is != expected || was != Decided::Refused(Reason::OriginNotListed) {
            return Err(format!("`{}` would not be decided as meant on `{}`", addition.origin, on.route));
        }
    }
    Ok(())
}

/// A policy without some entries, and without its id.
fn without(stage: &Stage, entries: &BTreeSet<&str>) -> Option<Value> {
    let mut value = serde_json::to_value(stage.document()).ok()?;
    value.as_object_mut()?.remove("id");
    remove(&mut value, entries);
    Some(value)
}

fn remove(value: &mut Value, entries: &BTreeSet<&str>) {
    match value {
        Value::Array(items) => {
            items.retain(|item| !item.as_str().is_some_and(|text| entries.contains(text)));
            items.iter_mut().for_each(|item| remove(item, entries));
        }
        Value::Object(members) => members.values_mut().for_each(|member| remove(member, entries)),
        _ => {}
    }
}

fn widenings(before: &Stage, now: &Stage, additions: &[Placed<'_>]) -> Result<(), String> {
    let side = |stage: &Stage| Side::new(stage.document().clone()).map_err(|error| error.to_string());
    let (before, now) = (side(before)?, side(now)?);
    // Which origins may open each route.
    let mut meant: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut defaults = false;
    for (addition, place) in additions.iter().filter(|(addition, _)| addition.live) {
        if addition.target.is_in_policy() {
            defaults |= place.opens_defaults;
            for route in &place.opens {
                meant.entry(route).or_default().insert(&addition.origin);
            }
        }
    }
    let mut named = BTreeSet::new();
    for change in compare(&before, &now) {
        if change.kind != Kind::Origin || change.direction != Direction::Widens {
            return Err(format!("the additions would also do this: {}", change.text));
        }
        for subject in &change.subjects {
            let is_meant = match subject {
                Subject::Route(route) => {
                    named.insert(route.clone());
                    meant
                        .get(route.as_str())
                        .is_some_and(|origins| origins.iter().any(|origin| change.text.contains(*origin)))
                }
                Subject::Defaults => defaults,
                Subject::Requests(_) | Subject::Policy => false,
            };
            if !is_meant {
                return Err(format!("the additions would open more than was meant: {}", change.text));
            }
        }
    }
    match meant.keys().find(|route| !named.contains(**route)) {
        Some(route) => Err(format!("the additions would not open `{route}`")),
        None => Ok(()),
    }
}
