//! Compares which lists in KV a route uses, and which of their entries it accepts.

use std::collections::BTreeSet;

use corsgate_policy::kv::{list_key, origin_key};

use super::ListedEntries;
use crate::change::{Line, Risk};
use crate::kind::Kind;

pub(super) fn lists(before: &ListedEntries, now: &ListedEntries, lines: &mut Vec<Line>) {
    let names: BTreeSet<_> = before.lists.keys().chain(now.lists.keys()).collect();
    for name in names {
        let key = format!("`{}`", list_key(name));
        match (before.lists.get(name), now.lists.get(name)) {
            (None, Some(_)) => lines.push(Line::widens(
                Kind::KvList,
                Risk::Medium,
                format!("the origins in the KV list {key} are allowed"),
                "every origin in the list is allowed, now and later",
            )),
            (Some(_), None) => lines.push(Line::narrows(
                Kind::KvList,
                format!("the origins in the KV list {key} are no longer allowed"),
                "unless another entry matches them",
            )),
            (Some(before), Some(now)) => {
                for (had, has, what, risk) in [
                    (before.wildcards, now.wildcards, "wildcards", Risk::High),
                    (before.extensions, now.extensions, "`moz-extension://*`", Risk::High),
                    (before.insecure, now.insecure, "`http` origins of other machines", Risk::High),
                ] {
                    match (had, has) {
                        (false, true) => lines.push(Line::widens(
                            Kind::KvList,
                            risk,
                            format!("{what} in the KV list {key} are accepted"),
                            "nothing checks the lines of the list",
                        )),
                        (true, false) => lines.push(Line::narrows(
                            Kind::KvList,
                            format!("{what} in the KV list {key} are ignored"),
                            "the gateway ignores such lines",
                        )),
                        _ => {}
                    }
                }
            }
            (None, None) => {}
        }
    }
}

pub(super) fn keys(before: &ListedEntries, now: &ListedEntries, lines: &mut Vec<Line>) {
    let names: BTreeSet<_> = before.keys.keys().chain(now.keys.keys()).collect();
    for family in names {
        let (name, of_host) = family;
        let key = format!("`{}`", origin_key(name, of_host.then_some("<host>"), "<origin>"));
        match (before.keys.get(family), now.keys.get(family)) {
            (None, Some(_)) => lines.push(Line::widens(
                Kind::KvKeys,
                // A key that all hosts share opens one tenant's host to another tenant's pages.
                if *of_host { Risk::Medium } else { Risk::High },
                format!("origins with a key {key} in KV are allowed"),
                if *of_host {
                    "whoever writes the keys decides which origins are allowed"
                } else {
                    "a key allows its origin on every host of the route"
                },
            )),
            (Some(_), None) => lines.push(Line::narrows(
                Kind::KvKeys,
                format!("origins with a key {key} in KV are no longer allowed"),
                "unless another entry matches them",
            )),
            (Some(false), Some(true)) => lines.push(Line::widens(
                Kind::KvKeys,
                Risk::High,
                format!("keys {key} of `http` origins are accepted"),
                "an attacker on the network can replace a page that is loaded over `http`",
            )),
            (Some(true), Some(false)) => lines.push(Line::narrows(
                Kind::KvKeys,
                format!("keys {key} of `http` origins are ignored"),
                "the gateway does not read them",
            )),
            _ => {}
        }
    }
}
