//! Turns rejections into the text of a policy that allows some of them.

use std::collections::{BTreeMap, BTreeSet};

use corsgate_authoring::{EnvironmentPolicy, Finding, Report, Severity, Source, check};
use corsgate_policy::grammar::day::Day;
use corsgate_policy::origin::Origin;
use corsgate_policy::origin::entry::{ListPatterns, parse_line};
use thiserror::Error;

use crate::candidate::{Addition, Because, LeftOut, RefusedOn, Target};
use crate::cases;
use crate::edit::{apply, lines_into};
use crate::insertion_point::{self, InsertionPoint};
use crate::judge::{self, Wanted};
use crate::kin::{self, Chosen};
use crate::refusal::{Refusal, Refusals};
use crate::risk::{self, Circumstances, ListedDomains, Risk, Warning};
use crate::unsound::Unsound;
use crate::verify;

/// The most origins that are suggested at once. Nobody reads more.
const MOST: usize = 100;
/// Below this number of records, figures get a [`Warning::FewRecords`].
const FEW: u64 = 10;
/// If all rejections come within this many seconds, they are one burst.
const BURST: i64 = 600;
/// Rejections on this many routes, about equally often, are a sweep.
const SWEEP: usize = 4;

/// What to suggest, and for which environment.
#[derive(Clone, Debug)]
pub struct SuggestOptions<'o> {
    /// The environment; `None` for the base.
    pub environment: Option<&'o str>,
    /// The list that all additions go into; `None` to choose one for each.
    pub into: Option<&'o str>,
    /// Suggest only these origins, which the operator knows. Empty for all.
    pub origins: &'o [String],
    /// Origins that the operator's own test cases reject, each with the name of the case. They are left out.
    pub forbidden: &'o [(String, String)],
    /// Suggest only what this route rejected.
    pub route: Option<&'o str>,
    /// Leave out origins with fewer rejections, unless `origins` names them.
    pub min_count: u64,
    /// The day on which entries are judged expired or not.
    pub today: Day,
}

impl SuggestOptions<'_> {
    pub(crate) fn takes(&self, row: &Refusal) -> bool {
        self.route.is_none_or(|route| row.route.as_deref() == Some(route))
            && (self.origins.is_empty() || self.vouches_for(&row.origin))
    }

    pub(crate) fn vouches_for(&self, origin: &str) -> bool {
        self.origins.iter().any(|known| known == origin)
    }
}

/// The suggestions, the origins left out, and the texts to write.
#[derive(Clone, Debug)]
pub struct Suggestions {
    /// The suggested origins, the most rejected first.
    pub additions: Vec<Addition>,
    /// The origins that are not suggested, with the reasons.
    pub left_out: Vec<LeftOut>,
    /// The policy with the additions. It is unchanged if they all belong into KV.
    pub text: String,
    /// The test cases for the additions that are in force.
    pub cases: String,
}

/// Why nothing can be suggested.
#[derive(Debug, Error)]
pub enum SuggestError {
    /// The policy has these errors.
    #[error("the policy has errors")]
    Policy(Report),
    /// The policy has no route with this name.
    #[error("the policy has no route `{}`", crate::shown(.0))]
    UnknownRoute(String),
    /// The policy has no allowlist with this name; it has those in the second field.
    #[error("the policy has no allowlist `{}`; it has {}", crate::shown(.0), quoted(.1))]
    UnknownAllowlist(String, Vec<String>),
    /// The patch would not do what was meant, for this reason.
    #[error("the patch would not have the intended effect, so it is not shown: {0}")]
    Unsound(#[from] Unsound),
}

fn quoted(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// Suggests entries that would allow rejected origins.
///
/// # Errors
/// See [`SuggestError`].
pub fn suggest(
    source: &Source,
    refusals: &Refusals,
    options: &SuggestOptions<'_>,
) -> Result<Suggestions, SuggestError> {
    let compiled = EnvironmentPolicy::new(source, options.environment).map_err(SuggestError::Policy)?;
    let document = compiled.document();
    if let Some(route) = options.route.filter(|name| document.routes.iter().all(|known| known.name != *name))
    {
        return Err(SuggestError::UnknownRoute(route.to_owned()));
    }
    if let Some(list) = options.into.filter(|name| !document.allowlists.contains_key(*name)) {
        let known = document.allowlists.keys().cloned().collect();
        return Err(SuggestError::UnknownAllowlist(list.to_owned(), known));
    }
    let places = insertion_point::all(source.text(), &compiled, options.environment);
    // An origin that is listed in one environment can be imitated in all of them.
    let everywhere = everywhere(source, &compiled, options.environment);
    let anywhere: Vec<_> = everywhere.iter().map(String::as_str).collect();
    let (wanted, mut left_out) = judge::rows(&refusals.rows, &compiled, &anywhere, options);
    let listed = ListedDomains::of(judge::entries(document).into_iter(), anywhere.iter().copied());
    let mut additions = placed(&wanted, &places, &listed, options, &mut left_out);
    additions.retain(|(addition, place)| {
        let proposed = is_proposed(source.text(), place, &addition.origin);
        if proposed {
            let why = "it is in the list, commented out".to_owned();
            leave(&mut left_out, addition, Because::Proposed, &why);
        }
        !proposed
    });
    additions.retain(|(addition, _)| {
        let case = options.forbidden.iter().find(|(origin, _)| *origin == addition.origin);
        if let Some((_, case)) = case {
            let why = format!("the test case `{}` rejects it", crate::shown(case));
            leave(&mut left_out, addition, Because::Refused, &why);
        }
        case.is_none()
    });
    additions.sort_by(|(one, _), (other, _)| {
        other.decisions().cmp(&one.decisions()).then_with(|| one.origin.cmp(&other.origin))
    });
    for (addition, _) in additions.split_off(additions.len().min(MOST)) {
        let why = format!(
            "at most {MOST} origins are suggested at once: add these first, or select it with `--origin`"
        );
        leave(&mut left_out, &addition, Because::Beyond, &why);
    }
    refuse_bad(source, options, &mut additions, &mut left_out)?;
    let text = written(source.text(), &additions, &places, false).ok_or(Unsound::MissingPlace)?;
    let patched = verify::hold(source, &text, &compiled, &additions, options)?;
    let additions: Vec<_> = additions.into_iter().map(|(addition, _)| addition).collect();
    let cases = cases::write(&additions, &patched, options);
    // Attacks first, and within each kind the most rejected first.
    left_out.sort_by_key(|left| (left.because, core::cmp::Reverse(left.decisions)));
    Ok(Suggestions { additions, left_out, text, cases })
}

/// The entries of the policy in all its environments, each once.
fn everywhere(source: &Source, compiled: &EnvironmentPolicy, environment: Option<&str>) -> BTreeSet<String> {
    let mut all: BTreeSet<String> =
        judge::entries(compiled.document()).into_iter().map(str::to_owned).collect();
    let others = insertion_point::environments(source.text()).into_iter().map(Some).chain([None]);
    let others = others.filter(|name| name.as_deref() != environment);
    // An environment that does not compile cannot be in use.
    for other in others.filter_map(|name| EnvironmentPolicy::new(source, name.as_deref()).ok()) {
        all.extend(judge::entries(other.document()).into_iter().map(str::to_owned));
    }
    all
}

pub(crate) type Placed<'p> = (Addition, &'p InsertionPoint);

/// Finds a place for each wanted origin, and judges its risk.
fn placed<'p>(
    wanted: &Wanted,
    places: &'p [InsertionPoint],
    listed: &ListedDomains,
    options: &SuggestOptions<'_>,
    left_out: &mut Vec<LeftOut>,
) -> Vec<Placed<'p>> {
    let mut additions = Vec::new();
    for (origin, refused) in wanted {
        let Ok(parsed) = Origin::parse(origin) else { continue };
        let routes: BTreeSet<_> = refused.iter().map(|on| on.route.clone()).collect();
        let chosen = match options.into {
            None => insertion_point::narrowest(places, &routes),
            Some(list) => {
                let given = places.iter().filter(|place| place.list() == Some(list));
                let covered = |place: &InsertionPoint| place.opens.intersection(&routes).cloned().collect();
                let useful = given.map(|place| (place, covered(place)));
                useful.filter(|(_, covered): &(_, BTreeSet<String>)| !covered.is_empty()).collect()
            }
        };
        let reached: BTreeSet<_> = chosen.iter().flat_map(|(_, covered)| covered).cloned().collect();
        for on in refused.iter().filter(|on| !reached.contains(&on.route)) {
            let why = match options.into {
                Some(list) => format!("route `{}` does not name `@{list}`", on.route),
                None => format!("route `{}` has no list to which it can be added", on.route),
            };
            left_out.push(left(origin, on, Because::Route, &why));
        }
        for (narrowest, covered) in chosen {
            let Chosen { place, unclear } = match options.into {
                Some(_) => Chosen { place: narrowest, unclear: Vec::new() },
                None => kin::choose(places, narrowest, &covered, origin),
            };
            let on: Vec<_> = refused.iter().filter(|on| covered.contains(&on.route)).cloned().collect();
            let others: Vec<_> = place.opens.difference(&routes).cloned().collect();
            let mut warnings = risk::of_origin(
                &parsed,
                &Circumstances {
                    listed,
                    credentials: place.credentials,
                    vouched: options.vouches_for(origin),
                    usual_loopback: place.has_loopback,
                },
            );
            if !others.is_empty() {
                warnings.push(Warning::AlsoOpens { routes: others.clone() });
            }
            if !unclear.is_empty() {
                let lists = std::iter::once(&place).chain(&unclear).filter_map(|place| place.list());
                warnings.push(Warning::UnclearList { lists: lists.map(str::to_owned).collect() });
            }
            warnings.extend(confidence(refused));
            let risk = warnings.iter().map(Warning::risk).max().unwrap_or(Risk::Low);
            let instead = places.iter().filter(|other| {
                other.list() != place.list() && covered.iter().all(|route| other.opens.contains(route))
            });
            let mut target = place.target.clone();
            if let Target::KvKeys { key, .. } = &mut target {
                key.push_str(origin);
            }
            let addition = Addition {
                origin: origin.clone(),
                refused: on,
                target,
                also_opens: others,
                risk,
                warnings,
                live: risk < Risk::High && unclear.is_empty(),
                instead: instead.filter_map(InsertionPoint::list).map(str::to_owned).collect(),
            };
            additions.push((addition, place));
        }
    }
    additions
}

/// Warnings about how far the figures can be trusted.
fn confidence(refused: &[RefusedOn]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let rows = refused.iter().fold(0_u64, |sum, on| sum.saturating_add(on.rows));
    if rows < FEW {
        warnings.push(Warning::FewRecords { rows });
    }
    let first = refused.iter().filter_map(|on| seconds(&on.first_seen)).min();
    let last = refused.iter().filter_map(|on| seconds(&on.last_seen)).max();
    if let (Some(first), Some(last)) = (first, last)
        && last.saturating_sub(first) < BURST
    {
        warnings.push(Warning::OneBurst);
    }
    let most = refused.iter().map(|on| on.decisions).max().unwrap_or_default();
    let least = refused.iter().map(|on| on.decisions).min().unwrap_or_default();
    if refused.len() >= SWEEP && most <= least.saturating_mul(2) {
        warnings.push(Warning::Sweep { routes: refused.len() });
    }
    warnings
}

/// Converts a checked time to seconds. Every month counts as 31 days. That is exact within a month and never makes
/// times in different months closer than they are.
fn seconds(moment: &str) -> Option<i64> {
    let number = |at: core::ops::Range<usize>| moment.get(at)?.parse::<i64>().ok();
    let days = (number(0..4)? * 12 + number(5..7)?) * 31 + number(8..10)?;
    Some(((days * 24 + number(11..13)?) * 60 + number(14..16)?) * 60 + number(17..19)?)
}

fn left(origin: &str, on: &RefusedOn, because: Because, why: &str) -> LeftOut {
    LeftOut {
        origin: origin.to_owned(),
        route: Some(on.route.clone()),
        reason: corsgate_policy::Reason::OriginNotListed.name().to_owned(),
        decisions: on.decisions,
        because,
        why: why.to_owned(),
    }
}

fn leave(left_out: &mut Vec<LeftOut>, addition: &Addition, because: Because, why: &str) {
    left_out.extend(addition.refused.iter().map(|on| left(&addition.origin, on, because, why)));
}

/// The line of an origin in an array, commented out unless `live`.
fn line_of(addition: &Addition, live: bool) -> String {
    let mark = if live { "" } else { "# " };
    // The grammar of origins has no character that a TOML string would have to escape.
    format!("{mark}\"{}\",", addition.origin)
}

fn is_proposed(text: &str, place: &InsertionPoint, origin: &str) -> bool {
    let array = place.array.as_ref().and_then(|array| text.get(array.span.clone()));
    let line = format!("# \"{origin}\",");
    array.is_some_and(|array| array.lines().any(|written| written.trim() == line))
}

/// Writes the additions that belong into the file. With `all`, none is commented out. One that could belong to several
/// lists is proposed, commented out, in each of them that is in `places`.
pub(crate) fn written(
    text: &str,
    additions: &[Placed<'_>],
    places: &[InsertionPoint],
    all: bool,
) -> Option<String> {
    let mut lines: BTreeMap<&Target, (&InsertionPoint, Vec<String>)> = BTreeMap::new();
    for (addition, place) in additions {
        let lists = addition.unclear_lists();
        let also = |other: &&InsertionPoint| {
            other.target != addition.target
                && other.list().is_some_and(|list| lists.iter().any(|name| name == list))
        };
        for place in core::iter::once(*place).chain(places.iter().filter(also)) {
            if !place.target.is_in_policy() {
                continue;
            }
            let (_, lines) = lines.entry(&place.target).or_insert((place, Vec::new()));
            lines.push(format!("# {}", addition.comment()));
            lines.push(line_of(addition, addition.live || all));
        }
    }
    let mut insertions = Vec::new();
    for (place, lines) in lines.values() {
        insertions.extend(lines_into(text, place.array.as_ref()?, lines)?);
    }
    Some(apply(text, insertions))
}

/// Removes additions that the policy cannot hold or that cause a finding. All are checked as if they were in force.
fn refuse_bad(
    source: &Source,
    options: &SuggestOptions<'_>,
    additions: &mut Vec<Placed<'_>>,
    left_out: &mut Vec<LeftOut>,
) -> Result<(), Unsound> {
    let known = findings(source.name(), source.text(), options)?;
    let objection = |some: &[Placed<'_>]| -> Result<Option<String>, Unsound> {
        let text = written(source.text(), some, &[], true).ok_or(Unsound::MissingPlace)?;
        let found = findings(source.name(), &text, options)?;
        Ok(found.into_iter().find(|finding| !known.contains(finding)))
    };
    let in_kv = |addition: &Addition| match &addition.target {
        Target::KvList { .. } => {
            parse_line(&addition.origin, ListPatterns::Exact).err().map(|error| error.to_string())
        }
        _ => None,
    };
    let all_fine = objection(additions)?.is_none();
    let count = additions.len();
    let mut kept = Vec::new();
    for placed in core::mem::take(additions) {
        let why = match in_kv(&placed.0) {
            None if all_fine => None,
            None => objection(core::slice::from_ref(&placed))?,
            some => some,
        };
        match why {
            Some(why) => {
                leave(left_out, &placed.0, Because::Refused, &format!("`corsgate check` would say: {why}"))
            }
            None => kept.push(placed),
        }
    }
    let is_checked = all_fine && kept.len() == count;
    *additions = kept;
    if is_checked {
        return Ok(());
    }
    // Each addition is fine alone, but all of them together may not be.
    match objection(additions)? {
        Some(why) => Err(Unsound::Finding(why)),
        None => Ok(()),
    }
}

/// The errors and warnings of a policy, without their positions, which additions move.
fn findings(name: &str, text: &str, options: &SuggestOptions<'_>) -> Result<BTreeSet<String>, Unsound> {
    let source = source_of(name, text)?;
    let checked = check(&source, options.environment, Some(options.today));
    let grave = checked.report.findings().iter().filter(|finding| finding.severity != Severity::Info);
    Ok(grave.map(|finding: &Finding| format!("{}, {}", finding.code, finding.message)).collect())
}

pub(crate) fn source_of(name: &str, text: &str) -> Result<Source, Unsound> {
    Source::from_bytes(name, text.as_bytes().to_vec()).map_err(Unsound::Source)
}
