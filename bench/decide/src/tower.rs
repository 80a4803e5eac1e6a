//! The peer: tower-http's `CorsLayer`, with its own list, and with the hash set that its users write for long lists.

use std::collections::HashSet;
use std::convert::Infallible;
use std::future::{Ready, ready};

use futures_util::FutureExt;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ORIGIN};
use http::{HeaderValue, Method, Request, Response};
use tower::{Layer, Service};
use tower_http::cors::{AllowOrigin, Cors, CorsLayer};

use crate::stopwatch::{Case, Subject};

/// A layer with one way to look up origins.
pub(crate) struct Peer {
    name: &'static str,
    layer: CorsLayer,
}

/// Both ways to look up origins.
pub(crate) fn layers(origins: &[String]) -> Result<[Peer; 2], Box<dyn core::error::Error>> {
    let list: Vec<HeaderValue> = origins.iter().map(HeaderValue::try_from).collect::<Result<_, _>>()?;
    let set: HashSet<HeaderValue> = list.iter().cloned().collect();
    let layer = || CorsLayer::new().allow_methods([Method::PUT]).allow_credentials(true);
    let predicate = AllowOrigin::predicate(move |origin, _request| set.contains(origin));
    Ok([
        Peer { name: "tower-http, list", layer: layer().allow_origin(AllowOrigin::list(list)) },
        Peer { name: "tower-http, HashSet", layer: layer().allow_origin(predicate) },
    ])
}

/// A service that answers at once with nothing, so that only the layer's work is measured.
#[derive(Clone)]
struct Empty;

impl Service<Request<()>> for Empty {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = Ready<Result<Response<()>, Infallible>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Infallible>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        ready(Ok(Response::new(())))
    }
}

impl Peer {
    /// The layer, called by clients.
    pub(crate) fn subject<'a>(&'a self, case: Case, clients: &'a [String]) -> Subject<'a> {
        let origins: Vec<HeaderValue> =
            clients.iter().filter_map(|origin| HeaderValue::try_from(origin).ok()).collect();
        let mut service: Cors<Empty> = self.layer.layer(Empty);
        let answer = move |client: usize| {
            let mut request = Request::new(());
            // Cloning a header value increments a reference count, and copies no bytes.
            request.headers_mut().insert(ORIGIN, origins[client].clone());
            let response = service.call(request).now_or_never();
            response
                .and_then(Result::ok)
                .is_some_and(|response| response.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN))
        };
        Subject { name: self.name, case, answer: Box::new(answer) }
    }
}
