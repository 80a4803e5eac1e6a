//! The effects of a decision on the request to the upstream and on the response.

pub mod exposed;
pub mod forward;
pub mod headers;
mod limits;
pub mod misleading_headers;
pub mod rewrite;
pub mod upstream_cors;
pub mod vary;
