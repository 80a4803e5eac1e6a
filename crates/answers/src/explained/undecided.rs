//! Refusals that a list in KV that was not given could turn into an allowance.

use corsgate_explain::{End, PageExplanation, PageRequest, Unknown};
use corsgate_policy::kv::list_key;
use corsgate_policy::{Policy, Reason, Route};

use super::Conclusion;
use crate::trace::Texts;

/// The end of a request that cannot be decided, for programs.
pub(super) const UNDECIDED: &str = "undecided";

/// Takes back a refusal that depends on lists that were not given, and names the options that give them.
pub(super) fn take_back(
    conclusion: &mut Conclusion,
    request: &PageRequest,
    explained: &PageExplanation<'_>,
    texts: &Texts<'_>,
) {
    let (End::Refused(reason) | End::Stripped(reason) | End::LeftToUpstream(Some(reason))) = explained.end
    else {
        return;
    };
    if !matches!(reason, Reason::OriginNotListed | Reason::OriginExpired) {
        return;
    }
    let names = missing(request, explained, texts.compiled.policy());
    if names.is_empty() {
        return;
    }
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    let (lists, were) = match names.len() {
        1 => (format!("the list {} in KV", quoted.concat()), "was"),
        _ => (format!("the lists {} in KV", quoted.join(", ")), "were"),
    };
    // Lists are beside the policy, as `corsgate init` writes them.
    let folder = texts.policy.name().trim_end_matches(|letter| !matches!(letter, '/' | '\\'));
    let options: Vec<_> = names.iter().map(|name| format!("--list {name}={folder}{name}.txt")).collect();
    let depends = format!("depends on {lists}, which {were} not given: add `{}`", options.join(" "));
    if matches!(explained.end, End::LeftToUpstream(_)) {
        let route = explained.steps.last().and_then(|step| step.decision.route);
        conclusion.verdict = format!(
            "left to the upstream: the route `{}` only reports; whether it would refuse if it enforced {depends}",
            route.map(Route::name).unwrap_or_default()
        );
        return;
    }
    conclusion.verdict = format!("cannot tell: the decision {depends}");
    conclusion.end = UNDECIDED;
    let advice = conclusion.advice.take().unwrap_or_default();
    conclusion.advice = Some(format!("If the origin is not listed there: `{reason}`. {advice}"));
    (conclusion.decided_by, conclusion.console) = (None, None);
}

/// The lists that were not given and could have the origin, by name. A route ignores the lines that it does not accept.
fn missing<'a>(request: &PageRequest, explained: &'a PageExplanation<'_>, policy: &Policy) -> Vec<&'a str> {
    let could_have = |name: &str| {
        let key = list_key(name);
        let mut lists = policy.kv_lists().filter(|(_, list)| list.key == key);
        lists.any(|(_, list)| list.read(request.origin()).bad_line_count == 0)
    };
    let lists = explained.unknown.iter().filter_map(|unknown| match unknown {
        Unknown::List(name) => Some(name.as_str()),
        Unknown::Key(_) => None,
    });
    lists.filter(|name| could_have(name)).collect()
}
