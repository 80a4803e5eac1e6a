//! The key of one origin, in lists that have one for each.

use corsgate_authoring::nearest_origin;
use corsgate_compare::{ListInKv, accepts, is_used};
use corsgate_policy::grammar::day::Day;
use corsgate_policy::kv::{MAX_KEY, origin_key};
use corsgate_policy::origin::Origin;
use corsgate_policy::origin::entry::last_day_of_key;
use corsgate_policy::origin::pattern::{OriginPattern, PatternError};
use corsgate_policy::policy::document::EntryDocument;

use super::{Kind, List};
use crate::failure::Failure;
use crate::namespace::Namespace;

/// Reads an origin of the command line, as a browser sends it.
///
/// # Errors
/// When it is none; with the nearest one.
pub(crate) fn exact_origin(text: &str) -> Result<String, Failure> {
    let why = match OriginPattern::parse(text) {
        Ok(pattern) if pattern.form().is_exact() => return Ok(text.to_owned()),
        Ok(_) => "an origin has no wildcard here: add each origin by itself".to_owned(),
        Err(error @ (PatternError::Null | PatternError::AnyOrigin)) => error.to_string(),
        Err(error) => {
            let near = nearest_origin(text).filter(|near| Origin::parse(near).is_ok());
            format!("{error}{}", near.map(|near| format!("; write `{near}`")).unwrap_or_default())
        }
    };
    Err(Failure::usage(format!("`{text}` cannot be added: {why}")))
}

/// # Errors
/// When a note has characters that end a line or steer a terminal.
pub(crate) fn require_note(note: Option<&str>) -> Result<(), Failure> {
    match note.filter(|note| note.chars().any(char::is_control)) {
        Some(_) => Err(Failure::usage("`--note` is one line of text, without control characters")),
        None => Ok(()),
    }
}

/// Which key of the list an origin has.
pub(crate) struct OriginKey<'k> {
    pub(crate) list: ListInKv<'k>,
    pub(crate) key: String,
}

impl<'k> OriginKey<'k> {
    /// # Errors
    /// When the list has keys of another scope, the host is none, or no route answers for it.
    pub(crate) fn new(list: &'k List, host: Option<&'k str>, origin: &str) -> Result<Self, Failure> {
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
                    "the list `{name}` has `scope = \"host\"`: name the host whose API the origin may use, with `--host`"
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
        let in_kv = ListInKv::Keys { name, host };
        if let Some(host) = host.filter(|_| !is_used(&list.side, in_kv)) {
            return Err(Failure::usage(format!(
                "no route of the policy that uses the list `{name}` answers for `{host}`"
            )));
        }
        let key = origin_key(name, host, origin);
        if key.len() > MAX_KEY {
            return Err(Failure::usage(format!(
                "the key of `{origin}` has {} bytes, and KV takes {MAX_KEY}",
                key.len()
            )));
        }
        Ok(Self { list: in_kv, key })
    }

    /// The entry that its key is now; none without a key, or where the gateway takes it for none.
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

/// What KV has of an origin.
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

/// An entry as a document of a policy has it.
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

/// Whether a text is a host as it stands in keys: in canonical form, without a port.
fn is_host(text: &str) -> bool {
    let url = format!("https://{text}");
    Origin::parse(&url).is_ok_and(|origin| origin.host() == text && origin.port().is_none())
}
