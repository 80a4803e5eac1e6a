//! Decides a recorded request by a policy.

use std::collections::{BTreeMap, BTreeSet};

use corsgate_policy::grammar::day::Day;
use corsgate_policy::kv::list_name;
use corsgate_policy::origin::entry::ListPatterns;
use corsgate_policy::origin::list::TextList;
use corsgate_policy::origin::set::OriginSet;
use corsgate_policy::{
    Answers, Examined, Facts, KeyAnswer, Kind, Outcome, Policy, Reason, RequestUrl, Route,
};

use super::row::Row;

/// How a policy decides a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decided {
    /// How far it gets; a greater value is further.
    pub(crate) reach: Reach,
    /// The name of the reason that stops it.
    pub reason: Option<&'static str>,
    /// The route that takes it.
    pub route: Option<String>,
}

/// How far a request gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Reach {
    Refused,
    Stripped,
    Allowed,
    Reported,
}

impl Decided {
    /// The outcome, in words.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        match self.reach {
            Reach::Refused => "refused",
            Reach::Stripped => "forwarded and unreadable",
            Reach::Allowed => "allowed",
            Reach::Reported => "left to the upstream",
        }
    }
}

/// Why a record could not be decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Undecided {
    /// The list with this name in KV is not given.
    List(String),
    /// The decision depends on keys in KV, and an export does not have them.
    Keys,
    /// The record holds no path.
    NoPath,
    /// The record holds no host, because the gateway could not read the URL.
    NoUrl,
    /// A value may have been truncated in the record.
    Cut,
    /// The origin is `null` and was allowed: on the gateway's own page, or on a route for any origin.
    Null,
}

impl core::fmt::Display for Undecided {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::List(name) => write!(f, "the KV list `{name}` decides: give it with `--list {name}=FILE`"),
            Self::Keys => f.write_str("keys in KV decide, which are not known here"),
            Self::NoPath => f.write_str("the record has no path (`record_path = false`)"),
            Self::NoUrl => f.write_str("the record has no host: its URL could not be read"),
            Self::Cut => f.write_str("a value may have been cut to its column"),
            Self::Null => f.write_str("the origin is `null`, perhaps of the gateway's own page"),
        }
    }
}

/// The given contents of lists in KV, by name.
#[derive(Debug, Default)]
pub struct Lists {
    sets: BTreeMap<String, [OriginSet; 2]>,
    /// What decides where neither a list nor a key is given.
    otherwise: Option<[OriginSet; 2]>,
}

impl Lists {
    /// For requests whose origin nothing in KV listed, as the reason `origin_not_listed` says: every list decides as an
    /// empty one, and every key is absent.
    #[must_use]
    pub fn without_the_origin() -> Self {
        Self { otherwise: Some(Default::default()), ..Self::default() }
    }

    /// Adds the text of `allowlist/<name>`, and returns how many of its lines no policy accepts.
    pub fn add(&mut self, name: &str, text: &str) -> usize {
        let [exact, wildcards] =
            [ListPatterns::Exact, ListPatterns::Wildcards].map(|of| TextList::parse(text, of));
        let bad = wildcards.bad_line_count;
        self.sets.insert(name.to_owned(), [exact.origins, wildcards.origins]);
        bad
    }

    /// The names of the lists that were added.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.sets.keys().map(String::as_str)
    }

    fn find(&self, name: &str, patterns: ListPatterns) -> Option<&OriginSet> {
        let [exact, wildcards] = self.sets.get(name).or(self.otherwise.as_ref())?;
        Some(if patterns == ListPatterns::Exact { exact } else { wildcards })
    }
}

/// A request, rebuilt from its record.
pub(crate) struct RecordedRequest<'r> {
    facts: Facts<'r>,
}

impl<'r> RecordedRequest<'r> {
    /// Rebuilds a request; `own` is a buffer for the gateway's own origin.
    pub(crate) fn of(row: &'r Row, own: &'r mut String) -> Result<Self, Undecided> {
        let text = |value: &'r Option<String>| value.as_deref().filter(|value| !value.is_empty());
        let host = text(&row.host).ok_or(Undecided::NoUrl)?;
        let path = text(&row.path).ok_or(Undecided::NoPath)?;
        let origin = text(&row.origin);
        let (method, header) = (text(&row.requested_method), text(&row.header));
        let values = [
            ("host", Some(host)),
            ("path", Some(path)),
            ("origin", origin),
            ("requested_method", method),
            ("header", header),
        ];
        if values.iter().any(|(name, value)| value.is_some_and(|value| Row::may_be_cut(name, value))) {
            return Err(Undecided::Cut);
        }
        if origin == Some("null") && row.outcome.as_deref() == Some("allow") {
            return Err(Undecided::Null);
        }
        // Records have no scheme and no port; the edge serves https on the default port.
        *own = format!("https://{host}");
        let url = RequestUrl { origin: own, scheme: "https", authority: host, host, path, query: "" };
        let mut facts = Facts { method: text(&row.method).unwrap_or("GET"), url, origin, ..Facts::default() };
        match row.kind.as_deref() {
            Some("preflight") => {
                facts.method = "OPTIONS";
                facts.requested_method = Some(method.unwrap_or_default());
                facts.requested_headers = header;
            }
            Some("websocket") => facts.upgrade = Some("websocket"),
            _ => {}
        }
        Ok(Self { facts })
    }

    pub(crate) fn facts(&self) -> &Facts<'r> {
        &self.facts
    }

    /// Decides the request by a policy, with the given lists.
    pub(crate) fn decide(
        &self,
        policy: &Policy,
        lists: &Lists,
        today: Day,
        missing: &mut BTreeSet<Undecided>,
    ) -> Option<Decided> {
        let examined = Examined::new(policy, &self.facts);
        let mut answers = Answers::default();
        let mut wanted = Vec::new();
        for lookup in examined.lists(today) {
            let name = list_name(&lookup.list.key).unwrap_or(&lookup.list.key);
            let list = lists.find(name, lookup.list.patterns);
            if list.is_none() {
                wanted.push(Undecided::List(name.to_owned()));
            }
            answers.add_list(&lookup, list);
        }
        for lookup in examined.keys(&answers, today) {
            if lists.otherwise.is_some() {
                answers.add_key(&lookup, KeyAnswer::Absent);
                continue;
            }
            wanted.push(Undecided::Keys);
            answers.add_key(&lookup, KeyAnswer::Unavailable);
        }
        let decision = examined.decide(&answers, today);
        if decision.reason() == Some(Reason::ListUnavailable) {
            missing.extend(wanted);
            return None;
        }
        let reach = match decision.outcome {
            Outcome::Reject(_) => Reach::Refused,
            Outcome::Strip(_) => Reach::Stripped,
            Outcome::Allow => Reach::Allowed,
            Outcome::Report(_) => Reach::Reported,
        };
        Some(Decided {
            reach,
            reason: decision.reason().map(Reason::name),
            route: decision.route.map(Route::name).map(str::to_owned),
        })
    }

    /// Describes the request in a few words.
    pub(crate) fn shown(&self) -> String {
        /// The most characters of a path that are shown: enough to find it again.
        const MOST_PATH: usize = 120;
        let Facts { method, url, requested_method, .. } = self.facts;
        let path: String = url.path.chars().take(MOST_PATH).collect();
        let cut = if path.len() < url.path.len() { "…" } else { "" };
        let what = match self.facts.kind() {
            Kind::Preflight => format!("preflight for {}", requested_method.unwrap_or_default()),
            Kind::Handshake => "WebSocket handshake".to_owned(),
            Kind::Actual => method.to_owned(),
        };
        format!("{what} {}{path}{cut}", url.host)
    }
}
