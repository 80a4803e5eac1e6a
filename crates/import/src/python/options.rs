//! Readings of values that the options of several libraries share.

use crate::expression::{Compared, Expression};
use crate::model::{Names, OriginSaid, Rule};
use crate::place::{Place, Said};
use crate::python::value::{Item, Value};

/// Makes everything of a rule unreadable.
pub(super) fn forget(rule: &mut Rule, what: &str, place: &Place) {
    rule.origins = vec![super::unreadable(what, place)];
    rule.credentials = Said::new(None, place);
    rule.methods = Names::unreadable(what.to_owned(), place);
    rule.request_headers = Names::unreadable(what.to_owned(), place);
    rule.exposed_headers = Names::unreadable(what.to_owned(), place);
}

/// A list of names, each of which stands for itself.
pub(super) fn whole_names(item: &Item) -> Names {
    names_by(item, |name, place| Names::of([name], place))
}

/// A list of names that are joined with commas. An element may have commas itself.
pub(super) fn joined_names(item: &Item) -> Names {
    names_by(item, Names::of_value)
}

fn names_by(item: &Item, read: impl Fn(&str, &Place) -> Names) -> Names {
    let Value::List(items) = &item.value else { return Names::unreadable(item.value.noun(), &item.place) };
    let mut names = Names::default();
    for item in items {
        match &item.value {
            Value::Text(text) => {
                let own = read(text, &item.place);
                names.listed.extend(own.listed);
                names.all = names.all.or(own.all);
            }
            other => names.unreadable.push(Said::new(other.noun(), &item.place)),
        }
    }
    names.take_star();
    names
}

/// An expression for origins.
pub(super) fn expression(source: &str, ignores_case: bool, compared: Compared) -> OriginSaid {
    match Expression::python(source, ignores_case, compared) {
        Ok(expression) => OriginSaid::Matching(expression),
        Err(why) => OriginSaid::Unreadable(format!("a regular expression with {why}")),
    }
}

/// Whether credentials are allowed.
pub(super) fn truth(item: &Item) -> Said<Option<bool>> {
    Said::new(item.value.truth(), &item.place)
}

/// A number of seconds.
pub(super) fn seconds(item: &Item) -> Said<Result<i64, String>> {
    let value = match &item.value {
        Value::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            format!("{number:.0}").parse().map_err(|_| "a number".to_owned())
        }
        // `int()` cuts it.
        Value::Duration(seconds) if seconds.abs() < 1e15 => {
            format!("{:.0}", seconds.trunc()).parse().map_err(|_| "a duration".to_owned())
        }
        Value::Text(text) => text.trim().parse().map_err(|_| "a text that is no number".to_owned()),
        other => Err(other.noun()),
    };
    Said::new(value, &item.place)
}
