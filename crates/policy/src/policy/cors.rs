//! The CORS rules of a route.

use crate::grammar::day::Day;
use crate::grammar::family::{HeaderFamily, ListedHeader};
use crate::grammar::host;
use crate::grammar::token::{HeaderName, Method};
use crate::origin::entry::Entry;
use crate::origin::pattern::{OriginPattern, PatternForm, PortPattern};
use crate::origin::set::{AcceptedEntries, OriginSet};
use crate::policy::document::{CorsDocument, EntryDocument, Scope};
use crate::policy::methods_and_headers::{AllowedHeaders, AllowedMethods, ExposedHeaders};
use crate::policy::reader::Reader;
use crate::policy::violation::Violation;
use crate::policy::{Allowlist, Allowlists};

/// The longest max-age that any browser honours, in seconds.
pub const MAX_MAX_AGE: u32 = 86_400;

/// The rate-limit fields that pages can always read on a route with limits.
const RATE_LIMIT_FIELDS: [&str; 3] = ["ratelimit", "ratelimit-policy", "retry-after"];

/// The CORS rules of a route: who may read its responses from another origin, and how.
///
/// They are made only from a document whose every rule was checked: credentials never come with any origin,
/// and `accepted` restricts the entries of lists in KV.
#[derive(Debug)]
pub struct Cors {
    pub(crate) origins: AllowedOrigins,
    pub(crate) methods: AllowedMethods,
    pub(crate) request_headers: AllowedHeaders,
    pub(crate) exposed_headers: ExposedHeaders,
    pub(crate) credentials: bool,
    /// Seconds as text, ready for the header.
    pub(crate) max_age: Option<String>,
    insecure: bool,
    extensions: bool,
}

/// The origins of a route.
#[derive(Debug)]
pub(crate) enum AllowedOrigins {
    /// Any origin, without credentials.
    Any,
    /// The origins in the entries and in the allowlists.
    Listed { entries: OriginSet, allowlists: UsedAllowlists },
}

/// The allowlists that a route names, by position in the policy, grouped by where their entries are stored.
/// A lookup asks them in this order, and most routes have no list in KV.
#[derive(Debug, Default)]
pub(crate) struct UsedAllowlists {
    pub(crate) in_policy: Vec<usize>,
    pub(crate) kv: Vec<usize>,
    pub(crate) kv_keys: Vec<usize>,
}

impl UsedAllowlists {
    /// Whether any of them is stored in KV.
    pub(crate) fn are_in_kv(&self) -> bool {
        !(self.kv.is_empty() && self.kv_keys.is_empty())
    }

    fn add(&mut self, index: usize, list: &Allowlist) {
        let same_kind = match list {
            Allowlist::Entries(..) => &mut self.in_policy,
            Allowlist::Kv(_) => &mut self.kv,
            Allowlist::KvKeys(_) => &mut self.kv_keys,
        };
        if !same_kind.contains(&index) {
            same_kind.push(index);
        }
    }
}

impl Cors {
    /// Whether every origin is allowed.
    pub(crate) fn is_any_origin(&self) -> bool {
        matches!(self.origins, AllowedOrigins::Any)
    }

    /// The route's own entries; `None` if it allows any origin.
    pub(crate) fn own_entries(&self) -> Option<&OriginSet> {
        match &self.origins {
            AllowedOrigins::Any => None,
            AllowedOrigins::Listed { entries, .. } => Some(entries),
        }
    }

    /// The positions of the text lists in KV that the rules name.
    pub(crate) fn kv_lists(&self) -> &[usize] {
        match &self.origins {
            AllowedOrigins::Any => &[],
            AllowedOrigins::Listed { allowlists, .. } => &allowlists.kv,
        }
    }

    /// Whether cookies and HTTP authentication are allowed.
    pub(crate) fn allows_credentials(&self) -> bool {
        self.credentials
    }

    /// Whether the pattern for every extension may be listed.
    pub(crate) fn admits_any_extension(&self) -> bool {
        self.extensions
    }

    /// The entries of lists in KV that this route accepts.
    pub(crate) fn accepted(&self) -> AcceptedEntries {
        AcceptedEntries {
            insecure: self.insecure && !self.credentials,
            wildcards: !self.credentials,
            extensions: self.extensions && !self.credentials,
        }
    }

    /// Reads the rules. `limited` means that the route has rate limits, whose fields pages can read.
    pub(crate) fn read(
        document: &CorsDocument,
        allowlists: &Allowlists,
        limited: bool,
        reader: &mut Reader<'_>,
    ) -> Self {
        let origins = read_origins(document, allowlists, &mut reader.key("origins"));
        let (any_method, methods) = read_names(&document.methods, Method::parse, &mut reader.key("methods"));
        let (any_header, headers, families) =
            read_headers(&document.request_headers, &mut reader.key("request_headers"));
        let (any_exposed, mut exposed, exposed_families) =
            read_headers(&document.exposed_headers, &mut reader.key("exposed_headers"));
        if limited {
            expose_rate_limits(&mut exposed);
        }
        if document.credentials {
            for (any, field) in
                [(any_method, "methods"), (any_header, "request_headers"), (any_exposed, "exposed_headers")]
            {
                reader.key(field).require(!any, Violation::CredentialsWithWildcard);
            }
        }
        let max_age_valid = document.max_age.is_none_or(|seconds| seconds <= MAX_MAX_AGE);
        reader.key("max_age").require(max_age_valid, Violation::MaxAge);
        Self {
            origins,
            methods: match document.enforce_methods {
                true => AllowedMethods::enforced(any_method, methods),
                false => AllowedMethods::new(any_method, methods),
            },
            request_headers: AllowedHeaders::new(any_header, headers, families),
            exposed_headers: ExposedHeaders::new(any_exposed, &exposed, &exposed_families),
            credentials: document.credentials,
            max_age: document.max_age.map(|seconds| seconds.to_string()),
            insecure: document.dangerously_allow_insecure_origins,
            extensions: document.dangerously_allow_any_extension,
        }
    }
}

fn read_origins(document: &CorsDocument, allowlists: &Allowlists, reader: &mut Reader<'_>) -> AllowedOrigins {
    reader.require(!document.origins.is_empty(), Violation::NoOrigins);
    if let [EntryDocument::Lasting(star)] = document.origins.as_slice()
        && star == "*"
    {
        reader.require(!document.credentials, Violation::CredentialsWithAnyOrigin);
        return AllowedOrigins::Any;
    }
    let mut entries = Vec::new();
    let mut used = UsedAllowlists::default();
    for (at, entry) in document.origins.iter().enumerate() {
        let mut reader = reader.index(at);
        match entry {
            EntryDocument::Lasting(text) if text == "*" => {
                reader.report(Violation::AnyOriginNotAlone);
            }
            EntryDocument::Lasting(text) if text.starts_with('@') => {
                let name = text.strip_prefix('@').unwrap_or_default();
                if let Some((index, list)) = allowlists.find(name) {
                    check_allowlist(document, list, &mut reader);
                    used.add(index, list);
                } else {
                    reader.report(Violation::UnknownAllowlist(name.to_owned()));
                }
            }
            _ => {
                if let Some(entry) = read_entry(entry, &mut reader) {
                    Guarded::of(core::iter::once(entry.pattern.form())).check(document, &mut reader);
                    entries.push(entry);
                }
            }
        }
    }
    AllowedOrigins::Listed { entries: OriginSet::new(entries), allowlists: used }
}

/// Reads an entry of a route or an allowlist.
pub(crate) fn read_entry(entry: &EntryDocument, reader: &mut Reader<'_>) -> Option<Entry> {
    let pattern = reader.accept(OriginPattern::parse(entry.origin()).map_err(Violation::Pattern));
    let expires = match entry.expires() {
        Some(day) => reader.accept(Day::parse(day).map_err(Violation::Expires)),
        None => Some(Day::NEVER),
    };
    Some(Entry { pattern: pattern?, expires: expires? })
}

/// Checks a list against the rules of a route that uses it.
fn check_allowlist(cors: &CorsDocument, list: &Allowlist, reader: &mut Reader<'_>) {
    match list {
        Allowlist::Entries(_, guarded) => guarded.check(cors, reader),
        Allowlist::KvKeys(keys) => {
            let guarded = keys.scope == Scope::Host || keys.dangerously_share_keys;
            reader.require(guarded || !cors.credentials, Violation::CredentialsWithSharedKeys);
        }
        // Its lines are checked when they are looked up.
        Allowlist::Kv(_) => {}
    }
}

/// What entries have that only some routes accept.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Guarded {
    insecure: bool,
    any_extension: bool,
    any_port: bool,
}

impl Guarded {
    pub(crate) fn of<'p>(forms: impl Iterator<Item = PatternForm<'p>>) -> Self {
        let mut found = Self::default();
        for form in forms {
            found.insecure |= form.is_insecure();
            found.any_extension |= form.is_any_extension();
            found.any_port |= form.port == PortPattern::Any && !host::is_loopback(form.host);
        }
        found
    }

    /// Checks the entries against the rules of a route.
    fn check(self, cors: &CorsDocument, reader: &mut Reader<'_>) {
        if self.insecure {
            if cors.credentials {
                reader.report(Violation::CredentialsWithInsecureOrigin);
            } else {
                reader.require(cors.dangerously_allow_insecure_origins, Violation::InsecureOrigin);
            }
        }
        if self.any_extension {
            if cors.credentials {
                reader.report(Violation::CredentialsWithAnyExtension);
            } else {
                reader.require(cors.dangerously_allow_any_extension, Violation::AnyExtension);
            }
        }
        reader.require(!(cors.credentials && self.any_port), Violation::CredentialsWithAnyPort);
    }
}

#[inline(never)]
fn expose_rate_limits(exposed: &mut Vec<HeaderName>) {
    for field in RATE_LIMIT_FIELDS.iter().filter_map(|name| HeaderName::parse(name).ok()) {
        if !exposed.contains(&field) {
            exposed.push(field);
        }
    }
}

/// Reads names and families of headers, or `*` for all.
fn read_headers(names: &[String], reader: &mut Reader<'_>) -> (bool, Vec<HeaderName>, Vec<HeaderFamily>) {
    let (any, listed) = read_names(names, ListedHeader::parse, reader);
    let (mut names, mut families) = (Vec::new(), Vec::new());
    for header in listed {
        match header {
            ListedHeader::Name(name) => names.push(name),
            ListedHeader::Family(family) => families.push(family),
        }
    }
    (any, names, families)
}

/// Reads names, or `*` for all.
fn read_names<T>(
    names: &[String],
    parse: impl Fn(&str) -> Result<T, crate::grammar::token::TokenError>,
    reader: &mut Reader<'_>,
) -> (bool, Vec<T>) {
    let any = names.iter().any(|name| name == "*");
    let parsed = reader.each(names, &|name, reader| match name {
        "*" => None,
        name => reader.accept(parse(name).map_err(Violation::Token)),
    });
    (any, parsed)
}
