//! Why a browser fails a request by itself, whatever the server says about CORS.

/// A kind of failure that is not one of CORS, or of which the text does not say what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BrowserError {
    /// A page of a public site asks for an address of a local network or of this machine.
    LocalNetwork,
    /// A secure page asks for an insecure URL.
    MixedContent,
    /// An extension, a protection list or the developer tools block the request.
    Client,
    /// The page's own `Content-Security-Policy`.
    ContentSecurityPolicy,
    /// The server's certificate is not trusted.
    Certificate,
    /// `Cross-Origin-Resource-Policy`, `Cross-Origin-Embedder-Policy`, or Opaque Response Blocking.
    Isolation,
    /// The user's administrator blocks the URL.
    Administrator,
    /// A blocked redirect, such as one within a `fetch` with `redirect: "error"`.
    Redirect,
    /// The connection was not made, or broke off.
    Connection,
    /// The page or the user aborted the request.
    Aborted,
    /// Firefox: "CORS request did not succeed". There was no response at all.
    NoResponse,
    /// `net::ERR_FAILED` and its like, which do not say why.
    Unspecific,
    /// The browser says that CORS failed.
    Cors,
    /// A server answered with an error status. The line does not say whether the page could read the response.
    Answered,
    /// A page reaches into a frame or window of another origin, or posts a message to the wrong one.
    FrameAccess,
    /// A response does not allow that a frame shows it.
    Framing,
    /// A page reads a canvas with an image that was loaded without CORS.
    Canvas,
    /// `fetch` throws for a URL with a user name or password.
    UserInUrl,
    /// A script sets a header that only the browser may set.
    ForbiddenHeader,
    /// A response has a content type that is wrong for a script, a style sheet or WebAssembly.
    ContentType,
    /// An EventSource got a response that is no stream of events.
    EventStream,
    /// A font was not loaded. The line does not say whether that was CORS.
    Font,
    /// The page's own service worker answered.
    ServiceWorker,
    /// The browser keeps cookies of another site from the request.
    Cookies,
    /// A setting of Firefox turns CORS off.
    Disabled,
}

impl BrowserError {
    /// Reads the text of an error, such as `net::ERR_BLOCKED_BY_CLIENT` or `mixed-content`, or a number of Firefox
    /// (`nsILoadInfo`, `BLOCKING_REASON_…`).
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(number) = text.parse::<u32>() {
            return Self::of_firefox(number);
        }
        let lower = text.to_ascii_lowercase().replace(['_', ' '], "-");
        let has = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
        // The order matters: `ERR_BLOCKED_BY_…` names who blocks, and a later row is less specific than an earlier one.
        Some(match () {
            () if lower.is_empty() => return None,
            () if has(&["local-network", "private-network", "address-space", "localnetwork"]) => {
                Self::LocalNetwork
            }
            () if has(&["mixed-content", "mixed-block", "mixed-active"]) => Self::MixedContent,
            () if has(&["by-csp", "content-security-policy", "csp-"]) || lower == "csp" => {
                Self::ContentSecurityPolicy
            }
            () if has(&["by-administrator", "by-enterprise"]) => Self::Administrator,
            () if has(&[
                "by-client",
                "inspector",
                "subresource-filter",
                "by-extension",
                "webext",
                "tracking-uri",
                "content-blocker",
                "devtools",
                "extension",
            ]) =>
            {
                Self::Client
            }
            () if has(&["by-response", "by-orb", "coep", "corp-", "cross-origin-resource-policy"])
                || lower == "orb" =>
            {
                Self::Isolation
            }
            () if has(&[
                "err-cert",
                "err-ssl",
                "ssl-error",
                "sec-error",
                "certificate",
                "bad-cert",
                "tls",
            ]) =>
            {
                Self::Certificate
            }
            () if has(&["did-not-succeed", "corsdidnotsucceed"]) && !has(&["preflight"]) => Self::NoResponse,
            () if has(&["cors", "access-control", "cross-origin-request"]) => Self::Cors,
            () if has(&["abort", "cancel"]) => Self::Aborted,
            () if has(&["redirect"]) => Self::Redirect,
            () if has(&[
                "connection",
                "timed-out",
                "timeout",
                "name-not-resolved",
                "internet-disconnected",
                "address-unreachable",
                "network-changed",
                "empty-response",
                "unknown-host",
                "net-reset",
                "net-interrupt",
                "could-not-connect",
                "http2-",
                "quic-",
                "socket",
                "dns",
                "offline",
                "proxy",
                "tunnel",
                "chunked",
                "content-length-mismatch",
                "network-access-denied",
            ]) =>
            {
                Self::Connection
            }
            () => Self::Unspecific,
        })
    }

    fn of_firefox(number: u32) -> Option<Self> {
        Some(match number {
            0 => return None,
            1002 => Self::NoResponse,
            1001..=1999 => Self::Cors,
            2001..=2999 | 4002 | 4003 | 6000 => Self::Client,
            3001..=3999 => Self::MixedContent,
            4000..=4999 => Self::ContentSecurityPolicy,
            5000..=5999 => Self::Isolation,
            _ => Self::Unspecific,
        })
    }

    /// Whether the browser blocks the request whatever the server says about CORS. The others leave it to the response,
    /// or say nothing about it.
    #[must_use]
    pub fn blocks(self) -> bool {
        !matches!(
            self,
            Self::Connection
                | Self::Aborted
                | Self::NoResponse
                | Self::Unspecific
                | Self::Cors
                | Self::Answered
                | Self::Font
        )
    }

    /// Whether no response came, so that nothing can be said about its headers.
    #[must_use]
    pub fn is_without_response(self) -> bool {
        matches!(self, Self::Connection | Self::Aborted | Self::NoResponse)
    }

    /// What happened, in a sentence.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::LocalNetwork => {
                "Local Network Access: a page of a public site asks for an address of a local network or of this machine, for which the browser needs the user's permission"
            }
            Self::MixedContent => "mixed content: the page has `https`, but it asks for an insecure URL",
            Self::Client => {
                "an extension, a protection list of the browser or the developer tools blocked the request"
            }
            Self::ContentSecurityPolicy => {
                "the page's own `Content-Security-Policy` does not allow the request (`connect-src` and its like)"
            }
            Self::Certificate => "the browser does not accept the server's certificate",
            Self::Isolation => {
                "the browser blocked a response that was requested without CORS (`Cross-Origin-Resource-Policy`, `Cross-Origin-Embedder-Policy`, or Opaque Response Blocking)"
            }
            Self::Administrator => "the browser's administrator blocks the URL",
            Self::Redirect => "the browser did not follow a redirect",
            Self::Connection => "the connection was not made or broke off, which has nothing to do with CORS",
            Self::Aborted => "the page or the user ended the request before a response came",
            Self::NoResponse => {
                "there was no response at all: the server was not reached, its certificate is not accepted, or the browser or an extension blocked the request"
            }
            Self::Unspecific => "the browser does not say why the request failed",
            Self::Cors => "the browser says that CORS failed",
            Self::Answered => "the server answered with an error, and the line does not say that CORS failed",
            Self::FrameAccess => {
                "a page reaches into a frame or window of another origin, or posts a message to another origin than that of the window; no header of CORS allows this"
            }
            Self::Framing => {
                "the response does not allow that a page of this origin shows it in a frame (`X-Frame-Options` or `frame-ancestors`)"
            }
            Self::Canvas => {
                "the page reads a canvas with an image of another origin on it that was loaded without CORS"
            }
            Self::UserInUrl => "`fetch` throws for a URL with a user name or password, so nothing is sent",
            Self::ForbiddenHeader => {
                "a script sets a header that only the browser may set; the request is sent without it"
            }
            Self::ContentType => {
                "the response has a content type that the browser does not accept for a script, a style sheet or WebAssembly"
            }
            Self::EventStream => "an EventSource got a response that is not `text/event-stream` in UTF-8",
            Self::Font => {
                "the font was not loaded: there is none at its URL, or CORS failed; the line does not say which"
            }
            Self::ServiceWorker => {
                "the page's own service worker answered with what the browser does not accept"
            }
            Self::Disabled => "CORS is turned off in this browser, by the setting `content.cors.disable`",
            Self::Cookies => "the browser keeps the cookies of another site from the request",
        }
    }

    /// What helps.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::LocalNetwork => {
                "No header of the server helps. Let the user allow access to the local network for the page's site (in Chrome: site settings, \"Local network access\"), serve the page itself from the local network, or serve the API under a public address. The page must have `https`."
            }
            Self::MixedContent => {
                "Request the URL with `https` (`wss` for a WebSocket), and let the server serve it."
            }
            Self::Client => {
                "Try again in a private window without extensions, and with request blocking in the developer tools turned off."
            }
            Self::ContentSecurityPolicy => {
                "Add the API's origin to `connect-src` (or the directive that the line names) in the `Content-Security-Policy` of the page. The API cannot change it."
            }
            Self::Certificate => {
                "Open the URL in a tab of its own to see what is wrong with the certificate; let the server send a certificate for this host name, with its whole chain."
            }
            Self::Isolation => {
                "Let the server send `Cross-Origin-Resource-Policy: cross-origin` (`corp` in the policy's `[routes.security]`), or let the page request it with CORS (`crossorigin`)."
            }
            Self::Administrator => "Ask the administrator of the browser.",
            Self::Redirect => "Request the URL that the server redirects to.",
            Self::Connection => "Check that the server runs and is reached under this URL, then try again.",
            Self::Aborted => "Record the failure again, without leaving or reloading the page.",
            Self::NoResponse => {
                "Open the URL in a tab of its own: its error page says more. Try again in a private window without extensions."
            }
            Self::Unspecific => {
                "Copy the red line above it that begins with `Access to` (Chrome), `Cross-Origin Request Blocked` (Firefox) or `Origin` (Safari): it says why."
            }
            Self::Cors => "The response's own headers say what is missing.",
            Self::Answered => {
                "The page can read such a response if it has the headers of CORS; if it could not, the console has another red line that says so. Look up the status in the network panel."
            }
            Self::FrameAccess => {
                "Let both pages use `postMessage`, each with the exact origin of the other one as the target."
            }
            Self::Framing => {
                "Let the server of the framed page name this origin in `frame-ancestors` of its `Content-Security-Policy`, and leave `X-Frame-Options` out."
            }
            Self::Canvas => {
                "Load the image with CORS (`crossorigin=\"anonymous\"`); its server must then send `Access-Control-Allow-Origin`."
            }
            Self::UserInUrl => {
                "Take them out of the URL, and let the page set `Authorization` instead, which needs a preflight."
            }
            Self::ForbiddenHeader => "Leave the header out, or send the value in a header with another name.",
            Self::ContentType => {
                "Open the URL in a tab of its own: often it shows an HTML page in place of the file. Let the server send the file, with its own `Content-Type`."
            }
            Self::EventStream => {
                "Open the URL in a tab of its own: often it shows an error or a page to sign in. Let the server send `Content-Type: text/event-stream`, and 401 in the place of a page to sign in."
            }
            Self::Font => {
                "Browsers always use CORS for fonts. Copy the line that begins with `Cross-Origin Request Blocked`, if there is one: it says why. Otherwise open the URL in a tab of its own."
            }
            Self::ServiceWorker => {
                "Let the service worker request the URL with `mode: \"cors\"`. To try without it, turn on \"Bypass for network\" in the developer tools (Application, Service workers)."
            }
            Self::Disabled => "Set `content.cors.disable` to `false` in `about:config`.",
            Self::Cookies => {
                "Let the API's cookie have `SameSite=None; Secure; Partitioned`, or serve the API under the page's own site."
            }
        }
    }

    /// For programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LocalNetwork => "local_network_access",
            Self::MixedContent => "mixed_content",
            Self::Client => "blocked_by_client",
            Self::ContentSecurityPolicy => "content_security_policy",
            Self::Certificate => "certificate",
            Self::Isolation => "isolation",
            Self::Administrator => "administrator",
            Self::Redirect => "redirect",
            Self::Connection => "connection",
            Self::Aborted => "aborted",
            Self::NoResponse => "no_response",
            Self::Unspecific => "unspecific",
            Self::Cors => "cors",
            Self::Answered => "error_status",
            Self::FrameAccess => "frame_access",
            Self::Framing => "framing",
            Self::Canvas => "canvas",
            Self::UserInUrl => "user_in_url",
            Self::ForbiddenHeader => "forbidden_header",
            Self::ContentType => "content_type",
            Self::EventStream => "event_stream",
            Self::Font => "font",
            Self::ServiceWorker => "service_worker",
            Self::Cookies => "cookies",
            Self::Disabled => "cors_disabled",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_each_browser_are_told_apart() {
        for (text, error) in [
            ("net::ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS", Some(BrowserError::LocalNetwork)),
            ("net::ERR_BLOCKED_BY_PRIVATE_NETWORK_ACCESS_CHECKS", Some(BrowserError::LocalNetwork)),
            ("LocalNetworkAccessPermissionDenied", Some(BrowserError::LocalNetwork)),
            ("mixed-content", Some(BrowserError::MixedContent)),
            ("3001", Some(BrowserError::MixedContent)),
            ("net::ERR_BLOCKED_BY_CLIENT", Some(BrowserError::Client)),
            ("net::ERR_BLOCKED_BY_CLIENT.Inspector", Some(BrowserError::Client)),
            ("inspector", Some(BrowserError::Client)),
            ("4002", Some(BrowserError::Client)),
            ("net::ERR_BLOCKED_BY_CSP", Some(BrowserError::ContentSecurityPolicy)),
            ("csp", Some(BrowserError::ContentSecurityPolicy)),
            ("net::ERR_CERT_AUTHORITY_INVALID", Some(BrowserError::Certificate)),
            ("SEC_ERROR_UNKNOWN_ISSUER", Some(BrowserError::Certificate)),
            ("net::ERR_BLOCKED_BY_RESPONSE.NotSameOrigin", Some(BrowserError::Isolation)),
            ("net::ERR_BLOCKED_BY_ORB", Some(BrowserError::Isolation)),
            ("corp-not-same-origin", Some(BrowserError::Isolation)),
            ("NS_ERROR_DOM_CORP_FAILED", Some(BrowserError::Isolation)),
            ("net::ERR_BLOCKED_BY_ADMINISTRATOR", Some(BrowserError::Administrator)),
            ("net::ERR_CONNECTION_RESET", Some(BrowserError::Connection)),
            ("net::ERR_NAME_NOT_RESOLVED", Some(BrowserError::Connection)),
            ("NS_ERROR_CONNECTION_REFUSED", Some(BrowserError::Connection)),
            ("NS_ERROR_UNKNOWN_HOST", Some(BrowserError::Connection)),
            ("net::ERR_ABORTED", Some(BrowserError::Aborted)),
            ("NS_BINDING_ABORTED", Some(BrowserError::Aborted)),
            ("1002", Some(BrowserError::NoResponse)),
            ("1005", Some(BrowserError::Cors)),
            ("CORSMissingAllowOrigin", Some(BrowserError::Cors)),
            ("net::ERR_FAILED", Some(BrowserError::Unspecific)),
            ("NS_ERROR_FAILURE", Some(BrowserError::Unspecific)),
            ("", None),
            ("0", None),
        ] {
            assert_eq!(BrowserError::of(text), error, "{text}");
        }
    }
}
