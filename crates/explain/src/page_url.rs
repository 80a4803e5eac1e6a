//! Parses the URL that a page asks for.

use corsgate_policy::RequestUrl;
use url::Url;

use crate::request_error::RequestError;

/// Parses a URL. Returns it with an HTTP scheme, and the scheme as written.
pub(crate) fn read(text: &str) -> Result<(String, String), RequestError> {
    let mut url = match Url::parse(text) {
        Ok(url) => url,
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            return Err(RequestError::RelativeUrl(shown(text)));
        }
        Err(error) => return Err(RequestError::MalformedUrl(shown(text), error)),
    };
    let scheme = url.scheme().to_owned();
    // Browsers open a WebSocket with an HTTP request (RFC 6455, 4.1).
    let instead = match scheme.as_str() {
        "http" | "ws" => "http",
        "https" | "wss" => "https",
        other => return Err(RequestError::Scheme(other.to_owned())),
    };
    if url.set_scheme(instead).is_err() {
        return Err(RequestError::UnusableUrl(shown(text)));
    }
    // "Request" constructor, step 5.4. A WebSocket's URL may have them, but no request does.
    let has_user = !url.username().is_empty() || url.password().is_some();
    if has_user && !matches!(scheme.as_str(), "ws" | "wss") {
        return Err(RequestError::UserInUrl(url.host_str().unwrap_or_default().to_owned()));
    }
    let _cannot_fail = (url.set_username(""), url.set_password(None));
    url.set_fragment(None);
    let href = String::from(url);
    match RequestUrl::parse(&href) {
        Some(_) => Ok((href, scheme)),
        None => Err(RequestError::UnsentUrl(shown(text))),
    }
}

/// A URL for a message, without its query and its user, which may be secret.
fn shown(text: &str) -> String {
    let text = text.split(['?', '#']).next().unwrap_or_default();
    match text.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?.1))) {
        Some((scheme, rest)) => format!("{scheme}://…@{rest}"),
        None => text.to_owned(),
    }
}
