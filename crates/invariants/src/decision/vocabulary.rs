//! The words that a response may contain.

use std::collections::HashSet;

use corsgate_policy::Reason;
use corsgate_policy::policy::document::Document;
use serde_json::Value;

use crate::support::Response;

/// The gateway's own words, besides the names of reasons.
const OWN: &str = "true reject strip reason route policy corsgate error details invalid https \
    GET HEAD POST Origin Access-Control-Request-Method Access-Control-Request-Headers nosniff max-age \
    includeSubDomains preload ratelimit ratelimit-policy retry-after";

/// The words of a policy, of an upstream and of the gateway, in lower case.
pub(super) struct Vocabulary {
    known: HashSet<String>,
    /// The prefixes of the header names that a policy admits, in lower case: names that a client invents, and that leave
    /// the gateway nevertheless.
    families: Vec<String>,
}

impl Vocabulary {
    pub(super) fn of(document: &Document, upstream: &Response) -> Self {
        let mut known: HashSet<_> = words(OWN).collect();
        collect(&serde_json::to_value(document).unwrap_or_default(), &mut known);
        for reason in Reason::ALL {
            let name = reason.name();
            known.extend([name.to_owned(), name.replace('_', "-")]);
            known.extend(reason.proxy_error().map(str::to_owned));
        }
        known.extend(upstream.headers.lines().flat_map(|(_, value)| words(value)));
        let rules =
            document.routes.iter().filter_map(|route| route.cors.as_ref()).chain(&document.default_cors);
        let names = rules.flat_map(|cors| cors.request_headers.iter().chain(&cors.exposed_headers));
        let families = names.filter_map(|name| name.strip_suffix('*')).filter(|prefix| !prefix.is_empty());
        Self { known, families: families.map(str::to_ascii_lowercase).collect() }
    }

    /// The first word of a value that is neither known nor part of a listed origin.
    pub(super) fn unknown(&self, value: &str, listed: Option<&str>) -> Option<String> {
        let of_family = |word: &str| self.families.iter().any(|prefix| word.starts_with(prefix.as_str()));
        let mut unknown = words(value).filter(|word| !self.known.contains(word) && !of_family(word));
        unknown.find(|word| !listed.into_iter().flat_map(words).any(|known| known == *word))
    }
}

/// The words of a text, in lower case.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let is_word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    text.split(move |c| !is_word(c)).filter(|word| !word.is_empty()).map(str::to_ascii_lowercase)
}

fn collect(value: &Value, known: &mut HashSet<String>) {
    match value {
        Value::String(text) => known.extend(words(text)),
        Value::Array(values) => values.iter().for_each(|value| collect(value, known)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            known.extend(words(name));
            collect(value, known);
        }),
        Value::Number(number) => known.extend(words(&number.to_string())),
        Value::Null | Value::Bool(_) => {}
    }
}
