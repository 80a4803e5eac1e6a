//! Which names in the gateway's headers a route has from presets. The gateway itself knows no presets.

use std::collections::BTreeMap;

use corsgate_authoring::presets::PresetList;
use corsgate_explain::Step;
use corsgate_policy::decision::trace::Check;

use super::Ground;

/// The names in a step's headers that come from presets, each with its presets.
#[must_use]
pub fn from_presets(step: &Step<'_>, ground: &Ground<'_>) -> BTreeMap<String, Vec<&'static str>> {
    let route = step.explanation.trace().iter().find_map(|check| match check {
        Check::Route { route, .. } => *route,
        _ => None,
    });
    let known = ground.texts.compiled.from_presets(route);
    let mut found = BTreeMap::new();
    for (header, value) in step.explanation.written() {
        let list = match header {
            "access-control-allow-methods" => PresetList::Methods,
            "access-control-allow-headers" => PresetList::RequestHeaders,
            "access-control-expose-headers" => PresetList::ExposedHeaders,
            _ => continue,
        };
        for name in value.split(',').map(str::trim) {
            let presets: Vec<_> =
                known.iter().filter(|it| it.admits(list, name)).map(|it| it.preset).collect();
            if !presets.is_empty() {
                found.insert(name.to_owned(), presets);
            }
        }
    }
    found
}
