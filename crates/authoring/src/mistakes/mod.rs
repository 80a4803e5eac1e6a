//! The mistakes that the reader and the rules of the policy reject: a code for each kind, in the words of the person
//! who makes it. One file an area. The lints define their own codes.

mod cases;
mod credentials;
mod file;
mod headers;
mod limits;
mod lists;
mod origins;
mod routing;

use corsgate_policy::grammar::host::HostError;
use corsgate_policy::grammar::token::TokenError;
use corsgate_policy::origin::OriginError;
use corsgate_policy::origin::entry::LineError;
use corsgate_policy::origin::pattern::PatternError;
use corsgate_policy::policy::violation::Violation;

use crate::lint::Lint;

pub(crate) use cases::{CASE_NAME, IMPOSSIBLE, LIST_FILE, MULTIPLES, NOT_IN_POLICY, REQUEST, TOO_MANY_RUNS};
pub(crate) use credentials::{
    CREDENTIALS_ANY_NAME, CREDENTIALS_ANY_ORIGIN, CREDENTIALS_ANY_PORT, CREDENTIALS_INSECURE_ORIGIN,
    CREDENTIALS_SHARED_KEYS,
};
pub(crate) use file::{
    ENVIRONMENT, KV_AND_KV_KEYS, MISSING_KEY, SYNTAX, TOO_LONG, TOO_MANY_ROUTES, UNKNOWN_KEY, VERSION,
    WRONG_TYPE,
};
pub(crate) use headers::{
    FIELD_VALUE, FORBIDDEN_METHOD, HEADER_TWICE, MAX_AGE, OWNED_HEADER, RESERVED_FAMILY, SECRET,
    SECURITY_VALUE, STRAY_WILDCARD, TOKEN, UNKNOWN_PRESET,
};
pub(crate) use limits::{INVENTED_LIMIT_KEY, LIMIT_KEY, SHARE, ZERO_LIMIT};
pub(crate) use lists::{COUNTED_IN_PART, NOT_COUNTED};
pub(crate) use origins::{
    ANY_EXTENSION, ANY_ORIGIN_HANDSHAKES, CREDENTIALS_ANY_EXTENSION, EXPIRES, INSECURE_ORIGIN, LIST_WILDCARD,
    LIST_WORD, NO_ORIGINS, NULL_ORIGIN, ORIGIN, WILDCARD,
};
pub(crate) use routing::{
    DUPLICATE_NAME, HOST, NAME, NO_HOSTS, NO_ROUTES, PATH, UNKNOWN_NAME, UNREACHABLE, UPSTREAM, ZERO_SECONDS,
};

/// The kind of mistake that breaks a rule.
pub(crate) fn of(violation: &Violation) -> &'static Lint {
    match violation {
        Violation::Version(_) => &VERSION,
        // The compiler sets the id, so it cannot be wrong in a file.
        Violation::Name | Violation::Id => &NAME,
        Violation::NoRoutes => &NO_ROUTES,
        Violation::DuplicateName => &DUPLICATE_NAME,
        Violation::Pattern(error) => of_pattern(error),
        Violation::Expires(_) => &EXPIRES,
        Violation::Host(_) => &HOST,
        Violation::NoHosts => &NO_HOSTS,
        Violation::Path(_) => &PATH,
        Violation::Unreachable(_) => &UNREACHABLE,
        Violation::Upstream(_) => &UPSTREAM,
        Violation::UnknownUpstream(_) | Violation::UnknownAllowlist(_) => &UNKNOWN_NAME,
        Violation::NoOrigins => &NO_ORIGINS,
        Violation::AnyOriginNotAlone | Violation::AnyOriginInAllowlist => &WILDCARD,
        Violation::CredentialsWithAnyOrigin => &CREDENTIALS_ANY_ORIGIN,
        Violation::CredentialsWithWildcard => &CREDENTIALS_ANY_NAME,
        Violation::AnyExtension => &ANY_EXTENSION,
        Violation::CredentialsWithAnyExtension => &CREDENTIALS_ANY_EXTENSION,
        Violation::InsecureOrigin => &INSECURE_ORIGIN,
        Violation::CredentialsWithInsecureOrigin => &CREDENTIALS_INSECURE_ORIGIN,
        Violation::CredentialsWithAnyPort => &CREDENTIALS_ANY_PORT,
        Violation::CredentialsWithSharedKeys => &CREDENTIALS_SHARED_KEYS,
        Violation::ZeroSeconds => &ZERO_SECONDS,
        Violation::MaxAge => &MAX_AGE,
        Violation::Token(TokenError::NotToken) => &TOKEN,
        Violation::Token(TokenError::ForbiddenMethod) => &FORBIDDEN_METHOD,
        Violation::Token(TokenError::StrayWildcard) => &STRAY_WILDCARD,
        Violation::Token(TokenError::ReservedFamily) => &RESERVED_FAMILY,
        Violation::OwnedHeader | Violation::OwnedRequestHeader => &OWNED_HEADER,
        Violation::Secret | Violation::OwnSecret => &SECRET,
        Violation::FieldValue => &FIELD_VALUE,
        Violation::AnyOriginHandshakesOnListedRoute => &ANY_ORIGIN_HANDSHAKES,
        Violation::ZeroLimit => &ZERO_LIMIT,
        Violation::LimitKey | Violation::NoLimitKey => &LIMIT_KEY,
        Violation::InventedLimitKey => &INVENTED_LIMIT_KEY,
        Violation::Share => &SHARE,
        Violation::SecurityValue(_) => &SECURITY_VALUE,
    }
}

/// The kind of mistake in an origin pattern.
fn of_pattern(error: &PatternError) -> &'static Lint {
    match error {
        PatternError::Null => &NULL_ORIGIN,
        PatternError::AnyOrigin
        | PatternError::WildcardOnAddress
        | PatternError::WildcardOnCustomScheme
        | PatternError::WildcardOnLongHost
        | PatternError::Origin(OriginError::Host(HostError::Wildcard)) => &WILDCARD,
        PatternError::Origin(_) => &ORIGIN,
    }
}

/// The kind of mistake in a line of a list.
pub(crate) fn of_line(error: &LineError) -> &'static Lint {
    match error {
        LineError::Pattern(error) => of_pattern(error),
        LineError::WildcardInExactList => &LIST_WILDCARD,
        LineError::Expires(_) => &EXPIRES,
        LineError::UnknownWord => &LIST_WORD,
        LineError::InsecureOnRoute | LineError::WildcardOnRoute | LineError::ExtensionsOnRoute => {
            &NOT_COUNTED
        }
    }
}

/// Mistakes in lists that are checked with a policy.
pub(crate) const OF_LISTS: [&Lint; 2] = [&NOT_COUNTED, &COUNTED_IN_PART];

/// Mistakes in case files, in the order of their codes.
pub(crate) const OF_CASES: [&Lint; 7] =
    [&REQUEST, &IMPOSSIBLE, &MULTIPLES, &NOT_IN_POLICY, &LIST_FILE, &CASE_NAME, &TOO_MANY_RUNS];

/// Mistakes in policies and lists, in the order of their codes.
pub(crate) const ALL: [&Lint; 51] = [
    &SYNTAX,
    &UNKNOWN_KEY,
    &MISSING_KEY,
    &WRONG_TYPE,
    &KV_AND_KV_KEYS,
    &ENVIRONMENT,
    &VERSION,
    &TOO_LONG,
    &NO_ROUTES,
    &NAME,
    &DUPLICATE_NAME,
    &ORIGIN,
    &NULL_ORIGIN,
    &WILDCARD,
    &EXPIRES,
    &HOST,
    &NO_HOSTS,
    &PATH,
    &UNREACHABLE,
    &UPSTREAM,
    &UNKNOWN_NAME,
    &NO_ORIGINS,
    &CREDENTIALS_ANY_ORIGIN,
    &CREDENTIALS_ANY_NAME,
    &INSECURE_ORIGIN,
    &CREDENTIALS_INSECURE_ORIGIN,
    &CREDENTIALS_ANY_PORT,
    &CREDENTIALS_SHARED_KEYS,
    &ZERO_SECONDS,
    &MAX_AGE,
    &TOKEN,
    &FORBIDDEN_METHOD,
    &OWNED_HEADER,
    &FIELD_VALUE,
    &ANY_ORIGIN_HANDSHAKES,
    &ZERO_LIMIT,
    &LIMIT_KEY,
    &INVENTED_LIMIT_KEY,
    &SHARE,
    &SECURITY_VALUE,
    &HEADER_TWICE,
    &LIST_WILDCARD,
    &LIST_WORD,
    &TOO_MANY_ROUTES,
    &STRAY_WILDCARD,
    &RESERVED_FAMILY,
    &UNKNOWN_PRESET,
    &crate::lints::allowed::NOT_ALLOWED,
    &ANY_EXTENSION,
    &CREDENTIALS_ANY_EXTENSION,
    &SECRET,
];
