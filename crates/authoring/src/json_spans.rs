//! Finds the place of each value in the JSON of a compiled policy.

use crate::spans::SpanTree;

/// The deepest nesting that is read, deeper than any compiled policy. Values below it have no places of their own.
const DEEPEST: usize = 32;

/// The places of the values in a JSON text. Other text gives some places, and never an error.
pub(crate) fn read(text: &str) -> SpanTree {
    Scanner { text, at: 0 }.value(0)
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl Scanner<'_> {
    fn value(&mut self, depth: usize) -> SpanTree {
        self.skip_space();
        let start = self.at;
        let mut tree = SpanTree::default();
        match self.peek() {
            Some(b'{') if depth < DEEPEST => self.members(&mut tree, depth),
            Some(b'[') if depth < DEEPEST => self.items(&mut tree, depth),
            Some(b'{' | b'[') => self.at = self.text.len(),
            Some(b'"') => self.skip_string(),
            _ => self.skip_word(),
        }
        tree.is_true = self.text.get(start..self.at) == Some("true");
        tree.span = Some(start..self.at);
        tree
    }

    fn members(&mut self, tree: &mut SpanTree, depth: usize) {
        self.at += 1;
        loop {
            self.skip_space();
            let start = self.at;
            match self.peek() {
                Some(b'"') => {
                    self.skip_string();
                    let name = start..self.at;
                    let key: String = serde_json::from_str(self.text.get(name.clone()).unwrap_or_default())
                        .unwrap_or_default();
                    self.skip_space();
                    if self.peek() == Some(b':') {
                        self.at += 1;
                    }
                    let mut value = self.value(depth + 1);
                    value.name = Some(name);
                    tree.put(&key, value);
                }
                Some(b',') => self.at += 1,
                Some(_) => {
                    self.at += 1;
                    return;
                }
                None => return,
            }
        }
    }

    fn items(&mut self, tree: &mut SpanTree, depth: usize) {
        self.at += 1;
        loop {
            self.skip_space();
            match self.peek() {
                Some(b']') => {
                    self.at += 1;
                    return;
                }
                Some(b',') => self.at += 1,
                Some(b'}') | None => return,
                Some(_) => tree.push(self.value(depth + 1)),
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Skips a string, from its quote to the next unescaped one.
    fn skip_string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
        self.at = self.at.min(self.text.len());
    }

    /// Skips a number, `true`, `false` or `null`.
    fn skip_word(&mut self) {
        let ends = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b']' | b'}');
        while self.peek().is_some_and(|byte| !ends(byte)) {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use corsgate_policy::policy::violation::DocumentPath;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_value_is_found_where_it_stands() {
        let text = r#" {"a": [1, {"b\"": true}, "x\\"], "c":{}} "#;
        let tree = read(text);
        let top = DocumentPath::default();
        for (place, found) in [
            (top.clone(), text.trim()),
            (top.key("a").index(0), "1"),
            (top.key("a").index(1).key("b\""), "true"),
            (top.key("a").index(2), r#""x\\""#),
            (top.key("c"), "{}"),
        ] {
            let span = tree.get(&place).and_then(|tree| tree.span.clone()).expect("a span");
            assert_eq!(text.get(span), Some(found), "{place}");
        }
        assert!(tree.get(&top.key("a").index(1).key("b\"")).is_some_and(|tree| tree.is_true));
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in "[\\[\\]{}\",:\\\\a1 é]{0,60}") {
            let span = read(&text).span.expect("a span");
            prop_assert!(span.end <= text.len());
        }
    }
}
