//! Why no page can send a request.

use thiserror::Error;

/// No page can send the request. Each message says what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RequestError {
    /// The URL is relative.
    #[error("`{}` has no scheme and host: write the whole URL, such as `https://api.example.com/users`", .0.escape_debug())]
    RelativeUrl(String),
    /// URL parsing fails.
    #[error("`{}` is not a URL: {}", .0.escape_debug(), .1)]
    MalformedUrl(String, url::ParseError),
    /// The URL has a scheme other than those of HTTP and WebSocket.
    #[error("`{0}` is not a scheme that the gateway supports: write `https` or `http`")]
    Scheme(String),
    /// The scheme of the URL cannot be changed to that of HTTP.
    #[error("`{}` is not a URL that a page can request", .0.escape_debug())]
    UnusableUrl(String),
    /// The URL has a user name or a password; the host is told, so that the password is not.
    #[error(
        "`fetch` throws a `TypeError` for a URL with a user name or password (of `{0}`), so nothing is sent: let the page set `Authorization` instead, which needs a preflight, and take them out of the URL"
    )]
    UserInUrl(String),
    /// The gateway never receives such a URL from a browser.
    #[error("no browser sends a request to `{}`", .0.escape_debug())]
    UnsentUrl(String),
    /// The origin is empty, or no header can hold it.
    #[error("no browser sends `{}` as `Origin`: write one such as `https://app.example.com`", .0.escape_debug())]
    Origin(String),
    /// The method is not a token.
    #[error("`{}` is not a method: write one word, such as `PUT`", .0.escape_debug())]
    MalformedMethod(String),
    /// A WebSocket handshake has another method than `GET`.
    #[error("a WebSocket handshake is a `GET`, not a `{0}`")]
    HandshakeMethod(String),
    /// The Fetch Standard forbids the method.
    #[error("browsers never let a page use `{0}`")]
    ForbiddenMethod(String),
    /// The name of a header is not a token.
    #[error("`{}` is not the name of a header: write `NAME` or `NAME=VALUE`", .0.escape_debug())]
    HeaderName(String),
    /// No header can hold the value of the header with this name.
    #[error("a header cannot have the value of `{}`", .0.escape_debug())]
    HeaderValue(String),
}
