//! Finds the known name that somebody may have meant.

use strsim::damerau_levenshtein;

/// Names of keys in other tools and in the response headers. By letters alone, the nearest key would be a wrong one.
const NAMES_ELSEWHERE: [(&str, &str); 6] = [
    ("allow_headers", "request_headers"),
    ("allowed_headers", "request_headers"),
    ("headers", "request_headers"),
    ("expose_headers", "exposed_headers"),
    ("allow_origin", "origins"),
    ("allowed_origins", "origins"),
];

/// The known name nearest to an unknown one, if one is near enough to suggest.
///
/// Up to a third of the letters may be wrong. A name that contains the other is near too (`allow_credentials` for
/// `credentials`), although their distance is large.
pub(crate) fn nearest<'k>(unknown: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let unknown = unknown.to_lowercase().replace('-', "_");
    let length = unknown.chars().count();
    let distance = |name: &str| {
        let name = name.to_lowercase().replace('-', "_");
        let within =
            name.len() > 2 && unknown.len() > 2 && (unknown.contains(&name) || name.contains(&unknown));
        let distance = damerau_levenshtein(&unknown, &name);
        let near = distance <= length.max(name.chars().count()) / 3;
        (near || within).then_some(distance)
    };
    let elsewhere = NAMES_ELSEWHERE.iter().find(|(name, _)| *name == unknown).map(|(_, here)| *here);
    let near = known.into_iter().filter_map(|name| {
        let distance = if elsewhere == Some(name) { Some(0) } else { distance(name) };
        Some((distance?, name))
    });
    near.min().map(|(_, name)| name)
}

/// Lists names in a sentence: `` `a`, `b` or `c` ``.
pub(crate) fn listed<'k>(names: impl IntoIterator<Item = &'k str>, last_separator: &str) -> String {
    let mut quoted: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match quoted.pop() {
        Some(last) if !quoted.is_empty() => format!("{} {last_separator} {last}", quoted.join(", ")),
        last => last.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_finger_and_habits_from_elsewhere_find_their_name() {
        let keys = ["origins", "methods", "request_headers", "exposed_headers", "credentials", "max_age"];
        for (unknown, name) in [
            ("orgins", Some("origins")),
            ("Origins", Some("origins")),
            ("max-age", Some("max_age")),
            ("allow_credentials", Some("credentials")),
            ("expose_headers", Some("exposed_headers")),
            ("allowed_headers", Some("request_headers")),
            ("headers", Some("request_headers")),
            ("allowed_origins", Some("origins")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(unknown, keys), name, "{unknown}");
        }
    }

    #[test]
    fn names_are_listed_as_in_a_sentence() {
        assert_eq!(listed(["a"], "or"), "`a`");
        assert_eq!(listed(["a", "b", "c"], "or"), "`a`, `b` or `c`");
        assert_eq!(listed([], "or"), "");
    }
}
