//! The `wrangler.toml` of a new project: that of the npm template, with what the answers change.

use std::path::Path;

use crate::init::answers::{ApiUrl, PublicHost};
use crate::init::gateway::Gateway;
use crate::init::policy::{DOCS, toml};

/// The longest name of a Worker.
const LONGEST_NAME: usize = 63;

/// What a project with the npm packages has.
const TEMPLATE: &str = include_str!("../../../../npm/template/wrangler.toml");
/// What in it depends on the answers.
const NAME: &str = "name = \"gateway\"\n";
const ROUTES: &str = "# routes = [{ pattern = \"api.example.com\", custom_domain = true }]\n";
/// The folder of the built Worker, wherever a path in it is named.
const BUILD: &str = "node_modules/corsgate/worker";
const PATHS: [(&str, &str); 3] = [("main", "/index.js"), ("base_dir", ""), ("directory", "/assets")];

/// The text of the file, in the folder `out`.
pub(crate) fn wrangler_toml(host: &PublicHost, upstream: &ApiUrl, gateway: &Gateway, out: &Path) -> String {
    let mut text = TEMPLATE.replacen(NAME, &format!("name = {}\n", toml(&name(host))), 1);
    text = text.replacen(ROUTES, &format!("{}\n", routes(host, upstream)), 1);
    if let Gateway::Clone(clone) = gateway {
        let folder = clone.seen_from(out);
        for (key, file) in PATHS {
            let built = toml(&format!("{folder}/build{file}"));
            text = text.replacen(&entry(key, file), &format!("{key} = {built}\n"), 1);
        }
        text.push_str(&format!(
            "\n# The clone of corsgate, in which wrangler builds the gateway first. Wrangler takes this path from the folder that\n# it runs in, so it is absolute: change it where the clone is elsewhere.\n[build]\ncommand = \"npm run --silent build -- worker\"\ncwd = {}\n",
            toml(&clone.typed_path())
        ));
    }
    let admin = toml(&format!("corsgate.{}", host.zone().unwrap_or("example.com")));
    format!(
        "# Written by `corsgate init`: the Worker as wrangler sees it.\n{text}\n# Reports, and a console on a host of its own behind the secret ADMIN_TOKEN:\n# {DOCS}/admin.md\n# [vars]\n# ADMIN_HOST = {admin}\n# ANALYTICS = \"embedded\"\n"
    )
}

/// The line of the template that has a path.
fn entry(key: &str, file: &str) -> String {
    format!("{key} = \"{BUILD}{file}\"\n")
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
    fn the_template_has_each_line_that_is_replaced_once() {
        let paths = PATHS.map(|(key, file)| entry(key, file));
        for line in paths.iter().map(String::as_str).chain([NAME, ROUTES]) {
            assert_eq!(TEMPLATE.matches(line).count(), 1, "{line}");
        }
        assert_eq!(TEMPLATE.matches(BUILD).count(), PATHS.len());
    }

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
