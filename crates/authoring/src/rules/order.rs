//! Advises which of two routes should come first.

use corsgate_policy::policy::document::{Document, RouteDocument};
use corsgate_policy::policy::violation::{DocumentPath, Step};

/// The advice for a route that is never reached because the route named `earlier` takes all its requests.
pub(super) fn advice(place: &DocumentPath, earlier: &str, document: &Document) -> String {
    let hidden = place.steps().iter().find_map(|step| match step {
        Step::Index(at) => document.routes.get(*at),
        Step::Key(_) => None,
    });
    let hiding = document.routes.iter().find(|route| route.name == earlier);
    let decides = "the first route that matches host and path decides";
    match (hidden, hiding) {
        (Some(hidden), Some(hiding)) if hidden.hosts != hiding.hosts => {
            format!("{decides}: put this one, which has fewer hosts, above route `{earlier}`")
        }
        (Some(hidden), Some(hiding)) if hidden.path == hiding.path => {
            format!("both match the same requests, and {decides}: remove one, or give it other hosts")
        }
        (Some(hidden), Some(hiding)) if read_loosely(hidden) == read_loosely(hiding) => {
            format!(
                "servers treat `{}` and `{}` as the same path, so write one route for both",
                hiding.path, hidden.path
            )
        }
        _ => format!("{decides}: put this one, which is narrower, above route `{earlier}`"),
    }
}

/// A path without the parts that servers ignore.
fn read_loosely(route: &RouteDocument) -> String {
    route.path.trim_end_matches('/').to_lowercase()
}

#[cfg(test)]
mod tests {
    use crate::testing::findings;

    #[test]
    fn advice_says_how_the_route_can_be_reached() {
        for (first, second, advice) in [
            ("path = \"/*\"", "path = \"/a\"", "narrower, above route `first`"),
            ("path = \"/a\"", "path = \"/a\"", "remove one"),
            ("path = \"/a\"", "path = \"/A/\"", "servers treat `/a` and `/A/` as the same path"),
            ("path = \"/a\"", "path = \"/a\"\nhosts = [\"a.example\"]", "fewer hosts, above route `first`"),
        ] {
            let rest = "upstream = \"api\"\ncors = false\n";
            let text = format!(
                "version = 1\nupstreams.api = \"https://o.example\"\n[[routes]]\nname = \"first\"\n{first}\n{rest}\
                 [[routes]]\nname = \"second\"\n{second}\n{rest}"
            );
            let found =
                findings(&text).into_iter().find(|it| it.code.to_string() == "CG020").expect("it is found");
            let help = found.help.as_deref().unwrap_or_default();
            assert!(help.contains(advice), "{second}: {help}");
        }
    }
}
