//! A statement for a back end.

/// A statement in the form that the back end runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The text. A parameter is `?` in statements for the embedded store, and `$1`, `$2`, … in those for the binding.
    pub sql: String,
    /// The values of its parameters, in order. Always empty for Analytics Engine's own SQL API, which has no parameters.
    pub parameters: Vec<String>,
    /// The names of its columns, in order. Each row of the result has a cell for each.
    pub columns: Vec<&'static str>,
}
