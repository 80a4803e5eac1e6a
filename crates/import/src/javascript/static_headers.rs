//! Lists of headers for paths: `headers()` of `next.config.js`, and `headers` of `vercel.json`. Both have objects with
//! `source` and `headers`, each of which has `key` and `value`.

use crate::javascript::paths::{Style, below, said};
use crate::javascript::script::Script;
use crate::javascript::value::{Item, Value, item};
use crate::model::{Names, PathSaid, Reading, Rule};
use crate::place::Said;
use crate::response_headers::{HeaderSaid, rule};

/// Reads every such object.
pub(super) fn read(script: &Script<'_>, reading: &mut Reading) {
    let base = base(script);
    for object in &script.objects {
        // Cheaper than reading every object of a program.
        if !script.keys(*object).any(|key| key == "source") {
            continue;
        }
        let Value::Table(table) = item(script, *object).value else { continue };
        let (Some(source), Some(headers)) = (table.get("source"), table.get("headers")) else { continue };
        let headers = match &headers.value {
            Value::List(items) => items.iter().filter_map(header).collect::<Vec<_>>(),
            _ => continue,
        };
        let place = script.place(*object);
        let what = "`headers` of Next.js or Vercel";
        let Some(mut found) = rule(what, &headers, &place) else { continue };
        found.scope.path = match &source.value {
            Value::Text(path) => said(path, Style::Whole),
            other => PathSaid::Other { text: other.noun(), nearest: None },
        };
        // Only requests that have something in them.
        if ["has", "missing"].iter().any(|key| table.get(key).is_some()) {
            let text = match &source.value {
                Value::Text(path) => format!("{path}, under a condition"),
                other => other.noun(),
            };
            found.scope.path = PathSaid::Other { text, nearest: found.scope.path.nearest() };
        }
        let is_without = matches!(table.get("basePath").map(|said| &said.value), Some(Value::Bool(false)));
        if let Some(base) = base.as_ref().filter(|_| !is_without) {
            found.scope.path = below(base, found.scope.path);
        }
        if let Some((what, place)) = &table.unknown {
            unknown(&mut found, what, place);
        }
        reading.rules.push(found);
    }
}

/// `basePath` of Next.js, which it puts before every `source` that does not say `basePath: false`.
fn base(script: &Script<'_>) -> Option<PathSaid> {
    let objects = script.objects.iter().filter(|object| script.keys(**object).any(|key| key == "basePath"));
    objects.into_iter().find_map(|object| {
        let Value::Table(table) = item(script, *object).value else { return None };
        match &table.get("basePath")?.value {
            Value::Bool(_) => None,
            Value::Text(path) if path.is_empty() => None,
            Value::Text(path) => Some(said(path, Style::Mounted)),
            other => Some(PathSaid::Other { text: format!("those below {}", other.noun()), nearest: None }),
        }
    })
}

fn unknown(rule: &mut Rule, what: &str, place: &crate::place::Place) {
    rule.origins = vec![Said::new(crate::model::OriginSaid::Unreadable(what.to_owned()), place)];
    rule.methods = Names::unreadable(what.to_owned(), place);
    rule.request_headers = Names::unreadable(what.to_owned(), place);
    rule.credentials = Said::new(None, place);
}

fn header(item: &Item<'_>) -> Option<HeaderSaid> {
    let Value::Table(table) = &item.value else { return None };
    let (name, value) = (table.get("key")?, table.get("value")?);
    let Value::Text(name) = &name.value else { return None };
    let said = match &value.value {
        // Parts of the path or of the request are filled in.
        Value::Text(text) if text.contains(':') && !text.contains("://") || text.contains('$') => {
            Err("a template".to_owned())
        }
        Value::Text(text) => Ok(text.clone()),
        other => Err(other.noun()),
    };
    Some(HeaderSaid { name: name.clone(), value: Said::new(said, &value.place) })
}
