//! Runs one request through the decision, as the gateway does.

use std::collections::HashMap;

use corsgate_policy::decision::facts::Initiator;
use corsgate_policy::decision::lookup::KeyLookup;
use corsgate_policy::decision::trace::Check;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::origin::set::OriginSet;
use corsgate_policy::policy::document::AllowlistDocument;
use corsgate_policy::record::RecordedOutcome;
use corsgate_policy::response::headers::{ResponseHeaderSink, SWITCHING_PROTOCOLS};
use corsgate_policy::{
    Answers, Decision, Examined, Facts, KeyAnswer, Kind, KvList, Outcome, Reason, Route, response::vary,
};
use thiserror::Error;

use crate::cases::comparison::{Mismatch, compare};
use crate::cases::expectation::Expectation;
use crate::cases::file::Case;
use crate::cases::kv::Kv;
use crate::cases::request::CaseRequest;
use crate::cases::words;
use crate::environment_policy::EnvironmentPolicy;
use crate::inventory::OriginList;

/// The result of a run.
#[derive(Clone, Debug)]
pub struct Ran {
    /// Whether the decision is as expected.
    pub verdict: Verdict,
    /// The day on which the request was decided, for entries that expire.
    pub today: Day,
    /// The decision; `None` if there could be none.
    pub decided: Option<Decided>,
    /// The keys of KV that were read, with the contents that the file of cases gives.
    pub asked: Vec<String>,
    pub(crate) reached: Reached,
}

/// Whether a run is as its case expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything is as expected.
    Passed,
    /// These things are not as expected.
    Failed(Vec<Mismatch>),
    /// It could not be decided, because the policy needs something from KV that the file does not give. The sentence
    /// says what.
    Undecided(MissingKv),
}

/// A decision, and the headers that it sets on a response.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The outcome, as records name it.
    pub outcome: RecordedOutcome,
    /// The reason, unless the request simply passes.
    pub reason: Option<Reason>,
    /// The route that takes the request, if one matches.
    pub route: Option<String>,
    /// The entry that lists the origin, if one does.
    pub entry: Option<String>,
    /// The requested header that is not allowed.
    pub offending_header: Option<String>,
    /// The status of the gateway's own response; `None` if the upstream responds.
    pub status: Option<u16>,
    /// The headers that the decision sets, in its order, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The families of headers that the upstream's response exposes besides, with commas between them.
    pub families: String,
    /// Whether the route only reports and leaves CORS to the upstream.
    pub reports: bool,
    /// Whether limits count the request.
    pub is_counted: bool,
}

impl Decided {
    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn new(decision: &Decision<'_>, facts: &Facts<'_>) -> Self {
        let mut headers = Headers::default();
        match status(decision, facts) {
            // A handshake that is accepted and then closed has no error response; the upstream's response is unknown.
            None | Some(SWITCHING_PROTOCOLS) => decision.write_headers(&mut headers),
            Some(_) => {
                decision.write_answer(&mut headers);
            }
        }
        Self {
            outcome: words::outcome(decision.outcome),
            reason: decision.reason(),
            route: decision.route.map(|route| route.name().to_owned()),
            entry: decision.entry.map(str::to_owned),
            offending_header: decision.offending_header.map(str::to_owned),
            status: status(decision, facts),
            headers: headers.lines,
            families: headers.families,
            reports: matches!(decision.outcome, Outcome::Report(_)),
            is_counted: !decision.limits().is_empty(),
        }
    }
}

/// The status of the gateway's own response.
fn status(decision: &Decision<'_>, facts: &Facts<'_>) -> Option<u16> {
    match decision.outcome {
        Outcome::Reject(_) if decision.closes_socket(facts).is_some() => Some(SWITCHING_PROTOCOLS),
        Outcome::Reject(reason) => Some(decision.status_of(reason)),
        Outcome::Allow if decision.kind == Kind::Preflight => Some(204),
        Outcome::Allow | Outcome::Strip(_) | Outcome::Report(_) => None,
    }
}

/// The positions in the inventory of the route and entries that decided.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reached {
    pub(crate) route: Option<usize>,
    pub(crate) entries: Vec<usize>,
    /// A refusal that the case asks for: it fails when a list that decides for the route grows by the origin.
    pub(crate) refused: Option<Refused>,
}

/// An origin that no list of a route has, as a case expects.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Refused {
    /// `None` if no route matches.
    pub(crate) route: Option<String>,
    pub(crate) origin: String,
}

/// The refusal that a run asks for.
fn refused(expectation: &Expectation, decided: &Decided, facts: &Facts<'_>, passed: bool) -> Option<Refused> {
    let expects_it = expectation.outcome.is_some()
        || expectation.reason.is_some()
        || expectation.status.is_some()
        || expectation.exact
        || expectation.absent.iter().any(|name| name == "access-control-allow-origin");
    let is_refused = passed && expects_it && decided.reason == Some(Reason::OriginNotListed);
    let origin = facts.origin.filter(|_| is_refused)?;
    Some(Refused { route: decided.route.clone(), origin: origin.to_owned() })
}

/// The contents of KV that the runs of a suite share.
pub(crate) struct Ground<'s> {
    pub(crate) kv: &'s Kv,
    /// The lists of `kv`, parsed as the gateway does.
    pub(crate) lists: &'s HashMap<KvList, OriginSet>,
}

/// Decides a request of a case, and compares the decision with the expectation.
pub(crate) fn run(
    compiled: &EnvironmentPolicy,
    case: &Case,
    request: &CaseRequest,
    today: Day,
    ground: &Ground<'_>,
) -> Ran {
    let facts = request.facts();
    let examined = Examined::new(&compiled.policy, &facts);
    let asked = match ask(&examined, case, today, ground) {
        Ok(asked) => asked,
        Err(missing) => {
            let (verdict, reached) = (Verdict::Undecided(missing), Reached::default());
            return Ran { verdict, today, decided: None, asked: Vec::new(), reached };
        }
    };
    let decision = examined.decide(&asked.answers, today);
    let decided = Decided::new(&decision, &facts);
    let mismatches = compare(&case.expectation, &decided);
    Ran {
        reached: Reached {
            route: compiled
                .inventory
                .routes
                .iter()
                .position(|item| Some(&item.text) == decided.route.as_ref()),
            entries: entries(compiled, &decision, &facts, &asked, ground),
            refused: refused(&case.expectation, &decided, &facts, mismatches.is_empty()),
        },
        verdict: if mismatches.is_empty() { Verdict::Passed } else { Verdict::Failed(mismatches) },
        today,
        decided: Some(decided),
        asked: asked.keys,
    }
}

/// Decides a request of a case, and passes on the checks that led to the decision. `None` if it cannot be decided.
pub(crate) fn trace<T>(
    compiled: &EnvironmentPolicy,
    case: &Case,
    request: &CaseRequest,
    today: Day,
    ground: &Ground<'_>,
    tell: impl FnOnce(&[Check<'_>]) -> T,
) -> Option<T> {
    let facts = request.facts();
    let examined = Examined::new(&compiled.policy, &facts);
    let asked = ask(&examined, case, today, ground).ok()?;
    let (_decision, checks) = examined.trace(&asked.answers, today);
    Some(tell(&checks))
}

/// Contents of KV that the decision needs and that the file of cases does not give.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MissingKv {
    /// The list with this name.
    #[error(
        "the policy reads the list `{0}` from KV: give its content in `[lists]`, or write `unavailable = [\"{0}\"]` in the case"
    )]
    List(String),
    /// The per-origin keys with this name.
    #[error(
        "the policy reads the keys `{0}` from KV: give its content in `[keys]`, or write `unavailable = [\"{0}\"]` in the case"
    )]
    Keys(String),
}

/// What the decision asked KV for, and what KV answered.
struct KvLookups<'a> {
    answers: Answers<'a>,
    /// The lists that could be read.
    lists: Vec<&'a KvList>,
    /// The keys that exist.
    present: Vec<KeyLookup>,
    /// Everything that was asked for, by its key in KV.
    keys: Vec<String>,
}

/// Reads what the decision needs from the contents of KV in the file of cases.
fn ask<'a>(
    examined: &Examined<'a>,
    case: &Case,
    today: Day,
    ground: &Ground<'a>,
) -> Result<KvLookups<'a>, MissingKv> {
    let is_down = |name: &str| case.unavailable.iter().any(|down| down.text == name);
    let mut asked =
        KvLookups { answers: Answers::default(), lists: Vec::new(), present: Vec::new(), keys: Vec::new() };
    for lookup in &examined.lists(today) {
        let name = name_of(&lookup.list.key);
        let down = is_down(name);
        if !down && !ground.kv.lists.contains_key(name) {
            return Err(MissingKv::List(name.to_owned()));
        }
        asked.keys.push(lookup.list.key.clone());
        asked.answers.add_list(lookup, ground.lists.get(lookup.list).filter(|_| !down));
        if !down {
            asked.lists.push(lookup.list);
        }
    }
    for lookup in examined.keys(&asked.answers, today) {
        let name = name_of(&lookup.key);
        let answer = match ground.kv.keys.get(name) {
            _ if is_down(name) => KeyAnswer::Unavailable,
            None => return Err(MissingKv::Keys(name.to_owned())),
            Some(keys) => keys.find(rest_of(&lookup.key)).map_or(KeyAnswer::Absent, KeyAnswer::Present),
        };
        asked.answers.add_key(&lookup, answer);
        asked.keys.push(lookup.key.clone());
        if matches!(answer, KeyAnswer::Present(_)) {
            asked.present.push(lookup);
        }
    }
    Ok(asked)
}

/// The entries that listed the origin, in the order in which the decision looks: the policy, lists in KV, keys in KV.
fn entries(
    compiled: &EnvironmentPolicy,
    decision: &Decision<'_>,
    facts: &Facts<'_>,
    asked: &KvLookups<'_>,
    ground: &Ground<'_>,
) -> Vec<usize> {
    let Some(deciding) = compiled.deciding_lists(decision.route.map(Route::name)) else { return Vec::new() };
    let Some(entry) = decision.entry else {
        let is_cross = !matches!(facts.initiator(), Initiator::Unnamed | Initiator::SameOrigin);
        let listed =
            deciding.is_any_origin && is_cross && !decision.reason().is_some_and(Reason::is_about_origin);
        return if listed { compiled.inventory.find("*", &deciding.lists) } else { Vec::new() };
    };
    let in_policy = compiled.inventory.find(entry, &deciding.lists);
    if !in_policy.is_empty() {
        return in_policy;
    }
    let has_entry =
        |list: &&&KvList| ground.lists.get(**list).is_some_and(|set| set.last_day(entry).is_some());
    let in_list = asked.lists.iter().find(has_entry);
    let name = match (in_list, asked.present.first()) {
        (Some(list), _) => name_of(&list.key),
        (None, Some(lookup)) => name_of(&lookup.key),
        (None, None) => return Vec::new(),
    };
    let in_kv = deciding.lists.iter().filter_map(|list| match list {
        OriginList::Allowlist(list) => Some(list),
        OriginList::Route(_) | OriginList::Defaults => None,
    });
    let is_named = |list: &&String| match compiled.document.allowlists.get(*list) {
        Some(AllowlistDocument::Kv { kv, .. }) => in_list.is_some() && kv == name,
        Some(AllowlistDocument::KvKeys { kv_keys, .. }) => in_list.is_none() && kv_keys == name,
        _ => false,
    };
    in_kv
        .filter(is_named)
        .flat_map(|list| compiled.inventory.find(&format!("@{list}"), &deciding.lists))
        .collect()
}

/// The name in a key of KV: `allowlist/<name>`, `origin/<name>/…`.
fn name_of(key: &str) -> &str {
    key.split('/').nth(1).unwrap_or_default()
}

/// The part of an origin's key that follows the name.
fn rest_of(key: &str) -> &str {
    key.splitn(3, '/').nth(2).unwrap_or_default()
}

/// Collects the headers that a decision sets on a response without headers of its own.
#[derive(Debug, Default)]
struct Headers {
    lines: Vec<(String, String)>,
    families: String,
}

impl ResponseHeaderSink for Headers {
    fn remove(&mut self, name: &str) {
        self.lines.retain(|(known, _)| known != name);
    }

    fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.lines.push((name.to_owned(), value.to_owned()));
    }

    fn append(&mut self, name: &str, value: &str) {
        match self.lines.iter_mut().find(|(known, _)| known == name) {
            Some((_, list)) => {
                list.push_str(", ");
                list.push_str(value);
            }
            None => self.set(name, value),
        }
    }

    fn vary(&mut self, names: &'static str) {
        let current = self.lines.iter().find(|(known, _)| known == "vary").map(|(_, value)| value.as_str());
        if let Some(merged) = vary::merge(current, names) {
            self.set("vary", &merged);
        }
    }

    fn expose(&mut self, families: &str) {
        families.clone_into(&mut self.families);
    }
}
