//! What a decision makes of the request to the upstream, and of the response.

pub mod forward;
pub mod headers;
pub mod misleading_headers;
pub mod upstream_cors;
pub mod vary;
