//! Policies, lists and keys from KV: kept in the isolate's memory, and refreshed when they are due.

pub(crate) mod age;
mod copy;
pub(crate) mod faults;
pub(crate) mod filter_store;
pub(crate) mod key_store;
pub(crate) mod learning;
pub(crate) mod list_store;
mod lookup_budget;
pub(crate) mod policy_store;
