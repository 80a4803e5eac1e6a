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
        "pages of this origin read the answers",
        "take the origin from the list, or compare the whole of it";
    /// A response to an allowed origin has no `Access-Control-Allow-Origin`.
    OriginRefused = "origin-refused", Medium,
        "pages of this origin cannot read the answer",
        "list the origin, exactly as browsers send it";
    /// Error responses to an allowed origin lack the header, successful ones have it.
    ErrorsWithoutCors = "errors-without-cors", Medium,
        "a page that may read a success is told of a CORS error where the API says 401, 404 or 500",
        "set the headers on every answer: `always` behind nginx's `add_header`, a middleware in front of what authenticates and of what handles errors";
    /// The same for a URL below the probed one that does not exist.
    NotFoundWithoutCors = "not-found-without-cors", Info,
        "a page that mistypes a path is told of a CORS error",
        "where pages need to tell these apart, set the headers on what is not found too";
    /// `Access-Control-Allow-Origin` names another origin.
    OtherOrigin = "other-origin", Medium,
        "pages of this origin cannot read the answer",
        "send back the origin that asked, once it was found in the list, and `Vary: Origin` with it";
    /// `Access-Control-Allow-Origin` occurs twice.
    DuplicateHeaders = "duplicate-allow-origin", Medium,
        "browsers take two lines for one value, which is no origin: nobody reads the answer",
        "set it in one place: either in the proxy, which must then remove what comes from behind (`proxy_hide_header`), or in the application";
    /// `Access-Control-Allow-Origin` has several values.
    SeveralOrigins = "several-origins", Medium,
        "`Access-Control-Allow-Origin` is one origin: browsers compare the whole value, and nobody reads the answer",
        "send back the one origin that asked, once it was found in the list, and `Vary: Origin` with it";
    /// Pages need credentials, but the response does not allow them.
    CredentialsRefused = "credentials-refused", Medium,
        "a request with cookies is sent, and its answer kept from the page",
        "send `Access-Control-Allow-Credentials: true`, in lower case, on the preflight and on the answer";
    /// `Access-Control-Allow-Origin` is `*` although the response allows credentials or the page sends them.
    StarWithCredentials = "star-with-credentials", Medium,
        "browsers refuse `*` for a request with cookies; whoever mends that by sending back any origin opens the API to everybody",
        "name the origins that may use cookies, or leave `Access-Control-Allow-Credentials` out";
    /// A list is `*` although the response allows credentials, so browsers take it for a literal name.
    LiteralStar = "literal-star", Medium,
        "for a request with cookies `*` is the name of a method or header and no wildcard, and it never stands for `Authorization`",
        "name the methods and headers, `Authorization` among them";
    /// The server redirects a preflight.
    PreflightRedirected = "preflight-redirected", Medium,
        "browsers follow no redirect of a preflight: the request is never sent",
        "answer `OPTIONS` with 204 where the request goes; use the URL that needs no redirect (`https`, the slash at the end)";
    /// The server requires authentication for a preflight.
    PreflightUnauthorized = "preflight-unauthorized", Medium,
        "browsers send no credentials with a preflight, so it always fails: the request is never sent",
        "answer `OPTIONS` before anything asks who is there: CORS comes before authentication";
    /// The server does not handle preflights.
    PreflightNotHandled = "preflight-not-handled", Medium,
        "a preflight without a 2xx fails: the request is never sent",
        "answer `OPTIONS` with 204 and the CORS headers, for every path that pages use";
    /// A preflight's response does not allow the method.
    MethodRefused = "method-refused", Medium,
        "the request is never sent",
        "name the method in `Access-Control-Allow-Methods`, in upper case";
    /// A preflight's response does not allow a header.
    HeaderRefused = "header-refused", Medium,
        "the request is never sent",
        "name the header in `Access-Control-Allow-Headers`; `*` never stands for `Authorization`, nor for anything with cookies";
    /// A list in a preflight's response does not parse.
    UnparsableList = "unparsable-list", Medium,
        "a list that does not parse fails every preflight, whatever else it allows: the request is never sent",
        "put a comma between the names, and nothing else: `Access-Control-Allow-Headers: content-type, authorization`";
    /// No response has `Vary: Origin`, although they depend on the origin.
    VaryMissing = "vary-missing", Low,
        "a cache hands the answer for one origin to another, which breaks pages now and then, or to all that ask for it first",
        "send `Vary: Origin` on every answer of this URL, whoever asks";
    /// Only some of the responses have `Vary: Origin`.
    VarySometimes = "vary-sometimes", Low,
        "a cache keeps the answer without `Vary` and hands it to an allowed page, which then cannot read it; anybody can see to that",
        "send `Vary: Origin` on every answer of this URL: also to other origins, and to requests without `Origin`";
    /// A preflight's response allows any method.
    ReflectedMethods = "reflected-methods", Low,
        "a page that is allowed may use methods that the API does not know of",
        "name the methods; do not send back `Access-Control-Request-Method`";
    /// A preflight's response allows any header.
    ReflectedHeaders = "reflected-headers", Low,
        "a page that is allowed may send any header, those that proxies trust among them",
        "name the headers; do not send back `Access-Control-Request-Headers` (npm `cors` without `allowedHeaders`, Flask-CORS without `allow_headers`)";
    /// The request injected a line into the response head.
    InjectedHeader = "injected-header", Critical,
        "who can make a client send a line break writes headers, cookies and bodies into the answer",
        "send back the origin of your list, never what came in";
    /// The server refuses a handshake from an allowed origin.
    HandshakeRefused = "handshake-refused", Medium,
        "pages of this origin cannot open the WebSocket",
        "list the origin for handshakes too";
    /// Any origin may read responses without credentials.
    OpenToAnyone = "open-to-anyone", Info,
        "any page reads the answers, as somebody who is not signed in",
        "fine for what is public";
}
