//! The JSON Schema of policy files (draft 2020-12), for editors.

/// The schema describes what the reader accepts: keys, types, words and bounds. A test keeps it equal to the reader,
/// and its descriptions equal to `docs/policy.md` (`tests/policy_page/schema.rs`).
///
/// JSON cannot tell a day from a string, nor `30.0` from `30`.
pub const POLICY_SCHEMA: &str = include_str!("policy.schema.json");
