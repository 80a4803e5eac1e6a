//! What each browser prints to its console: one entry for each case, with the sentences of Chrome, Firefox and Safari in
//! this order. `{…}` is filled in. An empty sentence means that the browser prints nothing.
//!
//! Sources: Chromium's `cors_error_string.cc`, Firefox' `security.properties`, WebKit's `CrossOriginAccessControl.cpp`.
//! docs/browsers.md and docs/from-the-console.md have all of them, and tests keep them equal.

use corsgate_policy::fetch::header_list::TokenList;
use corsgate_policy::fetch::{Blocked, is_ok_status, is_redirect_status};
use url::Url;

use crate::engine::Browser;
use crate::initiator::Initiator;
use crate::page::PageRequest;

/// A case for which browsers have a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the faults in the table below")]
pub enum Case {
    NoAllowOrigin,
    SeveralOrigins,
    NoOrigin,
    OtherOrigin,
    AnyOriginWithCredentials,
    Credentials,
    PreflightRedirect,
    PreflightStatus,
    Unparsable,
    Method,
    Header,
    MixedContent,
    MixedWebSocket,
    Handshake,
    ErrorStatus,
}

impl Case {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::NoAllowOrigin,
        Self::SeveralOrigins,
        Self::NoOrigin,
        Self::OtherOrigin,
        Self::AnyOriginWithCredentials,
        Self::Credentials,
        Self::PreflightRedirect,
        Self::PreflightStatus,
        Self::Unparsable,
        Self::Method,
        Self::Header,
        Self::MixedContent,
        Self::MixedWebSocket,
        Self::Handshake,
        Self::ErrorStatus,
    ];

    /// The case in words, as docs/browsers.md has it.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::NoAllowOrigin => "no `Access-Control-Allow-Origin`",
            Self::SeveralOrigins => "several origins in it",
            Self::NoOrigin => "a value that is no origin",
            Self::OtherOrigin => "another origin",
            Self::AnyOriginWithCredentials => "`*`, and cookies are sent",
            Self::Credentials => "`Access-Control-Allow-Credentials` is not `true`, and cookies are sent",
            Self::PreflightRedirect => "the preflight is redirected",
            Self::PreflightStatus => "the preflight's status is not 200 to 299",
            Self::Unparsable => "a list that does not parse",
            Self::Method => "the preflight does not allow the method",
            Self::Header => "the preflight does not allow a header",
            Self::MixedContent => "a secure page requests an insecure URL",
            Self::MixedWebSocket => "a secure page opens an insecure WebSocket",
            Self::Handshake => "the server refuses the handshake of a WebSocket",
            Self::ErrorStatus => "an error that the page can read",
        }
    }

    /// The sentences of Chrome, Firefox and Safari. `{value}` is the offending value, method, name or reason phrase,
    /// `{list}` the header of a list, `{whole}` its whole value, `{xhr}` and `{fetch}` what Chrome adds for one of them, and `{preflight}` what Chrome puts
    /// before a fault of a preflight's response.
    #[must_use]
    pub fn sentences(self) -> [&'static str; 3] {
        match self {
            Self::NoAllowOrigin => [
                "{preflight}No 'Access-Control-Allow-Origin' header is present on the requested resource.",
                "CORS header ‘Access-Control-Allow-Origin’ missing). Status code: {status}.",
                "Origin {origin} is not allowed by Access-Control-Allow-Origin. Status code: {status}",
            ],
            Self::SeveralOrigins => [
                "{preflight}The 'Access-Control-Allow-Origin' header contains multiple values '{value}', but only one is allowed.{fetch}",
                "CORS header ‘Access-Control-Allow-Origin’ does not match ‘{value}’).",
                "Access-Control-Allow-Origin cannot contain more than one origin.",
            ],
            Self::NoOrigin => [
                "{preflight}The 'Access-Control-Allow-Origin' header contains the invalid value '{value}'.{fetch}",
                "CORS header ‘Access-Control-Allow-Origin’ does not match ‘{value}’).",
                "Origin {origin} is not allowed by Access-Control-Allow-Origin. Status code: {status}",
            ],
            Self::OtherOrigin => [
                "{preflight}The 'Access-Control-Allow-Origin' header has a value '{value}' that is not equal to the supplied origin.{fetch}",
                "CORS header ‘Access-Control-Allow-Origin’ does not match ‘{value}’).",
                "Origin {origin} is not allowed by Access-Control-Allow-Origin. Status code: {status}",
            ],
            Self::AnyOriginWithCredentials => [
                "{preflight}The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'.{xhr}",
                "Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’).",
                "Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true.",
            ],
            Self::Credentials => [
                "{preflight}The value of the 'Access-Control-Allow-Credentials' header in the response is '{value}' which must be 'true' when the request's credentials mode is 'include'.{xhr}",
                "expected ‘true’ in CORS header ‘Access-Control-Allow-Credentials’).",
                "Credentials flag is true, but Access-Control-Allow-Credentials is not \"true\".",
            ],
            Self::PreflightRedirect => [
                "{preflight}Redirect is not allowed for a preflight request.",
                "CORS request external redirect not allowed).",
                "Preflight response is not successful. Status code: {status}",
            ],
            Self::PreflightStatus => [
                "{preflight}It does not have HTTP ok status.",
                "CORS preflight response did not succeed). Status code: {status}.",
                "Preflight response is not successful. Status code: {status}",
            ],
            Self::Unparsable => [
                "Cannot parse {list} response header field in preflight response.",
                "invalid token ‘{value}’ in CORS header ‘{list}’).",
                "Header {list} has an invalid value: {whole}",
            ],
            Self::Method => [
                "Method {value} is not allowed by Access-Control-Allow-Methods in preflight response.",
                "Did not find method in CORS header ‘Access-Control-Allow-Methods’).",
                "Method {value} is not allowed by Access-Control-Allow-Methods.",
            ],
            Self::Header => [
                "Request header field {value} is not allowed by Access-Control-Allow-Headers in preflight response.",
                "header ‘{value}’ is not allowed according to header ‘Access-Control-Allow-Headers’ from CORS preflight response).",
                "Request header field {value} is not allowed by Access-Control-Allow-Headers.",
            ],
            Self::MixedContent => [
                "Mixed Content: The page at '{page}' was loaded over HTTPS, but requested an insecure resource '{url}'. This request has been blocked; the content must be served over HTTPS.",
                "Blocked loading mixed active content “{url}”",
                "[blocked] The page at {page} requested insecure content from {url}. This content was blocked and must be served over HTTPS.",
            ],
            Self::MixedWebSocket => [
                "Mixed Content: The page at '{page}' was loaded over HTTPS, but attempted to connect to the insecure WebSocket endpoint '{url}'. This request has been blocked; this endpoint must be available over WSS.",
                "SecurityError: The operation is insecure.",
                "[blocked] The page at {page} requested insecure content from {url}. This content was blocked and must be served over HTTPS.",
            ],
            Self::Handshake => [
                "WebSocket connection to '{url}' failed: Error during WebSocket handshake: Unexpected response code: {status}",
                "Firefox can’t establish a connection to the server at {url}.",
                "WebSocket connection to '{url}' failed: The server did not accept the WebSocket handshake.",
            ],
            Self::ErrorStatus => [
                "Failed to load resource: the server responded with a status of {status} ({value})",
                "",
                "Failed to load resource: the server responded with a status of {status} ({value})",
            ],
        }
    }

    fn of(self, browser: Browser) -> &'static str {
        let [chrome, firefox, safari] = self.sentences();
        match browser {
            Browser::Chrome => chrome,
            Browser::Firefox => firefox,
            Browser::Safari => safari,
        }
    }
}

/// What stands before the sentence about a fault of CORS, with a line of its own after it in Safari.
const AROUND: [(&str, &str); 3] = [
    ("Access to {initiator} at '{url}' from origin '{origin}' has been blocked by CORS policy: ", ""),
    (
        "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at {url}. (Reason: ",
        "",
    ),
    ("", "{behind}"),
];

/// Firefox quotes the URL in one of its sentences.
const QUOTED_IN_FIREFOX: Case = Case::AnyOriginWithCredentials;

/// Chrome begins the faults of a preflight's response with this.
const PREFLIGHT: &str = "Response to preflight request doesn't pass access control check: ";

/// Chrome explains where `XMLHttpRequest` has the credentials mode.
const OF_XHR: &str = " The credentials mode of requests initiated by the XMLHttpRequest is controlled by the withCredentials attribute.";

/// Chrome gives this advice to `fetch` alone.
const OF_FETCH: &str = " Have the server send the header with a valid value.";

/// What fills a sentence.
#[derive(Clone, Copy, Debug, Default)]
struct Filling<'a> {
    url: &'a str,
    origin: &'a str,
    value: &'a str,
    whole: &'a str,
    list: &'a str,
    status: u16,
    preflight: bool,
    initiator: Initiator,
}

impl Filling<'_> {
    fn fill(&self, sentence: &str) -> String {
        let page = format!("{}/", self.origin);
        let status = self.status.to_string();
        let is_xhr = self.initiator == Initiator::Xhr;
        let mut text = String::new();
        let mut rest = sentence;
        // In one pass: a value may itself hold braces.
        while let Some((before, name, after)) = placeholder(rest) {
            text.push_str(before);
            text.push_str(match name {
                "url" => self.url,
                "origin" => self.origin,
                "page" => &page,
                "value" => self.value,
                "whole" => self.whole,
                "list" => self.list,
                "status" => &status,
                "initiator" => self.initiator.in_chrome(),
                "preflight" if self.preflight => PREFLIGHT,
                "xhr" if is_xhr => OF_XHR,
                "fetch" if self.initiator == Initiator::Fetch => OF_FETCH,
                _ => "",
            });
            rest = after;
        }
        text.push_str(rest);
        text
    }
}

fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

/// The case of a fault of CORS, and the value that its sentence names.
#[must_use]
pub fn case_of(blocked: &Blocked) -> (Case, &str) {
    match blocked {
        Blocked::NoAllowOrigin => (Case::NoAllowOrigin, ""),
        // Chromium's `CheckAccess`, which asks in this order.
        Blocked::OtherOrigin(value) if value.contains([' ', ',']) => (Case::SeveralOrigins, value),
        Blocked::OtherOrigin(value) if value != "null" && Url::parse(value).is_err() => {
            (Case::NoOrigin, value)
        }
        Blocked::OtherOrigin(value) => (Case::OtherOrigin, value),
        Blocked::AnyOriginWithCredentials => (Case::AnyOriginWithCredentials, ""),
        Blocked::Credentials(value) => (Case::Credentials, value),
        Blocked::Status(status) if is_redirect_status(*status) => (Case::PreflightRedirect, ""),
        Blocked::Status(_) => (Case::PreflightStatus, ""),
        // Browsers name the first member that is no token.
        Blocked::Unparsable(_, list) => {
            (Case::Unparsable, TokenList::extract(Some(list)).err().unwrap_or(list))
        }
        Blocked::Method(method) => (Case::Method, method),
        Blocked::Header(name) => (Case::Header, name),
    }
}

/// The fault that a browser reports of several, which are in the order of the Fetch Standard. Browsers check in other
/// orders, as measured: Safari begins with a preflight's status, and Firefox runs the CORS check before it looks whether
/// a preflight is redirected.
fn reported(browser: Browser, preflight: bool, status: u16, faults: &[Blocked]) -> Option<&Blocked> {
    const NOT_SUCCESSFUL: &Blocked = &Blocked::Status(0);
    let first = faults.first()?;
    match (browser, first) {
        (Browser::Safari, _) if preflight && !is_ok_status(status) => Some(NOT_SUCCESSFUL),
        (Browser::Firefox, Blocked::Status(redirect)) if is_redirect_status(*redirect) => {
            faults.iter().find(|fault| is_of_cors_check(fault)).or(Some(first))
        }
        _ => Some(first),
    }
}

fn is_of_cors_check(fault: &Blocked) -> bool {
    matches!(
        fault,
        Blocked::NoAllowOrigin
            | Blocked::OtherOrigin(_)
            | Blocked::AnyOriginWithCredentials
            | Blocked::Credentials(_)
    )
}

/// Names that Safari knows are printed as RFCs write them, others as they were requested.
fn as_safari_writes(name: &str) -> String {
    if !KNOWN_TO_SAFARI.contains(&name) {
        return name.to_owned();
    }
    let part = |part: &str| {
        let mut letters = part.chars();
        letters
            .next()
            .map_or(String::new(), |first| format!("{}{}", first.to_ascii_uppercase(), letters.as_str()))
    };
    name.split('-').map(part).collect::<Vec<_>>().join("-")
}

/// The request headers among WebKit's `HTTPHeaderNames.in` that a script can set and a preflight asks for.
const KNOWN_TO_SAFARI: [&str; 12] = [
    "authorization",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-type",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "pragma",
    "range",
];

fn filling<'a>(request: &'a PageRequest, status: u16, preflight: bool) -> Filling<'a> {
    let (url, origin) = (request.url(), request.origin());
    Filling { url, origin, status, preflight, initiator: request.initiator(), ..Filling::default() }
}

/// What a browser prints when it blocks a response with this status for [`faults`](crate::browser::faults): one line, and
/// in Safari a second one.
#[must_use]
pub fn blocked(
    browser: Browser,
    request: &PageRequest,
    preflight: bool,
    status: u16,
    faults: &[Blocked],
) -> Option<String> {
    let case = case_of(reported(browser, preflight, status, faults)?).0;
    let quoted = format!("‘{}’", request.url());
    let url = if browser == Browser::Firefox && case == QUOTED_IN_FIREFOX { &quoted } else { request.url() };
    let around = Filling { url, ..filling(request, status, preflight) };
    let [chrome, firefox, safari] = AROUND;
    let (before, behind) = match browser {
        Browser::Chrome => chrome,
        Browser::Firefox => firefox,
        Browser::Safari => safari,
    };
    let behind = around.fill(&behind.replace("{behind}", request.initiator().behind_in_safari()));
    let line = format!("{}{}", around.fill(before), complaint(browser, request, preflight, status, faults)?);
    Some(if behind.is_empty() { line } else { format!("{line}\n{behind}") })
}

/// The part of the line that names the fault: in Chrome what follows "blocked by CORS policy:", in Firefox what follows
/// "Reason:", in Safari the first line.
#[must_use]
pub fn complaint(
    browser: Browser,
    request: &PageRequest,
    preflight: bool,
    status: u16,
    faults: &[Blocked],
) -> Option<String> {
    let why = reported(browser, preflight, status, faults)?;
    let (case, value) = case_of(why);
    let name = value.to_owned();
    let (case, value) = match (browser, case) {
        // Safari looks for a comma, the others also for a space.
        (Browser::Safari, Case::SeveralOrigins) if !value.contains(',') => (Case::OtherOrigin, name),
        (Browser::Safari, Case::Header) => (case, as_safari_writes(value)),
        _ => (case, name),
    };
    let (list, whole) = match why {
        Blocked::Unparsable(header, whole) => (header.to_string(), whole.as_str()),
        _ => (String::new(), ""),
    };
    Some(
        Filling { value: &value, whole, list: &list, ..filling(request, status, preflight) }
            .fill(case.of(browser)),
    )
}

/// What a browser prints when the response to a handshake is an error.
#[must_use]
pub fn handshake(browser: Browser, request: &PageRequest, status: u16) -> String {
    let url = request.page_url();
    Filling { url: &url, ..filling(request, status, false) }.fill(Case::Handshake.of(browser))
}

/// What a browser prints when a secure page asks for an insecure URL.
#[must_use]
pub fn mixed_content(browser: Browser, request: &PageRequest) -> String {
    let case = if request.is_websocket() { Case::MixedWebSocket } else { Case::MixedContent };
    let url = request.page_url();
    Filling { url: &url, ..filling(request, 0, false) }.fill(case.of(browser))
}

/// What a browser prints when a page may read a response that is an error, if it prints anything.
pub(crate) fn failed(browser: Browser, request: &PageRequest, status: u16) -> Option<String> {
    let value = match status {
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "",
    };
    let line = Filling { value, ..filling(request, status, false) }.fill(Case::ErrorStatus.of(browser));
    Some(line).filter(|line| !line.is_empty())
}
