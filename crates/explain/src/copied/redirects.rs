//! A request on its way through redirects (Fetch, "HTTP-redirect fetch").

use corsgate_policy::RequestUrl;
use corsgate_policy::fetch::mixed_content::is_mixed;
use corsgate_policy::fetch::request_header::is_non_wildcard;
use url::Url;

use crate::browser_error::BrowserError;
use crate::page::PageRequest;

/// The names that go when a redirect turns a request into a `GET` (Fetch, "request-body-header name").
const OF_BODY: [&str; 4] = ["content-encoding", "content-language", "content-location", "content-type"];

/// A request at one of the URLs that it is led to.
pub(crate) struct Hop {
    /// The request as it is sent here. Its origin is `null` once redirects lead from one other origin to another.
    pub(crate) request: PageRequest,
    /// A redirect led here.
    pub(crate) is_redirected: bool,
    /// The browser checks CORS: once a request has left the page's origin, also if it comes back.
    pub(crate) is_cors: bool,
    page: String,
}

impl Hop {
    pub(crate) fn first(request: &PageRequest) -> Self {
        Self {
            request: request.clone(),
            is_redirected: false,
            is_cors: !request.is_same_origin(),
            page: request.origin.clone(),
        }
    }

    /// The server here gets `Origin: null` although the page has an origin.
    pub(crate) fn is_tainted(&self) -> bool {
        self.request.origin != self.page
    }

    /// Where a redirect with this status leads.
    ///
    /// # Errors
    /// Why the browser does not follow it.
    pub(crate) fn follow(&self, status: u16, location: &str) -> Result<Self, BrowserError> {
        let here = Url::parse(&self.request.href).map_err(|_| BrowserError::Redirect)?;
        let mut there = here.join(location).map_err(|_| BrowserError::Redirect)?;
        let serialized = |url: &Url| url.origin().ascii_serialization();
        let is_page = serialized(&there) == self.page;
        let has_user = !there.username().is_empty() || there.password().is_some();
        if !matches!(there.scheme(), "http" | "https") || has_user && (self.is_cors || !is_page) {
            return Err(BrowserError::Redirect);
        }
        let _cannot_fail = (there.set_username(""), there.set_password(None));
        there.set_fragment(None);
        let mut request =
            PageRequest { href: String::from(there.clone()), seen: None, ..self.request.clone() };
        let Some(url) = RequestUrl::parse(&request.href) else { return Err(BrowserError::Redirect) };
        if is_mixed(&self.page, url.origin, true) {
            return Err(BrowserError::MixedContent);
        }
        let becomes_get = match status {
            301 | 302 => request.method == "POST",
            303 => !matches!(request.method.as_str(), "GET" | "HEAD"),
            _ => false,
        };
        if becomes_get {
            "GET".clone_into(&mut request.method);
            request.headers.retain(|(name, _)| !OF_BODY.contains(&name.as_str()));
        }
        if serialized(&here) != serialized(&there) {
            request.headers.retain(|(name, _)| !is_non_wildcard(name));
            // The origin is tainted: the server behind the redirect could not tell who chose its URL.
            if serialized(&here) != self.page {
                "null".clone_into(&mut request.origin);
            }
        }
        Ok(Self { request, is_redirected: true, is_cors: self.is_cors || !is_page, page: self.page.clone() })
    }
}
