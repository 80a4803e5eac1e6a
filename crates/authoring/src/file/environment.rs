//! `[environments.NAME]`: entries that replace those of the base.

use toml::de::{DeTable, DeValue};
use toml_writer::{ToTomlKey as _, TomlKeyBuilder};

use crate::cursor::{Cursor, Toml, as_table};
use crate::file::allowlist;
use crate::finding::Finding;
use crate::mistakes;
use crate::nearest::{listed, nearest};
use crate::report::Report;
use crate::source::Source;
use crate::syntax;
use crate::table::Table;

/// The entries of one environment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Overlay<'t> {
    pub(crate) allowlists: Option<&'t DeTable<'t>>,
    pub(crate) upstreams: Option<&'t DeTable<'t>>,
    hosts: Option<&'t DeTable<'t>>,
}

impl<'t> Overlay<'t> {
    /// Reads a list of hosts, each replaced by the environment's hosts for it.
    pub(crate) fn read_hosts(self, hosts: Cursor<'t, '_>) -> Option<Vec<String>> {
        match hosts.value() {
            DeValue::Array(values) => {
                let values = values.iter().flat_map(|host| self.replacement(host));
                Some(hosts.each(values, |host| host.string()))
            }
            _ => hosts.strings(),
        }
    }

    fn replacement(self, host: &'t Toml<'t>) -> Vec<&'t Toml<'t>> {
        let replacement = host.get_ref().as_str().and_then(|name| self.hosts?.get(name));
        match replacement.map(|value| value.get_ref()) {
            Some(DeValue::Array(values)) => values.iter().collect(),
            _ => vec![host],
        }
    }
}

/// Finds the environment with a name, or reports that there is none.
pub(crate) fn choose<'t>(file: &'t DeTable<'t>, name: &str, report: &mut Report) -> Overlay<'t> {
    let environments = file.get("environments").and_then(as_table);
    let Some(chosen) = environments.and_then(|environments| environments.get(name)) else {
        let names = names_in(file, "environments");
        let finding = Finding::new(&mistakes::ENVIRONMENT, format!("the policy has no environment `{name}`"));
        let all = listed(names.iter().copied(), "and");
        report.add(finding.help(match (nearest(name, names.iter().copied()), names.len()) {
            (_, 0) => "it has no environments; leave `--env` out".to_owned(),
            (_, 1) => format!("the only environment is {all}; without `--env` the base policy is compiled"),
            (Some(near), _) => format!("did you mean `{near}`? the environments are {all}"),
            (None, _) => format!("the environments are {all}"),
        }));
        return Overlay::default();
    };
    let part = |key: &str| as_table(chosen).and_then(|chosen| chosen.get(key)).and_then(as_table);
    Overlay { allowlists: part("allowlists"), upstreams: part("upstreams"), hosts: part("hosts") }
}

/// Checks the shape of all environments, and that the base has something to replace for each of their entries.
pub(crate) fn check<'t>(environments: Cursor<'t, '_>, file: &'t DeTable<'t>) {
    let (allowlists, upstreams, hosts) =
        (names_in(file, "allowlists"), names_in(file, "upstreams"), hosts_of(file));
    environments.table(|environments| {
        environments.entries(|_name, environment| {
            environment.table(|environment| {
                check_part(environment, "allowlists", "allowlist", &allowlists, |list| {
                    allowlist::read(list);
                });
                check_part(environment, "upstreams", "upstream", &upstreams, |upstream| {
                    upstream.string();
                });
                check_part(environment, "hosts", "host", &hosts, check_replacement);
            });
        });
    });
}

fn check_part<'t>(
    environment: &mut Table<'t, '_>,
    key: &'static str,
    what: &str,
    base: &[&str],
    mut check: impl FnMut(Cursor<'t, '_>),
) {
    let Some(part) = environment.field(key) else { return };
    part.table(|table| {
        check_names(table, base, what);
        table.entries(|_name, value| check(value));
    });
}

fn check_replacement(names: Cursor<'_, '_>) {
    match names.value() {
        DeValue::Array(values) if values.is_empty() => {
            names.reject::<()>(Finding::new(
                &mistakes::ENVIRONMENT,
                "a host needs at least one name to replace it",
            ));
        }
        _ => {
            names.strings();
        }
    }
}

/// The names of the environments of a policy. None if it is not TOML.
#[must_use]
pub fn environments(source: &Source) -> Vec<String> {
    let names = |file: &DeTable<'_>| names_in(file, "environments").into_iter().map(str::to_owned).collect();
    syntax::parse(source).as_ref().map(names).unwrap_or_default()
}

pub(crate) fn names_in<'t>(file: &'t DeTable<'t>, key: &str) -> Vec<&'t str> {
    let table = file.get(key).and_then(as_table);
    table.into_iter().flatten().map(|(name, _)| name.get_ref().as_ref()).collect()
}

/// All hosts in routes and defaults.
fn hosts_of<'t>(file: &'t DeTable<'t>) -> Vec<&'t str> {
    let routes = file.get("routes").and_then(|routes| routes.get_ref().as_array());
    let routes = routes.into_iter().flatten().chain(file.get("defaults"));
    let hosts = routes.filter_map(|route| as_table(route)?.get("hosts")?.get_ref().as_array());
    hosts.flatten().filter_map(|host| host.get_ref().as_str()).collect()
}

fn check_names(overlay: &mut Table<'_, '_>, base: &[&str], what: &str) {
    for (name, span) in overlay.names() {
        if base.contains(&name) {
            continue;
        }
        let message = format!("the policy has no {what} `{name}` to replace");
        let finding = Finding::new(&mistakes::ENVIRONMENT, message).at(Some(span.clone()), "");
        let all = base.iter().copied();
        overlay.report(match nearest(name, all.clone()) {
            // A TOML table cannot have a key twice, so do not suggest one that it has.
            Some(near) if overlay.has_own(near) => finding.help(format!("`{near}` is already in this table")),
            Some(near) => finding.fix(span, TomlKeyBuilder::new(near).as_default().to_toml_key()),
            None if base.is_empty() => finding.help(match what {
                "host" => "an environment replaces hosts of routes, but no route of this policy has `hosts`"
                    .to_owned(),
                _ => format!("an environment replaces entries of `[{what}s]`, which is empty"),
            }),
            None => finding.help(format!("there is {}", listed(all, "and"))),
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{compiled, problems};

    const POLICY: &str = r#"
        upstreams.other = "zone"
        [allowlists]
        spa = ["https://app.example", "https://beta.example"]
        staff = ["https://staff.example"]
        [[routes]]
        name = "r"
        path = "/*"
        upstream = "api"
        hosts = ["api.example.com", "api.example.org"]
        cors.origins = ["@spa", "@staff"]
    "#;

    #[test]
    fn an_environment_replaces_whole_entries_and_hosts() {
        let overlay = r#"
            [environments.dev]
            allowlists.spa = ["http://localhost:5173"]
            upstreams.api = "http://127.0.0.1:9000"
            hosts."api.example.com" = ["localhost", "127.0.0.1"]
        "#;
        let text = format!("{POLICY}{overlay}");
        let policy = compiled(&text, Some("dev"));
        assert_eq!(
            policy["allowlists"],
            json!({ "spa": ["http://localhost:5173"], "staff": ["https://staff.example"] })
        );
        assert_eq!(policy["upstreams"], json!({ "api": "http://127.0.0.1:9000", "other": "zone" }));
        assert_eq!(policy["routes"][0]["hosts"], json!(["127.0.0.1", "api.example.org", "localhost"]));
        assert_eq!(compiled(&text, None), compiled(POLICY, None));
    }

    #[test]
    fn problems_of_an_overlay_stand_in_the_overlay() {
        let overlay = r#"
            [environments.dev]
            allowlists.spa = ["http://localhost:5173/"]
            upstreams.api = "ftp://a.example"
            hosts."api.example.com" = ["Localhost"]
        "#;
        let text = format!("{POLICY}{overlay}");
        let found = problems(&text, Some("dev"));
        let places: Vec<_> = found.iter().map(|(places, _)| places[0].as_str()).collect();
        assert_eq!(places, [r#""http://localhost:5173/""#, r#""ftp://a.example""#, r#""Localhost""#]);
        assert_eq!(problems(&text, None), []);
    }

    #[test]
    fn every_environment_keeps_its_shape_and_names_what_is_there() {
        let overlay = r#"
            [environments.dev]
            allowlists.sap = ["http://localhost:5173"]
            upstreams.api = 5
            hosts."api.example.net" = ["localhost"]
            hosts."api.example.com" = []
            routes = []
        "#;
        let found = problems(&format!("{POLICY}{overlay}"), None);
        let messages: Vec<_> = found.iter().map(|(_, message)| message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "the policy has no allowlist `sap` to replace",
                "expected a string, found a number",
                "the policy has no host `api.example.net` to replace",
                "a host needs at least one name to replace it",
                "unknown key `routes`",
            ]
        );
    }

    #[test]
    fn the_base_keeps_its_shape_where_it_is_replaced() {
        let text = format!("{POLICY}[environments.dev]\nallowlists.spa = [\"http://localhost:5173\"]\n");
        let text = text.replace(r#""https://beta.example""#, "7");
        assert_eq!(problems(&text, Some("dev"))[0].0, ["7"]);
    }

    #[test]
    fn an_unknown_environment_is_an_error_and_the_rest_is_checked_all_the_same() {
        let text = format!("{POLICY}colour = 1\n[environments.dev]\n");
        let found = problems(&text, Some("dve"));
        assert_eq!(found[0], (vec![], "the policy has no environment `dve`".to_owned()));
        assert_eq!(found[1].1, "unknown key `colour`");
    }
}
