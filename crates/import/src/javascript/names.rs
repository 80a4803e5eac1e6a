//! The methods and headers in the options of each library: what it takes for a list, and what it does without one.

use crate::javascript::library::{Library, present, remark};
use crate::javascript::options::names;
use crate::javascript::value::{Item, Nothing, Table, Value};
use crate::model::{Names, Rule};
use crate::place::Said;
use crate::report::{About, Class};

impl Library {
    /// The methods without the option, and why they may be others.
    fn default_methods(self) -> (&'static [&'static str], Option<&'static str>) {
        match self {
            Self::Express | Self::Nest | Self::Koa => {
                (&["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"], None)
            }
            Self::Hono => (
                &["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH"],
                Some("newer versions of Hono also allow QUERY by default, which is left out"),
            ),
            Self::Fastify => (
                &["GET", "HEAD", "POST"],
                Some(
                    "before version 11, the default was GET, HEAD, PUT, PATCH, POST and DELETE; PUT, PATCH and DELETE are left out",
                ),
            ),
        }
    }

    pub(super) fn names(self, table: &Table<'_>, rule: &mut Rule) {
        let keys = self.keys();
        rule.methods = match table.get(keys.methods) {
            Some(item) => self.methods(item, keys.methods, rule),
            None => {
                let (methods, doubt) = self.default_methods();
                if let Some(doubt) = doubt {
                    let advice = "List the methods that the pages use.";
                    let remark = remark(Class::Stricter, About::Methods, doubt, advice);
                    rule.remarks.push(Said::new(remark, &rule.place));
                }
                Names::of(methods.iter().copied(), &rule.place)
            }
        };
        // The first that counts as one.
        let given = keys.request_headers.iter().filter_map(|key| table.get(key));
        let listed = given.into_iter().find(|item| !self.asks_for_headers(&item.value));
        rule.request_headers = match listed {
            Some(Item { value: Value::Nothing(_) | Value::Bool(false), .. }) => Names::default(),
            Some(item) => names(item),
            None => Names::asked(&rule.place),
        };
        rule.exposed_headers = present(table.get(keys.exposed_headers)).map(names).unwrap_or_default();
    }

    /// The methods of an option that is given. Defaults are only for one that is not.
    fn methods(self, item: &Item<'_>, key: &str, rule: &mut Rule) -> Names {
        let remark = match (&item.value, self) {
            (Value::Nothing(_), Self::Express | Self::Nest) => {
                rule.scope.preflights = false;
                let message =
                    format!("without a value of `{key}` every preflight fails there: none is allowed here");
                remark(Class::Unreadable, About::Preflights, &message, "List the methods that the pages use.")
            }
            (Value::Nothing(_) | Value::Bool(false), _) => {
                let message = format!("`{key}` has no value, so that no method is listed");
                remark(Class::Same, About::Methods, &message, "List the methods that the pages use.")
            }
            (Value::Text(_), Self::Hono) => {
                let message = format!("`{key}` is a text, which Hono ignores, so that no method is listed");
                remark(Class::Same, About::Methods, &message, "List the methods that the pages use.")
            }
            _ => return names(item),
        };
        rule.remarks.push(Said::new(remark, &item.place));
        Names::default()
    }

    /// Whether a library repeats the request headers that are asked for in place of this value.
    fn asks_for_headers(self, value: &Value<'_>) -> bool {
        match (value, self) {
            (Value::Nothing(Nothing::Null), _) => true,
            (_, Self::Fastify) => false,
            (Value::List(items), Self::Hono | Self::Koa) => items.is_empty(),
            (value, _) => value.truth() == Some(false),
        }
    }
}
