//! Groups of an expression that hold the whole origin.

use regex_syntax::hir::{Hir, HirKind, Look};

use crate::expression::Expression;

impl Expression {
    /// The groups that hold the whole text whenever the expression matches: `$0`, and `$1` of `^(…)$`. Each has its
    /// number, and its name if it has one.
    pub(crate) fn whole_groups(&self) -> Vec<(u32, Option<&str>)> {
        let mut groups = Vec::new();
        let HirKind::Concat(parts) = self.syntax().kind() else { return groups };
        let is = |part: Option<&Hir>, look| part.is_some_and(|part| *part.kind() == HirKind::Look(look));
        if is(parts.first(), Look::Start) && is(parts.last(), Look::End) {
            groups.push((0, None));
            if let [_, inner, _] = parts.as_slice() {
                let mut inner = inner;
                while let HirKind::Capture(capture) = inner.kind() {
                    groups.push((capture.index, capture.name.as_deref()));
                    inner = &capture.sub;
                }
            }
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_that_hold_the_whole_text_are_known() {
        for (source, groups) in [
            ("^https://a$", &[0][..]),
            ("^(https://a)$", &[0, 1]),
            ("^((?<o>https://a))$", &[0, 1, 2]),
            ("^https://(a|b)$", &[0]),
            ("https://a$", &[]),
            ("^https://a", &[]),
            ("^a|b$", &[]),
        ] {
            let expression = Expression::pcre(source, false).expect(source);
            let found: Vec<_> = expression.whole_groups().into_iter().map(|(number, _)| number).collect();
            assert_eq!(found, groups, "{source}");
        }
    }
}
