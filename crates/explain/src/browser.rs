//! What a browser does with the response to a page's request, by the checks of [`corsgate_policy::fetch`].

use corsgate_policy::fetch::header_list::TokenList;
use corsgate_policy::fetch::request_header::is_non_wildcard;
use corsgate_policy::fetch::{Blocked, CorsRequest, CorsResponse, ListHeader, cors_check, preflight_check};

use crate::page::PageRequest;

/// Runs [`cors_check`](mod@cors_check) for a page's request.
///
/// # Errors
/// Why the browser blocks the response.
pub fn check_response(request: &PageRequest, response: &CorsResponse<'_>) -> Result<(), Blocked> {
    cors_check::cors_check(checked(request), response).map_err(Blocked::into_owned)
}

/// Runs [`preflight_check`](mod@preflight_check) for a page's request.
///
/// # Errors
/// Why the browser does not send the request.
pub fn check_preflight(
    request: &PageRequest,
    requested_method: &str,
    response: &CorsResponse<'_>,
) -> Result<(), Blocked> {
    let names = request.unsafe_names();
    let names = names.iter().map(|(name, _)| name.as_str());
    preflight_check::preflight_check(checked(request), requested_method, names, response)
        .map_err(Blocked::into_owned)
}

/// All faults of a response, in the order in which a browser trips over them: each is mended in turn, and the checks run
/// again. `requested_method` is that of a preflight.
#[must_use]
pub fn faults(
    request: &PageRequest,
    requested_method: Option<&str>,
    response: &CorsResponse<'_>,
) -> Vec<Blocked> {
    let mut mended = Mended::of(response);
    let mut found: Vec<Blocked> = Vec::new();
    // Each header that a page sets is at most one fault, besides those of the response itself.
    for _ in 0..request.headers.len() + 8 {
        let response = mended.response();
        let checked = match requested_method {
            Some(method) => check_preflight(request, method, &response),
            None => check_response(request, &response),
        };
        let Err(blocked) = checked else { break };
        let passes_today = passes_today(request, &response, &blocked);
        mended.mend(request, &blocked);
        if !passes_today {
            found.push(blocked);
        }
    }
    found
}

/// Whether browsers let the request pass although the Fetch Standard does not: in Chromium 148, Firefox 140 and WebKitGTK
/// 2.50, `*` still covers `Authorization`.
fn passes_today(request: &PageRequest, response: &CorsResponse<'_>, blocked: &Blocked) -> bool {
    let Blocked::Header(name) = blocked else { return false };
    let is_covered = TokenList::extract(response.allow_headers).is_ok_and(|list| list.has("*"));
    is_non_wildcard(name) && is_covered && !request.credentials
}

/// A response without the faults that are already known.
struct Mended {
    status: u16,
    origin: Option<String>,
    credentials: Option<String>,
    methods: Option<String>,
    headers: Option<String>,
}

impl Mended {
    fn of(response: &CorsResponse<'_>) -> Self {
        let owned = |value: Option<&str>| value.map(str::to_owned);
        Self {
            status: response.status,
            origin: owned(response.allow_origin),
            credentials: owned(response.allow_credentials),
            methods: owned(response.allow_methods),
            headers: owned(response.allow_headers),
        }
    }

    fn response(&self) -> CorsResponse<'_> {
        CorsResponse {
            status: self.status,
            allow_origin: self.origin.as_deref(),
            allow_credentials: self.credentials.as_deref(),
            allow_methods: self.methods.as_deref(),
            allow_headers: self.headers.as_deref(),
        }
    }

    fn mend(&mut self, request: &PageRequest, blocked: &Blocked) {
        let add = |list: &mut Option<String>, member: &str| {
            let list = list.get_or_insert_default();
            list.push_str(", ");
            list.push_str(member);
        };
        match blocked {
            // A response without any header of CORS has one fault, not one for each header.
            Blocked::NoAllowOrigin => {
                self.origin = Some(request.origin.clone());
                self.credentials = Some("true".to_owned());
                self.status = 204;
                if self.methods.is_none() && self.headers.is_none() {
                    self.methods = Some(request.method.clone());
                    self.headers = Some(names(request).join(","));
                }
            }
            Blocked::OtherOrigin(_) | Blocked::AnyOriginWithCredentials => {
                self.origin = Some(request.origin.clone());
            }
            Blocked::Credentials(_) => self.credentials = Some("true".to_owned()),
            Blocked::Status(_) => self.status = 204,
            // What the list was to allow is not known.
            Blocked::Unparsable(ListHeader::Methods, _) => self.methods = Some(request.method.clone()),
            Blocked::Unparsable(ListHeader::Headers, _) => self.headers = Some(names(request).join(",")),
            Blocked::Method(method) => add(&mut self.methods, method),
            Blocked::Header(name) => add(&mut self.headers, name),
        }
    }
}

fn names(request: &PageRequest) -> Vec<String> {
    request.unsafe_names().into_iter().map(|(name, _)| name).collect()
}

fn checked(request: &PageRequest) -> CorsRequest<'_> {
    CorsRequest { origin: &request.origin, include_credentials: request.credentials }
}
