//! The state of the gateway: `GET /api/status`.

use corsgate_policy::policy::document::Mode;
use corsgate_policy::{KvList, Policy, Reason, Route};
use js_sys::Date;
use serde::Serialize;
use wasm_bindgen::JsValue;

use super::problem;
use crate::exchange::{Exchange, Missing};
use crate::kv::list_store::{self, StoredList};
use crate::kv::policy_store::{self, Stored};
use crate::platform::variables::variable;
use crate::records::log::IgnoredLine;
use crate::wire::learned::Learned;
use crate::wire::reply;

#[derive(Serialize)]
struct Status<'a> {
    version: u32,
    policy: PolicyStatus<'a>,
    lists: Vec<ListStatus<'a>>,
    analytics: Option<&'static str>,
}

#[derive(Serialize)]
pub(super) struct PolicyStatus<'a> {
    id: Option<&'a str>,
    age_seconds: Option<u64>,
    copy: Option<&'static str>,
    /// Why there is no policy.
    reason: Option<&'static str>,
    routes: usize,
    report_routes: Vec<&'a str>,
}

#[derive(Serialize)]
pub(super) struct ListStatus<'a> {
    name: &'a str,
    key: &'a str,
    state: ListState,
    age_seconds: Option<u64>,
    entries: Option<usize>,
    bad_lines: usize,
    first_bad_lines: Vec<IgnoredLine>,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum ListState {
    Ok,
    /// KV has no such key: the list is empty.
    Missing,
    /// KV does not answer, and this isolate has no copy.
    Unavailable,
}

/// For the admin API: the `reply` with the status of the gateway in this isolate. `limiter` and `store` are JSON from
/// JavaScript; `learned` holds what was read since `began`.
///
/// The first module exports it: it is that one's copies that serve requests.
#[cfg_attr(feature = "requests", wasm_bindgen::prelude::wasm_bindgen)]
#[must_use]
pub fn admin_status(
    env: JsValue,
    context: JsValue,
    limiter: &str,
    store: &str,
    began: f64,
    learned: &str,
) -> String {
    let learned = match Learned::read(learned) {
        Ok(learned) => learned,
        Err(malformed) => return problem::malformed(malformed),
    };
    let exchange = Exchange::of_nobody(env, context, began, learned);
    let mut missing = Missing::default();
    let Some(stored) = exchange.policy_in_force(&mut missing) else {
        return exchange.reply_missing(&missing);
    };
    let named: Vec<_> = stored.policy.iter().flat_map(Policy::kv_lists).collect();
    let lists = exchange.lists(named.iter().map(|(_, list)| *list), &mut missing);
    if !missing.is_empty() {
        return exchange.reply_missing(&missing);
    }
    let lists = named.iter().zip(&lists);
    let lists = lists.map(|((name, list), stored)| list_status(name, list, stored.as_deref()));
    let status = Status {
        version: 1,
        policy: policy_status(&stored),
        lists: lists.collect(),
        analytics: analytics(&exchange.env),
    };
    with_member(with_member(reply::answer(200, &status), "limiter", limiter), "store", store)
}

/// What is in force.
pub(super) fn policy_status(stored: &Stored) -> PolicyStatus<'_> {
    let policy = stored.policy.as_ref().ok();
    let routes = policy.map(Policy::routes).unwrap_or_default();
    let reports = |route: &&Route| route.mode() == Mode::Report;
    PolicyStatus {
        id: policy.map(Policy::id).filter(|id| !id.is_empty()),
        age_seconds: policy_store::age(Date::now()).map(seconds),
        copy: stored.copy(),
        reason: stored.policy.as_ref().err().copied().map(Reason::name),
        routes: routes.len(),
        report_routes: routes.iter().filter(reports).map(Route::name).collect(),
    }
}

/// The copy of a list.
pub(super) fn list_status<'a>(
    name: &'a str,
    list: &'a KvList,
    stored: Option<&StoredList>,
) -> ListStatus<'a> {
    let state = match stored {
        None => ListState::Unavailable,
        Some(stored) if stored.is_missing() => ListState::Missing,
        Some(_) => ListState::Ok,
    };
    let text = stored.map(|stored| &stored.list);
    ListStatus {
        name,
        key: &list.key,
        state,
        age_seconds: stored.and_then(|_| list_store::age(list, Date::now())).map(seconds),
        entries: text.map(|text| text.origins.len()),
        bad_lines: text.map_or(0, |text| text.bad_line_count),
        first_bad_lines: text
            .map(|text| text.bad_lines.iter().map(IgnoredLine::from).collect())
            .unwrap_or_default(),
    }
}

/// Which source reports are made from.
fn analytics(env: &JsValue) -> Option<&'static str> {
    let variable = variable(env, "ANALYTICS")?;
    ["embedded", "engine"].into_iter().find(|known| *known == variable)
}

/// Adds a member to a JSON object, before the brace that ends it.
fn with_member(mut answer: String, name: &str, json: &str) -> String {
    if answer.pop().is_some() {
        answer.push_str(&format!(",\"{name}\":{json}}}"));
    }
    answer
}

/// Milliseconds to whole seconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "float casts saturate; a clock that was set back reads as no age"
)]
fn seconds(milliseconds: f64) -> u64 {
    (milliseconds / 1000.0) as u64
}
