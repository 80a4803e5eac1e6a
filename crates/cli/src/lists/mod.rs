//! Lists in KV: how a list is stored, which routes it affects, and how it changes.

pub(crate) mod edit;
pub(crate) mod expiry;
pub(crate) mod form;
pub(crate) mod key;
pub(crate) mod keys;
pub(crate) mod publication;
pub(crate) mod store;

use clap::Args;
use corsgate_authoring::{CheckedList, Source, UnknownList, check_list, check_list_of, entries_of_list};
use corsgate_compare::{Change, ListInKv, Side, compare_list, is_used};
use corsgate_policy::grammar::day::Day;
use corsgate_policy::kv::list_key;
use corsgate_policy::origin::entry::ListPatterns;
use corsgate_policy::policy::document::{AllowlistDocument, Document, EntryDocument, Scope};
use corsgate_policy::policy::is_name;

use crate::failure::Failure;
use crate::input;
use crate::output::diagnostics;
use crate::output::human::summary;
use crate::policy::{Origin, compile_source};
use crate::policy_store::{Key, PolicyStore};
use crate::wrangler::WranglerOptions;

/// Where a list is kept, and whose routes use it.
#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct ListOptions {
    /// The policy whose routes use the list, in the forms of `corsgate diff`; without it, the live one
    #[arg(long, value_name = "POLICY")]
    pub(crate) policy: Option<String>,
    /// The list is the value `allowlist/NAME`, a text or a set: read no policy
    #[arg(long, conflicts_with = "policy")]
    text: bool,
    /// The list has a key `origin/NAME/ORIGIN` for each origin: read no policy
    #[arg(long, conflicts_with_all = ["policy", "text"])]
    keys: bool,
    #[command(flatten)]
    pub(crate) kv: WranglerOptions,
}

impl ListOptions {
    /// `-` if the policy is read from standard input.
    pub(crate) fn stdin(&self) -> Option<&'static str> {
        let policy = Origin::of(self.policy.as_deref()?).ok()?;
        policy.is_stdin().then_some("-")
    }
}

/// How a list is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// As one value: a text, or a set.
    Text(ListPatterns),
    /// As a key for each origin.
    Keys {
        /// Whether an allowlist of the policy reads keys that all hosts share.
        shared: bool,
        /// Whether an allowlist of the policy reads keys of one host.
        of_host: bool,
    },
}

/// A list, and the policy whose routes use it.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) side: Side,
}

impl List {
    /// Finds a list by its name in the policy.
    ///
    /// # Errors
    /// When the name is invalid, the policy cannot be read, or it has no such list.
    pub(crate) fn find(name: &str, options: &ListOptions) -> Result<Self, Failure> {
        require_name(name)?;
        if options.text || options.keys {
            diagnostics::note(
                "without a policy, the risks are judged for a route with credentials and for one without",
            );
            let side = any_policy(name, options.keys)?;
            let kind = match options.keys {
                true => Kind::Keys { shared: true, of_host: true },
                false => Kind::Text(ListPatterns::Exact),
            };
            return Ok(Self { name: name.to_owned(), kind, side });
        }
        let side = load(options)?;
        let kind = kind_of(name, side.document())?;
        Ok(Self { name: name.to_owned(), kind, side })
    }

    /// The key of a text list.
    pub(crate) fn key(&self) -> String {
        list_key(&self.name)
    }

    /// Which forms of entries the list may have.
    pub(crate) fn patterns(&self) -> ListPatterns {
        match self.kind {
            Kind::Text(patterns) => patterns,
            Kind::Keys { .. } => ListPatterns::Exact,
        }
    }

    /// Checks a list that is to be put in force, by the rules of the routes that use it.
    ///
    /// # Errors
    /// When it has errors, which are reported.
    pub(crate) fn check(
        &self,
        source: &Source,
        today: Option<Day>,
        verdict: &str,
    ) -> Result<CheckedList, Failure> {
        let of_routes = match self.kind {
            Kind::Text(_) => check_list_of(source, self.side.policy(), &self.name, today).ok(),
            Kind::Keys { .. } => None,
        };
        let checked = of_routes.unwrap_or_else(|| check_list(source, self.patterns(), today));
        diagnostics::findings(&checked.report, source);
        if checked.report.has_errors() {
            diagnostics::problem(&summary(&checked.report, source, verdict));
            return Err(Failure::Findings);
        }
        Ok(checked)
    }

    /// The changes on the routes that use the list if its value in KV changes.
    pub(crate) fn compare(
        &self,
        patterns: ListPatterns,
        before: &[u8],
        now: &[u8],
        today: Option<Day>,
    ) -> Vec<Change> {
        let entries = |value: &[u8]| match form::text_of(value) {
            Ok(text) => entries_of_list(&text, patterns, today),
            Err(error) => {
                diagnostics::note(&format!("{error}: it counts as empty here, and no gateway can read it"));
                Vec::new()
            }
        };
        self.changes(ListInKv::Text { name: &self.name }, &entries(before), &entries(now))
    }

    /// The changes on the routes that use the list if its entries change.
    pub(crate) fn changes(
        &self,
        list: ListInKv<'_>,
        before: &[EntryDocument],
        now: &[EntryDocument],
    ) -> Vec<Change> {
        compare_list(&self.side, list, before, now)
    }

    /// What to say if nothing changes between two values, where "they mean the same" would be untrue.
    pub(crate) fn unchanged(
        &self,
        list: ListInKv<'_>,
        before: (&str, &[u8]),
        now: (&str, &[u8]),
    ) -> Option<String> {
        if let Some((name, _)) = [before, now].into_iter().find(|(_, value)| form::text_of(value).is_err()) {
            return Some(format!("`{name}` cannot be read, so nothing says what changes"));
        }
        (!is_used(&self.side, list)).then(|| {
            format!("no route of the policy uses the list `{}`, so nothing changes on any", self.name)
        })
    }

    /// The number of routes of the policy.
    pub(crate) fn routes(&self) -> usize {
        self.side.document().routes.len()
    }
}

/// # Errors
/// When a policy cannot give this name to a list.
pub(crate) fn require_name(name: &str) -> Result<(), Failure> {
    if is_name(name) {
        return Ok(());
    }
    let rule = "a name has up to 48 letters from a to z, digits, `_` and `-`, and begins with a letter";
    let key = name.strip_prefix("allowlist/").filter(|name| is_name(name));
    let instead = key.map(|name| format!("; write `{name}`")).unwrap_or_default();
    Err(Failure::usage(format!("`{name}` is not the name of a list: {rule}{instead}")))
}

fn load(options: &ListOptions) -> Result<Side, Failure> {
    if let Some(policy) = &options.policy {
        return Ok(Origin::of(policy)?.load(&options.kv)?.side);
    }
    if !PolicyStore::open(&options.kv)?.list()?.has(&Key::Current) {
        return Err(Failure::Kv(format!(
            "no policy is live in {}, so nothing says what the list is: name a policy with `--policy`, or write `--text` or `--keys`",
            options.kv.place()
        )));
    }
    Ok(Origin::Kv(Key::Current).load(&options.kv)?.side)
}

/// How the policy says that a list is stored.
///
/// # Errors
/// When the policy has no list of this name in KV, or both kinds.
pub(crate) fn kind_of(name: &str, document: &Document) -> Result<Kind, Failure> {
    let (mut text, mut shared, mut of_host) = (None, false, false);
    for list in document.allowlists.values() {
        match list {
            AllowlistDocument::Kv { kv, dangerously_unchecked_wildcards } if kv == name => {
                // Two allowlists can read one text; a line counts if it counts for one of them.
                let wildcards = *dangerously_unchecked_wildcards || text == Some(ListPatterns::Wildcards);
                text = Some(if wildcards { ListPatterns::Wildcards } else { ListPatterns::Exact });
            }
            AllowlistDocument::KvKeys { kv_keys, scope, .. } if kv_keys == name => match scope {
                Scope::Host => of_host = true,
                _ => shared = true,
            },
            _ => {}
        }
    }
    match (text, shared || of_host) {
        (Some(patterns), false) => Ok(Kind::Text(patterns)),
        (None, true) => Ok(Kind::Keys { shared, of_host }),
        (Some(_), true) => Err(Failure::usage(format!(
            "the policy has both a text and keys with the name `{name}`: write `--text` or `--keys`"
        ))),
        (None, false) => Err(Failure::usage(unknown(name, document))),
    }
}

fn unknown(name: &str, document: &Document) -> String {
    let stored = |list: &AllowlistDocument| match list {
        AllowlistDocument::Kv { kv, .. } => Some(kv.clone()),
        AllowlistDocument::KvKeys { kv_keys, .. } => Some(kv_keys.clone()),
        AllowlistDocument::Entries(_) => None,
    };
    match document.allowlists.get(name) {
        Some(list) => match stored(list) {
            Some(other) => format!("in KV, the allowlist `{name}` of the policy has the name `{other}`"),
            None => format!(
                "the allowlist `{name}` is not in KV: its entries are in the policy, which `corsgate publish` publishes"
            ),
        },
        None => {
            let mut known: Vec<_> = document.allowlists.values().filter_map(stored).collect();
            known.sort();
            known.dedup();
            UnknownList::new(name, known.iter().map(String::as_str)).to_string()
        }
    }
}

/// A policy for judging a list without a policy: one route with credentials and one without use the list.
fn any_policy(name: &str, keys: bool) -> Result<Side, Failure> {
    let (lists, origins) = match keys {
        false => (format!("list = {{ kv = \"{name}\" }}"), "\"@list\""),
        true => (
            format!(
                "list = {{ kv_keys = \"{name}\", dangerously_share_keys = true }}\nhosts = {{ kv_keys = \"{name}\", scope = \"host\" }}"
            ),
            "\"@list\", \"@hosts\"",
        ),
    };
    let text = format!(
        "version = 1
[upstreams]
api = \"https://upstream.example\"
[allowlists]
{lists}
[[routes]]
name = \"with-credentials\"
path = \"/a/*\"
upstream = \"api\"
[routes.cors]
origins = [{origins}]
credentials = true
[[routes]]
name = \"without-credentials\"
path = \"/b/*\"
upstream = \"api\"
[routes.cors]
origins = [{origins}]
dangerously_allow_insecure_origins = true
"
    );
    compile_source(&input::source("any policy", text.into_bytes())?, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_policy_both_kinds_of_lists_can_be_judged() {
        let added = [EntryDocument::Lasting("https://a.example".to_owned())];
        for (keys, list) in [
            (false, ListInKv::Text { name: "partners" }),
            (true, ListInKv::Keys { name: "partners", host: None }),
            (true, ListInKv::Keys { name: "partners", host: Some("one.example.com") }),
        ] {
            let side = any_policy("partners", keys).unwrap();
            let changes = compare_list(&side, list, &[], &added);
            let subjects: Vec<_> = changes.iter().flat_map(|change| &change.subjects).collect();
            assert_eq!(subjects.len(), 2, "{keys} {list:?}: {changes:?}");
        }
    }
}
