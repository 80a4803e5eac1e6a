//! Products in front of a server that respond in its place.

use crate::answer::Answer;

/// The product that sent this response instead of the server, if the response shows it.
///
/// A challenge page names itself in `cf-mitigated` (Cloudflare, "Detect a Challenge Page response"). Cloudflare Access
/// redirects a visitor without a session to its sign-in page, and refuses preflights with 403; it then names the
/// application in `cf-access-domain`.
pub(crate) fn responder(answer: &Answer) -> Option<&'static str> {
    if answer.values("cf-mitigated").iter().any(|value| value.eq_ignore_ascii_case("challenge")) {
        return Some("a challenge page of Cloudflare");
    }
    let is_redirect = (300..400).contains(&answer.status);
    let is_sign_in =
        answer.get("location").is_some_and(|location| is_redirect && is_access_sign_in(&location));
    let is_refused = answer.status >= 300 && !answer.values("cf-access-domain").is_empty();
    (is_sign_in || is_refused).then_some("Cloudflare Access")
}

fn is_access_sign_in(location: &str) -> bool {
    let location = location.to_ascii_lowercase();
    let Some(rest) = location.strip_prefix("https://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    host.strip_suffix(".cloudflareaccess.com").is_some_and(|team| !team.is_empty() && !team.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_names_itself_is_taken_for_a_product_in_front() {
        let access = "https://team.cloudflareaccess.com/cdn-cgi/access/login/api.example.com?kid=x";
        for (status, name, value, expected) in [
            (403, "cf-mitigated", "challenge", Some("a challenge page of Cloudflare")),
            (429, "cf-mitigated", "Challenge", Some("a challenge page of Cloudflare")),
            (302, "location", access, Some("Cloudflare Access")),
            (403, "cf-access-domain", "api.example.com", Some("Cloudflare Access")),
            (200, "cf-access-domain", "api.example.com", None),
            (200, "location", access, None),
            (302, "location", "https://cloudflareaccess.com/x", None),
            (302, "location", "https://.cloudflareaccess.com/x", None),
            (302, "location", "https://evil.example/?x=team.cloudflareaccess.com", None),
            (302, "location", "https://team.cloudflareaccess.com.evil.example/", None),
            (302, "location", "https://evil@team.cloudflareaccess.com/", None),
            (302, "location", "/login", None),
            (403, "server", "cloudflare", None),
        ] {
            let lines = vec![(name.to_owned(), value.to_owned())];
            let answer = Answer { status, lines, ..Answer::default() };
            assert_eq!(responder(&answer), expected, "{status} {name}: {value}");
        }
    }
}
