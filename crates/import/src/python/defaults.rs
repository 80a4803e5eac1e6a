//! Lists that the libraries bring.

use crate::place::Place;
use crate::python::script::Script;
use crate::python::value::{Item, Value};

/// What the libraries bring.
pub(super) fn builtin(script: &Script<'_>, name: &str, place: &Place) -> Option<Value> {
    let (module, own) = match script.imported(name) {
        Some(imported) => imported,
        // A fragment may leave out the import.
        None if !script.is_bound(name) => ("corsheaders.defaults", name),
        None => return None,
    };
    let names: &[&str] = match (module, own) {
        ("corsheaders.defaults", "default_headers") => &DEFAULT_HEADERS,
        ("corsheaders.defaults", "default_methods") => &DEFAULT_METHODS,
        _ => return None,
    };
    let item = |name: &&str| Item { value: Value::Text((*name).to_owned()), place: place.clone() };
    Some(Value::List(names.iter().map(item).collect()))
}

/// `default_headers` and `default_methods` of django-cors-headers. Until version 3, `accept-encoding`, `dnt` and `origin`
/// stood among the headers, which no page can set.
pub(super) const DEFAULT_HEADERS: [&str; 6] =
    ["accept", "authorization", "content-type", "user-agent", "x-csrftoken", "x-requested-with"];
pub(super) const DEFAULT_METHODS: [&str; 6] = ["DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"];
