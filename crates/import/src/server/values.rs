//! What the values of headers say.

use corsgate_policy::origin::Origin;

use crate::model::{All, Names, OriginSaid, Rule};
use crate::place::{Place, Said};
use crate::server::answer::Answer;
use crate::server::pages::{ASKED_HEADERS, ASKED_METHOD, has_marker};

/// Takes a value of `Access-Control-Allow-Origin` that no origin is equal to.
pub(super) fn self_said(rule: &mut Rule, value: &str, place: &Place) {
    let value = value.trim();
    if value.is_empty() || has_marker(value) || matches!(value, "*" | "null") || Origin::parse(value).is_ok()
    {
        return;
    }
    let said = Said::new(OriginSaid::Exact(value.to_owned()), place);
    if !rule.origins.contains(&said) {
        rule.origins.push(said);
    }
}

/// The values of all headers of a name, as one; `Err` is what they depend on.
pub(super) fn values(answer: &Answer, name: &str) -> Result<String, String> {
    let values: Result<Vec<_>, _> = answer.all(name).map(|sent| sent.value.clone()).collect();
    values.map(|values| values.join(", "))
}

/// The names in a value.
pub(super) fn names(value: &Result<String, String>, place: &Place) -> Names {
    match value {
        Err(what) => Names::unreadable(what.clone(), place),
        Ok(value) if value == ASKED_HEADERS || value == ASKED_METHOD => {
            Names { all: Some(Said::new(All::Asked, place)), ..Names::default() }
        }
        Ok(value) if has_marker(value) => {
            // What is asked for, and more: all of it.
            let all = value.split(',').any(|part| matches!(part.trim(), ASKED_HEADERS | ASKED_METHOD));
            match all {
                true => Names { all: Some(Said::new(All::Asked, place)), ..Names::default() },
                false => {
                    Names::unreadable("a text that has something of the request in it".to_owned(), place)
                }
            }
        }
        Ok(value) => Names::of_value(value, place),
    }
}
