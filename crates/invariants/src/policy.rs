//! The reader of compiled policies. The input is the JSON in KV.
//!
//! Every policy that is read keeps the rules that no gateway may break, is read again from its own bytes, and decides
//! as [`decision`](crate::decision) says about its own origins and others.

use corsgate_policy::grammar::day::Day;
use corsgate_policy::path::PathPattern;
use corsgate_policy::policy::document::{AllowlistDocument, CorsDocument, Document, EntryDocument, Scope};
use corsgate_policy::{KeyAnswer, Policy, ReadError};

use crate::decide::entries;
use crate::decision::{Gateway, Kv};
use crate::reference;
use crate::support::Request;

/// The maximum number of origins that are tried on each policy.
const ORIGINS: usize = 6;

/// Checks the rules above.
pub fn holds(input: &[u8]) {
    match Policy::read(input) {
        Ok(policy) => {
            let document = serde_json::from_slice(input);
            let document = document.unwrap_or_else(|error| panic!("what was read is a document: {error}"));
            check_policy(&document, &policy);
        }
        Err(ReadError::Unsafe(problems)) => assert!(!problems.is_empty()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Compares a policy that was read with its document.
pub fn check_policy(document: &Document, policy: &Policy) {
    check_structure(document);
    assert_eq!(policy.id(), document.id);
    let names: Vec<_> = policy.routes().iter().map(corsgate_policy::Route::name).collect();
    assert_eq!(names, document.routes.iter().map(|route| route.name.as_str()).collect::<Vec<_>>());
    let json = serde_json::to_vec(document).unwrap_or_default();
    assert!(Policy::read(&json).is_ok(), "the same policy, written again");
    assert_eq!(serde_json::from_slice::<Document>(&json).ok().as_ref(), Some(document));

    let list = Some("https://partner.example\nhttp://plain.example\nhttps://*.wild.example\n".to_owned());
    let kv = Kv { list, key: KeyAnswer::Present(Day::NEVER) };
    let empty = Kv { list: Some(String::new()), key: KeyAnswer::Absent };
    for kv in [kv, empty] {
        let gateway = Gateway::new(document, policy, &kv, Day::from_unix_milliseconds(1.8e12));
        requests(document).iter().for_each(|request| gateway.check(request));
    }
}

fn check_structure(document: &Document) {
    assert!(document.version == 1 && !document.routes.is_empty());
    for (at, route) in document.routes.iter().enumerate() {
        assert!(document.upstreams.contains_key(&route.upstream), "{}", route.name);
        assert!(document.routes.iter().take(at).all(|earlier| earlier.name != route.name), "{}", route.name);
        assert!(PathPattern::parse(&route.path).is_ok(), "{}", route.path);
        if let Some(cors) = &route.cors {
            check_cors(document, cors);
        }
    }
    if let Some(cors) = &document.default_cors {
        check_cors(document, cors);
    }
}

fn check_cors(document: &Document, cors: &CorsDocument) {
    let star = EntryDocument::Lasting("*".to_owned());
    assert!(!cors.origins.is_empty());
    assert!(!cors.origins.contains(&star) || cors.origins == [star.clone()], "`*` stands alone");
    let lists = cors.origins.iter().filter_map(|entry| match entry {
        EntryDocument::Lasting(name) => name.strip_prefix('@'),
        EntryDocument::Expiring { .. } => None,
    });
    let lists: Vec<_> = lists.map(|name| &document.allowlists[name]).collect();
    let listed = lists.iter().flat_map(|list| match list {
        AllowlistDocument::Entries(entries) => entries.as_slice(),
        _ => &[],
    });
    for entry in cors.origins.iter().chain(listed) {
        let (EntryDocument::Lasting(text) | EntryDocument::Expiring { origin: text, .. }) = entry;
        if text.starts_with('@') || *entry == star {
            continue;
        }
        let insecure = reference::is_insecure(&text.replacen("*.", "", 1));
        assert!(!insecure || cors.dangerously_allow_insecure_origins && !cors.credentials, "{text}");
        let extensions = text == "moz-extension://*";
        assert!(!extensions || cors.dangerously_allow_any_extension && !cors.credentials, "{text}");
        assert!(!reference::opens_ports(text) || !cors.credentials, "{text}");
    }
    if cors.credentials {
        assert!(!cors.origins.contains(&star));
        let names = [&cors.methods, &cors.request_headers, &cors.exposed_headers];
        assert!(names.into_iter().flatten().all(|name| name != "*"), "`*` is a name with credentials");
        for list in lists {
            if let AllowlistDocument::KvKeys { scope, dangerously_share_keys, .. } = list {
                assert!(*scope == Scope::Host || *dangerously_share_keys);
            }
        }
    }
}

/// Requests for the policy's own routes, and one without a route.
fn requests(document: &Document) -> Vec<Request> {
    let strangers = ["null", "*", "https://evil.invalid", "https://partner.example", "http://plain.example"];
    let members = entries(document).filter(|entry| entry.contains("://")).take(ORIGINS);
    let members = members.map(|entry| reference::member(&entry));
    let origins: Vec<_> = strangers.into_iter().map(str::to_owned).chain(members).collect();
    let routes = document.routes.iter().take(3).map(|route| {
        let host = route.hosts.iter().flatten().next().map_or("api.example.com", String::as_str);
        let path = route.path.strip_suffix("/*").unwrap_or(&route.path);
        (host.replacen("*.", "a.", 1), if path.is_empty() { "/" } else { path })
    });
    let targets = routes.chain([("elsewhere.example".to_owned(), "/none")]);
    let mut requests = Vec::new();
    for (host, path) in targets {
        for origin in &origins {
            let with = |method| Request::new(method, &format!("https://{host}{path}")).with("origin", origin);
            requests.push(with("GET"));
            requests.push(with("OPTIONS").with("access-control-request-method", "PUT"));
            requests.push(with("GET").with("upgrade", "websocket").with("cookie", "a=b"));
        }
    }
    requests
}
