//! A statement for a back end.

/// A statement as the back end runs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The text. `?` stands for a parameter in that of the embedded store, `$1` and on in that of the binding.
    pub sql: String,
    /// The values of its parameters, in order; never any for Analytics Engine's own SQL API, which takes none.
    pub parameters: Vec<String>,
    /// The names of its columns, in order. Each row of the result has a cell for each.
    pub columns: Vec<&'static str>,
}
