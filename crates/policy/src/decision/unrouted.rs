//! Why no route takes a request, for whoever sent it: its host is none of the policy's, or its path has a slash too many.
//!
//! Anybody can read this. It names hosts, which are public names, and a route only by the path that the client sent.

use core::fmt::{self, Write};

use crate::decision::decide::Examined;
use crate::decision::reason::Reason;
use crate::path::RequestPath;
use crate::policy::Policy;
use crate::policy::route::Route;

/// The most hosts that a response names. A policy can have thousands.
pub const MOST_HOSTS: usize = 5;

/// The longest path that a response repeats, in bytes.
const LONGEST_PATH: usize = 200;

/// Why no route takes a request.
#[derive(Clone, Copy, Debug)]
pub enum Unrouted<'a> {
    /// No route of the policy has the host of the request.
    Host(&'a Policy),
    /// Routes have the host, but none of them the path.
    Path,
    /// Without the slash at its end, the path would be the one of this route.
    Slash(&'a Route),
}

impl fmt::Display for Unrouted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(policy) => {
                f.write_str("No route has the host of this request. The policy has routes for ")?;
                let mut hosts = policy.routing.host_keys();
                for (at, key) in hosts.by_ref().take(MOST_HOSTS).enumerate() {
                    f.write_str(if at == 0 { "`" } else { ", `" })?;
                    f.write_str(if key.starts_with('.') { "*" } else { "" })?;
                    f.write_str(key)?;
                    f.write_char('`')?;
                }
                match hosts.count() {
                    0 => f.write_char('.'),
                    more => write!(f, " and {more} more."),
                }
            }
            Self::Path => f.write_str("Routes have the host of this request, but none of them has its path."),
            Self::Slash(route) => {
                let (name, path) = (route.name(), route.path());
                write!(
                    f,
                    "The path ends with a slash. Many servers read it as `{path}`, which is the path of route `{name}`; \
                     to this gateway it is another path. Request `{path}`, or let the route take both with \
                     `path = \"{path}/*\"`."
                )
            }
        }
    }
}

impl<'a> Examined<'a> {
    /// Why no route takes the request, if more can be said than the reason.
    pub(crate) fn why_unrouted(&self) -> Option<Unrouted<'a>> {
        let (host, path) = (self.facts.url.host, self.facts.url.path);
        match self.route {
            Err(Reason::RouteNotFound) if self.policy.routing.knows(host) => Some(Unrouted::Path),
            Err(Reason::RouteNotFound) => Some(Unrouted::Host(self.policy)),
            Err(Reason::PathAmbiguous) => {
                let path = path
                    .strip_suffix('/')
                    .filter(|path| path.len() <= LONGEST_PATH && !path.ends_with('/'))?;
                let path = RequestPath::new(path).ok()?;
                let route = self.policy.routing.find(&self.policy.routes, host, path).ok()??;
                (!route.path().is_prefix()).then_some(Unrouted::Slash(route))
            }
            _ => None,
        }
    }
}
