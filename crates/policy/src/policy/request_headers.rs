//! The headers that a route sets on its requests to the upstream, and removes from them.

use crate::grammar::token::{HeaderName, is_field_value, is_token};
use crate::policy::document::RequestDocument;
use crate::policy::reader::Reader;
use crate::policy::violation::Violation;
use crate::response::misleading_headers::{is_alike, is_misleading};

/// The changes of a route to the headers of every request that it forwards. Names are in lower case.
#[derive(Debug, Default)]
pub(crate) struct RequestHeaders {
    pub(crate) remove: Vec<String>,
    pub(crate) set: Vec<(String, RequestValue)>,
}

/// The value of a header that a route sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RequestValue {
    /// The value itself.
    Text(String),
    /// A secret of the Worker. `scheme` comes before it, with its space, and is empty if there is none.
    Secret { scheme: String, name: SecretName },
}

/// The name of a secret or variable of the Worker that a header can hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SecretName(String);

/// What stands before the name of a secret.
const SECRET: &str = "secret:";

/// The bindings, variables and secrets that the gateway itself uses. No route may send one in a header, or forward to one: the
/// assets, for example, are the console's pages.
pub(crate) const OWN_NAMES: [&str; 16] = [
    "ACCESS_AUDIENCE",
    "ACCESS_TEAM_DOMAIN",
    "ACCOUNT_ID",
    "ADMIN_HOST",
    "ADMIN_TOKEN",
    "ANALYTICS",
    "ANALYTICS_DATASET",
    "ANALYTICS_TOKEN",
    "ANALYTICS_URL",
    "ASSETS",
    "DECISIONS",
    "LIMITER",
    "POLICY",
    "POLICY_REFRESH_SECONDS",
    "SQL",
    "STORE",
];

impl SecretName {
    fn parse(text: &str) -> Result<Self, Violation> {
        let identifier = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        if !identifier {
            return Err(Violation::Secret);
        }
        if OWN_NAMES.contains(&text) {
            return Err(Violation::OwnSecret);
        }
        Ok(Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl RequestValue {
    fn parse(text: &str) -> Result<Self, Violation> {
        if !is_field_value(text) {
            return Err(Violation::FieldValue);
        }
        // A misspelled reference must not be sent as text. So no other value may contain the word.
        let reads_like_a_secret =
            text.as_bytes().windows(SECRET.len()).any(|part| part.eq_ignore_ascii_case(SECRET.as_bytes()));
        if !reads_like_a_secret {
            return Ok(Self::Text(text.to_owned()));
        }
        let (scheme, reference) = match text.split_once(' ') {
            Some((scheme, rest)) if is_token(scheme.as_bytes()) => (scheme, rest),
            Some(_) => return Err(Violation::Secret),
            None => ("", text),
        };
        let name = SecretName::parse(reference.strip_prefix(SECRET).ok_or(Violation::Secret)?)?;
        let scheme = if scheme.is_empty() { String::new() } else { format!("{scheme} ") };
        Ok(Self::Secret { scheme, name })
    }
}

impl RequestHeaders {
    pub(crate) fn read(request: &RequestDocument, reader: &mut Reader<'_>) -> Self {
        let mut set = Vec::new();
        for (name, value) in &request.set {
            if let Some(header) = read_value(name, value, &mut reader.key("set")) {
                set.push(header);
            }
        }
        let remove =
            reader.key("remove").each(&request.remove, &|name, reader| read_name(name, is_owned, reader));
        Self { remove, set }
    }
}

#[inline(never)]
fn read_value(name: &str, value: &str, reader: &mut Reader<'_>) -> Option<(String, RequestValue)> {
    let mut reader = reader.key(name);
    let name = read_name(name, |name| is_owned(name) || is_alike(name, "origin"), &mut reader);
    let value = reader.accept(RequestValue::parse(value));
    name.zip(value)
}

#[inline(never)]
fn read_name(name: &str, is_owned: impl Fn(&str) -> bool, reader: &mut Reader<'_>) -> Option<String> {
    let name = reader.accept(HeaderName::parse(name).map_err(Violation::Token))?;
    reader.require(!is_owned(name.as_str()), Violation::OwnedRequestHeader);
    Some(name.as_str().to_owned())
}

/// Whether the gateway, the platform, the browser or the connection controls a header of the request, in any spelling
/// that a server could read as it.
fn is_owned(name: &str) -> bool {
    const PREFIXES: [&str; 5] = ["access-control-", "cf-", "corsgate-", "proxy-", "sec-"];
    const NAMES: [&str; 11] = [
        "cdn-loop",
        "connection",
        "content-encoding",
        "content-length",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
    ];
    let begins = |prefix: &&str| name.get(..prefix.len()).is_some_and(|start| is_alike(start, prefix));
    is_misleading(name)
        || PREFIXES.iter().any(begins)
        || NAMES.iter().any(|known| is_alike(name, known))
        || is_alike(name, "upgrade")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_stands_alone_or_after_one_scheme() {
        for (text, scheme, name) in [
            ("secret:PARTNER_KEY", "", "PARTNER_KEY"),
            ("Bearer secret:PARTNER_KEY", "Bearer ", "PARTNER_KEY"),
            ("Basic secret:_k2", "Basic ", "_k2"),
            ("secret:admin_token", "", "admin_token"),
        ] {
            let name = SecretName(name.to_owned());
            assert_eq!(
                RequestValue::parse(text),
                Ok(RequestValue::Secret { scheme: scheme.to_owned(), name }),
                "{text}"
            );
        }
    }

    #[test]
    fn a_reference_that_is_not_whole_is_an_error_and_never_text() {
        for text in [
            "secret:",
            "Bearer secret:",
            "secret:A-B",
            "secret:1A",
            "secret:A B",
            "secret: A",
            "Secret:A",
            "Bearer SECRET:A",
            "Bearer  secret:A",
            "Bearer\tsecret:A",
            "Bearer secret:A, Basic secret:B",
            "token=secret:A",
            "Bearer token secret:A",
            "a,b secret:A",
            "my-secret:A",
            "key secret:A;q=1",
        ] {
            assert_eq!(RequestValue::parse(text), Err(Violation::Secret), "{text}");
        }
        for text in ["secretive", "the secret is out", "secret"] {
            assert_eq!(RequestValue::parse(text), Ok(RequestValue::Text(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_the_gateway_reads_is_no_secret_of_a_route() {
        for name in OWN_NAMES {
            assert_eq!(
                RequestValue::parse(&format!("Bearer secret:{name}")),
                Err(Violation::OwnSecret),
                "{name}"
            );
        }
        assert!(OWN_NAMES.is_sorted());
    }

    #[test]
    fn every_name_that_the_worker_is_given_is_listed() {
        let bindings = include_str!("../../../../wrangler.toml").lines().filter_map(|line| {
            let (key, name) = line.split_once(" = \"")?;
            let name = name.strip_suffix('"')?;
            (key == "binding" || key == "name" && name.bytes().all(|byte| byte.is_ascii_uppercase()))
                .then_some(name)
        });
        let declared = include_str!("../../../../src/env.d.ts").lines().filter_map(|line| {
            let (name, _) = line.strip_prefix("  ")?.split_once(':')?;
            let name = name.trim_end_matches('?');
            name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_').then_some(name)
        });
        let names: Vec<_> = bindings.chain(declared).collect();
        assert!(
            names.contains(&"ASSETS") && names.contains(&"LIMITER") && names.contains(&"ADMIN_TOKEN"),
            "{names:?}"
        );
        for name in names {
            assert!(OWN_NAMES.contains(&name), "{name}");
        }
    }

    #[test]
    fn a_value_is_one_line_of_ascii() {
        for text in [" ", "a\nb", "a\r\nb: c", "ü", "a\0", " a", "a ", "\u{7f}"] {
            assert_eq!(RequestValue::parse(text), Err(Violation::FieldValue), "{text:?}");
        }
    }

    #[test]
    fn what_others_decide_is_owned_in_every_spelling() {
        for name in [
            "host",
            "http-host",
            "connection",
            "keep-alive",
            "te",
            "trailer",
            "transfer-encoding",
            "transfer_encoding",
            "upgrade",
            "http2-settings",
            "content-length",
            "content_length",
            "content-encoding",
            "expect",
            "cdn-loop",
            "proxy-authorization",
            "proxy",
            "forwarded",
            "x-forwarded-for",
            "x_forwarded_host",
            "x-forwarded-anything",
            "x-real-ip",
            "true-client-ip",
            "x-original-url",
            "cf-connecting-ip",
            "cf-worker",
            "cf_ray",
            "sec-fetch-site",
            "sec-websocket-protocol",
            "sec_fetch_mode",
            "access-control-request-method",
            "access_control_allow_origin",
            "corsgate-hop",
            "corsgate_hop",
        ] {
            assert!(is_owned(name), "{name}");
        }
        for name in [
            "authorization",
            "cookie",
            "x-api-key",
            "api_key",
            "user-agent",
            "referer",
            "accept",
            "accept-language",
            "content-type",
            "origin",
            "x-rapidapi-host",
            "x-requested-with",
            "seconds",
            "cfg",
            "hosts",
            "via",
        ] {
            assert!(!is_owned(name), "{name}");
        }
    }
}
