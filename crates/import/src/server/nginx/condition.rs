//! What an `if` asks (`ngx_http_rewrite_if_condition` of nginx).

use crate::expression::Expression;
use crate::server::directive::{Directive, Word};
use crate::server::nginx::variable::{Variables, is_true, take_groups};
use crate::server::pages::has_marker;

/// Whether a condition holds; `Err` is what it depends on, as a noun.
pub(super) fn holds(directive: &Directive, variables: &mut Variables<'_, '_>) -> Result<bool, String> {
    let words = inner(&directive.words);
    let place = &directive.place;
    let depends = || match words.first() {
        Some(first) => format!("a condition on `{}`", crate::shown::line(&first.text)),
        None => "a condition".to_owned(),
    };
    let (left, operator, right) = match words.as_slice() {
        [only] => {
            let value = variables.filled(only).map_err(|_| depends())?;
            return is_true(&value, variables.asking, place).ok_or_else(depends);
        }
        [left, operator, right] => (left, operator.text.as_str(), right),
        _ => return Err(depends()),
    };
    let value = variables.filled(left).map_err(|_| depends())?;
    match operator {
        "=" | "!=" => {
            let other = variables.filled(right).map_err(|_| depends())?;
            let asking = variables.asking;
            let is = match (has_marker(&value), has_marker(&other)) {
                (true, true) => (value == other).then_some(true),
                (false, true) => asking.is(&other, &value, place),
                _ => asking.is(&value, &other, place),
            };
            Ok(is.ok_or_else(depends)? == (operator == "="))
        }
        "~" | "~*" | "!~" | "!~*" => {
            if right.is_template {
                return Err("a template".to_owned());
            }
            let expression = Expression::pcre(&right.text, operator.ends_with('*'))
                .map_err(|why| format!("a regular expression with {why}"))?;
            let is = variables.asking.matches(&value, &expression, place).ok_or_else(depends)?;
            if is {
                take_groups(&expression, &value, &mut variables.known);
            }
            Ok(is != operator.starts_with('!'))
        }
        _ => Err(depends()),
    }
}

/// The words between the parentheses.
fn inner(words: &[Word]) -> Vec<Word> {
    let mut words = words.to_vec();
    if let Some(first) = words.first_mut().filter(|word| !word.is_quoted) {
        first.text = first.text.strip_prefix('(').unwrap_or(&first.text).to_owned();
    }
    if let Some(last) = words.last_mut().filter(|word| !word.is_quoted) {
        last.text = last.text.strip_suffix(')').unwrap_or(&last.text).to_owned();
    }
    words.retain(|word| word.is_quoted || !word.text.is_empty());
    words
}
