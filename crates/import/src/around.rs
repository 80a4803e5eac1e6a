//! Files beside those that are imported, which one of them may include.

use corsgate_authoring::Source;

/// The folders that may be looked into.
pub trait Around {
    /// The names of what is in a folder, which ends with a slash or is empty; `None` if it may not be looked into.
    fn folder(&self, path: &str) -> Option<Vec<String>>;

    /// A file; `None` if there is none that may be read. The error says why it is no text.
    fn file(&self, path: &str) -> Option<Result<Source, String>>;
}

/// Nothing is around.
#[derive(Debug)]
pub(crate) struct Nowhere;

impl Around for Nowhere {
    fn folder(&self, _path: &str) -> Option<Vec<String>> {
        None
    }

    fn file(&self, _path: &str) -> Option<Result<Source, String>> {
        None
    }
}

/// A path with slashes, and without `.`, `..` and empty names, as far as it has them within itself. So two texts that
/// name one file are equal; links are not followed.
#[must_use]
pub fn plain(path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut names: Vec<&str> = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." if !matches!(names.last(), None | Some(&"..")) => {
                names.pop();
            }
            ".." if path.starts_with('/') => {}
            name => names.push(name),
        }
    }
    let root = if path.starts_with('/') { "/" } else { "" };
    format!("{root}{}", names.join("/"))
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn paths_of_one_file_are_equal() {
        for (path, expected) in [
            ("/etc/nginx//snippets/./cors.conf", "/etc/nginx/snippets/cors.conf"),
            ("./etc/../nginx.conf", "nginx.conf"),
            ("../../nginx.conf", "../../nginx.conf"),
            ("/../nginx.conf", "/nginx.conf"),
            ("C:\\nginx\\conf/nginx.conf", "C:/nginx/conf/nginx.conf"),
            ("", ""),
        ] {
            assert_eq!(plain(path), expected);
        }
    }
}
