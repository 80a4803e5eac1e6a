//! wip
mod allowed;
mod cors;
pub mod day;
pub mod document;
pub mod host;
mod limit;
pub mod list;
pub mod origin;
pub mod origin_set;
pub mod path;
pub mod pattern;
mod policy;
mod reader;
mod response_headers;
mod route;
pub mod token;
pub mod upstream;
pub mod vary;
pub mod violation;

pub use policy::{KvList, Policy, ReadError};
pub use route::Route;
