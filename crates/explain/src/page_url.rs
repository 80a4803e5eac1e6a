//! Parses the URL that a page asks for.

use corsgate_policy::RequestUrl;
use url::Url;

use crate::request_error::RequestError;

/// Parses a URL. Returns it with an HTTP scheme, and the scheme as written.
pub(crate) fn read(text: &str) -> Result<(String, String), RequestError> {
    let mut url = match Url::parse(text) {
        Ok(url) => url,
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            return Err(RequestError::RelativeUrl(text.to_owned()));
        }
        Err(error) => return Err(RequestError::MalformedUrl(text.to_owned(), error)),
    };
    let scheme = url.scheme().to_owned();
    // Browsers open a WebSocket with an HTTP request (RFC 6455, 4.1).
    let instead = match scheme.as_str() {
        "http" | "ws" => "http",
        "https" | "wss" => "https",
        other => return Err(RequestError::Scheme(other.to_owned())),
    };
    if url.set_scheme(instead).is_err() {
        return Err(RequestError::UnusableUrl(text.to_owned()));
    }
    // Browsers send the user name and password as a header, or reject the URL. The gateway never sees them in the URL.
    let _cannot_fail = (url.set_username(""), url.set_password(None));
    url.set_fragment(None);
    let href = String::from(url);
    match RequestUrl::parse(&href) {
        Some(_) => Ok((href, scheme)),
        None => Err(RequestError::UnsentUrl(text.to_owned())),
    }
}
