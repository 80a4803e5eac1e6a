//! What `nginx -T` prints: all files one after the other, each below a line with its name. It puts no file in the place
//! of its `include`.

use core::ops::Range;

/// A file of a dump.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Printed<'t> {
    /// The name as nginx has it; empty for text before the first one.
    pub(super) name: &'t str,
    /// Where its text is.
    pub(super) range: Range<usize>,
}

/// The files of a dump, that of the whole configuration first; `None` if a text is none.
pub(super) fn files(text: &str) -> Option<Vec<Printed<'_>>> {
    let mut files: Vec<Printed<'_>> = Vec::new();
    let mut has_content = false;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let begin = at;
        at += line.len();
        let line = line.trim_start_matches('\u{feff}').trim_end();
        match name(line) {
            Some(name) => {
                let before = if has_content { Some(Printed { name: "", range: 0..begin }) } else { None };
                match files.last_mut() {
                    Some(last) => last.range.end = begin,
                    None => files.extend(before),
                }
                files.push(Printed { name, range: at..text.len() });
            }
            // On standard error, nginx says whether the configuration is fine: `2>&1` puts that before it.
            None => {
                has_content |= files.is_empty()
                    && !line.is_empty()
                    && !line.starts_with('#')
                    && !line.starts_with("nginx: ");
            }
        }
    }
    (!files.is_empty()).then_some(files)
}

/// The name in the line above a file (`ngx_dump_config` in `nginx.c`).
pub(crate) fn name(line: &str) -> Option<&str> {
    let name = line.strip_prefix("# configuration file ")?.strip_suffix(':')?;
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::files;

    #[test]
    fn a_dump_is_split_at_the_names_of_its_files() {
        let split = |text: &'static str| {
            let found = files(text)?;
            Some(
                found
                    .into_iter()
                    .map(|it| (it.name, text.get(it.range).unwrap_or_default()))
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(split("server { }\n# a configuration file\n"), None);
        assert_eq!(
            split(
                "nginx: configuration file /n.conf test is successful\r\n# configuration file /n.conf:\r\na;\n\n# configuration file /b:\nb;\n"
            ),
            Some(vec![("/n.conf", "a;\n\n"), ("/b", "b;\n")])
        );
        assert_eq!(split("a;\n# configuration file /b:\nb;"), Some(vec![("", "a;\n"), ("/b", "b;")]));
    }
}
