//! Reads the requests of a case: one, or one for each value of its tables.

use corsgate_policy::RequestUrl;
use corsgate_policy::decision::facts::{Facts, Kind};
use corsgate_policy::grammar::token::{Method, TokenError, is_field_value};
use url::Url;

use crate::cases::file::{Defaults, Named, named};
use crate::cases::words::{KINDS, SITES, STORAGE_ACCESS, VOCABULARY};
use crate::cursor::Cursor;
use crate::finding::{Finding, Span};
use crate::mistakes;
use crate::table::Table;

/// A request of a case, as a client sends it.
#[derive(Clone, Debug)]
pub struct CaseRequest {
    /// What tells it from the other requests of its case; empty if there are none.
    pub(crate) label: String,
    kind: Kind,
    method: String,
    /// The URL as serialized by the URL parser.
    href: String,
    origin: Option<String>,
    requested_headers: Option<String>,
    sec_fetch_site: Option<&'static str>,
    sec_fetch_storage_access: Option<&'static str>,
}

impl CaseRequest {
    /// Whether it is a preflight, an actual request or a handshake.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The method that the page uses; for a preflight, the requested method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The URL, as serialized by the URL parser.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.href
    }

    /// The `Origin` header.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// The `Access-Control-Request-Headers` header.
    #[must_use]
    pub fn requested_headers(&self) -> Option<&str> {
        self.requested_headers.as_deref()
    }

    /// The `Sec-Fetch-Site` header, which only browsers send.
    #[must_use]
    pub fn sec_fetch_site(&self) -> Option<&'static str> {
        self.sec_fetch_site
    }

    /// The `Sec-Fetch-Storage-Access` header, which only browsers send.
    #[must_use]
    pub fn sec_fetch_storage_access(&self) -> Option<&'static str> {
        self.sec_fetch_storage_access
    }

    /// The same request to another URL, in the form of [`url`](Self::url).
    #[must_use]
    pub fn sent_to(&self, href: &str) -> Self {
        Self { href: href.to_owned(), ..self.clone() }
    }

    /// The same request from a page of another origin.
    #[must_use]
    pub fn sent_from(&self, origin: &str) -> Self {
        Self { origin: Some(origin.to_owned()), sec_fetch_site: None, ..self.clone() }
    }

    /// The request from the same page that only reads the same URL.
    #[must_use]
    pub fn reading(&self) -> Self {
        Self { kind: Kind::Actual, method: "GET".to_owned(), requested_headers: None, ..self.clone() }
    }

    /// The facts that the gateway would know about the request.
    pub(crate) fn facts(&self) -> Facts<'_> {
        let preflight = self.kind == Kind::Preflight;
        Facts {
            method: if preflight { "OPTIONS" } else { &self.method },
            url: RequestUrl::parse(&self.href).unwrap_or_default(),
            origin: self.origin(),
            requested_method: preflight.then_some(&self.method),
            requested_headers: self.requested_headers(),
            sec_fetch_site: self.sec_fetch_site,
            storage_access_inactive: self.sec_fetch_storage_access == Some("inactive"),
            upgrade: (self.kind == Kind::Handshake).then_some("websocket"),
            ..Facts::default()
        }
    }
}

/// A table of values, each of which makes a run.
#[derive(Clone, Debug)]
pub(crate) struct Multiple {
    pub(crate) values: Vec<Named>,
    pub(crate) span: Span,
}

/// The tables of a case, whose combinations make its requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Multiples {
    pub(crate) origins: Option<Multiple>,
    pub(crate) methods: Option<Multiple>,
    pub(crate) urls: Option<Multiple>,
}

impl Multiples {
    /// The number of requests that they make.
    pub(crate) fn product(&self) -> usize {
        let lengths = [&self.origins, &self.methods, &self.urls].into_iter().flatten();
        lengths.map(|multiple| multiple.values.len()).fold(1, usize::saturating_mul)
    }
}

/// The table `request` of a case.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    kind: Option<Kind>,
    span: Option<Span>,
    method: Option<Named>,
    url: Option<Named>,
    pub(crate) origin: Option<Named>,
    requested_headers: Option<Multiple>,
    sec_fetch_site: Option<&'static str>,
    sec_fetch_storage_access: Option<&'static str>,
}

/// Reads `request`.
pub(crate) fn read(table: &mut Table<'_, '_>) -> Parts {
    table.speak(&VOCABULARY);
    Parts {
        kind: table.field("kind").and_then(|kind| kind.word(KINDS)),
        span: table.span(),
        method: table.field("method").and_then(named),
        url: table.field("url").and_then(named),
        origin: table.field("origin").and_then(named),
        requested_headers: table.field("request_headers").and_then(|headers| {
            let span = headers.span();
            Some(Multiple { values: headers.list("a list of names", named)?, span })
        }),
        sec_fetch_site: table.field("sec_fetch_site").and_then(|site: Cursor<'_, '_>| site.word(SITES)),
        sec_fetch_storage_access: table
            .field("sec_fetch_storage_access")
            .and_then(|state: Cursor<'_, '_>| state.word(STORAGE_ACCESS)),
    }
}

impl Parts {
    pub(crate) fn kind(&self) -> Kind {
        self.kind.unwrap_or(Kind::Actual)
    }

    /// The method in `request`, if there is one.
    pub(crate) fn method(&self) -> Option<&str> {
        self.method.as_ref().map(|method| method.text.as_str())
    }

    /// Makes the requests of a case.
    ///
    /// # Errors
    /// All reasons why a client could not send them.
    pub(crate) fn requests(
        &self,
        multiples: &Multiples,
        defaults: &Defaults,
    ) -> Result<Vec<CaseRequest>, Vec<Finding>> {
        let mut findings = Vec::new();
        let kind = self.kind();
        let method = self.method.as_ref().or(match kind {
            // A handshake is always a GET, so the default method does not apply.
            Kind::Handshake => None,
            Kind::Actual | Kind::Preflight => defaults.method.as_ref(),
        });
        let urls =
            axis("url", self.url.as_ref(), multiples.urls.as_ref(), defaults.url.as_ref(), &mut findings);
        let methods = axis("method", self.method.as_ref(), multiples.methods.as_ref(), method, &mut findings);
        let origins = axis("origin", self.origin.as_ref(), multiples.origins.as_ref(), None, &mut findings);
        self.check(&methods, &origins, &mut findings);

        let mut hrefs = Vec::new();
        for (url, label) in &urls {
            let Some(url) = url else {
                findings
                    .push(unsendable("a request needs a `url`, here or in `[defaults]`", self.span.clone()));
                continue;
            };
            match href(url, defaults.url.as_ref(), kind) {
                Ok(href) => hrefs.push((href, label)),
                Err(finding) => findings.push(finding),
            }
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        let requested_headers = self.requested_headers.as_ref().map(|headers| {
            let names: Vec<_> = headers.values.iter().map(|name| name.text.as_str()).collect();
            names.join(",")
        });
        let mut requests = Vec::new();
        for (href, url_label) in hrefs {
            for (method, method_label) in &methods {
                for (origin, origin_label) in &origins {
                    let labels = [origin_label, method_label, url_label];
                    let labels: Vec<_> = labels.into_iter().filter_map(Option::as_deref).collect();
                    requests.push(CaseRequest {
                        label: labels.join(", "),
                        kind,
                        method: method.map_or("GET", |method| &method.text).to_owned(),
                        href: href.clone(),
                        origin: origin.map(|origin| origin.text.clone()),
                        requested_headers: requested_headers.clone(),
                        sec_fetch_site: self.sec_fetch_site,
                        sec_fetch_storage_access: self.sec_fetch_storage_access,
                    });
                }
            }
        }
        Ok(requests)
    }

    /// Finds values that no client sends, whatever the URL.
    fn check(&self, methods: &Axis<'_>, origins: &Axis<'_>, findings: &mut Vec<Finding>) {
        let kind = self.kind();
        if kind == Kind::Preflight && origins.iter().any(|(origin, _)| origin.is_none()) {
            findings
                .push(unsendable("a preflight always has an origin", self.span.clone()).help(
                    "write `origin = \"https://app.example.com\"`, or `origins = [\"…\"]` in the case",
                ));
        }
        for method in methods.iter().filter_map(|(method, _)| *method) {
            let span = Some(method.span.clone());
            match kind {
                Kind::Handshake if method.text != "GET" => {
                    findings.push(unsendable("a WebSocket handshake is a GET", span));
                }
                // A preflight may request any method; the gateway must handle it.
                Kind::Preflight if !is_field_value(&method.text) => {
                    findings.push(unsendable("this is not a valid header value", span));
                }
                Kind::Actual if Method::parse(&method.text) == Err(TokenError::NotToken) => {
                    findings.push(unsendable(&format!("`{}` is not a method", method.text), span));
                }
                _ => {}
            }
        }
        for origin in origins.iter().filter_map(|(origin, _)| *origin) {
            if !is_field_value(&origin.text) {
                let finding = unsendable("this is not a valid header value", Some(origin.span.clone()));
                findings.push(finding);
            }
        }
        if let Some(headers) = &self.requested_headers {
            if kind != Kind::Preflight {
                let finding =
                    unsendable("only a preflight has `request_headers`", Some(headers.span.clone()));
                findings.push(finding.help("write `kind = \"preflight\"`, or leave `request_headers` out"));
            }
            for name in headers.values.iter().filter(|name| !is_field_value(&name.text)) {
                findings.push(unsendable("this is not a valid header value", Some(name.span.clone())));
            }
        }
    }
}

/// The values of one table, each with what it adds to the names of its runs.
type Axis<'c> = Vec<(Option<&'c Named>, Option<String>)>;

fn axis<'c>(
    key: &str,
    single: Option<&'c Named>,
    multiple: Option<&'c Multiple>,
    otherwise: Option<&'c Named>,
    findings: &mut Vec<Finding>,
) -> Axis<'c> {
    let Some(multiple) = multiple else { return vec![(single.or(otherwise), None)] };
    let of_table =
        |message: String| Finding::new(&mistakes::MULTIPLES, message).at(Some(multiple.span.clone()), "");
    if let Some(single) = single {
        let finding = of_table(format!("the case has both `{key}` and `{key}s`"));
        findings.push(finding.at(Some(single.span.clone()), "the other"));
    }
    if multiple.values.is_empty() {
        let finding = of_table(format!("`{key}s` is empty, so the case would never run"));
        findings.push(finding.help(format!("leave `{key}s` out, or write at least one value")));
    }
    multiple.values.iter().map(|value| (Some(value), Some(format!("{key}={}", value.text)))).collect()
}

/// The URL of a request, as serialized by the URL parser. A text that begins with `/` is appended to the base's origin
/// as it is, so `//x` is a path here.
pub(crate) fn href(url: &Named, base: Option<&Named>, kind: Kind) -> Result<String, Finding> {
    let at = |message: &str| unsendable(message, Some(url.span.clone()));
    let text = if url.text.starts_with('/') {
        let base = base.map(|base| Url::parse(&base.text));
        match base {
            Some(Ok(base)) => format!("{}{}", base.origin().ascii_serialization(), url.text),
            Some(Err(_)) | None => {
                let finding = at("a path alone needs a `url` in `[defaults]`");
                return Err(
                    finding.help("write for example `url = \"https://api.example.com\"` below `[defaults]`")
                );
            }
        }
    } else {
        url.text.clone()
    };
    let mut parsed = Url::parse(&text).map_err(|error| {
        at(&format!("not a URL: {error}")).help("write `https://host/path`, or a path that begins with `/`")
    })?;
    let instead = match parsed.scheme() {
        "http" | "https" => None,
        // Browsers open a `ws` URL by an `http` request, and `wss` by `https` (RFC 6455, 4.1).
        "ws" => Some("http"),
        "wss" => Some("https"),
        _ => return Err(at("the URL of a request must be `https` or `http`")),
    };
    if let Some(scheme) = instead {
        if kind != Kind::Handshake {
            return Err(
                at("only the URL of a handshake can be `ws` or `wss`").help("write `kind = \"websocket\"`")
            );
        }
        if parsed.set_scheme(scheme).is_err() {
            return Err(at("the URL of a request must be `https` or `http`"));
        }
    }
    if RequestUrl::parse(parsed.as_str()).is_none() {
        return Err(at("no browser sends a request to this URL"));
    }
    Ok(parsed.into())
}

fn unsendable(message: &str, span: Option<Span>) -> Finding {
    Finding::new(&mistakes::REQUEST, message).at(span, "")
}
