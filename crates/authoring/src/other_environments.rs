//! Which environment of a policy would serve a host that the chosen one does not serve.

use core::fmt;

use toml::de::{DeTable, DeValue};

use crate::environment_policy::EnvironmentPolicy;
use crate::source::Source;

/// The most environments that are compiled to find the one.
const MOST: usize = 32;

/// An environment that serves a host, for whoever chose another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedElsewhere {
    /// The host.
    pub host: String,
    /// The environment; `None` for the base.
    pub environment: Option<String>,
}

impl fmt::Display for ServedElsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, environment } = self;
        match environment {
            Some(name) => write!(f, "host `{host}` is served by environment `{name}`: add `--env {name}`"),
            None => write!(f, "host `{host}` is served by the base policy: leave `--env` out"),
        }
    }
}

/// The first environment of the file, the base before all, that has a route for a host. `None` if the chosen
/// environment has one itself, or none has.
#[must_use]
pub fn served_elsewhere(source: &Source, chosen: &EnvironmentPolicy, host: &str) -> Option<ServedElsewhere> {
    if serves(chosen, host) {
        return None;
    }
    let names = names(source.text());
    let others = std::iter::once(None).chain(names.iter().map(|name| Some(name.as_str())));
    let mut others = others.filter(|name| *name != chosen.environment.as_deref()).take(MOST);
    // An environment that does not compile serves nothing.
    let found = others.find(|name| {
        EnvironmentPolicy::new(source, *name).is_ok_and(|environment| serves(&environment, host))
    })?;
    Some(ServedElsewhere { host: host.to_owned(), environment: found.map(str::to_owned) })
}

fn serves(environment: &EnvironmentPolicy, host: &str) -> bool {
    environment.policy.routes().iter().any(|route| route.answers_for(host))
}

/// The names of the environments, in the order of the file.
fn names(text: &str) -> Vec<String> {
    let Ok(file) = DeTable::parse(text) else { return Vec::new() };
    let table = file.get_ref().get("environments").map(|table| table.get_ref());
    let Some(DeValue::Table(table)) = table else { return Vec::new() };
    let mut names: Vec<_> = table.iter().map(|(name, _)| (name.span().start, name.get_ref())).collect();
    names.sort();
    names.into_iter().map(|(_, name)| name.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"
        version = 1
        upstreams.api = "https://origin.example.net"
        [environments.staging.hosts]
        "api.example.com" = ["api.staging.example.com", "*.preview.example.com"]
        [environments.development.hosts]
        "api.example.com" = ["localhost"]
        [[routes]]
        name = "api"
        hosts = ["api.example.com"]
        path = "/*"
        upstream = "api"
    "#;

    #[test]
    fn the_environment_of_a_host_is_found_from_any_other() {
        let source = Source::from_bytes("policy.toml", POLICY.into()).expect("text");
        for (chosen, host, expected) in [
            (None, "api.example.com", None),
            (
                None,
                "api.staging.example.com",
                Some("is served by environment `staging`: add `--env staging`"),
            ),
            (None, "a.preview.example.com", Some("is served by environment `staging`: add `--env staging`")),
            (None, "localhost", Some("is served by environment `development`: add `--env development`")),
            (None, "other.example", None),
            (Some("staging"), "api.staging.example.com", None),
            (Some("staging"), "api.example.com", Some("is served by the base policy: leave `--env` out")),
            (Some("development"), "api.staging.example.com", Some("is served by environment `staging`")),
        ] {
            let compiled = EnvironmentPolicy::new(&source, chosen).expect("a policy");
            let found = served_elsewhere(&source, &compiled, host).map(|found| found.to_string());
            match expected {
                Some(expected) => assert!(
                    found
                        .as_deref()
                        .is_some_and(|found| found.starts_with(&format!("host `{host}` {expected}"))),
                    "{chosen:?} {host}: {found:?}"
                ),
                None => assert_eq!(found, None, "{chosen:?} {host}"),
            }
        }
    }
}
