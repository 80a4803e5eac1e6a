//! Filters of Spring Cloud Gateway that set headers of CORS beside its CORS configuration.

use crate::model::Remark;
use crate::place::Said;
use crate::report::About;
use crate::spring::keys::Property;

/// The filters that set or change a header of a response.
const FILTERS: [&str; 5] = [
    "addresponseheader",
    "addresponseheadersifnotpresent",
    "setresponseheader",
    "rewriteresponseheader",
    "removeresponseheader",
];

/// A hole for a filter that changes a header of CORS, in its short form or as its argument.
pub(super) fn hole(property: &Property) -> Option<Said<Remark>> {
    let text = property.value.value.as_ref().ok()?.to_ascii_lowercase();
    let (name, rest) = text.split_once('=').unwrap_or(("", &text));
    let is_short = FILTERS.contains(&name.trim()) && rest.contains("access-control-");
    let is_argument =
        property.path.iter().any(|it| it == "args") && text.trim().starts_with("access-control-");
    let is_filter = property.path.iter().any(|it| it.contains("filters"));
    (is_filter && (is_short || is_argument)).then(|| {
        let message = "a filter changes a header of CORS beside the configuration, which is not read";
        let advice = "Look at what the gateway answers, and write that into the policy.";
        crate::spring::hole(About::File, message, advice, &property.value.place)
    })
}
