//! Compares an expression with patterns over all origins that browsers send: a walk through the states of both
//! automata at once, which ends with the shortest origin that only one of them matches.

use std::collections::{HashMap, VecDeque};

use corsgate_policy::origin::Origin;
use corsgate_policy::origin::pattern::{OriginPattern, PortPattern};
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start::Config as Start;
use regex_automata::{Anchored, MatchKind, nfa::thompson};
use regex_syntax::hir::Hir;

/// The most bytes of an automaton, and the most states of a walk.
const MAX_BYTES: usize = 4 << 20;
const MAX_STATES: usize = 200_000;

/// A label of a host name, as DNS registries give them: `_` is left aside.
const LABEL: &str = "(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)";
/// Hosts whose last label begins with a letter, and IPv4 addresses.
const HOST: &str = r"(?:(?:LABEL\.)*[a-z](?:[a-z0-9-]*[a-z0-9])?|[1-9][0-9]?\.[0-9]\.[0-9]\.[1-9][0-9]?)";
const PORT: &str = "(?::[1-9][0-9]{0,4})?";
/// What an origin is made of, the letters that make a readable example first.
const ALPHABET: &[u8] = b"axevil.:/-01bcdfghjkmnopqrstuwyz23456789+_";

/// The origins that a browser can send.
fn all_origins() -> String {
    let host = HOST.replace("LABEL", LABEL);
    format!("^(?:null|[a-z][a-z0-9+.-]*://{host}{PORT})$")
}

/// A pattern of a policy as an expression over the same hosts.
fn of_pattern(text: &str) -> Option<String> {
    let pattern = OriginPattern::parse(text).ok()?;
    let form = pattern.form();
    let names = if form.subdomains { format!(r"(?:{LABEL}\.)+") } else { String::new() };
    let port = match form.port {
        PortPattern::Default => String::new(),
        PortPattern::Exactly(port) => format!(":{port}"),
        PortPattern::Any => PORT.to_owned(),
    };
    Some(format!("{}://{names}{}{port}", form.scheme, regex_syntax::escape(form.host)))
}

pub(super) fn pattern_matches(pattern: &str, origin: &str) -> bool {
    match (OriginPattern::parse(pattern), OriginPattern::parse(origin)) {
        (Ok(pattern), Ok(origin)) => pattern.form().covers(&origin.form()),
        _ => false,
    }
}

pub(super) struct Language(dense::DFA<Vec<u32>>);

/// How an expression and patterns differ.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Comparison {
    /// The expression matches every origin.
    pub(super) everything: bool,
    /// The expression matches no origin.
    pub(super) nothing: bool,
    /// An origin that only the expression matches.
    pub(super) lets_in: Option<String>,
    /// An origin that only the patterns match.
    pub(super) adds: Option<String>,
}

impl Language {
    pub(super) fn of(syntax: &Hir) -> Option<Self> {
        let nfa = thompson::Compiler::new()
            .configure(thompson::Config::new().utf8(false).nfa_size_limit(Some(MAX_BYTES)))
            .build_from_hir(syntax)
            .ok()?;
        let config = dense::Config::new()
            .start_kind(StartKind::Unanchored)
            .match_kind(MatchKind::All)
            .dfa_size_limit(Some(MAX_BYTES))
            .determinize_size_limit(Some(MAX_BYTES));
        dense::Builder::new().configure(config).build_from_nfa(&nfa).ok().map(Self)
    }

    fn of_syntax(syntax: &str) -> Option<Self> {
        let mut parser = regex_syntax::ParserBuilder::new();
        Self::of(&parser.unicode(false).utf8(false).build().parse(syntax).ok()?)
    }

    fn start(&self) -> Option<State> {
        let id = self.0.start_state(&Start::new().anchored(Anchored::No)).ok()?;
        Some(State { id, matched: self.0.is_match_state(id) })
    }

    /// Matches are told one byte late; once there is one, what follows does not matter.
    fn next(&self, state: State, byte: u8) -> State {
        let id = self.0.next_state(state.id, byte);
        State { id, matched: state.matched || self.0.is_match_state(id) }
    }

    fn accepts(&self, state: State) -> bool {
        state.matched || self.0.is_match_state(self.0.next_eoi_state(state.id))
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        let Some(start) = self.start() else { return false };
        self.accepts(text.bytes().fold(start, |state, byte| self.next(state, byte)))
    }

    /// Compares the expression with patterns; `None` if that takes too much.
    pub(super) fn compare(&self, patterns: &[String]) -> Option<Comparison> {
        let origins = Self::of_syntax(&all_origins())?;
        let parts: Vec<_> = patterns.iter().filter_map(|pattern| of_pattern(pattern)).collect();
        // Nothing follows an origin, so no pattern at all matches nothing.
        let union = if parts.is_empty() {
            "^[^\\x00-\\xff]$".to_owned()
        } else {
            format!("^(?:{})$", parts.join("|"))
        };
        let union = Self::of_syntax(&union)?;
        let mut comparison = Comparison { everything: true, nothing: true, lets_in: None, adds: None };
        let begin = [origins.start()?, self.start()?, union.start()?];
        let mut before: HashMap<[State; 3], Option<([State; 3], u8)>> = HashMap::from([(begin, None)]);
        let mut open = VecDeque::from([begin]);
        while let Some(states) = open.pop_front() {
            let [of_all, of_self, of_union] = states;
            if origins.accepts(of_all) {
                let (own, theirs) = (self.accepts(of_self), union.accepts(of_union));
                comparison.everything &= own;
                comparison.nothing &= !own;
                let slot = match (own, theirs) {
                    (true, false) => Some(&mut comparison.lets_in),
                    (false, true) => Some(&mut comparison.adds),
                    _ => None,
                };
                if let Some(slot) = slot.filter(|slot| slot.is_none()) {
                    let origin = spelled(&before, states);
                    if origin == "null" || Origin::parse(&origin).is_ok() {
                        *slot = Some(origin);
                    }
                }
            }
            for byte in ALPHABET {
                let of_all = origins.next(of_all, *byte);
                // Nothing that begins like this is an origin.
                if origins.0.is_dead_state(of_all.id) {
                    continue;
                }
                let next = [of_all, self.next(of_self, *byte), union.next(of_union, *byte)];
                if !before.contains_key(&next) {
                    if before.len() > MAX_STATES {
                        return None;
                    }
                    before.insert(next, Some((states, *byte)));
                    open.push_back(next);
                }
            }
        }
        Some(comparison)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct State {
    id: StateID,
    matched: bool,
}

/// The text that leads to a state.
fn spelled(before: &HashMap<[State; 3], Option<([State; 3], u8)>>, end: [State; 3]) -> String {
    let mut bytes = Vec::new();
    let mut at = end;
    while let Some(Some((earlier, byte))) = before.get(&at) {
        bytes.push(*byte);
        at = *earlier;
    }
    bytes.reverse();
    bytes.into_iter().map(char::from).collect()
}
