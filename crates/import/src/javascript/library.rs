//! What the options of each library mean: their names, their defaults, and what each does with an origin.
//!
//! Read in the sources of `cors` 2.8, `hono` 4.13, `@fastify/cors` 11.4, `@koa/cors` 5.0 and NestJS 12, whose
//! `enableCors` hands its options to `cors`, or to `@fastify/cors` with that adapter.

use crate::javascript::callback::{self, Protocol};
use crate::javascript::delegate;
use crate::javascript::options::{expression, max_age};
use crate::javascript::script::Script;
use crate::javascript::value::{Item, Nothing, Table, Value};
use crate::model::{Names, OriginSaid, PathSaid, Remark, Rule, Scope};
use crate::place::{Place, Said};
use crate::report::{About, Class};

/// A library with CORS options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Library {
    Express,
    Hono,
    Fastify,
    Koa,
    Nest,
}

/// The names of the options.
pub(super) struct Keys {
    pub(super) methods: &'static str,
    pub(super) request_headers: &'static [&'static str],
    pub(super) exposed_headers: &'static str,
    /// The other keys, which change nothing about who may read what.
    harmless: &'static [&'static str],
}

impl Library {
    pub(super) fn what(self) -> &'static str {
        match self {
            Self::Express => "`cors()` of Express",
            Self::Hono => "`cors()` of Hono",
            Self::Fastify => "`@fastify/cors`",
            Self::Koa => "`@koa/cors`",
            Self::Nest => "`enableCors` of NestJS",
        }
    }

    pub(super) fn keys(self) -> Keys {
        match self {
            Self::Express | Self::Nest => Keys {
                methods: "methods",
                request_headers: &["allowedHeaders", "headers"],
                exposed_headers: "exposedHeaders",
                harmless: &[],
            },
            Self::Fastify => Keys {
                methods: "methods",
                request_headers: &["allowedHeaders"],
                exposed_headers: "exposedHeaders",
                harmless: &["hideOptionsRoute", "logLevel", "cacheControl", "strictPreflight", "prefix"],
            },
            Self::Hono => Keys {
                methods: "allowMethods",
                request_headers: &["allowHeaders"],
                exposed_headers: "exposeHeaders",
                harmless: &[],
            },
            Self::Koa => Keys {
                methods: "allowMethods",
                request_headers: &["allowHeaders"],
                exposed_headers: "exposeHeaders",
                harmless: &["keepHeadersOnError", "privateNetworkAccess", "secureContext"],
            },
        }
    }

    /// Reads the options of a call. `None` means that the library was given none.
    pub(super) fn rule<'t>(self, script: &Script<'t>, options: Option<Item<'t>>, call: &Place) -> Rule {
        let mut rule = Rule {
            what: self.what(),
            place: call.clone(),
            scope: Scope::of(PathSaid::All),
            origins: Vec::new(),
            methods: Names::default(),
            request_headers: Names::default(),
            exposed_headers: Names::default(),
            credentials: Said::new(Some(false), call),
            max_age: None,
            remarks: Vec::new(),
            is_proposed: false,
        };
        let mut delegated = None;
        let table = match options.map(|it| (it.value, it.place)) {
            None | Some((Value::Nothing(_), _)) => Table::default(),
            Some((Value::Table(table), _)) => table,
            Some((Value::Function(function), place)) => match delegate::read(script, function) {
                Some((origins, table)) if matches!(self, Self::Express | Self::Nest) => {
                    delegated = Some(origins);
                    table
                }
                _ => return unreadable(rule, "a delegate", &place),
            },
            Some((other, place)) => return unreadable(rule, &other.noun(), &place),
        };
        if let Some((what, place)) = &table.unknown {
            return unreadable(rule, what, place);
        }
        self.credentials(&table, &mut rule);
        match delegated {
            Some(origins) => rule.origins = origins,
            None => self.origins(script, &table, &mut rule),
        }
        self.names(&table, &mut rule);
        rule.max_age = present(table.get("maxAge")).filter(|it| self.writes_max_age(it)).map(max_age);
        self.others(&table, &mut rule);
        rule
    }

    fn credentials(self, table: &Table<'_>, rule: &mut Rule) {
        let Some(item) = table.get("credentials") else { return };
        let value = match (&item.value, self) {
            (Value::Bool(value), _) => Some(*value),
            // Nothing but `true` counts.
            (Value::Unknown(_), _) => None,
            (_, Self::Express | Self::Nest) => Some(false),
            (Value::Function(_), _) => None,
            (value, _) => value.truth(),
        };
        rule.credentials = Said::new(value, &item.place);
    }

    fn origins<'t>(self, script: &Script<'t>, table: &Table<'t>, rule: &mut Rule) {
        let credentialed = rule.credentials.value;
        // With credentials, Koa reflects where others say `*`.
        let any = || match (self, credentialed) {
            (Self::Koa, Some(true)) => OriginSaid::Reflected,
            (Self::Koa, None) => OriginSaid::Unreadable("a default that depends on `credentials`".to_owned()),
            _ => OriginSaid::Any,
        };
        let Some(item) = table.get("origin") else {
            rule.origins.push(Said::new(any(), &rule.place.clone()));
            return;
        };
        let said = |origin| Said::new(origin, &item.place);
        match (&item.value, self) {
            // No headers at all.
            (Value::Bool(false) | Value::Nothing(_), Self::Express | Self::Nest | Self::Fastify) => {}
            (Value::Text(text), Self::Express | Self::Nest) if text.is_empty() => {}
            (Value::Text(text), Self::Koa) if text.is_empty() => rule.origins.push(said(any())),
            (Value::Nothing(Nothing::Undefined) | Value::Bool(false), Self::Koa) => {
                rule.origins.push(said(any()))
            }
            (Value::Text(text), _) if text == "*" => rule.origins.push(said(any())),
            (Value::Text(text), _) => rule.origins.push(said(OriginSaid::Exact(text.clone()))),
            (Value::Bool(true), Self::Express | Self::Nest | Self::Fastify) => {
                rule.origins.push(said(OriginSaid::Reflected))
            }
            (Value::Expression { source, flags }, Self::Express | Self::Nest | Self::Fastify) => {
                // Fastify begins each search at the start.
                let flags = if self == Self::Fastify { flags.replace(['g', 'y'], "") } else { flags.clone() };
                rule.origins.push(said(expression(source, &flags)));
            }
            (Value::List(items), Self::Express | Self::Nest | Self::Fastify | Self::Hono) => {
                self.listed(items, rule)
            }
            // They ask a list, a text or an expression; anything else that counts as true allows every origin.
            (Value::Set(items), Self::Express | Self::Nest | Self::Fastify) => {
                self.listed(items, rule);
                let message = "`origin` is a `Set`, which this library does not look into: it allows every origin there, and here only those in the set";
                let advice = "Write a list in the program: `[...set]`.";
                rule.remarks
                    .push(Said::new(remark(Class::Stricter, About::Origins, message, advice), &item.place));
            }
            (Value::Function(function), _) => {
                let protocol = match self {
                    Self::Koa => Protocol::Context,
                    Self::Hono => Protocol::Returned,
                    Self::Fastify => Protocol::NullCallback,
                    Self::Express | Self::Nest => Protocol::Callback,
                };
                match callback::read(script, *function, protocol) {
                    Some(origins) => rule.origins.extend(origins),
                    None => rule.origins.push(said(OriginSaid::Unreadable("a callback".to_owned()))),
                }
            }
            (value, _) => rule.origins.push(said(OriginSaid::Unreadable(value.noun()))),
        }
    }

    fn listed(self, items: &[Item<'_>], rule: &mut Rule) {
        for item in items {
            let origin = match (&item.value, self) {
                (Value::Text(text), Self::Fastify) if text == "*" => OriginSaid::Any,
                (Value::Text(text), _) => OriginSaid::Exact(text.clone()),
                // Anything that counts as true, in a list of Express.
                (Value::Bool(true), Self::Express | Self::Nest | Self::Fastify) => OriginSaid::Reflected,
                (Value::Bool(false) | Value::Nothing(_), _) => continue,
                (Value::Expression { source, flags }, Self::Express | Self::Nest) => {
                    expression(source, flags)
                }
                (Value::Expression { source, flags }, Self::Fastify) => {
                    expression(source, &flags.replace(['g', 'y'], ""))
                }
                (Value::Expression { .. }, _) => {
                    OriginSaid::Unreadable("a regular expression, which Hono does not search".to_owned())
                }
                (Value::List(inner), Self::Express | Self::Nest | Self::Fastify) if inner.len() < 1000 => {
                    self.inner(inner, rule);
                    continue;
                }
                (value, _) => OriginSaid::Unreadable(value.noun()),
            };
            rule.origins.push(Said::new(origin, &item.place));
        }
    }

    /// A list in a list, which only Express and Fastify look into. Deeper ones are not read.
    fn inner(self, items: &[Item<'_>], rule: &mut Rule) {
        for item in items {
            let origin = match &item.value {
                Value::Text(text) => OriginSaid::Exact(text.clone()),
                value => OriginSaid::Unreadable(value.noun()),
            };
            rule.origins.push(Said::new(origin, &item.place));
        }
    }

    /// Express leaves out an age that is an empty text, Koa one of 0.
    fn writes_max_age(self, item: &Item<'_>) -> bool {
        match self {
            Self::Koa => item.value.truth() != Some(false),
            _ => !matches!(&item.value, Value::Text(text) if text.is_empty()),
        }
    }

    /// The options that are not about origins, methods and headers.
    fn others(self, table: &Table<'_>, rule: &mut Rule) {
        let keys = self.keys();
        for (key, item) in table.keys() {
            let known = ["origin", "credentials", "maxAge", keys.methods, keys.exposed_headers];
            if known.contains(&key) || keys.request_headers.contains(&key) || keys.harmless.contains(&key) {
                continue;
            }
            let remark = match (key, &item.value) {
                // Before the program has made its response.
                ("hook", Value::Text(hook)) if hook != "preSerialization" => continue,
                ("hook", _) => remark(
                    Class::Unreadable,
                    About::Origins,
                    "only responses whose body is an object get CORS headers there, and all of them do here",
                    "Give the paths with other responses a route of their own.",
                ),
                ("optionsSuccessStatus", Value::Number(status)) if (200.0..300.0).contains(status) => remark(
                    Class::Same,
                    About::Preflights,
                    &format!(
                        "preflights are answered with {status:.0} there and with 204 here: for a browser, both succeed"
                    ),
                    "",
                ),
                ("optionsSuccessStatus", Value::Number(status)) => {
                    rule.scope.preflights = false;
                    remark(
                        Class::Unreadable,
                        About::Preflights,
                        &format!(
                            "preflights are answered with {status:.0}, which browsers refuse: none is allowed here"
                        ),
                        "List methods and headers if preflights are meant to succeed.",
                    )
                }
                ("preflightContinue", Value::Bool(false)) | ("preflight", Value::Bool(true)) => continue,
                ("preflightContinue", _) => {
                    rule.scope.preflights = false;
                    remark(
                        Class::Unreadable,
                        About::Preflights,
                        "preflights are answered by a handler of the program: none is allowed here",
                        "List the methods and headers that it allows.",
                    )
                }
                ("preflight", _) => {
                    rule.scope.preflights = false;
                    remark(
                        Class::Unreadable,
                        About::Preflights,
                        "preflights are not answered by this library: none is allowed here",
                        "List the methods and headers that the program allows.",
                    )
                }
                ("delegator", _) => {
                    rule.origins =
                        vec![Said::new(OriginSaid::Unreadable("a delegate".to_owned()), &item.place)];
                    continue;
                }
                _ => {
                    let message = format!(
                        "the option `{}` is not one of this library, which ignores it",
                        crate::shown::name(key)
                    );
                    remark(
                        Class::Unreadable,
                        About::Origins,
                        &message,
                        "Say in the policy what it was meant to do.",
                    )
                }
            };
            rule.remarks.push(Said::new(remark, &item.place));
        }
    }
}

/// An option that is there, and not `undefined` or `null`.
pub(super) fn present<'i, 't>(item: Option<&'i Item<'t>>) -> Option<&'i Item<'t>> {
    item.filter(|item| !matches!(item.value, Value::Nothing(_) | Value::Bool(false)))
}

/// A rule of which nothing can be said.
fn unreadable(mut rule: Rule, what: &str, place: &Place) -> Rule {
    rule.origins.push(Said::new(OriginSaid::Unreadable(what.to_owned()), place));
    rule.credentials = Said::new(None, place);
    rule.methods = Names::unreadable(what.to_owned(), place);
    rule.request_headers = Names::unreadable(what.to_owned(), place);
    rule
}

pub(super) fn remark(class: Class, about: About, message: &str, advice: &str) -> Remark {
    let advice = (!advice.is_empty()).then(|| advice.to_owned());
    Remark { class, about, message: message.to_owned(), advice, closes: None }
}
