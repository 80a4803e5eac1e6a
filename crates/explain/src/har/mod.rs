//! Reads an HTTP archive (HAR 1.2, <http://www.softwareishard.com/blog/har-12-spec/>), and judges each request by its own
//! headers: what the browser did, whatever mark the exporter set.
//!
//! - [`read`] (`stream`): the archive, entry by entry, in bounded memory;
//! - `entry`: the parts of an entry that matter, as browsers and proxies write them;
//! - `kind`: whether a request is one of CORS at all;
//! - `judged`: what became of an entry's request;
//! - `redirects`: which entry is the response behind a redirect;
//! - [`Seen`] (`seen`): a request and what became of it;
//! - [`Har`] (`archive`): all of them, with preflights (`preflights`) and redirects put to their requests.

mod archive;
mod entry;
mod judged;
mod kind;
mod preflights;
mod redirects;
mod seen;
mod stream;

pub use archive::Har;
pub use seen::{Cached, Ending, Redirected, Seen};
pub use stream::{ArchiveError, MAX_HAR, Options, read};

#[cfg(test)]
mod tests;
