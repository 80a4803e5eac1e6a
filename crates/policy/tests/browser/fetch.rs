//! A model of a browser, limited to what decides whether a page may read a response: the Fetch Standard
//! (<https://fetch.spec.whatwg.org/>), cited by the names of its algorithms.
//!
//! Left out: redirects (the gateway passes them on, and the next server is asked anew), the preflight cache (it only
//! saves preflights that were already answered), and `no-cors` (its responses are unreadable).

use crate::support::{Headers, Request, Response};

/// The arguments of `fetch()` or `XMLHttpRequest`.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// The serialized origin of the page; `null` for an opaque one.
    pub page: &'static str,
    /// The method as the script writes it.
    pub method: &'static str,
    /// The headers that the script sets.
    pub headers: Vec<(&'static str, &'static str)>,
    /// The credentials mode.
    pub credentials: Credentials,
    /// There are upload listeners (the use-CORS-preflight flag).
    pub upload_listeners: bool,
}

/// "credentials mode".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials {
    Omit,
    SameOrigin,
    Include,
}

/// The exchanges on the network, and what the page can read.
#[derive(Debug)]
pub struct Fetched {
    /// The preflight and its response.
    pub preflight: Option<(Request, Response)>,
    /// The actual request and its response; none if it was not sent.
    pub actual: Option<(Request, Response)>,
    /// The names of the headers that the page can read; none after a network error.
    pub readable: Option<Vec<String>>,
}

/// "fetch" with the given server.
pub fn fetch(request: &PageRequest, url: &str, server: impl Fn(&Request) -> Response) -> Fetched {
    let mut fetched = Fetched { preflight: None, actual: None, readable: None };
    let same_origin = url.strip_prefix(request.page).is_some_and(|path| path.starts_with('/'));

    // "main fetch": the current URL's origin is the request's: no CORS.
    if same_origin {
        let actual = sent(request, url, true);
        let response = server(&actual);
        fetched.readable = Some(names(&response.headers));
        fetched.actual = Some((actual, response));
        return fetched;
    }

    // "main fetch": unsafe-request flag (all scripts set it) and a method or header that is not
    // safelisted, or the use-CORS-preflight flag.
    let unsafe_names = unsafe_request_header_names(&request.headers);
    let method = normalize(request.method);
    if request.upload_listeners || !is_safelisted_method(method) || !unsafe_names.is_empty() {
        let preflight = preflight(request, url, &unsafe_names);
        let response = server(&preflight);
        let passed = preflight_passes(request, &unsafe_names, &response);
        fetched.preflight = Some((preflight, response));
        if !passed {
            return fetched;
        }
    }

    let actual = sent(request, url, false);
    let response = server(&actual);
    // "HTTP fetch": response tainting is `cors`, and the CORS check decides.
    if cors_check(request, &response) {
        fetched.readable = Some(exposed(request, &response.headers));
    }
    fetched.actual = Some((actual, response));
    fetched
}

/// "HTTP-network-or-cache fetch": the request on the wire.
fn sent(request: &PageRequest, url: &str, same_origin: bool) -> Request {
    let method = normalize(request.method);
    let wire = request
        .headers
        .iter()
        .fold(Request::new(method, url), |wire, (name, value)| wire.with(name, value))
        .with("sec-fetch-site", if same_origin { "same-origin" } else { "cross-site" });
    // "append a request `Origin` header": with response tainting `cors`, or for other methods.
    if same_origin && matches!(method, "GET" | "HEAD") { wire } else { wire.with("origin", request.page) }
}

/// "CORS-preflight fetch", steps 1 to 5.
fn preflight(request: &PageRequest, url: &str, unsafe_names: &[String]) -> Request {
    let preflight = Request::new("OPTIONS", url)
        .with("accept", "*/*")
        .with("access-control-request-method", normalize(request.method))
        .with("origin", request.page)
        .with("sec-fetch-site", "cross-site");
    if unsafe_names.is_empty() {
        return preflight;
    }
    preflight.with("access-control-request-headers", &unsafe_names.join(","))
}

/// "CORS-preflight fetch", step 7.
fn preflight_passes(request: &PageRequest, unsafe_names: &[String], response: &Response) -> bool {
    if !cors_check(request, response) || !(200..300).contains(&response.status) {
        return false;
    }
    // 7.1 to 7.3.
    let (Ok(methods), Ok(header_names)) = (
        list_of_tokens(&response.headers, "access-control-allow-methods"),
        list_of_tokens(&response.headers, "access-control-allow-headers"),
    ) else {
        return false;
    };
    let method = normalize(request.method);
    // 7.4: no list, and the use-CORS-preflight flag.
    let methods = methods.unwrap_or_else(|| match request.upload_listeners {
        true => vec![method.to_owned()],
        false => Vec::new(),
    });
    let header_names = header_names.unwrap_or_default();
    let include = request.credentials == Credentials::Include;
    let star = |list: &[String]| !include && list.iter().any(|item| item == "*");
    let names_it = |name: &str| header_names.iter().any(|item| item.eq_ignore_ascii_case(name));
    // 7.5.
    let method_passes =
        methods.iter().any(|item| item == method) || is_safelisted_method(method) || star(&methods);
    // 7.6: "CORS non-wildcard request-header name" is `Authorization`.
    let wildcard_passes = request
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("authorization"))
        .all(|(name, _)| names_it(name));
    // 7.7.
    let names_pass = unsafe_names.iter().all(|name| names_it(name) || star(&header_names));
    method_passes && wildcard_passes && names_pass
}

/// "CORS check".
fn cors_check(request: &PageRequest, response: &Response) -> bool {
    let include = request.credentials == Credentials::Include;
    // "get": all lines of the name, joined.
    let get = |name| response.headers.all(name).collect::<Vec<_>>().join(", ");
    match get("access-control-allow-origin").as_str() {
        "*" if !include => true,
        origin if origin != request.page => false,
        _ => !include || get("access-control-allow-credentials") == "true",
    }
}

/// "main fetch", the exposed names: the safelisted response-header names and the list.
fn exposed(request: &PageRequest, headers: &Headers) -> Vec<String> {
    const SAFELISTED: [&str; 7] = [
        "cache-control",
        "content-language",
        "content-length",
        "content-type",
        "expires",
        "last-modified",
        "pragma",
    ];
    let listed = list_of_tokens(headers, "access-control-expose-headers").ok().flatten().unwrap_or_default();
    let all = request.credentials != Credentials::Include && listed.iter().any(|item| item == "*");
    let readable = |name: &String| {
        all || SAFELISTED.contains(&name.as_str())
            || listed.iter().any(|item| item.eq_ignore_ascii_case(name))
    };
    names(headers).into_iter().filter(readable).collect()
}

fn names(headers: &Headers) -> Vec<String> {
    headers.lines().map(|(name, _)| name.to_owned()).collect()
}

/// "extract header list values" of `#token`: `None` without the header, an error if it does not parse.
fn list_of_tokens(headers: &Headers, name: &str) -> Result<Option<Vec<String>>, ()> {
    let mut list = None;
    for value in headers.all(name) {
        for item in
            value.split(',').map(|item| item.trim_matches([' ', '\t'])).filter(|item| !item.is_empty())
        {
            let token = item.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
            list.get_or_insert_with(Vec::new).push(if token { item.to_owned() } else { return Err(()) });
        }
        list.get_or_insert_default();
    }
    Ok(list)
}

/// "normalize a method".
pub fn normalize(method: &str) -> &str {
    let usual = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];
    usual.into_iter().find(|usual| usual.eq_ignore_ascii_case(method)).unwrap_or(method)
}

/// "CORS-safelisted method".
pub fn is_safelisted_method(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "POST")
}

/// "CORS-unsafe request-header names": lower-case, sorted, each once.
pub fn unsafe_request_header_names(headers: &[(&str, &str)]) -> Vec<String> {
    let (safe, mut names): (Vec<_>, Vec<_>) =
        headers.iter().partition(|(name, value)| is_safelisted_request_header(name, value));
    // Many safelisted values together exceed the limit.
    if safe.iter().map(|(_, value)| value.len()).sum::<usize>() > 1024 {
        names.extend(safe);
    }
    let mut names: Vec<_> = names.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// "CORS-safelisted request-header".
fn is_safelisted_request_header(name: &str, value: &str) -> bool {
    let unsafe_byte = |b: u8| (b < 0x20 && b != b'\t') || b == 0x7f || b"\"():<>?@[\\]{}".contains(&b);
    let language_byte = |b: u8| b.is_ascii_alphanumeric() || b" *,-.;=".contains(&b);
    value.len() <= 128
        && match name.to_ascii_lowercase().as_str() {
            "accept" => !value.bytes().any(unsafe_byte),
            "accept-language" | "content-language" => value.bytes().all(language_byte),
            "content-type" => {
                let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
                let simple = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];
                !value.bytes().any(unsafe_byte) && simple.contains(&essence.as_str())
            }
            // "parse a single range header value"; the start is required.
            "range" => value.strip_prefix("bytes=").and_then(|range| range.split_once('-')).is_some_and(
                |(start, end)| {
                    let number = |text: &str| text.parse::<u64>().ok().filter(|_| !text.starts_with('+'));
                    number(start)
                        .is_some_and(|start| end.is_empty() || number(end).is_some_and(|end| start <= end))
                },
            ),
            _ => false,
        }
}
