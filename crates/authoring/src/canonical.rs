//! The canonical form of a policy: documents that differ only in order have the same bytes.

use std::collections::{BTreeMap, HashMap};

use corsgate_policy::grammar::day::Day;
use corsgate_policy::grammar::family::HeaderFamily;
use corsgate_policy::origin::pattern::OriginPattern;
use corsgate_policy::policy::document::{
    AllowlistDocument, CorsDocument, Document, EntryDocument, LimitDocument, RouteDocument, TimingDocument,
};
use corsgate_policy::policy::upstream::Upstream;
use sha2::{Digest, Sha256};

/// Puts a valid policy into canonical form, sets its id, and returns its bytes.
///
/// # Errors
/// Never in practice: JSON can hold every document.
pub fn canonicalize(document: &mut Document) -> Result<Vec<u8>, serde_json::Error> {
    for upstream in document.upstreams.values_mut() {
        if let Ok(Upstream::Url(url)) = Upstream::parse(upstream) {
            *upstream = url.to_string();
        }
    }
    for list in document.allowlists.values_mut() {
        if let AllowlistDocument::Entries(entries) = list {
            canonicalize_origins(entries);
        }
    }
    document.routes.iter_mut().for_each(canonicalize_route);
    document.default_cors.iter_mut().for_each(canonicalize_cors);
    document.id.clear();
    document.id = id_of(&serde_json_canonicalizer::to_vec(document)?);
    serde_json_canonicalizer::to_vec(document)
}

/// The id of a policy, from its canonical JSON without the id, or of a list, from its text: the first 16 hex digits of
/// the SHA-256.
#[must_use]
pub fn id_of(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn canonicalize_route(route: &mut RouteDocument) {
    route.hosts.iter_mut().for_each(sort);
    route.cors.iter_mut().for_each(canonicalize_cors);
    route.limits.iter_mut().for_each(canonicalize_limit);
    canonicalize_set(&mut route.request.set);
    sort_headers(&mut route.request.remove);
    canonicalize_set(&mut route.response.set);
    sort_headers(&mut route.response.remove);
    if let TimingDocument::Listed(origins) = &mut route.security.timing_allow_origin {
        sort(origins);
        if origins.is_empty() {
            route.security.timing_allow_origin = TimingDocument::default();
        }
    }
}

fn canonicalize_cors(cors: &mut CorsDocument) {
    canonicalize_origins(&mut cors.origins);
    sort(&mut cors.methods);
    // `*` covers every method. It does not cover the header `authorization`, so header names beside it stay.
    if cors.methods.iter().any(|method| method == "*") {
        cors.methods = vec!["*".to_owned()];
    }
    for headers in [&mut cors.request_headers, &mut cors.exposed_headers] {
        sort_headers(headers);
        drop_covered_families(headers);
    }
}

/// Drops families inside other families. A name inside a family stays: every preflight is answered with it, so browsers
/// cache it, and the gateway's own answers expose it. Beside `*`, families add nothing, for they never have
/// `authorization`.
fn drop_covered_families(headers: &mut Vec<String>) {
    let any = headers.iter().any(|name| name == "*");
    let families: Vec<_> = headers.iter().filter_map(|name| HeaderFamily::parse(name).ok()).collect();
    headers.retain(|name| {
        HeaderFamily::parse(name).map_or(true, |family| {
            !any && !families.iter().any(|other| *other != family && other.covers(&family))
        })
    });
}

fn canonicalize_limit(limit: &mut LimitDocument) {
    for key in &mut limit.by {
        if key.starts_with("header:") {
            key.make_ascii_lowercase();
        }
    }
    sort(&mut limit.by);
}

fn canonicalize_set(headers: &mut BTreeMap<String, String>) {
    let set = std::mem::take(headers);
    *headers = set.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
}

fn sort(names: &mut Vec<String>) {
    names.sort_unstable();
    names.dedup();
}

fn sort_headers(names: &mut Vec<String>) {
    names.iter_mut().for_each(|name| name.make_ascii_lowercase());
    sort(names);
}

/// Sorts entries, keeps the longest-lived entry of each pattern, and drops entries that a wildcard of the same list
/// covers for at least as long.
fn canonicalize_origins(entries: &mut Vec<EntryDocument>) {
    let mut lives = BTreeMap::new();
    for entry in std::mem::take(entries) {
        let expires = entry.last_day();
        let (EntryDocument::Lasting(origin) | EntryDocument::Expiring { origin, .. }) = entry;
        let life = lives.entry(origin).or_insert(expires);
        *life = expires.max(*life);
    }
    let wildcards = Wildcards::of(&lives);
    let kept: Vec<_> =
        lives.iter().filter(|(origin, life)| wildcards.covering(origin, **life).is_none()).collect();
    entries.extend(kept.into_iter().map(|(origin, life)| match *life {
        Day::NEVER => EntryDocument::Lasting(origin.clone()),
        life => EntryDocument::Expiring { origin: origin.clone(), expires: life.to_string() },
    }));
}

/// The wildcards of a list, by host. An entry is covered only by a wildcard on its own host or a parent of it, so each
/// lookup compares a few wildcards, whatever the length of the list.
#[derive(Clone, Debug, Default)]
pub struct Wildcards {
    by_host: HashMap<String, Vec<(OriginPattern, Day)>>,
}

impl Wildcards {
    /// Collects the wildcards among entries, given with their last days.
    #[must_use]
    pub fn of(lives: &BTreeMap<String, Day>) -> Self {
        let mut wildcards = Self::default();
        for (origin, life) in lives.iter().filter(|(origin, _)| origin.contains('*')) {
            if let Ok(pattern) = OriginPattern::parse(origin) {
                let host = pattern.form().host.to_owned();
                wildcards.by_host.entry(host).or_default().push((pattern, *life));
            }
        }
        wildcards
    }

    /// Another entry that matches all origins of this one, for at least as long.
    #[must_use]
    pub fn covering(&self, origin: &str, life: Day) -> Option<&OriginPattern> {
        if self.by_host.is_empty() {
            return None;
        }
        // `@list` and `*` are not patterns.
        let pattern = OriginPattern::parse(origin).ok()?;
        let mut above = self.above(&pattern);
        above.find(|(other, other_life)| **other != pattern && *other_life >= life).map(|(other, _)| other)
    }

    /// The last day on which a wildcard matches all origins of this pattern.
    #[must_use]
    pub fn life_of(&self, pattern: &OriginPattern) -> Option<Day> {
        if self.by_host.is_empty() {
            return None;
        }
        self.above(pattern).map(|(_, life)| life).max()
    }

    /// The wildcards that match all origins of a pattern.
    fn above<'w, 'p>(
        &'w self,
        pattern: &'p OriginPattern,
    ) -> impl Iterator<Item = (&'w OriginPattern, Day)> + use<'w, 'p> {
        let form = pattern.form();
        let parents = form.host.match_indices('.').filter_map(move |(at, _)| form.host.get(at + 1..));
        let near = std::iter::once(form.host).chain(parents).filter_map(|host| self.by_host.get(host));
        near.flatten()
            .filter(move |(other, _)| other.form().covers(&form))
            .map(|(other, life)| (other, *life))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::compiled;

    fn reduced(entries: &[(&str, Option<&str>)]) -> Vec<(String, Option<String>)> {
        let entry = |(origin, expires): &(&str, Option<&str>)| match expires {
            None => EntryDocument::Lasting((*origin).to_owned()),
            Some(day) => EntryDocument::Expiring { origin: (*origin).to_owned(), expires: (*day).to_owned() },
        };
        let mut entries: Vec<_> = entries.iter().map(entry).collect();
        canonicalize_origins(&mut entries);
        let parts = entries.into_iter().map(|entry| match entry {
            EntryDocument::Lasting(origin) => (origin, None),
            EntryDocument::Expiring { origin, expires } => (origin, Some(expires)),
        });
        parts.collect()
    }

    #[test]
    fn of_two_entries_with_one_pattern_the_longer_lived_stays() {
        let a = "https://a.example";
        let (early, late) = (Some("2027-01-01"), Some("2028-01-01"));
        for (first, second, kept) in [(early, late, late), (early, None, None), (late, late, late)] {
            let kept = [(a.to_owned(), kept.map(str::to_owned))];
            assert_eq!(reduced(&[(a, first), (a, second)]), kept);
            assert_eq!(reduced(&[(a, second), (a, first)]), kept);
        }
    }

    #[test]
    fn an_entry_is_dropped_only_for_a_pattern_that_lives_as_long() {
        let day = Some("2027-01-01");
        for (wide, wide_expires, narrow, narrow_expires, dropped) in [
            ("https://*.a.example", None, "https://x.a.example", None, true),
            ("https://*.a.example", None, "https://x.a.example", day, true),
            ("https://*.a.example", day, "https://x.a.example", day, true),
            ("https://*.a.example", day, "https://x.a.example", None, false),
            ("https://*.a.example", day, "https://x.a.example", Some("2027-01-02"), false),
            ("https://*.a.example", None, "https://*.x.a.example", None, true),
            ("https://*.a.example:*", None, "https://*.a.example", None, true),
            ("https://*.a.example:*", None, "https://x.a.example:*", None, true),
            ("https://x.a.example:*", None, "https://x.a.example:8443", None, true),
            ("http://[::1]:*", None, "http://[::1]:8080", None, true),
            ("https://*.a.example", None, "https://a.example", None, false),
            ("https://*.a.example", None, "https://x.a.example:8443", None, false),
            ("https://*.a.example", None, "http://x.a.example", None, false),
            ("https://*.a.example", None, "https://xa.example", None, false),
            ("https://*.a.example", None, "@x", None, false),
        ] {
            let kept = reduced(&[(wide, wide_expires), (narrow, narrow_expires)]);
            assert_eq!(kept.len() == 1, dropped, "{wide} {wide_expires:?} {narrow} {narrow_expires:?}");
            assert!(kept.iter().any(|(origin, _)| origin == wide), "{wide} stays");
        }
    }

    #[test]
    fn every_list_has_one_order_and_one_spelling() {
        let policy = compiled(
            r#"
            upstreams.base = "https://origin.example.net/base/"
            [allowlists]
            spa = ["https://b.example", "https://a.example", "https://b.example"]
            [[routes]]
            name = "r"
            path = "/*"
            upstream = "base"
            hosts = ["b.example", "a.example", "b.example"]
            [routes.cors]
            origins = ["https://z.example", "@spa", "https://z.example"]
            methods = ["PUT", "DELETE", "PUT"]
            request_headers = ["X-B", "x-a", "x-b"]
            exposed_headers = ["X-B", "*"]
            [[routes.limits]]
            name = "l"
            quota = 1
            window = 1
            by = ["header:X-Key", "client_ip"]
            [[routes.limits]]
            name = "m"
            quota = 1
            window = 1
            by = ["client_ip"]
            [routes.response]
            set = { X-B = "1", x-a = "2" }
            remove = ["Server", "date", "server"]
            "#,
            None,
        );
        assert_eq!(policy["upstreams"]["base"], "https://origin.example.net/base");
        assert_eq!(policy["allowlists"]["spa"], json!(["https://a.example", "https://b.example"]));
        let route = &policy["routes"][0];
        assert_eq!(route["hosts"], json!(["a.example", "b.example"]));
        assert_eq!(
            route["cors"],
            json!({
                "origins": ["@spa", "https://z.example"],
                "methods": ["DELETE", "PUT"],
                "request_headers": ["x-a", "x-b"],
                "exposed_headers": ["*", "x-b"],
            })
        );
        assert_eq!(route["limits"][0]["by"], json!(["client_ip", "header:x-key"]));
        assert_eq!(
            route["response"],
            json!({ "set": { "x-a": "2", "x-b": "1" }, "remove": ["date", "server"] })
        );
    }

    #[test]
    fn a_family_inside_another_is_dropped_and_a_name_inside_one_stays() {
        let kept = |names: &[&str]| {
            let mut names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            sort_headers(&mut names);
            drop_covered_families(&mut names);
            names
        };
        assert_eq!(kept(&["X-Amz-Meta-*", "x-amz-*", "x-amz-acl", "x-amz-*"]), ["x-amz-*", "x-amz-acl"]);
        assert_eq!(kept(&["x-a-*", "x-b-*"]), ["x-a-*", "x-b-*"]);
        assert_eq!(kept(&["*", "x-a-*", "authorization"]), ["*", "authorization"]);
    }

    #[test]
    fn the_id_is_the_hash_of_all_the_rest() {
        let text = "[[routes]]\nname = \"r\"\npath = \"/*\"\nupstream = \"api\"\n";
        let mut policy = compiled(text, None);
        let id = policy.as_object_mut().and_then(|policy| policy.remove("id")).expect("an id");
        let digest = Sha256::digest(serde_json_canonicalizer::to_vec(&policy).expect("JSON"));
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(id.as_str(), hex.get(..16));
    }
}
