//! Finds what a valid policy should not say: one file a lint.
//!
//! Lints use knowledge that only tools can afford: public suffixes, the behaviour of browsers, the calendar. They run
//! on the policy of one environment, after its rules.

mod absent_origin;
mod access_control_name;
pub(crate) mod allowed;
mod csp_allows_all;
mod csp_directive;
mod csp_syntax;
mod dangerous_switch;
pub(crate) mod expired;
pub(crate) mod expires_soon;
mod exposed_cookie;
mod forbidden_header;
mod forwarded_credentials;
mod header_conflict;
mod hidden_hosts;
pub(crate) mod homograph;
mod hsts_preload;
mod idle_cookies;
mod idle_enforcement;
mod idle_storage_access;
pub(crate) mod idna;
mod inherited_websocket;
mod local_credentials;
mod local_upstream;
mod long_max_age;
mod many_request_headers;
mod method_case;
mod no_hosts;
mod no_method;
mod open_hosts;
mod open_secret;
mod overloaded_limit;
mod own_upstream;
pub(crate) mod pageless_scheme;
mod permissions;
mod permissions_feature;
mod permissions_syntax;
mod placeholder;
pub(crate) mod public_suffix;
mod report_mode;
mod safelisted_method;
mod secret_in_response;
mod short_hsts;
mod subject;
pub(crate) mod subsumed;
mod suffixed_path;
mod template_path;
mod trailing_slash;
mod unsafe_url;
mod unused_allowlist;
mod unused_upstream;
mod websocket_without_cors;
mod wildcard_authorization;
mod zone_without_hosts;

use crate::lint::Lint;
use crate::mistakes;
use crate::report::Report;

pub use local_upstream::LOCAL_UPSTREAM;
pub(crate) use subject::Subject;

/// A lint, and the function that finds it.
pub(crate) struct Check {
    lint: &'static Lint,
    run: fn(&Subject<'_>, &mut Report),
}

/// All checks, in the order of their codes.
const CHECKS: &[Check] = &[
    public_suffix::CHECK,
    method_case::CHECK,
    forbidden_header::CHECK,
    access_control_name::CHECK,
    exposed_cookie::CHECK,
    own_upstream::CHECK,
    websocket_without_cors::CHECK,
    hsts_preload::CHECK,
    csp_syntax::CHECK,
    permissions_syntax::CHECK,
    header_conflict::CHECK,
    idna::CHECK,
    pageless_scheme::CHECK,
    wildcard_authorization::CHECK,
    long_max_age::CHECK,
    expired::CHECK,
    dangerous_switch::CHECK,
    csp_directive::CHECK,
    permissions_feature::CHECK,
    zone_without_hosts::CHECK,
    unused_allowlist::CHECK,
    unused_upstream::CHECK,
    template_path::CHECK,
    overloaded_limit::CHECK,
    hidden_hosts::CHECK,
    many_request_headers::CHECK,
    local_credentials::CHECK,
    forwarded_credentials::CHECK,
    absent_origin::CHECK,
    csp_allows_all::CHECK,
    short_hsts::CHECK,
    unsafe_url::CHECK,
    homograph::CHECK,
    expires_soon::CHECK,
    open_secret::CHECK,
    no_method::CHECK,
    idle_storage_access::CHECK,
    secret_in_response::CHECK,
    placeholder::CHECK,
    local_upstream::CHECK,
    safelisted_method::CHECK,
    subsumed::CHECK,
    inherited_websocket::CHECK,
    report_mode::CHECK,
    suffixed_path::CHECK,
    idle_cookies::CHECK,
    no_hosts::CHECK,
    trailing_slash::CHECK,
    idle_enforcement::CHECK,
];

/// Every kind of finding, in the order of their codes.
pub fn lints() -> impl Iterator<Item = &'static Lint> {
    let of_policies = mistakes::ALL.into_iter().chain(CHECKS.iter().map(|check| check.lint));
    let of_files = [&crate::compiled::EDITED].into_iter().chain(mistakes::OF_LISTS);
    let mut all: Vec<_> = of_policies.chain(mistakes::OF_CASES).chain(of_files).collect();
    all.sort_by_key(|lint| lint.code);
    all.into_iter()
}

/// Adds to the report what every lint finds in a policy.
pub(crate) fn run(subject: &Subject<'_>, report: &mut Report) {
    for check in CHECKS {
        (check.run)(subject, report);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::Code;
    use crate::retired::{Retired, retired};

    #[test]
    fn every_code_stands_once_and_in_order() {
        let codes: Vec<_> = lints().map(|lint| lint.code).collect();
        assert!(codes.is_sorted_by(|earlier, later| earlier < later), "{codes:?}");
    }

    /// The codes of each hundred begin with 1, can begin again at a multiple of ten, and have no gaps: an unused code
    /// is retired, not deleted or reused.
    #[test]
    fn a_code_is_retired_and_never_taken_away_or_given_anew() {
        let mut codes: Vec<_> = lints().map(|lint| lint.code).chain(retired().map(|it| it.code)).collect();
        codes.sort();
        let number = |code: &Code| code.to_string().trim_start_matches("CG").parse::<u16>().expect("digits");
        let mut next = 1;
        for code in codes.iter().map(number) {
            let begins = code % 100 == 1 || code % 10 == 0;
            assert!(code == next || begins && code > next, "CG{code:03} where CG{next:03} belongs");
            next = code + 1;
        }
    }

    #[test]
    fn titles_are_like_messages_and_explanations_say_something() {
        for lint in lints() {
            let title = lint.title;
            assert!(!title.ends_with('.') && title.len() <= 60, "{title}");
            assert!(lint.explanation.len() > 80 && lint.explanation.contains('.'), "{title}");
            assert_eq!(lint.explanation.trim(), lint.explanation, "{title}");
        }
        for Retired { title, explanation, .. } in retired() {
            assert!(explanation.len() > 80 && explanation.trim() == *explanation, "{title}");
        }
    }
}
