//! Reading what `gather` in `glue.js` hands over.

use corsgate_policy::{Facts, RequestUrl};

/// The facts of a request, in the lines that `gather` wrote: all but the names of its headers, which only
/// a request that is sent on needs.
///
/// Nothing when the request's URL cannot be parsed.
pub(crate) fn facts(lines: &str) -> Option<Facts<'_>> {
    let mut lines = lines.split('\n');
    let mut next = || lines.next().unwrap_or_default();
    let method = next();
    let url = RequestUrl::parse(next())?;
    // What is absent is an empty line; what is there begins with `=`.
    let mut value = || next().strip_prefix('=');
    // The fields are read in the order in which they are written here.
    Some(Facts {
        method,
        url,
        origin: value(),
        requested_method: value(),
        requested_headers: value(),
        sec_fetch_site: value(),
        upgrade: value(),
        accept: value(),
        has_authorization: value().is_some(),
        has_body: value().is_some(),
        client_ip: value(),
        hops: value(),
        header_names: "",
    })
}
