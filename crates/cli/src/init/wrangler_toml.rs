//! The `wrangler.toml` of a gateway whose code is in a clone of this project.

use crate::init::answers::{ApiUrl, PublicHost};
use crate::init::policy::toml;

/// The longest name of a Worker.
const LONGEST_NAME: usize = 63;

/// The text of the file. `gateway` is the path from the file to the clone.
pub(crate) fn wrangler_toml(host: &PublicHost, upstream: &ApiUrl, gateway: &str) -> String {
    let within = |path: &str| toml(&format!("{gateway}/{path}"));
    format!(
        r#"# Written by `corsgate init`: the Worker as wrangler sees it. wrangler makes the KV namespace when it first deploys, and finds
# it again by its binding. The code of the gateway, and what each setting is for, is in the clone of corsgate that `main` is in.
name = {name}
main = {main}
# The modules are built. Bundled again into one, every isolate would compile what only the admin host needs.
no_bundle = true
find_additional_modules = true
base_dir = {base}
rules = [
  {{ type = "ESModule", globs = ["admin.js"], fallthrough = false }},
  {{ type = "CompiledWasm", globs = ["*_bg.wasm"], fallthrough = false }},
  {{ type = "Text", globs = [], fallthrough = false }},
  {{ type = "Data", globs = [], fallthrough = false }},
]
compatibility_date = "2026-11-17"

{routes}

# A gateway is reached through its routes and nowhere else.
workers_dev = false
preview_urls = false

# A cache before the Worker would answer one origin with what another was answered.
[cache]
enabled = false

[assets]
directory = {assets}
binding = "ASSETS"
run_worker_first = true
html_handling = "none"
not_found_handling = "none"

[build]
command = "npm run --silent build -- worker"
cwd = {cwd}

[observability]
enabled = true
redact_query_string = true
[observability.logs]
enabled = true
invocation_logs = false

[[migrations]]
tag = "v1"
new_sqlite_classes = ["Limiter"]
[[migrations]]
tag = "v2"
new_sqlite_classes = ["Store"]

# The policy and its lists.
[[kv_namespaces]]
binding = "POLICY"
# Rate limits.
[[durable_objects.bindings]]
name = "LIMITER"
class_name = "Limiter"
# Records for reports, with `ANALYTICS = "embedded"`.
[[durable_objects.bindings]]
name = "STORE"
class_name = "Store"
# Every decision that is not a plain allow.
[[analytics_engine_datasets]]
binding = "DECISIONS"
dataset = "corsgate_decisions"

# Reports, and a console on a host of its own behind the secret ADMIN_TOKEN: docs/admin.md.
# [vars]
# ADMIN_HOST = {admin}
# ANALYTICS = "embedded"
"#,
        name = toml(&name(host)),
        main = within("build/index.js"),
        base = within("build"),
        routes = routes(host, upstream),
        assets = within("build/assets"),
        cwd = toml(gateway),
        admin = toml(&format!("corsgate.{}", host.zone().unwrap_or("example.com"))),
    )
}

/// A name that tells this Worker from others of the account.
fn name(host: &PublicHost) -> String {
    let letters = host.example();
    let letters = letters.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' });
    let name: String = "corsgate-".chars().chain(letters).take(LONGEST_NAME).collect();
    name.trim_end_matches('-').to_owned()
}

fn routes(host: &PublicHost, upstream: &ApiUrl) -> String {
    let zone = host.zone().unwrap_or_default();
    // Only a route can stand in front of the zone's own server, or take many hosts.
    if upstream.is_zone() || host.0.starts_with('*') {
        format!(
            "# In front of the zone's own server.\nroutes = [{{ pattern = {}, zone_name = {} }}]",
            toml(&format!("{}/*", host.0)),
            toml(zone)
        )
    } else {
        format!(
            "# The Worker is the origin of this host, for which wrangler makes the DNS record and the certificate.\nroutes = [{{ pattern = {}, custom_domain = true }}]",
            toml(&host.0)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_routes_are_those_that_cloudflare_takes() {
        let long = format!("{}.{}.example.com", "a".repeat(60), "b".repeat(60));
        for (host, name_of, route) in [
            (
                "api.example.com",
                "corsgate-api-example-com",
                "pattern = \"api.example.com\", custom_domain = true",
            ),
            (
                "*.example.co.uk",
                "corsgate-any-example-co-uk",
                "\"*.example.co.uk/*\", zone_name = \"example.co.uk\"",
            ),
            (&long, &format!("corsgate-{}", "a".repeat(54)), "custom_domain"),
        ] {
            let host = PublicHost::parse(host).expect(host);
            assert_eq!(name(&host), *name_of);
            let upstream = ApiUrl::parse("https://origin.example.net").expect("a URL");
            assert!(routes(&host, &upstream).contains(route), "{}", routes(&host, &upstream));
        }
        let host = PublicHost::parse("www.example.com").expect("a host");
        assert!(
            routes(&host, &ApiUrl::parse("zone").expect("a zone")).contains("zone_name = \"example.com\"")
        );
    }
}
