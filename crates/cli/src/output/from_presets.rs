//! The names that the routes of a policy have from presets, for people.

use core::fmt::Write;

use corsgate_authoring::presets::PresetList;
use corsgate_authoring::{EnvironmentPolicy, Source};

use crate::output::trace::At;

/// Every route with presets, and what each of its lists has from them. Nothing if no route has one.
pub(crate) fn render(policy: &EnvironmentPolicy, source: &Source) -> String {
    let mut text = String::new();
    for route in &policy.document().routes {
        let known = policy.from_presets(Some(&route.name));
        if known.is_empty() {
            continue;
        }
        let place = policy.place_of_route(&route.name).map(|span| format!(" ({})", At::of(span, source)));
        line(&mut text, &format!("route `{}`{}", route.name, place.unwrap_or_default()));
        for (key, list) in [
            ("methods", PresetList::Methods),
            ("request_headers", PresetList::RequestHeaders),
            ("exposed_headers", PresetList::ExposedHeaders),
        ] {
            let mut names: Vec<_> = known.iter().filter(|it| it.list == list).collect();
            names.sort_by_key(|it| (it.name, it.preset));
            if !names.is_empty() {
                line(&mut text, &format!("  {key}"));
            }
            for alike in names.chunk_by(|one, other| one.name == other.name) {
                let presets: Vec<_> = alike.iter().map(|it| it.preset).collect();
                let name = alike.iter().map(|it| it.name).next().unwrap_or_default();
                line(&mut text, &format!("    {name}: by {}", presets_in_words(&presets)));
            }
        }
    }
    text
}

/// Presets by name, for a sentence.
pub(crate) fn presets_in_words(names: &[&str]) -> String {
    let noun = if names.len() == 1 { "the preset" } else { "the presets" };
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("{noun} {}", names.join(" and "))
}

fn line(text: &mut String, line: &str) {
    // Writing to a text does not fail.
    let _written = writeln!(text, "{line}");
}
