//! What a browser makes of an answer: the checks of the Fetch Standard, cited by the names of its algorithms.

use crate::page::PageRequest;
use crate::safelist::is_safelisted_method;

/// Why a browser keeps an answer from the page, or does not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// There is no `Access-Control-Allow-Origin`.
    NoAllowOrigin,
    /// It names another origin.
    OtherOrigin(String),
    /// It is `*`, and there are credentials.
    AnyOriginWithCredentials,
    /// There are credentials, and they are not allowed.
    Credentials,
    /// A preflight whose status is no success.
    Status(u16),
    /// A preflight that does not allow the method.
    Method(String),
    /// A preflight that does not allow a header.
    Header(String),
}

/// An answer, as far as a browser looks at it.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The status.
    pub status: u16,
    /// Names in lower case, each once: the values of several lines are one, with commas ("get, decode").
    pub headers: &'a [(String, String)],
}

impl<'a> Answer<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn list(&self, name: &str) -> Vec<&'a str> {
        let items = self.get(name).into_iter().flat_map(|value| value.split(','));
        items.map(|item| item.trim_matches([' ', '\t'])).filter(|item| !item.is_empty()).collect()
    }
}

/// "CORS check".
///
/// # Errors
/// Why the answer is kept from the page.
pub fn cors_check(request: &PageRequest, answer: &Answer<'_>) -> Result<(), Blocked> {
    match answer.get("access-control-allow-origin") {
        None => Err(Blocked::NoAllowOrigin),
        Some("*") if !request.credentials => Ok(()),
        Some("*") => Err(Blocked::AnyOriginWithCredentials),
        Some(origin) if origin != request.origin => Err(Blocked::OtherOrigin(origin.to_owned())),
        Some(_) if !request.credentials => Ok(()),
        Some(_) => match answer.get("access-control-allow-credentials") {
            Some("true") => Ok(()),
            _ => Err(Blocked::Credentials),
        },
    }
}

/// "CORS-preflight fetch", step 7.
///
/// # Errors
/// Why the request is not sent.
pub fn preflight_check(
    request: &PageRequest,
    requested_method: &str,
    answer: &Answer<'_>,
) -> Result<(), Blocked> {
    cors_check(request, answer)?;
    if !(200..300).contains(&answer.status) {
        return Err(Blocked::Status(answer.status));
    }
    let (methods, names) =
        (answer.list("access-control-allow-methods"), answer.list("access-control-allow-headers"));
    let star = |list: &[&str]| !request.credentials && list.contains(&"*");
    // 7.4 and 7.5.
    let method_passes =
        methods.contains(&requested_method) || is_safelisted_method(requested_method) || star(&methods);
    if !method_passes {
        return Err(Blocked::Method(requested_method.to_owned()));
    }
    // 7.6: `*` never covers a "CORS non-wildcard request-header name", of which there is one; and 7.7.
    let passes = |name: &str| {
        let named = names.iter().any(|item| item.eq_ignore_ascii_case(name));
        named || name != "authorization" && star(&names)
    };
    match request.unsafe_names().into_iter().find(|(name, _)| !passes(name)) {
        Some((name, _)) => Err(Blocked::Header(name)),
        None => Ok(()),
    }
}
