//! CG304.

use corsgate_policy::policy::document::Mode;

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::info(
    304,
    "a route that only reports",
    r#"A route with `mode = "report"` enforces no CORS rules. Requests and preflights from any origin go to the upstream unchanged, and so do the responses to the client. The gateway records what the policy would have done (`would_reject`, `would_allow`). Only limits, security headers, `[routes.request]` and `[routes.response]` apply. `on_disallowed`, `explain`, `forward_origin`, `forward_cookies` and `on_reject` of `[routes.websocket]` have no effect until the route enforces.

The mode is for putting the gateway in front of a live API whose upstream still handles CORS. Every check lists each route in this mode, so that none is forgotten. Once the records show no rejections that you did not intend, remove the line:

    mode = "report"   # without it, the route enforces the policy"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (place, route) in subject.routes().filter(|(_, route)| route.mode == Mode::Report) {
        let mode = place.key("mode");
        let message = format!("route `{}` only reports: it enforces no CORS rules", route.name);
        let help = match subject.spans.is_inherited(&mode) {
            true => {
                "when the gateway is to enforce, remove it here, or write `mode = \"enforce\"` in the route"
            }
            false => "when the gateway is to enforce, remove it",
        };
        report.add(Finding::new(&LINT, message).at(subject.span(&mode), "").help(help));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::findings;

    #[test]
    fn each_route_is_listed_with_what_ends_its_mode() {
        let text = r#"
            [defaults]
            upstream = "api"
            mode = "report"
            [[routes]]
            name = "inherits"
            path = "/a"
            [[routes]]
            name = "inherits-too"
            path = "/b"
            [[routes]]
            name = "enforces"
            path = "/c"
            mode = "enforce"
            [[routes]]
            name = "says-it"
            path = "/d"
            mode = "report"
            [[routes]]
            name = "unreadable"
            path = "/e"
            mode = "reprot"
        "#;
        let found = findings(text).into_iter().filter(|finding| finding.code.to_string() == "CG304");
        let found: Vec<_> =
            found.map(|finding| (finding.message, finding.help.expect("what to do"))).collect();
        let says = "only reports: it enforces no CORS rules";
        let elsewhere =
            "when the gateway is to enforce, remove it here, or write `mode = \"enforce\"` in the route";
        assert_eq!(
            found,
            [
                (format!("route `inherits` {says}"), elsewhere.to_owned()),
                (format!("route `inherits-too` {says}"), elsewhere.to_owned()),
                (format!("route `says-it` {says}"), "when the gateway is to enforce, remove it".to_owned()),
            ]
        );
    }
}
