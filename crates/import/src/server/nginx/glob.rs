//! The patterns of `include` (`ngx_open_glob` of nginx, which calls `glob(3)`).

/// Whether a name of a file is a pattern; nginx asks for the same three characters.
pub(super) fn is_pattern(name: &str) -> bool {
    name.contains(['*', '?', '['])
}

/// Whether a path matches a pattern, folder by folder: no wildcard stands for a slash.
pub(super) fn matches_path(path: &str, pattern: &str) -> bool {
    path.split('/').count() == pattern.split('/').count()
        && path.split('/').zip(pattern.split('/')).all(|(name, pattern)| matches(name, pattern))
}

/// Whether a name without slashes matches a pattern. A wildcard does not stand for the dot of a hidden file.
pub(super) fn matches(name: &str, pattern: &str) -> bool {
    if name.starts_with('.') && !pattern.starts_with('.') {
        return false;
    }
    let (name, pattern): (Vec<char>, Vec<char>) = (name.chars().collect(), pattern.chars().collect());
    let (mut at, mut of) = (0, 0);
    // Where the last `*` is, and what it stands for so far: only that one has to be tried again.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let step = match (name.get(at), pattern.get(of)) {
            (None, None) => return true,
            (_, Some('*')) => {
                retry = Some((at, of + 1));
                of += 1;
                continue;
            }
            (Some(_), Some('?')) => Some(1),
            (Some(letter), Some('[')) => class(*letter, pattern.get(of + 1..).unwrap_or_default()),
            (Some(letter), Some(other)) => (letter == other).then_some(1),
            _ => None,
        };
        match (step, retry) {
            (Some(length), _) => {
                at += 1;
                of += length;
            }
            (None, Some((from, behind))) if from < name.len() => {
                retry = Some((from + 1, behind));
                at = from + 1;
                of = behind;
            }
            (None, _) => return false,
        }
    }
}

/// The length of a class in brackets, if a letter is in it. A bracket that nothing closes stands for itself.
fn class(letter: char, inside: &[char]) -> Option<usize> {
    let is_negated = matches!(inside.first(), Some('!' | '^'));
    let from = usize::from(is_negated);
    let close = inside.iter().skip(from + 1).position(|it| *it == ']').map(|at| at + from + 1);
    let Some(close) = close else { return (letter == '[').then_some(1) };
    let letters = inside.get(from..close).unwrap_or_default();
    let mut is_in = false;
    let mut at = 0;
    while let Some(first) = letters.get(at) {
        match (letters.get(at + 1), letters.get(at + 2)) {
            (Some('-'), Some(last)) => {
                is_in |= (*first..=*last).contains(&letter);
                at += 3;
            }
            _ => {
                is_in |= *first == letter;
                at += 1;
            }
        }
    }
    (is_in != is_negated).then_some(close + 2)
}

#[cfg(test)]
mod tests {
    use super::{matches, matches_path};

    #[test]
    fn patterns_match_as_in_a_shell() {
        for (name, pattern, expected) in [
            ("api.conf", "*.conf", true),
            ("api.conf.bak", "*.conf", false),
            ("api.example.com", "*", true),
            (".api.conf.swp", "*", false),
            (".hidden", ".*", true),
            ("a.conf", "?.conf", true),
            ("ab.conf", "?.conf", false),
            ("10-api", "[0-9][0-9]-*", true),
            ("x0-api", "[0-9][0-9]-*", false),
            ("b", "[!a]", true),
            ("a", "[!a]", false),
            ("]", "[]]", true),
            ("[x", "[x", true),
            ("aaab", "*a*ab", true),
            ("", "*", true),
            ("a", "", false),
        ] {
            assert_eq!(matches(name, pattern), expected, "{name} {pattern}");
        }
        assert!(matches_path("/etc/nginx/sites/a/nginx.conf", "/etc/nginx/sites/*/nginx.conf"));
        assert!(!matches_path("/etc/nginx/conf.d/a/b.conf", "/etc/nginx/conf.d/*.conf"));
    }

    #[test]
    fn many_wildcards_take_no_time() {
        assert!(!matches(&"a".repeat(2000), &format!("{}b", "*a".repeat(200))));
    }
}
