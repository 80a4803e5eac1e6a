//! What `corsgate init` asks, and the files that it writes.

pub(crate) mod answers;
pub(crate) mod cases;
pub(crate) mod development;
pub(crate) mod files;
pub(crate) mod gateway;
pub(crate) mod manifest;
pub(crate) mod next;
pub(crate) mod policy;
pub(crate) mod project;
pub(crate) mod questions;
pub(crate) mod wrangler_toml;
