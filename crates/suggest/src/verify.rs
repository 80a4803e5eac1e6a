//! Checks before anybody sees the result that it does what was meant.

use std::collections::{BTreeMap, BTreeSet};

use corsgate_authoring::{EnvironmentPolicy, Source};
use corsgate_compare::{Direction, Kind, Side, Subject, compare};
use corsgate_explain::Kv;
use corsgate_policy::Reason;
use serde_json::Value;

use crate::candidate::{Addition, Target};
use crate::request::{Decided, asked_of, decided};
use crate::suggest::{Placed, SuggestOptions, source_of};
use crate::unsound::Unsound;

/// Checks a text with additions: it compiles; entries in force are allowed where they were rejected, and entries that
/// are commented out stay rejected; only the entries in force differ from the policy before; and comparing the two
/// policies finds no change but that these origins are allowed on the named routes. Returns the policy with the additions.
pub(crate) fn hold(
    source: &Source,
    text: &str,
    before: &EnvironmentPolicy,
    additions: &[Placed<'_>],
    options: &SuggestOptions<'_>,
) -> Result<EnvironmentPolicy, Unsound> {
    let patched = source_of(source.name(), text)?;
    let now = EnvironmentPolicy::new(&patched, options.environment).map_err(|_report| Unsound::Compile)?;
    for (addition, _) in additions {
        decisions(addition, before, &now, options)?;
    }
    let live: BTreeSet<_> = additions
        .iter()
        .filter(|(addition, _)| addition.live && addition.target.is_in_policy())
        .map(|(addition, _)| addition.origin.as_str())
        .collect();
    if without(before, &live) != without(&now, &live) {
        return Err(Unsound::OtherValues);
    }
    widenings(before, &now, additions)?;
    Ok(now)
}

fn decisions(
    addition: &Addition,
    before: &EnvironmentPolicy,
    now: &EnvironmentPolicy,
    options: &SuggestOptions<'_>,
) -> Result<(), Unsound> {
    let nothing = Kv::default();
    let mut kv = Kv::default();
    if let (Target::KvList { kv: name, .. }, true) = (&addition.target, addition.live) {
        kv.add_list(now.policy(), name, &addition.origin)?;
    }
    for on in &addition.refused {
        let unreachable = || Unsound::UnreachableRoute(on.route.clone());
        let asked = asked_of(before, &on.route).ok_or_else(unreachable)?;
        if let (Target::KvKeys { key, .. }, true) = (&addition.target, addition.live) {
            let host = asked.url.trim_start_matches("https://").split('/').next().unwrap_or_default();
            kv.add_key(&key.replace("<host>", host), "{}")?;
        }
        let expected =
            if addition.live { Decided::Allowed } else { Decided::Refused(Reason::OriginNotListed) };
        let is = decided(now.policy(), &asked, &addition.origin, &kv, options.today);
        // Before the key is in KV, the list of keys in the policy opens nothing.
        let was = decided(before.policy(), &asked, &addition.origin, &nothing, options.today);
        if is != expected || was != Decided::Refused(Reason::OriginNotListed) {
            return Err(Unsound::Decision(addition.origin.clone(), on.route.clone()));
        }
    }
    Ok(())
}

/// A policy without some entries, and without its id.
fn without(compiled: &EnvironmentPolicy, entries: &BTreeSet<&str>) -> Option<Value> {
    let mut value = serde_json::to_value(compiled.document()).ok()?;
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

fn widenings(
    before: &EnvironmentPolicy,
    now: &EnvironmentPolicy,
    additions: &[Placed<'_>],
) -> Result<(), Unsound> {
    let side = |compiled: &EnvironmentPolicy| Side::new(compiled.document().clone());
    let (before, now) = (side(before)?, side(now)?);
    // The origins that are meant to be allowed, by route.
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
            return Err(Unsound::OtherChange(change.text));
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
                return Err(Unsound::OpensMore(change.text));
            }
        }
    }
    match meant.keys().find(|route| !named.contains(**route)) {
        Some(route) => Err(Unsound::OpensLess((*route).to_owned())),
        None => Ok(()),
    }
}
