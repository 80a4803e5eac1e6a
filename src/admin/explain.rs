//! What the gateway would do with a described request, and why: `POST /api/explain`.
//!
//! `describing.js` turns the description into a request of the platform, which is then gathered, examined and decided like any
//! other. It is not counted, forwarded or recorded.

use corsgate_policy::grammar::day::Day;
use corsgate_policy::grammar::token;
use corsgate_policy::{Explanation, Facts};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::{host, problem};
use crate::exchange::{Exchange, Missing};
use crate::platform::request;
use crate::wire::learned::Learned;
use crate::wire::{gathered, reply};

#[wasm_bindgen(module = "/src/admin/describing.js")]
extern "C" {
    type Described;

    fn describe(description: &str) -> Described;
    fn wrong(field: &str, detail: &str) -> String;
    #[wasm_bindgen(js_name = wrongDay)]
    fn wrong_day(day: &str, error: &str) -> String;

    #[wasm_bindgen(method, getter)]
    fn request(this: &Described) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn today(this: &Described) -> Option<String>;
}

/// For `describing.js`: whether a text is valid as a method or a header name.
#[wasm_bindgen]
#[must_use]
pub fn is_token(text: &str) -> bool {
    token::is_token(text.as_bytes())
}

/// For the admin API: the `reply` that explains a described request. `learned` holds what was read for it since `began`.
#[wasm_bindgen]
#[must_use]
pub fn admin_explain(env: JsValue, context: JsValue, description: &str, began: f64, learned: &str) -> String {
    #[cfg(feature = "planted-panic")]
    crate::platform::planted_panic::strike_at(description);
    let described = describe(description);
    if let Some(wrong) = described.as_string() {
        return wrong;
    }
    let day = described.today();
    let today = match day.as_deref().map(Day::parse).transpose() {
        Ok(today) => today,
        Err(error) => return wrong_day(&day.unwrap_or_default(), &error.to_string()),
    };
    let request = described.request();
    let message = gathered::gather(&request);
    if host::is_admin_host(&env, &message) {
        return wrong("url", "`url` is of `ADMIN_HOST`, where no policy decides: write one of another host");
    }
    let (facts, learned) = match (gathered::read(&message), Learned::read(learned)) {
        (Ok(facts), Ok(learned)) => (facts, learned),
        (Err(malformed), _) | (_, Err(malformed)) => return problem::malformed(malformed),
    };
    let exchange = Exchange::resumed(request, String::new(), env, context, began, learned);
    let today = today.unwrap_or_else(|| exchange.today());
    let mut missing = Missing::default();
    let Some(stored) = exchange.policy_in_force(&mut missing) else {
        return exchange.reply_missing(&missing);
    };
    let header_names = &request::header_names(&exchange.request);
    let facts = facts.map(|facts| Facts { header_names, ..facts });
    let examined = match exchange.examine(&stored, facts.as_ref()) {
        Err(refusal) => {
            return reply::answer(200, &Explanation::without_policy(&refusal, facts.as_ref()));
        }
        Ok(examined) => examined,
    };
    let lookups = examined.lists(today);
    let lists = exchange.lists(lookups.iter().map(|lookup| lookup.list), &mut missing);
    let answers = exchange.answers(&examined, &lookups, &lists, today, &mut missing);
    if !missing.is_empty() {
        return exchange.reply_missing(&missing);
    }
    reply::answer(200, &Explanation::new(&examined, &answers, today))
}
