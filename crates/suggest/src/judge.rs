//! Decides row by row what can be suggested, and why the rest is left out.

use std::collections::BTreeMap;

use corsgate_authoring::EnvironmentPolicy;
use corsgate_explain::Kv;
use corsgate_policy::Reason;
use corsgate_policy::origin::Origin;

use crate::attack;
use crate::candidate::{Because, LeftOut, RefusedOn};
use crate::refusal::Refusal;
use crate::request::{Asked, Decided, asked_of, decided};
use crate::shown::shown;
use crate::suggest::SuggestOptions;
use corsgate_policy::policy::document::{AllowlistDocument, Document, EntryDocument};

/// Origins that could be allowed, each with the routes that rejected it.
pub(crate) type Wanted = BTreeMap<String, Vec<RefusedOn>>;

/// The entries of a policy: those of its lists, its routes and its defaults.
pub(crate) fn entries(document: &Document) -> Vec<&str> {
    let rules = document.routes.iter().filter_map(|route| route.cors.as_ref()).chain(&document.default_cors);
    let inline = rules.flat_map(|cors| &cors.origins);
    let lists = document.allowlists.values().filter_map(|list| match list {
        AllowlistDocument::Entries(entries) => Some(entries),
        _ => None,
    });
    let texts = inline.chain(lists.flatten()).map(EntryDocument::origin);
    texts.filter(|text| !text.starts_with('@') && *text != "*").collect()
}

/// Separates the rows that can be suggested from the others. `entries` are those of all environments.
pub(crate) fn rows(
    rows: &[Refusal],
    compiled: &EnvironmentPolicy,
    entries: &[&str],
    options: &SuggestOptions<'_>,
) -> (Wanted, Vec<LeftOut>) {
    let mut wanted = Wanted::new();
    let mut left_out = Vec::new();
    let mut requests: BTreeMap<&str, Option<Asked>> = BTreeMap::new();
    for row in rows.iter().filter(|row| options.takes(row)) {
        let asked = row
            .route
            .as_deref()
            .and_then(|route| requests.entry(route).or_insert_with(|| asked_of(compiled, route)).clone());
        match why_not(row, compiled, options, entries, asked.as_ref()) {
            Some((because, why)) => left_out.push(LeftOut {
                origin: row.origin.clone(),
                route: row.route.clone(),
                reason: row.reason.clone(),
                decisions: row.decisions,
                because,
                why,
            }),
            None => wanted.entry(row.origin.clone()).or_default().push(RefusedOn {
                route: row.route.clone().unwrap_or_default(),
                decisions: row.decisions,
                rows: row.rows,
                first_seen: row.first_seen.clone(),
                last_seen: row.last_seen.clone(),
            }),
        }
    }
    rare(&mut wanted, &mut left_out, options);
    (wanted, left_out)
}

/// Removes origins that were rejected too rarely, counted over all their routes.
fn rare(wanted: &mut Wanted, left_out: &mut Vec<LeftOut>, options: &SuggestOptions<'_>) {
    let is_rare = |origin: &String, on: &Vec<RefusedOn>| {
        let decisions = on.iter().fold(0_u64, |sum, on| sum.saturating_add(on.decisions));
        decisions < options.min_count && !options.vouches_for(origin)
    };
    for (origin, refused) in core::mem::take(wanted) {
        if !is_rare(&origin, &refused) {
            wanted.insert(origin, refused);
            continue;
        }
        left_out.extend(refused.into_iter().map(|on| LeftOut {
            origin: origin.clone(),
            route: Some(on.route),
            reason: Reason::OriginNotListed.name().to_owned(),
            decisions: on.decisions,
            because: Because::Rare,
            why: format!(
                "it was refused fewer than {} times: `--min-count` lowers the limit, and `--origin` selects this origin",
                options.min_count
            ),
        }));
    }
}

/// Why a row is not suggested.
fn why_not(
    row: &Refusal,
    compiled: &EnvironmentPolicy,
    options: &SuggestOptions<'_>,
    entries: &[&str],
    asked: Option<&Asked>,
) -> Option<(Because, String)> {
    let not = |because, why: &str| Some((because, why.to_owned()));
    if row.origin == "null" {
        return not(
            Because::NoOrigin,
            "`null` identifies no site, so it is never suggested: serve the page from an origin of its own",
        );
    }
    if let Some(why) = attack::derived_from(&row.origin, entries) {
        let by_hand = match Origin::parse(&row.origin) {
            Ok(_) => "; if you want to allow it anyway, write it into the policy by hand",
            Err(_) => "",
        };
        return Some((Because::Attack, format!("{why}{by_hand}")));
    }
    if row.origin.is_empty() {
        return not(Because::NoOrigin, "the request had no origin");
    }
    if let Err(error) = Origin::parse(&row.origin) {
        return Some((Because::NoOrigin, format!("no browser sends it: {error}")));
    }
    let reason = Reason::from_name(&row.reason);
    let enforced = |name: &str| {
        let rules = compiled.document().routes.iter().find(|route| route.name == name)?.cors.as_ref()?;
        rules.enforce_methods.then_some(name.to_owned())
    };
    if let (Some(Reason::MethodNotAllowed), Some(name)) = (reason, row.route.as_deref().and_then(enforced)) {
        let why = format!(
            "the report does not say which method, and `{name}` has `enforce_methods`, so it can be GET, HEAD or POST too: find it with `corsgate explain`, and add it to `methods` if pages of other origins may use it"
        );
        return Some((Because::OtherReason, why));
    }
    if reason != Some(Reason::OriginNotListed) {
        return Some((Because::OtherReason, instead(reason, &row.reason)));
    }
    let Some(name) = row.route.as_deref() else {
        return not(Because::Route, "no route matched the request");
    };
    let Some(route) = compiled.document().routes.iter().find(|route| route.name == name) else {
        return Some((Because::Route, format!("this policy has no route `{}`", shown(name))));
    };
    if route.cors.is_none() {
        let why = format!("`{name}` allows no other origins (it has no `cors`): give it CORS rules first");
        return Some((Because::Route, why));
    }
    let Some(asked) = asked else {
        return Some((Because::Route, format!("no request was found with which `{name}` can be tested")));
    };
    match decided(compiled.policy(), asked, &row.origin, &Kv::default(), options.today) {
        Decided::Refused(Reason::OriginNotListed) => None,
        Decided::Allowed => not(
            Because::Allowed,
            "this policy already allows it: the refusal is from an older policy or another environment",
        ),
        Decided::Refused(other) => Some((Because::OtherReason, instead(Some(other), other.name()))),
        Decided::Otherwise => not(Because::Refused, "no browser would send such a request"),
    }
}

/// What an operator can do about a reason that a new list entry does not remove.
fn instead(reason: Option<Reason>, name: &str) -> String {
    match reason {
        Some(Reason::OriginExpired) => "it is listed, but has expired: give it a later `expires` if it should still be allowed",
        Some(Reason::MethodNotAllowed) => {
            "the report does not say which method: find it with `corsgate explain`, and add it to `methods`"
        }
        Some(Reason::HeaderNotAllowed) => {
            "the report does not say which header: find it with `corsgate explain`, and add it to `request_headers`"
        }
        Some(Reason::WebsocketOriginMissing) => {
            "the client is not a browser: let it send a listed `Origin`, or set `require_origin = false`"
        }
        Some(Reason::RateLimited) => "it is over a limit: see `[[routes.limits]]`",
        Some(reason) => return format!("`{}`: {}", reason.name(), reason.detail()),
        None if name.is_empty() => "the record has no reason",
        None => return format!("this version does not know the reason `{}`", shown(name)),
    }
    .to_owned()
}
