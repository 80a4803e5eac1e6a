//! Why a browser sends a preflight, and what it finds wrong, in words.

use corsgate_explain::{Blocked, Cause, Need, NoNeed, Unsafe, meant_method};
use corsgate_policy::fetch::header_list::TokenList;
use corsgate_policy::fetch::is_redirect_status;

/// A sentence that says whether there is a preflight.
#[must_use]
pub fn need(need: &Need) -> String {
    match need {
        Need::Yes(causes) => {
            let causes: Vec<_> = causes.iter().map(cause).collect();
            format!("the browser sends a preflight first: {}", causes.join("; "))
        }
        Need::No(NoNeed::Handshake) => {
            "the browser sends no preflight: CORS does not apply to WebSockets".to_owned()
        }
        Need::No(NoNeed::SameOrigin) => "the browser sends no preflight: the origins are the same".to_owned(),
        Need::No(NoNeed::Simple) => {
            "the browser sends no preflight: method and headers are safelisted".to_owned()
        }
    }
}

fn cause(cause: &Cause) -> String {
    match cause {
        Cause::Method(method) => format!("the method `{method}` is not safelisted"),
        Cause::Header(name, why) => match why {
            Unsafe::Name => format!("the header `{name}` is not safelisted"),
            Unsafe::Length => format!("the value of `{name}` is longer than 128 bytes"),
            Unsafe::Value => format!("the value of `{name}` is not safelisted"),
            Unsafe::Unknown => {
                format!("the value of `{name}` is unknown, so it is treated as not safelisted")
            }
            Unsafe::Total => {
                format!("`{name}`: the values of safelisted headers have more than 1024 bytes in total")
            }
        },
        Cause::Seen => "a preflight was seen, though neither method nor headers need one".to_owned(),
    }
}

/// What a browser finds wrong with a response, in a clause.
#[must_use]
pub fn fault(fault: &Blocked) -> String {
    match fault {
        Blocked::NoAllowOrigin => "the response has no `Access-Control-Allow-Origin`".to_owned(),
        Blocked::OtherOrigin(value) if value.is_empty() => {
            "`Access-Control-Allow-Origin` is not the page's origin".to_owned()
        }
        Blocked::OtherOrigin(value) if value == "," => {
            "`Access-Control-Allow-Origin` has more than one value, and must be one origin".to_owned()
        }
        Blocked::OtherOrigin(value) if value.contains([',', ' ']) => {
            format!(
                "`Access-Control-Allow-Origin` has more than one value, `{value}`, and must be one origin"
            )
        }
        Blocked::OtherOrigin(value) => {
            format!("`Access-Control-Allow-Origin` is `{value}`, not the page's origin")
        }
        Blocked::AnyOriginWithCredentials => {
            "the page sends cookies, for which `Access-Control-Allow-Origin` must not be `*`".to_owned()
        }
        Blocked::Credentials(value) if value.is_empty() => {
            "the page sends cookies, but the response has no `Access-Control-Allow-Credentials: true`"
                .to_owned()
        }
        Blocked::Credentials(value) => {
            format!(
                "the page sends cookies, but `Access-Control-Allow-Credentials` is `{value}` and must be `true`"
            )
        }
        Blocked::Status(status) if is_redirect_status(*status) => {
            "the preflight is redirected, which no browser follows".to_owned()
        }
        Blocked::Status(0) => "the response to the preflight is not successful".to_owned(),
        Blocked::Status(status) => {
            format!(
                "the response to the preflight has the status {status}, and must have one from 200 to 299"
            )
        }
        Blocked::Unparsable(header, list) => match TokenList::extract(Some(list)) {
            Ok(_) => format!("`{header}` cannot be parsed as a list"),
            Err(member) => format!("`{header}` cannot be parsed as a list because of `{member}`"),
        },
        Blocked::Method(method) if method.is_empty() => {
            "`Access-Control-Allow-Methods` does not allow the method".to_owned()
        }
        Blocked::Method(method) => format!("`Access-Control-Allow-Methods` does not allow `{method}`"),
        Blocked::Header(name) if name.is_empty() => {
            "`Access-Control-Allow-Headers` does not allow a header".to_owned()
        }
        Blocked::Header(name) => format!("`Access-Control-Allow-Headers` does not allow `{name}`"),
    }
}

/// What a server must do about it, for a page of this origin.
#[must_use]
pub fn remedy(fault: &Blocked, origin: &str) -> String {
    let origin = if origin.is_empty() { "ORIGIN" } else { origin };
    match fault {
        Blocked::NoAllowOrigin | Blocked::OtherOrigin(_) | Blocked::AnyOriginWithCredentials
            if origin == "null" =>
        {
            "Serve the page from an origin of its own, or let it request the last URL of its redirects itself. `null` is the origin of every sandboxed frame and local file, and of requests behind some redirects, so a server must not allow it.".to_owned()
        }
        Blocked::NoAllowOrigin | Blocked::OtherOrigin(_) => format!(
            "Let the server send `Access-Control-Allow-Origin: {origin}`, once and exactly so, also with errors and to preflights."
        ),
        Blocked::AnyOriginWithCredentials => format!(
            "Let the server send `Access-Control-Allow-Origin: {origin}` and `Access-Control-Allow-Credentials: true`, or let the page leave cookies out (`credentials: \"same-origin\"`)."
        ),
        Blocked::Credentials(_) => "Let the server send `Access-Control-Allow-Credentials: true` if this page may use its visitors' cookies; otherwise let the page leave cookies out (`credentials: \"same-origin\"`).".to_owned(),
        Blocked::Status(status) if is_redirect_status(*status) => {
            "Request the URL that the server redirects to (often `https`, or with or without a final slash), or let the server answer `OPTIONS` before it redirects.".to_owned()
        }
        Blocked::Status(_) => {
            "Let the server answer `OPTIONS` with 204, without asking for authentication: browsers send no cookies and no `Authorization` with a preflight.".to_owned()
        }
        Blocked::Unparsable(header, _) => {
            format!("Let the server send `{header}` as names with commas between them, without quotation marks.")
        }
        Blocked::Method(method) if let Some(meant) = meant_method(method) => format!(
            "{} Let the server have `{meant}` in `Access-Control-Allow-Methods`.",
            write_method(meant)
        ),
        Blocked::Method(method) => format!(
            "Let the server add {} to `Access-Control-Allow-Methods`, in this case.",
            if method.is_empty() { "the method".to_owned() } else { format!("`{method}`") },
        ),
        Blocked::Header(name) => format!(
            "Let the server add {} to `Access-Control-Allow-Headers`; `*` does not cover `Authorization`, and nothing with cookies.",
            if name.is_empty() { "the header".to_owned() } else { format!("`{name}`") }
        ),
    }
}

/// What a page must write whose method has another case than the one that servers know.
#[must_use]
pub fn write_method(meant: &str) -> String {
    format!("Browsers do not change the case of {meant}: write `method: \"{meant}\"` in the page.")
}

/// The same for programs: the kind of cause, its subject, and the reason.
#[must_use]
pub fn parts(cause: &Cause) -> (&'static str, Option<&str>, Option<&'static str>) {
    match cause {
        Cause::Method(method) => ("method", Some(method), None),
        Cause::Header(name, why) => {
            let why = match why {
                Unsafe::Name => "name",
                Unsafe::Length => "length",
                Unsafe::Value => "value",
                Unsafe::Unknown => "unknown_value",
                Unsafe::Total => "total_length",
            };
            ("header", Some(name), Some(why))
        }
        Cause::Seen => ("seen", None, None),
    }
}
