//! The rules of one list of a bucket. A bucket takes the first rule that has the origin, the method and the headers of a
//! request; a route of a policy has one block of CORS, so that several rules become one that each of them has all of.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::configuration::bucket::{BUCKET, only_listed};
use crate::configuration::cors;
use crate::model::{Names, OriginSaid, Rule};
use crate::place::Said;
use crate::report::{About, Class};

/// The rules as they are carried over: those that differ only in their origins are one, and so are all if they are of a
/// bucket.
pub(super) fn joined(rules: Vec<Rule>) -> Vec<Rule> {
    let mut all: Vec<Rule> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for rule in rules {
        match known.get(&said(&rule)).copied().and_then(|at| all.get_mut(at)) {
            Some(first) => first.origins.extend(rule.origins),
            None => {
                known.insert(said(&rule), all.len());
                all.push(rule);
            }
        }
    }
    if all.len() > 1 && all.iter().all(|rule| rule.what == BUCKET) { vec![one(all)] } else { all }
}

/// What a rule says beside its origins, without where.
fn said(rule: &Rule) -> String {
    let names = |names: &Names| {
        let listed: BTreeSet<_> = names.listed.iter().map(|it| it.value.to_ascii_lowercase()).collect();
        let unreadable: Vec<_> = names.unreadable.iter().map(|it| (&it.value, &it.place)).collect();
        format!("{listed:?} {:?} {unreadable:?}", names.all.as_ref().map(|it| it.value))
    };
    format!(
        "{} {} {} {:?} {:?} {:?}",
        names(&rule.methods),
        names(&rule.request_headers),
        names(&rule.exposed_headers),
        rule.credentials.value,
        rule.max_age.as_ref().map(|it| &it.value),
        rule.remarks.iter().map(|it| &it.value).collect::<Vec<_>>(),
    )
}

/// The origins of all rules, with what all rules allow. If there is no method that all have, the first rule alone.
fn one(rules: Vec<Rule>) -> Rule {
    let methods = common(rules.iter().map(|rule| &rule.methods), About::Methods);
    if methods.listed.is_empty() && methods.all.is_none() {
        return first(rules);
    }
    let request_headers = common(rules.iter().map(|rule| &rule.request_headers), About::RequestHeaders);
    let exposed_headers = common(rules.iter().map(|rule| &rule.exposed_headers), About::ExposedHeaders);
    let max_age = rules
        .iter()
        .map(|rule| rule.max_age.as_ref())
        .min_by_key(|said| said.map_or(Some(i64::MIN), |said| said.value.as_ref().ok().copied()));
    let max_age = max_age.flatten().cloned();
    let credentials = rules.iter().map(|rule| &rule.credentials).min_by_key(|it| match it.value {
        Some(false) => 0,
        None => 1,
        Some(true) => 2,
    });
    let credentials = credentials.cloned();
    let mut rules = rules.into_iter();
    let Some(mut joined) = rules.next() else { return Rule::new("", &crate::place::Place::whole("")) };
    let kept = [
        (About::Methods, methods),
        (About::RequestHeaders, request_headers),
        (About::ExposedHeaders, exposed_headers),
    ];
    let mut remarks = lost(&joined, &kept);
    for rule in rules {
        remarks.extend(lost(&rule, &kept));
        joined.origins.extend(rule.origins);
        for remark in rule.remarks {
            if !joined.remarks.iter().any(|it| it.value == remark.value) {
                joined.remarks.push(remark);
            }
        }
    }
    joined.remarks.extend(remarks);
    let [(_, methods), (_, request_headers), (_, exposed_headers)] = kept;
    (joined.methods, joined.request_headers, joined.exposed_headers) =
        (methods, request_headers, exposed_headers);
    only_listed(&mut joined);
    joined.max_age = max_age;
    if let Some(credentials) = credentials {
        joined.credentials = credentials;
    }
    joined
}

/// The first rule, which says what of the others is lost.
fn first(rules: Vec<Rule>) -> Rule {
    let mut rules = rules.into_iter();
    let Some(mut first) = rules.next() else { return Rule::new("", &crate::place::Place::whole("")) };
    for rule in rules {
        let message = format!(
            "a route has the same methods for all of its origins, and no method is in all rules of this list: {} left out with {}",
            origins(&rule, "is", "are"),
            names(&rule.methods)
        );
        let advice = "Give the requests of these pages a path or a host of their own.";
        cors::remark(&mut first, Class::Stricter, About::Origins, &rule.place, &message, advice);
    }
    first
}

/// What the origins of a rule may do in the source, and no longer may.
fn lost(rule: &Rule, kept: &[(About, Names); 3]) -> Vec<Said<crate::model::Remark>> {
    let mut told = Rule::new("", &rule.place);
    for ((about, kept), own) in kept.iter().zip([&rule.methods, &rule.request_headers, &rule.exposed_headers])
    {
        let there = folded(kept, *about);
        let mut missing = own.clone();
        missing.listed.retain(|it| kept.all.is_none() && !there.contains(&fold(&it.value, *about)));
        missing.all = missing.all.filter(|_| kept.all.is_none());
        if missing.listed.is_empty() && missing.all.is_none() {
            continue;
        }
        let what = match about {
            About::Methods => "methods",
            About::RequestHeaders => "request headers",
            _ => "exposed headers",
        };
        let message = format!(
            "a route has the same {what} for all of its origins: {} {}, which another rule of this list does not allow",
            origins(rule, "loses", "lose"),
            names(&missing)
        );
        let advice = "Give the requests that need them a path or a host of their own.";
        cors::remark(&mut told, Class::Stricter, *about, &rule.place, &message, advice);
    }
    told.remarks
}

/// The origins of a rule, with a verb.
fn origins(rule: &Rule, one: &str, many: &str) -> String {
    let shown: Vec<_> = rule
        .origins
        .iter()
        .map(|it| match &it.value {
            OriginSaid::Exact(text) => format!("`{}`", crate::shown::origin(text)),
            OriginSaid::Any | OriginSaid::Reflected => "every origin".to_owned(),
            OriginSaid::Matching(expression) => format!("`{}`", expression.shown()),
            OriginSaid::Unreadable(what) => what.clone(),
        })
        .collect();
    let verb = if shown.len() == 1 { one } else { many };
    format!("{} {verb}", few(shown))
}

fn names(names: &Names) -> String {
    let all = names.all.as_ref().map(|_| "all others".to_owned());
    let listed = names.listed.iter().map(|it| format!("`{}`", crate::shown::name(&it.value)));
    few(listed.chain(all).collect())
}

/// At most this many of a list are named.
const MOST: usize = 10;

fn few(mut shown: Vec<String>) -> String {
    let more = shown.len().saturating_sub(MOST);
    shown.truncate(MOST);
    let text = shown.join(", ");
    if more > 0 { format!("{text} and {more} more") } else { text }
}

/// Names of headers are compared in any case, and methods letter by letter.
fn fold(name: &str, about: About) -> String {
    if about == About::Methods { name.to_owned() } else { name.to_ascii_lowercase() }
}

fn folded(names: &Names, about: About) -> HashSet<String> {
    names.listed.iter().map(|it| fold(&it.value, about)).collect()
}

/// The names that all lists have. `*` has every name but `authorization`.
fn common<'n>(lists: impl Iterator<Item = &'n Names>, about: About) -> Names {
    let mut lists = lists.cloned();
    let mut common = lists.next().unwrap_or_default();
    for other in lists {
        let (own, theirs) = (folded(&common, about), folded(&other, about));
        let by_star = |names: &Names, name: &str| names.all.is_some() && name != "authorization";
        let mut listed = core::mem::take(&mut common.listed);
        listed.retain(|it| {
            let name = fold(&it.value, about);
            theirs.contains(&name) || by_star(&other, &name)
        });
        let theirs_all = other.all.is_some();
        listed.extend(other.listed.into_iter().filter(|it| {
            let name = fold(&it.value, about);
            !own.contains(&name) && by_star(&common, &name)
        }));
        common.listed = listed;
        common.all = common.all.filter(|_| theirs_all);
        common.unreadable.extend(other.unreadable);
    }
    common
}
