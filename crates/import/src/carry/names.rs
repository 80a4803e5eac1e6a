//! Names of routes, made of their paths.

use std::collections::{HashMap, HashSet};

/// Names that no route has.
#[derive(Debug, Default)]
pub(super) struct FreeNames {
    taken: HashSet<String>,
    /// The number that was last tried behind each name.
    numbers: HashMap<String, usize>,
}

impl FreeNames {
    /// A free name made of a path, which is taken then.
    pub(super) fn take(&mut self, path: &str) -> String {
        let base = base(path);
        let number = self.numbers.entry(base.clone()).or_insert(1);
        let mut name = base.clone();
        while self.taken.contains(&name) {
            *number += 1;
            name = format!("{base}-{number}");
        }
        self.taken.insert(name.clone());
        name
    }
}

/// What is left of a path in the letters of names.
fn base(path: &str) -> String {
    let mut name = String::new();
    for letter in path.trim_end_matches('*').to_ascii_lowercase().chars() {
        match letter {
            'a'..='z' | '0'..='9' => name.push(letter),
            _ if name.is_empty() || name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    let name: String =
        name.trim_start_matches(|first: char| !first.is_ascii_lowercase()).chars().take(40).collect();
    match name.trim_end_matches('-') {
        "" if path == "/*" => "all".to_owned(),
        "" => "route".to_owned(),
        name => name.to_owned(),
    }
}
