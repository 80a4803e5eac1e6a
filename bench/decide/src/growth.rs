//! How the decision grows with the routes of a policy, and the lookup with the origins of a list in KV.

mod routes;
mod sets;

use crate::stopwatch::{Figure, compare};

/// The numbers of routes.
const ROUTES: [usize; 4] = [10, 100, 1_000, 10_000];
/// The numbers of origins in a list.
const ORIGINS: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];

/// Measures everything that may grow, the routes first.
pub(crate) fn measure() -> Result<Vec<Figure>, Box<dyn core::error::Error>> {
    eprintln!("policies of up to {} routes …", ROUTES[ROUTES.len() - 1]);
    let policies = ROUTES.map(routes::Policies::new);
    eprintln!("lists of up to {} origins …", ORIGINS[ORIGINS.len() - 1]);
    let lists = ORIGINS.map(sets::Lists::new);
    let mut subjects = Vec::new();
    for policies in &policies {
        subjects.extend(policies.as_ref().map_err(ToString::to_string)?.subjects());
    }
    for lists in &lists {
        subjects.extend(lists.as_ref().map_err(ToString::to_string)?.subjects());
    }
    eprintln!("{} subjects in turns …", subjects.len());
    Ok(compare(&mut subjects))
}
