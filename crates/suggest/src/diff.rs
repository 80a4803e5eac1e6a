//! A unified diff that `git apply` and `patch -p1` accept.

use similar::TextDiff;

/// The diff between two texts of a file, empty if they are the same. `before` is `None` for a new file.
#[must_use]
pub fn unified(path: &str, before: Option<&str>, after: &str) -> String {
    if before == Some(after) {
        return String::new();
    }
    let old = before.map_or("/dev/null".to_owned(), |_| named("a/", path));
    let diff = TextDiff::from_lines(before.unwrap_or_default(), after);
    diff.unified_diff().context_radius(3).header(&old, &named("b/", path)).to_string()
}

/// A path below the current folder, quoted as git does if necessary.
fn named(side: &str, path: &str) -> String {
    let path = path.trim_start_matches("./").trim_start_matches('/');
    let plain = path.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'));
    match plain {
        // GNU patch ends a name at white space, unless a tab follows it.
        true if path.contains(' ') => format!("{side}{path}\t"),
        true => format!("{side}{path}"),
        false => {
            let mut quoted = format!("\"{side}");
            for byte in path.bytes() {
                match byte {
                    b'"' | b'\\' => quoted.extend(['\\', char::from(byte)]),
                    b' '..=b'~' => quoted.push(char::from(byte)),
                    _ => quoted.push_str(&format!("\\{byte:03o}")),
                }
            }
            quoted + "\""
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_as_git_and_patch_read_them() {
        for (path, header) in [
            ("policy.toml", "--- a/policy.toml\n+++ b/policy.toml\n"),
            ("./x/policy.toml", "--- a/x/policy.toml\n+++ b/x/policy.toml\n"),
            ("/x/policy.toml", "--- a/x/policy.toml\n+++ b/x/policy.toml\n"),
            ("my policy.toml", "--- a/my policy.toml\t\n+++ b/my policy.toml\t\n"),
            ("a\"\n\u{e4}", "--- \"a/a\\\"\\012\\303\\244\"\n+++ \"b/a\\\"\\012\\303\\244\"\n"),
        ] {
            let diff = unified(path, Some("1\n"), "2\n");
            assert_eq!(diff, format!("{header}@@ -1 +1 @@\n-1\n+2\n"), "{path}");
        }
        assert_eq!(unified("n", None, "1\n"), "--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+1\n");
        assert_eq!(unified("n", Some("1"), "1"), "");
    }

    #[test]
    fn a_file_without_a_last_line_break_is_said_to_be_one() {
        let diff = unified("n", Some("1"), "1\n2");
        assert_eq!(
            diff,
            "--- a/n\n+++ b/n\n@@ -1 +1,2 @@\n-1\n\\ No newline at end of file\n+1\n+2\n\\ No newline at end of file\n"
        );
    }
}
