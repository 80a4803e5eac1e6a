//! Which declaration a name means where it stands.

use tree_sitter::Node;

use crate::java::program::{Declaration, Program};

/// With more declarations or changes of one name than this, nothing is said about it.
const MOST: usize = 1_000;

/// What a name stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Meaning<'t> {
    /// This expression, which nothing changes.
    Value(Node<'t>),
    /// What only running the program would tell, as a noun.
    Unknown(&'static str),
    /// Nothing of this file.
    Elsewhere,
}

impl<'t> Program<'t> {
    /// The innermost declaration of a name, where something stands.
    fn declaration(&self, name: &str, at: usize) -> Option<&Declaration<'t>> {
        let all = self.declarations.get(name)?;
        let inside = all.iter().filter(|it| it.scope.0 <= at && at < it.scope.1);
        inside.max_by_key(|it| it.scope.0)
    }

    pub(super) fn meaning(&self, name: &str, at: usize) -> Meaning<'t> {
        if self.declarations.get(name).is_some_and(|all| all.len() > MOST) {
            return Meaning::Unknown("a variable");
        }
        let Some(declaration) = self.declaration(name, at) else { return Meaning::Elsewhere };
        let (begin, end) = declaration.scope;
        let changes = self.changes.get(name).map(Vec::as_slice).unwrap_or_default();
        if changes.len() > MOST || changes.iter().any(|it| (begin..end).contains(it)) {
            return Meaning::Unknown("a variable that changes");
        }
        let twice =
            self.declarations.get(name).into_iter().flatten().filter(|it| it.scope == declaration.scope);
        match declaration.value {
            _ if twice.count() > 1 => Meaning::Unknown("a variable that is declared twice"),
            Some(value) => Meaning::Value(value),
            None => Meaning::Unknown(declaration.otherwise),
        }
    }

    /// Calls of methods of a variable, with the expression that it begins as; `None` if it is no variable of this file.
    pub(crate) fn variable(&self, name: Node<'t>) -> Option<(Node<'t>, Vec<Node<'t>>)> {
        let (text, at) = (self.text(name), name.start_byte());
        let Meaning::Value(value) = self.meaning(text, at) else { return None };
        let (begin, end) = self.declaration(text, at)?.scope;
        let calls = self.calls_on.get(text).into_iter().flatten();
        let inside = calls.filter(|it| (begin..end).contains(&it.start_byte()));
        // A variable of the same name further in is another one.
        let own = inside
            .filter(|it| self.declaration(text, it.start_byte()).is_some_and(|it| it.scope == (begin, end)));
        Some((value, own.copied().collect()))
    }
}
