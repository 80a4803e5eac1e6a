//! The URL that a page asks for.

use corsgate_policy::RequestUrl;
use url::Url;

/// Reads a URL, and gives the scheme that it was written with.
pub(crate) fn read(text: &str) -> Result<(String, String), String> {
    let mut url = match Url::parse(text) {
        Ok(url) => url,
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            return Err(format!(
                "`{}` has no scheme and host: write the whole URL, such as `https://api.example.com/users`",
                text.escape_debug()
            ));
        }
        Err(error) => return Err(format!("`{}` is not a URL: {error}", text.escape_debug())),
    };
    let scheme = url.scheme().to_owned();
    // Browsers open a WebSocket by a request of the other scheme (RFC 6455, 4.1).
    let instead = match scheme.as_str() {
        "http" | "ws" => "http",
        "https" | "wss" => "https",
        other => {
            return Err(format!("`{other}` is no scheme that the gateway answers: write `https` or `http`"));
        }
    };
    if url.set_scheme(instead).is_err() {
        return Err(format!("`{}` is not a URL that a page can ask for", text.escape_debug()));
    }
    // Browsers make a header of these, or refuse; neither is part of what the gateway sees.
    let _cannot_fail = (url.set_username(""), url.set_password(None));
    url.set_fragment(None);
    let href = String::from(url);
    match RequestUrl::parse(&href) {
        Some(_) => Ok((href, scheme)),
        None => Err(format!("no browser sends a request to `{}`", text.escape_debug())),
    }
}
