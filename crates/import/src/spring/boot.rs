//! What the properties of Spring Boot and Spring Cloud Gateway say about CORS.

use std::collections::BTreeMap;

use crate::model::{PathSaid, Reading};
use crate::place::{Place, Said};
use crate::report::About;
use crate::spring::configuration::{Configuration, Entry, List};
use crate::spring::filters;
use crate::spring::hole;
use crate::spring::keys::Property;
use crate::spring::path::{below, said};
use crate::spring::predicates::Paths;

const GLOBAL: &str = "`globalcors` of Spring Cloud Gateway";

/// The beginnings of the gateway's properties; newer versions have the last two.
const GATEWAYS: [&[&str]; 3] = [
    &["spring", "cloud", "gateway"],
    &["spring", "cloud", "gateway", "server", "webflux"],
    &["spring", "cloud", "gateway", "server", "webmvc"],
];

/// A configuration in the making: what it is called, and what has been set.
struct Made {
    what: &'static str,
    path: PathSaid,
    place: Place,
    configuration: Configuration,
    lists: Vec<(List, Vec<Entry>)>,
}

/// Reads the properties of one file.
pub(super) fn read(properties: &[Property], reading: &mut Reading) {
    let mut made: BTreeMap<(usize, String), Made> = BTreeMap::new();
    let paths = Paths::read(properties);
    for property in properties {
        let path: Vec<&str> = property.path.iter().map(String::as_str).collect();
        let place = &property.value.place;
        let found = within(&path);
        if found.is_some()
            && let Some(hole) = filters::hole(property)
        {
            reading.holes.push(hole);
            continue;
        }
        let (what, key, of, option) = match (found, path.as_slice()) {
            (Some(["globalcors", "corsconfigurations", pattern, option @ ..]), _) => {
                (GLOBAL, format!("globalcors {pattern}"), said(pattern), option)
            }
            (Some(["routes", at, "metadata", "cors", option @ ..]), _) => {
                let name = format!("route {at}");
                let of = paths.of(property.document, at);
                ("`cors` of a route of Spring Cloud Gateway", name, of, option)
            }
            (None, ["management", "endpoints", "web", "cors", option @ ..]) => {
                let of = said(&format!("{}/**", base(properties, property.document)));
                ("`management.endpoints.web.cors`", "management".to_owned(), of, option)
            }
            (None, ["spring", "graphql", "cors", option @ ..]) => {
                let names: [&[&str]; 2] =
                    [&["spring", "graphql", "http", "path"], &["spring", "graphql", "path"]];
                let own = names.iter().find_map(|name| text(properties, property.document, name));
                let of = said(&context(properties, property.document, own.as_deref().unwrap_or("/graphql")));
                ("`spring.graphql.cors`", "graphql".to_owned(), of, option)
            }
            _ => continue,
        };
        let made = made.entry((property.document, key)).or_insert_with(|| Made {
            what,
            path: of,
            place: place.clone(),
            configuration: Configuration::default(),
            lists: Vec::new(),
        });
        if matches!(path.as_slice(), ["management" | "spring", "endpoints" | "graphql", ..]) {
            made.configuration.default_max_age(place);
        }
        made.take(option, &property.value);
    }
    let documents: Vec<_> = made.keys().map(|(document, _)| *document).collect();
    for ((document, key), made) in made {
        let Made { what, path, place, mut configuration, lists } = made;
        for (list, entries) in lists {
            configuration.set(list, entries);
        }
        let profile = [&["spring", "config", "activate", "onprofile"][..], &["spring", "profiles"]];
        let profile = profile.iter().find_map(|name| value(properties, document, name));
        if let Some(profile) = profile.filter(|_| documents.contains(&document)) {
            let message = "the properties are only in force with a profile, which is not read";
            let advice = "Remove the route if it is not in force where this policy will be.";
            configuration.remark(hole(About::Path, message, advice, &profile.place).value, &profile.place);
        }
        let mut rule = configuration.rule(what, &place, path, None);
        if key == "management" || key == "graphql" {
            // Spring Boot has no CORS at all without origins.
            rule.origins.retain(|it| it.value != crate::model::OriginSaid::Exact(String::new()));
        }
        reading.rules.push(rule);
    }
}

impl Made {
    fn take(&mut self, option: &[&str], value: &Entry) {
        let Some((name, index)) = option.split_first() else {
            self.configuration.lose("a value that is not read", &value.place);
            return;
        };
        let list = match *name {
            "allowedorigins" => Some(List::Origins),
            "allowedoriginpatterns" => Some(List::OriginPatterns),
            "allowedmethods" => Some(List::Methods),
            "allowedheaders" => Some(List::RequestHeaders),
            "exposedheaders" => Some(List::ExposedHeaders),
            _ => None,
        };
        if let Some(list) = list {
            let own = match self.lists.iter_mut().find(|(own, _)| *own == list) {
                Some((_, own)) => own,
                None => {
                    self.lists.push((list, Vec::new()));
                    let Some((_, own)) = self.lists.last_mut() else { return };
                    own
                }
            };
            if index.is_empty() {
                own.extend(split(value));
            } else {
                own.push(value.clone());
            }
            return;
        }
        let place = &value.place;
        let text = readable(&value.value);
        match *name {
            "allowcredentials" => {
                let said = match text.as_deref().map(|it| it.to_ascii_lowercase()).as_deref() {
                    Ok("true" | "on" | "yes" | "1") => Some(true),
                    Ok("false" | "off" | "no" | "0" | "") => Some(false),
                    _ => None,
                };
                self.configuration.set_credentials(Said::new(said, place));
            }
            "maxage" => {
                let seconds =
                    text.and_then(|it| seconds(&it).ok_or_else(|| "a text that is no time".to_owned()));
                self.configuration.set_max_age(Said::new(seconds, place));
            }
            "allowprivatenetwork" => {}
            _ => {
                let message =
                    format!("`{}` is no property of a CORS configuration", crate::shown::name(name));
                self.configuration.remark(hole(About::Origins, &message, "", place).value, place);
            }
        }
    }
}

/// A name within the properties of the gateway.
pub(super) fn within<'p, 's>(path: &'p [&'s str]) -> Option<&'p [&'s str]> {
    GATEWAYS.iter().rev().find_map(|it| path.strip_prefix(*it))
}

/// One text for a list is split at commas, except those of a list of ports, which Spring Boot would split as well.
fn split(value: &Entry) -> Vec<Entry> {
    match readable(&value.value) {
        Ok(text) if text.trim().is_empty() => Vec::new(),
        Ok(text) => text.split(',').map(|it| Said::new(Ok(it.trim().to_owned()), &value.place)).collect(),
        Err(what) => vec![Said::new(Err(what), &value.place)],
    }
}

/// A text without placeholders.
pub(super) fn readable(value: &Result<String, String>) -> Result<String, String> {
    match value {
        Ok(text) if text.contains("${") || text.contains("#{") => Err("a placeholder".to_owned()),
        value => value.clone(),
    }
}

/// Seconds, written as a number or as a duration of Spring Boot: `30m`, `PT30M`.
fn seconds(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let lower = text.to_ascii_lowercase();
    let lower = lower.strip_prefix("pt").unwrap_or(&lower);
    let end = lower.find(|it: char| !it.is_ascii_digit())?;
    let (number, unit) = lower.split_at_checked(end)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" if !text.starts_with(['P', 'p']) => 86_400,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(unit)
}

/// The value of a property in a document.
fn value<'p>(properties: &'p [Property], document: usize, name: &[&str]) -> Option<&'p Entry> {
    let is_it = |it: &&Property| it.document == document && it.path.iter().eq(name.iter());
    properties.iter().rev().find(is_it).map(|it| &it.value)
}

fn text(properties: &[Property], document: usize, name: &[&str]) -> Option<String> {
    value(properties, document, name).and_then(|it| readable(&it.value).ok())
}

/// A path below that of the program, if the file says one.
fn context(properties: &[Property], document: usize, path: &str) -> String {
    let names: [&[&str]; 2] = [&["server", "servlet", "contextpath"], &["spring", "webflux", "basepath"]];
    let own = names.iter().find_map(|name| text(properties, document, name));
    below(own.as_deref().unwrap_or_default(), path)
}

fn base(properties: &[Property], document: usize) -> String {
    let own = text(properties, document, &["management", "endpoints", "web", "basepath"]);
    let path = context(properties, document, own.as_deref().unwrap_or("/actuator"));
    path.trim_end_matches('/').to_owned()
}
