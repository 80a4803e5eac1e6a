//! The JSON Schema of policy files (draft 2020-12), for editors.

/// The schema. It tells the shapes that the reader takes: keys, types, words and bounds. A test holds the two together
/// (`tests/policy_page/schema.rs`), and its descriptions to `docs/policy.md`.
///
/// Two things JSON cannot tell apart: a day from a text, and `30.0` from `30`.
pub const POLICY_SCHEMA: &str = include_str!("policy.schema.json");
