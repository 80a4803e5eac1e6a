//! YAML, JSON and TOML as a tree of values, each with its place.
//!
//! `parse` reads documents one by one, so that a bad one takes nothing from the others; `template` takes out what a
//! template engine would put in; `tree` makes values of the parser's events, follows aliases within a budget and says
//! what cannot be known; `of_json` and `of_toml` make the same values of JSON and TOML.

mod node;
mod of_json;
mod of_toml;
mod parse;
mod template;
mod tree;

pub(crate) use node::{List, Node, Table, Value};
pub(crate) use of_json::of_json;
pub(crate) use of_toml::of_toml;
pub(crate) use parse::{Parsed, parse};
