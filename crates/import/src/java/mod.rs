//! Java: a program as a tree, and what its expressions stand for. What Spring makes of it, `spring` knows.

mod literal;
mod program;
mod scope;
mod value;

pub(crate) use program::{Program, annotation, parse};
pub(crate) use value::{Item, Value, item};
