//! Readings of values that the options of several libraries share.

use crate::expression::Expression;
use crate::javascript::value::{Item, Value};
use crate::model::{Names, OriginSaid};
use crate::place::Said;

/// A list of names: an array, or one text with commas.
pub(super) fn names(item: &Item<'_>) -> Names {
    match &item.value {
        Value::Text(text) => Names::of_value(text, &item.place),
        Value::List(items) => {
            let mut names = Names::default();
            for item in items {
                match &item.value {
                    // The elements are joined with commas.
                    Value::Text(text) => {
                        let own = Names::of_value(text, &item.place);
                        names.listed.extend(own.listed);
                        names.all = names.all.or(own.all);
                    }
                    other => names.unreadable.push(Said::new(other.noun(), &item.place)),
                }
            }
            names
        }
        other => Names::unreadable(other.noun(), &item.place),
    }
}

/// A regular expression.
pub(super) fn expression(source: &str, flags: &str) -> OriginSaid {
    match Expression::javascript(source, flags) {
        Ok(expression) => OriginSaid::Matching(expression),
        Err(why) => OriginSaid::Unreadable(format!("a regular expression with {why}")),
    }
}

/// The seconds of `maxAge`, written as a number or as text.
pub(super) fn max_age(item: &Item<'_>) -> Said<Result<i64, String>> {
    let value = match &item.value {
        Value::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            // Whole, and small enough.
            format!("{number:.0}").parse().map_err(|_| "a number".to_owned())
        }
        Value::Text(text) => text.trim().parse().map_err(|_| "a text that is no number".to_owned()),
        other => Err(other.noun()),
    };
    Said::new(value, &item.place)
}
