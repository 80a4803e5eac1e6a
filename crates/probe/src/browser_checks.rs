//! Runs the response to an allowed page through a browser's checks.

use corsgate_explain::{Blocked, Browser, PageRequest, browser, sentences};
use corsgate_policy::Kind;
use corsgate_policy::fetch::header_list::TokenList;
use corsgate_policy::fetch::{ListHeader, is_ok_status};

use crate::answer::Answer;
use crate::ask::Ask;
use crate::finding::{Finding, Seen};
use crate::in_front;
use crate::mistake::Mistake;

const ALLOW_ORIGIN: &str = "access-control-allow-origin";

/// The mistakes in a response to a page that should be allowed.
pub(crate) fn mistakes(ask: &Ask, page: &PageRequest, answer: &Answer, browser: Browser) -> Vec<Finding> {
    // Whatever else is wrong with such a response, the server did not send it.
    if let Some(responder) = in_front::responder(answer) {
        let message = format!("{responder} responds instead of the server ({})", answer.status);
        return vec![of(Mistake::AnsweredInFront, message, ask, answer)];
    }
    let found = match ask.kind {
        Kind::Handshake => handshake(answer).into_iter().collect(),
        Kind::Preflight | Kind::Actual => of_headers(ask, page, answer),
    };
    let is_preflight = ask.kind == Kind::Preflight;
    let faults = faults(ask, page, answer);
    let printed = sentences::complaint(browser, page, is_preflight, answer.status, &faults);
    let finding = |(mistake, message, blocks): Found| Finding {
        console: printed.clone().filter(|_| blocks),
        ..of(mistake, message, ask, answer)
    };
    found.into_iter().map(finding).collect()
}

/// The mistake in an error response for a URL that does not exist.
pub(crate) fn not_found(ask: &Ask, page: &PageRequest, answer: &Answer) -> Option<Finding> {
    let blocked = answer.browsed(|response| browser::check_response(page, response)).err()?;
    if answer.status < 400 || in_front::responder(answer).is_some() {
        return None;
    }
    // What is printed above the finding are the headers that are there.
    let how = match blocked {
        Blocked::NoAllowOrigin => "comes without CORS headers".to_owned(),
        other => match of_blocked(page, answer, other) {
            Some((_, message, _)) => format!("comes with others than the page needs: {message}"),
            None => "comes with `*` for a page that sends cookies".to_owned(),
        },
    };
    let message = format!("for a path that does not exist, {} {how}", answer.status);
    Some(of(Mistake::NotFoundWithoutCors, message, ask, answer))
}

/// Why a browser blocks the response, or does not send the request after this preflight, in the order of the Fetch Standard.
pub(crate) fn faults(ask: &Ask, page: &PageRequest, answer: &Answer) -> Vec<Blocked> {
    let asked = ask.header("access-control-request-method").filter(|_| ask.kind == Kind::Preflight);
    match ask.kind {
        Kind::Handshake => Vec::new(),
        Kind::Preflight | Kind::Actual => {
            answer.browsed(|response| browser::faults(page, asked.as_deref(), response))
        }
    }
}

/// A finding of a mistake, with one occurrence.
pub(crate) fn of(mistake: Mistake, message: String, ask: &Ask, answer: &Answer) -> Finding {
    Finding {
        severity: mistake.severity(),
        name: mistake.name(),
        message,
        consequence: mistake.consequence().to_owned(),
        instead: mistake.instead().to_owned(),
        console: None,
        seen: vec![Seen::of(ask, answer)],
    }
}

/// A mistake, a sentence about it, and whether it makes the browser block the response.
type Found = (Mistake, String, bool);

fn handshake(answer: &Answer) -> Option<Found> {
    let refused =
        |how: String| Some((Mistake::HandshakeRefused, format!("an allowed handshake is {how}"), false));
    match (answer.status, &answer.closed) {
        (101, Some(closed)) => {
            refused(format!("accepted, but immediately closed with {} {}", closed.code, closed.reason))
        }
        (403, _) => refused("refused with 403".to_owned()),
        // With any other status, the API does not support this handshake, or is absent.
        _ => None,
    }
}

fn of_headers(ask: &Ask, page: &PageRequest, answer: &Answer) -> Vec<Found> {
    let mut found = Vec::new();
    let origins = answer.values(ALLOW_ORIGIN);
    let joined = answer.get(ALLOW_ORIGIN);
    let several = origins.len() > 1;
    if several {
        let message =
            format!("`Access-Control-Allow-Origin` occurs {} times: {}", origins.len(), quoted(&origins));
        found.push((Mistake::DuplicateHeaders, message, true));
    } else if let Some(value) = joined.as_deref().filter(|value| value.contains([',', ' '])) {
        let message = format!("`Access-Control-Allow-Origin` has more than one value: `{value}`");
        found.push((Mistake::SeveralOrigins, message, true));
    }
    let is_star = joined.as_deref() == Some("*");
    if is_star && answer.has_credentials() {
        let message =
            "`Access-Control-Allow-Origin: *` is sent together with `Access-Control-Allow-Credentials: true`";
        found.push((Mistake::StarWithCredentials, message.to_owned(), page.has_credentials()));
    }
    let is_preflight = ask.kind == Kind::Preflight;
    if is_preflight && !is_ok_status(answer.status) {
        found.extend(status(answer));
        return found;
    }
    for name in ["access-control-allow-methods", "access-control-allow-headers"] {
        if is_preflight && answer.has_credentials() && answer.lists(name, "*") {
            let message =
                format!("`{name}: *` is sent together with `access-control-allow-credentials: true`");
            found.push((Mistake::LiteralStar, message, false));
        }
    }
    let asked = ask.header("access-control-request-method").unwrap_or_default();
    let checked = answer.browsed(|response| match is_preflight {
        true => browser::check_preflight(page, &asked, response),
        false => browser::check_response(page, response),
    });
    if is_preflight {
        let blocks = matches!(checked, Err(Blocked::Unparsable(..)));
        found.extend(unparsable(answer).map(|message| (Mistake::UnparsableList, message, blocks)));
    }
    if let Err(blocked) = checked
        && !(several || found.iter().any(|(mistake, ..)| *mistake == Mistake::SeveralOrigins))
    {
        found.extend(of_blocked(page, answer, blocked));
    }
    found
}

/// The server's mistake that makes a browser block the response.
fn of_blocked(page: &PageRequest, answer: &Answer, blocked: Blocked) -> Option<Found> {
    let (origin, status) = (page.origin(), answer.status);
    let (mistake, message) = match &blocked {
        // Servers refuse an origin with 403. Other errors have other reasons.
        Blocked::NoAllowOrigin if status >= 400 && status != 403 => {
            (Mistake::ErrorsWithoutCors, format!("{status} for `{origin}` comes without CORS headers"))
        }
        Blocked::NoAllowOrigin => (
            Mistake::OriginRefused,
            format!(
                "{status} for `{origin}`, which should be allowed, comes without `Access-Control-Allow-Origin`"
            ),
        ),
        Blocked::OtherOrigin(value) => (
            Mistake::OtherOrigin,
            format!("`Access-Control-Allow-Origin` is `{value}` for `{origin}`, which should be allowed"),
        ),
        Blocked::AnyOriginWithCredentials if answer.has_credentials() => return None,
        Blocked::AnyOriginWithCredentials => (
            Mistake::StarWithCredentials,
            "`Access-Control-Allow-Origin` is `*` for a page that sends cookies".to_owned(),
        ),
        Blocked::Credentials(_) => (
            Mistake::CredentialsRefused,
            match answer.get("access-control-allow-credentials") {
                Some(value) => {
                    format!("`Access-Control-Allow-Credentials` is `{value}`, but only `true` is valid")
                }
                None => {
                    "there is no `Access-Control-Allow-Credentials` for a page that sends cookies".to_owned()
                }
            },
        ),
        Blocked::Method(method) => {
            (Mistake::MethodRefused, format!("the preflight for `{method}` does not allow it"))
        }
        Blocked::Header(name) => (Mistake::HeaderRefused, format!("the preflight does not allow `{name}`")),
        // Reported already: whatever else fails first, the preflight fails.
        Blocked::Unparsable(..) => return None,
        Blocked::Status(_) => return None,
    };
    Some((mistake, message, true))
}

/// A sentence that names all lists in a preflight's response that do not parse, since browsers name only the first.
fn unparsable(answer: &Answer) -> Option<String> {
    let headers = [(ListHeader::Methods, "a method"), (ListHeader::Headers, "the name of a header")];
    let told = headers.iter().filter_map(|(header, what)| {
        let value = answer.get(&header.to_string().to_ascii_lowercase())?;
        let member = TokenList::extract(Some(&value)).err()?;
        Some(format!("`{header}: {value}` cannot be parsed as a list: `{member}` is not {what}"))
    });
    let told: Vec<_> = told.collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// What a preflight's status outside 2xx means.
fn status(answer: &Answer) -> Option<Found> {
    let status = answer.status;
    let (mistake, message) = match status {
        301..=303 | 307 | 308 => {
            let place = answer.get("location").map(|place| format!(" to `{place}`")).unwrap_or_default();
            (Mistake::PreflightRedirected, format!("the preflight is redirected{place} ({status})"))
        }
        401 | 407 => (Mistake::PreflightUnauthorized, format!("the preflight gets {status}")),
        403 if answer.get(ALLOW_ORIGIN).is_none() => {
            (Mistake::OriginRefused, "the preflight of an origin that should be allowed gets 403".to_owned())
        }
        // The server is overloaded or unavailable, which says nothing about CORS.
        429 | 502..=504 => return None,
        _ => (Mistake::PreflightNotHandled, format!("the preflight gets {status}")),
    };
    Some((mistake, message, true))
}

fn quoted(values: &[&str]) -> String {
    values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(" and ")
}
