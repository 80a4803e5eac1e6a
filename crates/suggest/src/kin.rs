//! Chooses among the lists of a route by what they hold: a partner's origin belongs to the partners, not to the staff.

use std::collections::BTreeSet;

use corsgate_authoring::domains::registrable_domain;
use corsgate_policy::grammar::host::is_loopback;
use corsgate_policy::origin::pattern::OriginPattern;

use crate::insertion_point::InsertionPoint;

/// What an origin has in common with others that belong to the same owner: the registered domain, the scheme of an app,
/// or that it is a loopback origin.
pub(crate) fn kin(entry: &str) -> Option<String> {
    let pattern = OriginPattern::parse(entry).ok()?;
    let form = pattern.form();
    Some(match form.scheme {
        "https" | "http" if is_loopback(form.host) => "loopback".to_owned(),
        "https" | "http" => registrable_domain(form.host).unwrap_or(form.host).to_owned(),
        scheme => format!("{scheme}://"),
    })
}

/// The list for an origin, and the other lists that it could belong to as well, if what they hold does not tell.
pub(crate) struct Chosen<'p> {
    pub(crate) place: &'p InsertionPoint,
    pub(crate) unclear: Vec<&'p InsertionPoint>,
}

/// Chooses among all lists that allow the origin on the same routes as `narrowest`, the place that opens the fewest
/// other routes. A place that is no list is kept: it is the route's own.
pub(crate) fn choose<'p>(
    places: &'p [InsertionPoint],
    narrowest: &'p InsertionPoint,
    covered: &BTreeSet<String>,
    origin: &str,
) -> Chosen<'p> {
    let lists = || {
        let lists = places.iter().filter(|place| place.list().is_some());
        lists.filter(|place| covered.is_subset(&place.opens))
    };
    if narrowest.list().is_none() {
        return Chosen { place: narrowest, unclear: Vec::new() };
    }
    let kin = kin(origin);
    let holds = |place: &&InsertionPoint| kin.as_ref().is_some_and(|kin| place.kins.contains(kin));
    let of_kin: Vec<_> = lists().filter(holds).collect();
    let others = |place: &InsertionPoint| place.opens.difference(covered).count();
    let fewest = of_kin.iter().map(|place| others(place)).min();
    let of_kin: Vec<_> = of_kin.into_iter().filter(|place| Some(others(place)) == fewest).collect();
    match of_kin.as_slice() {
        [] => {
            // The route's own origins belong to nobody, so one more is wrong nowhere.
            let mut own = places.iter().filter(|place| place.list().is_none() && !place.only_names);
            if let Some(own) =
                own.find(|own| covered.is_subset(&own.opens) && others(own) <= others(narrowest))
            {
                return Chosen { place: own, unclear: Vec::new() };
            }
            let unclear = lists().filter(|place| place.list() != narrowest.list()).collect();
            Chosen { place: narrowest, unclear }
        }
        [only] => Chosen { place: only, unclear: Vec::new() },
        [first, rest @ ..] => Chosen { place: first, unclear: rest.to_vec() },
    }
}
