//! Plans the requests for a server whose policy is unknown.

use corsgate_explain::{PageRequest, Parts, RequestError};
use corsgate_policy::{Kind, RequestUrl};

use crate::ask::Ask;
use crate::hostile::{Derived, EVIL, derive};
use crate::listed_origins::ListedOrigins;
use crate::technique::Technique;

/// What the user wants to know about a URL.
#[derive(Debug, Default)]
pub struct Wanted {
    /// The URL to probe.
    pub url: String,
    /// The method that pages use. An empty one means `GET`.
    pub method: String,
    /// The headers that pages set. Only those with a value are sent.
    pub headers: Vec<(String, Option<String>)>,
    /// Pages send cookies. The probe itself sends none.
    pub credentials: bool,
    /// Pages open a WebSocket.
    pub websocket: bool,
    /// Pages listen to Server-Sent Events.
    pub events: bool,
    /// The origins that should be allowed.
    pub listed: ListedOrigins,
    /// The origins that should be refused.
    pub refused: Vec<String>,
    /// Also try origins that imitate listed ones.
    pub hostile: bool,
}

/// A request, and the purpose by which its response is judged.
#[derive(Clone, Debug)]
pub struct Probe {
    /// The request to send.
    pub ask: Ask,
    /// Why the request is sent.
    pub purpose: Purpose,
}

/// Why a request is sent.
#[derive(Clone, Debug)]
pub enum Purpose {
    /// A request from a page that should be allowed.
    Allowed(Box<PageRequest>),
    /// The same request for a URL that does not exist, so that the response is an error.
    NotFound(Box<PageRequest>),
    /// A request from an origin that should be refused.
    Refused(String),
    /// A request from an origin that imitates a listed one.
    Hostile(Derived),
    /// A request without `Origin`. A cache may store the response for all origins.
    Unnamed,
    /// A preflight from an allowed page for a method that no API has.
    InventedMethod(String),
    /// A preflight from an allowed page for a header that no API has.
    InventedHeader(String),
}

/// The requests, in the order in which they are sent.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The requests, each with its purpose.
    pub probes: Vec<Probe>,
    /// Sentences about what is left out.
    pub notes: Vec<String>,
}

/// A method and a header that no API has.
const INVENTED_METHOD: &str = "CORSGATE-PROBE";
const INVENTED_HEADER: &str = "x-corsgate-probe";
/// Appended to the URL's path to provoke an error.
const NOT_THERE: &str = "corsgate-probe-not-there";

impl Plan {
    /// Plans the requests.
    ///
    /// # Errors
    /// If no page can send such a request.
    pub fn new(wanted: &Wanted) -> Result<Self, RequestError> {
        let mut plan = Self::default();
        for origin in wanted.listed.origins() {
            let (page, notes) = page(wanted, origin)?;
            for note in notes {
                if !plan.notes.contains(&note) {
                    plan.notes.push(note);
                }
            }
            plan.allowed(wanted, &page);
        }
        let first = wanted.listed.origins().first();
        for origin in &wanted.refused {
            let (page, _notes) = page(wanted, origin)?;
            plan.stranger(wanted, &page, &[origin.clone().into_bytes()], &Purpose::Refused(origin.clone()));
        }
        let (anybody, notes) = page(wanted, first.map_or("https://evil.example", String::as_str))?;
        if wanted.listed.origins().is_empty() {
            plan.notes.extend(notes);
        }
        if !wanted.websocket {
            if first.is_some() {
                plan.not_found(wanted, &anybody);
            }
            plan.push(reading(wanted, &anybody, &[]), Purpose::Unnamed);
        }
        let mut derived = derive(wanted.listed.origins(), |origin| wanted.listed.has(origin));
        if !wanted.hostile {
            // Only a request from another origin shows whether the response depends on the origin.
            derived.retain(|one| one.technique == Technique::Reflection);
        }
        for one in derived {
            let lines = one.lines.clone();
            plan.stranger(wanted, &anybody, &lines, &Purpose::Hostile(one));
        }
        if let Some(origin) = first.filter(|_| wanted.hostile && !wanted.websocket) {
            let ask = |method: &str| {
                base(Kind::Preflight, "OPTIONS", &anybody)
                    .with("Origin", origin)
                    .with("Access-Control-Request-Method", method)
            };
            plan.push(ask(INVENTED_METHOD), Purpose::InventedMethod(INVENTED_METHOD.to_owned()));
            let with_header = ask("GET").with("Access-Control-Request-Headers", INVENTED_HEADER);
            plan.push(with_header, Purpose::InventedHeader(INVENTED_HEADER.to_owned()));
        }
        Ok(plan)
    }

    fn push(&mut self, ask: Ask, purpose: Purpose) {
        self.probes.push(Probe { ask, purpose });
    }

    /// The requests of an allowed page's browser. A preflight is sent even if this request needs none, because another
    /// method or header would need one.
    fn allowed(&mut self, wanted: &Wanted, page: &PageRequest) {
        let purpose = Purpose::Allowed(Box::new(page.clone()));
        let lines = [page.origin().as_bytes().to_vec()];
        if !wanted.websocket && !wanted.events {
            self.push(preflight(page, &lines), purpose.clone());
        }
        let mut ask = base(kind(wanted), page.method(), page).with("Origin", page.origin());
        if wanted.events {
            ask = ask.with("Accept", "text/event-stream");
        }
        for (name, value) in &wanted.headers {
            if let Some(value) = value {
                ask = ask.with(name, value);
            }
        }
        self.push(ask, purpose);
    }

    /// The requests that a stranger's page may send: a preflight and a read.
    fn stranger(&mut self, wanted: &Wanted, page: &PageRequest, lines: &[Vec<u8>], purpose: &Purpose) {
        if !wanted.websocket && !wanted.events {
            self.push(preflight(page, lines), purpose.clone());
        }
        self.push(reading(wanted, page, lines), purpose.clone());
    }

    fn not_found(&mut self, wanted: &Wanted, page: &PageRequest) {
        let mut ask = reading(wanted, page, &[page.origin().as_bytes().to_vec()]);
        let path = ask.target.split('?').next().unwrap_or_default().trim_end_matches('/');
        ask.target = format!("{path}/{NOT_THERE}");
        self.push(ask, Purpose::NotFound(Box::new(page.clone())));
    }
}

fn kind(wanted: &Wanted) -> Kind {
    if wanted.websocket { Kind::Handshake } else { Kind::Actual }
}

fn page(wanted: &Wanted, origin: &str) -> Result<(PageRequest, Vec<String>), RequestError> {
    PageRequest::new(Parts {
        url: wanted.url.clone(),
        method: wanted.method.clone(),
        origin: origin.to_owned(),
        headers: wanted.headers.clone(),
        credentials: wanted.credentials,
        websocket: wanted.websocket,
        ..Parts::default()
    })
}

fn base(kind: Kind, method: &str, page: &PageRequest) -> Ask {
    let url = RequestUrl::parse(page.url()).unwrap_or_default();
    Ask::new(kind, method, url.authority, &format!("{}{}", url.path, url.query))
}

fn from(ask: Ask, lines: &[Vec<u8>]) -> Ask {
    lines.iter().fold(ask, |ask, line| ask.with("Origin", line))
}

fn preflight(page: &PageRequest, lines: &[Vec<u8>]) -> Ask {
    let ask = from(base(Kind::Preflight, "OPTIONS", page), lines);
    let ask = ask.with("Access-Control-Request-Method", page.method());
    let names: Vec<_> = page.unsafe_names().into_iter().map(|(name, _)| name).collect();
    if names.is_empty() { ask } else { ask.with("Access-Control-Request-Headers", names.join(",")) }
}

/// A request with a safe method, whatever method the pages use.
fn reading(wanted: &Wanted, page: &PageRequest, lines: &[Vec<u8>]) -> Ask {
    let ask = from(base(kind(wanted), "GET", page), lines);
    if wanted.events { ask.with("Accept", "text/event-stream") } else { ask }
}

/// The stranger's origin.
pub(crate) fn stranger() -> String {
    format!("https://{EVIL}")
}
