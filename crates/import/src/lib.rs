//! Reads the CORS configuration of another program, and writes the policy that does the same where the same is safe.

mod admissible;
mod around;
mod by_hand;
mod carry;
mod configuration;
mod expression;
mod java;
mod javascript;
mod json;
mod kind;
mod model;
mod path_tree;
mod paths;
mod place;
mod python;
mod report;
mod response_headers;
mod server;
pub mod shown;
mod spring;
mod syntax;
mod write;
mod yaml;

pub use around::{Around, plain};
pub use carry::{
    Carried, Cors, Listed, MOST_ENTRIES, MOST_OVERLAPS, MOST_RULES, Proposal, Route, TooMany, carry,
};
pub use expression::{Expression, Matched};
pub use kind::{Kind, Part, is_configuration_in_files, read, read_files};
pub use model::{All, Applies, Names, OriginSaid, PathSaid, Reading, Remark, Rule, Scope};
pub use place::{Place, Said};
pub use report::{About, Class, Finding};
pub use write::{Target, WriteError, Written, merged, written};
