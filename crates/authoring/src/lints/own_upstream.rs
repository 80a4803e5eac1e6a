//! CG106.

use corsgate_policy::grammar::host::{HostPattern, is_address, is_loopback};
use corsgate_policy::policy::violation::DocumentPath;
use url::Url;

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::error(
    106,
    "an upstream that is the gateway itself",
    r#"The host of the upstream is a host of a route of this policy. The gateway would send the request to itself. It detects that, and responds with 502 `upstream_loop`.

Name the server behind the gateway. If the Worker runs on a Route of the same zone, the server behind it is `zone`:

    [upstreams]
    site = "zone""#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    let hosts: Vec<_> = subject
        .routes()
        .flat_map(|(place, route)| {
            let hosts = route.hosts.iter().flatten().enumerate();
            hosts.map(move |(at, host)| (place.key("hosts").index(at), HostPattern::parse(host)))
        })
        .collect();
    for (name, upstream) in &subject.document.upstreams {
        let Ok(url) = Url::parse(upstream) else { continue };
        let Some(host) = url.host_str().filter(|host| !is_address(host) && !is_loopback(host)) else {
            continue;
        };
        let own = hosts.iter().find(|(_, own)| own.as_ref().is_ok_and(|own| own.matches(host)));
        let Some((place, _)) = own else { continue };
        let span = subject.span(&DocumentPath::default().key("upstreams").key(name));
        let finding = Finding::new(
            &LINT,
            format!("`{host}` is a host of this gateway, so requests would come back to it"),
        );
        let finding = finding.at(span, "sends them here").at(subject.span(place), "a route has this host");
        report.add(
            finding.help("name the server behind the gateway; on a Route of the same zone, that is `zone`"),
        );
    }
}
