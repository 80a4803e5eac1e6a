//! CG271.

use corsgate_policy::grammar::host::{is_address, is_loopback, is_private_address};
use corsgate_policy::policy::violation::DocumentPath;
use url::Url;

use crate::finding::Finding;
use crate::lint::{Code, Lint};
use crate::lints::{Check, Subject};
use crate::report::Report;

/// The code of an upstream that only this machine or its network reaches. Whoever serves the policy on this machine
/// means it so.
pub const LOCAL_UPSTREAM: Code = LINT.code;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::info(
    271,
    "an upstream that the edge cannot reach",
    r#"The gateway runs on Cloudflare's edge. There, `localhost` is not your machine, and addresses such as `10.0.0.5` and names such as `api.internal` belong to no network that it is in: every request to the upstream gets 502. Write the URL that the edge reaches, and that of your machine in an environment, which replaces it in development:

    [upstreams]
    api = "https://origin.example.net"
    [environments.development.upstreams]
    api = "http://127.0.0.1:9000"

An API that has no public address is reached through a service binding (`service:NAME`) or Cloudflare Tunnel.

`corsgate dev` does not report it, nor does `check` where an environment says so: with an upstream of its own, or with a route for `localhost`. If the gateway runs in that network, in workerd of your own, say so:

    [check]
    allow = ["CG271"]"#,
);

/// Names that the public DNS does not have: RFC 6761, RFC 6762 and RFC 8375, and `.internal`, which ICANN keeps free.
const PRIVATE_NAMES: [&str; 4] = [".test", ".local", ".home.arpa", ".internal"];

fn run(subject: &Subject<'_>, report: &mut Report) {
    let mut hosts = subject.routes().flat_map(|(_, route)| route.hosts.iter().flatten());
    if hosts.any(|host| is_loopback(host)) {
        return;
    }
    for (name, upstream) in &subject.document.upstreams {
        let place = DocumentPath::default().key("upstreams").key(name);
        let Ok(url) = Url::parse(upstream) else { continue };
        let Some(reach) = url.host_str().and_then(reach) else { continue };
        if subject.replaced_upstreams.contains(name) || subject.is_broken(&place) {
            continue;
        }
        let message = format!("the edge cannot reach the upstream `{name}`");
        let finding = Finding::new(&LINT, message).at(subject.span(&place), reach);
        report.add(
            finding
                .help("write a URL that the edge reaches, and this one in `[environments.NAME.upstreams]`"),
        );
    }
}

/// From where alone a host can be reached; `None` for a public one.
fn reach(host: &str) -> Option<&'static str> {
    let is_private_name =
        || !is_address(host) && (!host.contains('.') || PRIVATE_NAMES.iter().any(|end| host.ends_with(end)));
    if is_loopback(host) {
        Some("only this machine itself does")
    } else if is_private_address(host) || is_private_name() {
        Some("only its own network does")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_are_not_public_are_told_from_those_that_are() {
        for host in ["localhost", "api.localhost", "127.0.0.1", "127.9.9.9", "[::1]"] {
            assert_eq!(reach(host), Some("only this machine itself does"), "{host}");
        }
        for host in [
            "10.0.0.5",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "[fd00::1]",
            "[fe80::1]",
            "[::ffff:a00:1]",
            "api",
            "nas.local",
            "api.internal",
            "api.home.arpa",
            "api.test",
        ] {
            assert_eq!(reach(host), Some("only its own network does"), "{host}");
        }
        for host in [
            "origin.example.net",
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "[2606:4700::1]",
            "local.example.com",
            "mylocal.net",
            "internal.example",
        ] {
            assert_eq!(reach(host), None, "{host}");
        }
    }
}
