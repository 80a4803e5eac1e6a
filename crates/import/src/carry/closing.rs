//! Routes that are proposed for paths that the source answers without CORS, although a rule is for them.

use corsgate_policy::path::PathPattern;

use crate::carry::names::FreeNames;
use crate::carry::{Cors, Route};
use crate::model::{Applies, PathSaid, Remark};
use crate::place::Said;

/// What such a route was.
pub(crate) const WHAT: &str = "A route without headers of CORS";

/// What to do about it, in place of the advice to write the route.
pub(super) const ADVICE: &str = "The policy has a route with `cors = false` for its path, commented out, and so is its case: remove the `#` of both if \
     no page may read it.";

/// The route for a path that a policy can say, unless another one has the path.
pub(super) fn proposed(hole: &Said<Remark>, routes: &[Route], names: &mut FreeNames) -> Option<Route> {
    let path = match hole.value.closes.as_ref()? {
        PathSaid::Exact(path) => path.clone(),
        PathSaid::Prefix(path) => format!("{}/*", path.trim_end_matches('/')),
        PathSaid::All | PathSaid::Other { .. } => return None,
    };
    // Without a rule there is nothing to except a path from.
    if routes.is_empty()
        || PathPattern::parse(&path).is_err()
        || routes.iter().any(|route| route.path == path)
    {
        return None;
    }
    Some(Route {
        name: names.take(&path),
        hosts: Vec::new(),
        path,
        what: WHAT,
        place: Some(hole.place.clone()),
        cors: Cors::default(),
        applies: Applies::Together,
        is_proposed: true,
        is_unsaid: false,
    })
}
