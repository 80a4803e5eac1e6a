//! The verbs.

mod browser_name;
pub(crate) mod check;
pub(crate) mod compile;
pub(crate) mod completions;
mod deny_widening;
pub(crate) mod dev;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod presets;
pub(crate) mod probe;
pub(crate) mod publish;
pub(crate) mod report;
pub(crate) mod rollback;
pub(crate) mod schema;
pub(crate) mod status;
pub(crate) mod suggest;
pub(crate) mod test;
pub(crate) mod unused;
