//! What servers do wrong for allowed pages, and for caches.

use crate::severity::Severity;

macro_rules! mistakes {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal, $severity:ident, $consequence:literal, $instead:literal;)*) => {
        /// A mistake in a server's CORS responses.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Mistake { $($(#[doc = $doc])* $variant,)* }

        impl Mistake {
            /// All mistakes, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The mistake's name in reports.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// How severe the mistake is.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// The consequence for pages or users.
            #[must_use]
            pub fn consequence(self) -> &'static str {
                match self { $(Self::$variant => $consequence,)* }
            }

            /// What the server's owner should write instead.
            #[must_use]
            pub fn instead(self) -> &'static str {
                match self { $(Self::$variant => $instead,)* }
            }
        }
    };
}

mistakes! {
    /// The server grants an origin that it should refuse.
    Granted = "refused-origin-granted", High,
        "pages of this origin can read the responses",
        "remove the origin from the list, or compare the whole origin";
    /// A product in front of the server responded instead.
    AnsweredInFront = "answered-in-front", Medium,
        "the request does not reach the server, so what the server says about CORS does not count",
        "let preflights pass: Cloudflare Access has *Bypass OPTIONS requests to origin*, and a WAF rule can skip the challenge for the host of the API";
    /// A response to an allowed origin has no `Access-Control-Allow-Origin`.
    OriginRefused = "origin-refused", Medium,
        "pages of this origin cannot read the response",
        "list the origin, exactly as browsers send it";
    /// Error responses to an allowed origin lack the header, successful ones have it.
    ErrorsWithoutCors = "errors-without-cors", Medium,
        "a page that can read successful responses gets a CORS error when the API responds with 401, 404 or 500",
        "set the headers on every response: with `always` after nginx's `add_header`, or in a middleware before authentication and error handling";
    /// The same for a URL below the probed one that does not exist.
    NotFoundWithoutCors = "not-found-without-cors", Info,
        "a page that requests a wrong path gets a CORS error",
        "if pages need to know the difference, set the headers on 404 responses too";
    /// `Access-Control-Allow-Origin` names another origin.
    OtherOrigin = "other-origin", Medium,
        "pages of this origin cannot read the response",
        "send back the origin of the request if it is in the list, and `Vary: Origin` with it";
    /// `Access-Control-Allow-Origin` occurs twice.
    DuplicateHeaders = "duplicate-allow-origin", Medium,
        "browsers join the two lines into one value, which is not an origin, so no page can read the response",
        "set it in one place: either in the application, or in the proxy, which must then remove the application's (`proxy_hide_header`)";
    /// `Access-Control-Allow-Origin` has several values.
    SeveralOrigins = "several-origins", Medium,
        "`Access-Control-Allow-Origin` must be one origin: browsers compare the whole value, so no page can read the response",
        "send back only the origin of the request if it is in the list, and `Vary: Origin` with it";
    /// Pages need credentials, but the response does not allow them.
    CredentialsRefused = "credentials-refused", Medium,
        "a request with cookies is sent, but the page cannot read the response",
        "send `Access-Control-Allow-Credentials: true`, in lower case, on the responses to the preflight and to the request";
    /// `Access-Control-Allow-Origin` is `*` although the response allows credentials or the page sends them.
    StarWithCredentials = "star-with-credentials", Medium,
        "browsers refuse `*` for a request with cookies; sending back any origin instead would open the API to everybody",
        "name the origins that may use cookies, or leave `Access-Control-Allow-Credentials` out";
    /// A list is `*` although the response allows credentials, so browsers take it for a literal name.
    LiteralStar = "literal-star", Medium,
        "for a request with cookies, `*` is the literal name of a method or header, not a wildcard, and it never matches `Authorization`",
        "list the methods and headers, including `Authorization`";
    /// The server redirects a preflight.
    PreflightRedirected = "preflight-redirected", Medium,
        "browsers do not follow a redirect of a preflight, so the request is never sent",
        "respond to `OPTIONS` with 204 at the URL of the request; use the URL that needs no redirect (`https`, the slash at the end)";
    /// The server requires authentication for a preflight.
    PreflightUnauthorized = "preflight-unauthorized", Medium,
        "browsers send no credentials with a preflight, so it always fails, and the request is never sent",
        "respond to `OPTIONS` before authentication";
    /// The server does not handle preflights.
    PreflightNotHandled = "preflight-not-handled", Medium,
        "a preflight without a 2xx status fails, so the request is never sent",
        "respond to `OPTIONS` with 204 and the CORS headers, for every path that pages use";
    /// A preflight's response does not allow the method.
    MethodRefused = "method-refused", Medium,
        "the request is never sent",
        "list the method in `Access-Control-Allow-Methods`, in upper case";
    /// A preflight's response does not allow a header.
    HeaderRefused = "header-refused", Medium,
        "the request is never sent",
        "list the header in `Access-Control-Allow-Headers`; `*` never matches `Authorization`, and with cookies it matches nothing";
    /// A list in a preflight's response does not parse.
    UnparsableList = "unparsable-list", Medium,
        "a list that cannot be parsed makes every preflight fail, so the request is never sent",
        "separate the names by commas only: `Access-Control-Allow-Headers: content-type, authorization`";
    /// No response has `Vary: Origin`, although they depend on the origin.
    VaryMissing = "vary-missing", Low,
        "a cache sends the response for one origin to another, so pages of the other origin sometimes fail",
        "send `Vary: Origin` on every response of this URL, for every origin";
    /// Only some of the responses have `Vary: Origin`.
    VarySometimes = "vary-sometimes", Low,
        "a cache stores a response without `Vary` and sends it to an allowed page, which then cannot read it; anybody can cause this",
        "send `Vary: Origin` on every response of this URL, also for other origins, and for requests without `Origin`";
    /// A preflight's response allows any method.
    ReflectedMethods = "reflected-methods", Low,
        "an allowed page may use methods that the API does not expect",
        "list the methods; do not send back `Access-Control-Request-Method`";
    /// A preflight's response allows any header.
    ReflectedHeaders = "reflected-headers", Low,
        "an allowed page may send any header, including those that proxies trust",
        "list the headers; do not send back `Access-Control-Request-Headers` (npm `cors` without `allowedHeaders`, Flask-CORS without `allow_headers`)";
    /// The request injected a line into the response head.
    InjectedHeader = "injected-header", Critical,
        "an attacker who can make a client send a line break can write headers, cookies and bodies into the response",
        "send back the origin from your list, never the value of the request";
    /// The server refuses a handshake from an allowed origin.
    HandshakeRefused = "handshake-refused", Medium,
        "pages of this origin cannot open the WebSocket",
        "accept the origin in the upgrade request: for a WebSocket the server compares `Origin` itself, and CORS headers have no effect";
    /// Any origin may read responses without credentials.
    OpenToAnyone = "open-to-anyone", Info,
        "any page can read the responses that a visitor gets without signing in",
        "nothing, if the responses are public";
}
