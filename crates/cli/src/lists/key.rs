//! The keys of single origins, for lists that have a key for each origin.

use corsgate_authoring::nearest_origin;
use corsgate_compare::{ListInKv, accepts, is_used};
use corsgate_policy::grammar::day::Day;
use corsgate_policy::kv::{MAX_KEY, origin_key};
use corsgate_policy::origin::Origin;
use corsgate_policy::origin::entry::last_day_of_key;
use corsgate_policy::origin::pattern::{OriginPattern, PatternError};
use corsgate_policy::policy::document::EntryDocument;
use serde::Serialize;

use super::{Kind, List};
use crate::failure::Failure;
use crate::namespace::Namespace;

/// Reads an origin from the command line, as a browser sends it; `act` says what cannot be done with another text.
///
/// # Errors
/// When the text is not an origin; the message names the nearest one.
pub(crate) fn exact_origin(text: &str, act: &str) -> Result<String, Failure> {
    let why = match OriginPattern::parse(text) {
        Ok(pattern) if pattern.form().is_exact() => return Ok(text.to_owned()),
        Ok(_) => format!("an origin has no wildcard here: each origin is {act} by itself"),
        Err(error @ (PatternError::Null | PatternError::AnyOrigin)) => error.to_string(),
        Err(error) => {
            let near = nearest_origin(text).filter(|near| Origin::parse(near).is_ok());
            format!("{error}{}", near.map(|near| format!("; write `{near}`")).unwrap_or_default())
        }
    };
    Err(Failure::usage(format!("`{text}` cannot be {act}: {why}")))
}

/// # Errors
/// When the note has characters that end a line or control a terminal.
pub(crate) fn require_note(note: Option<&str>) -> Result<(), Failure> {
    match note.filter(|note| note.chars().any(char::is_control)) {
        Some(_) => Err(Failure::usage("`--note` is one line of text, without control characters")),
        None => Ok(()),
    }
}

/// The keys of a list, of all hosts or of one.
///
/// # Errors
/// When the list has keys of another scope, the host is invalid, or no route has this host.
pub(crate) fn keys_of<'k>(list: &'k List, host: Option<&'k str>) -> Result<ListInKv<'k>, Failure> {
    let Kind::Keys { shared, of_host } = list.kind else {
        return Err(Failure::usage(format!(
            "`--host` is for lists with a key for each host, and `{}` is one text",
            list.name
        )));
    };
    let name = &list.name;
    match host {
        None if !shared => {
            return Err(Failure::usage(format!(
                "the list `{name}` has `scope = \"host\"`: name the host whose API its origins may use, with `--host`"
            )));
        }
        Some(_) if !of_host => {
            return Err(Failure::usage(format!(
                "the keys of the list `{name}` hold for all hosts: leave `--host` out, or give the allowlist `scope = \"host\"`"
            )));
        }
        Some(host) if !is_host(host) => {
            return Err(Failure::usage(format!(
                "`{host}` is not a host: write it in lower case, without a scheme and a port"
            )));
        }
        _ => {}
    }
    let keys = ListInKv::Keys { name, host };
    match host.filter(|_| !is_used(&list.side, keys)) {
        Some(host) => Err(Failure::usage(format!(
            "no route of the policy that uses the list `{name}` answers for `{host}`"
        ))),
        None => Ok(keys),
    }
}

/// The key of an origin in the list.
pub(crate) struct OriginKey<'k> {
    pub(crate) list: ListInKv<'k>,
    pub(crate) key: String,
}

impl<'k> OriginKey<'k> {
    /// # Errors
    /// As [`keys_of`]; or when the key is longer than KV accepts.
    pub(crate) fn new(list: &'k List, host: Option<&'k str>, origin: &str) -> Result<Self, Failure> {
        let in_kv = keys_of(list, host)?;
        let key = origin_key(&list.name, host, origin);
        require_length(&key, origin)?;
        Ok(Self { list: in_kv, key })
    }

    /// The entry of the key as the gateway reads it; none if there is no key or the gateway ignores it.
    ///
    /// # Errors
    /// When wrangler fails.
    pub(crate) fn find(
        &self,
        namespace: &Namespace,
        origin: &str,
        today: Option<Day>,
    ) -> Result<Held, Failure> {
        if !namespace.list(&self.key)?.iter().any(|listed| listed.name == self.key) {
            return Ok(Held::Nothing);
        }
        let value = namespace.get(&self.key)?;
        let day = last_day_of_key(&String::from_utf8_lossy(&value));
        let day = day.filter(|day| today.is_none_or(|today| *day >= today));
        Ok(Held::Key(day.map(|day| entry(origin, day))))
    }
}

/// # Errors
/// When the key of the origin is longer than KV accepts.
pub(crate) fn require_length(key: &str, origin: &str) -> Result<(), Failure> {
    match key.len() {
        length if length > MAX_KEY => {
            Err(Failure::usage(format!("the key of `{origin}` has {length} bytes, and KV takes {MAX_KEY}")))
        }
        _ => Ok(()),
    }
}

/// The value of a key.
#[derive(Serialize)]
struct KeyValue<'v> {
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'v str>,
}

/// The value of the key of an origin that is allowed up to a day.
///
/// # Errors
/// Never: it has only texts.
pub(crate) fn key_value(expires: Day, note: Option<&str>) -> Result<String, Failure> {
    let expires = (expires != Day::NEVER).then(|| expires.to_string());
    serde_json::to_string(&KeyValue { expires, note }).map_err(|error| Failure::Output(error.into()))
}

/// The keys of an origin in KV.
pub(crate) enum Held {
    Nothing,
    /// A key, and the entry that the gateway reads from it.
    Key(Option<EntryDocument>),
}

impl Held {
    pub(crate) fn entry(&self) -> &[EntryDocument] {
        match self {
            Self::Key(Some(entry)) => std::slice::from_ref(entry),
            Self::Key(None) | Self::Nothing => &[],
        }
    }
}

/// An entry in the form of a policy's document.
pub(crate) fn entry(origin: &str, expires: Day) -> EntryDocument {
    match expires {
        Day::NEVER => EntryDocument::Lasting(origin.to_owned()),
        day => EntryDocument::Expiring { origin: origin.to_owned(), expires: day.to_string() },
    }
}

/// # Errors
/// When all routes that use the list would ignore the origin.
pub(crate) fn require_accepted(list: &List, in_kv: ListInKv<'_>, origin: &str) -> Result<(), Failure> {
    if accepts(&list.side, in_kv, &entry(origin, Day::NEVER)) {
        return Ok(());
    }
    Err(Failure::usage(match OriginPattern::parse(origin) {
        Ok(pattern) if pattern.form().is_insecure() => format!(
            "`{origin}` would be ignored: a route takes an `http` origin of another machine only with `dangerously_allow_insecure_origins`, and without credentials"
        ),
        _ => {
            format!("no route of the policy uses the list `{}`, so `{origin}` would open nothing", list.name)
        }
    }))
}

/// Whether a text is a host as keys have it: in canonical form, without a port.
pub(crate) fn is_host(text: &str) -> bool {
    let url = format!("https://{text}");
    Origin::parse(&url).is_ok_and(|origin| origin.host() == text && origin.port().is_none())
}
