//! What comes from KV: kept in the isolate's memory, and read anew when it is due.

pub(crate) mod faults;
pub(crate) mod key_store;
pub(crate) mod learning;
pub(crate) mod list_store;
mod lookup_budget;
pub(crate) mod policy_store;
pub(crate) mod slot;
