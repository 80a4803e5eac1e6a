//! What the compiler says about one entry. The rules about origins, methods and headers stay where they are: an entry is
//! put into the smallest policy, and the findings about it are read.

use std::collections::HashMap;

use corsgate_authoring::{Severity, Source, check};

/// The list that an entry is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum List {
    Origins,
    Methods,
    RequestHeaders,
    ExposedHeaders,
}

/// What the compiler has against an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Objection {
    pub(crate) is_error: bool,
    pub(crate) message: String,
}

/// Asks the compiler about each entry once: most rules have the same methods and headers.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    known: HashMap<(List, String, bool), Option<Objection>>,
}

impl Judge {
    /// The worst finding about an entry, if there is one.
    pub(crate) fn objection(&mut self, list: List, entry: &str, credentials: bool) -> Option<Objection> {
        let known = self.known.entry((list, entry.to_owned(), credentials));
        known.or_insert_with(|| objection(list, entry, credentials)).clone()
    }
}

fn objection(list: List, entry: &str, credentials: bool) -> Option<Objection> {
    let entry = crate::write::quoted(entry);
    let line = |key: List, value: &str| {
        let own = if key == list { entry.as_str() } else { value };
        format!("[{own}]")
    };
    let before = "version = 1\n[upstreams]\na = \"https://a.test\"\n[[routes]]\nname = \"a\"\nhosts = [\"b.test\"]\n\
                  path = \"/*\"\nupstream = \"a\"\n[routes.cors]\n";
    let text = format!(
        "{before}origins = {}\nmethods = {}\nrequest_headers = {}\nexposed_headers = {}\ncredentials = {credentials}\n",
        line(List::Origins, "\"https://c.test\""),
        line(List::Methods, ""),
        line(List::RequestHeaders, ""),
        line(List::ExposedHeaders, ""),
    );
    let begin = before.len() + text.get(before.len()..)?.find(&format!("[{entry}]"))?;
    let source = Source::from_bytes("entry", text.into_bytes()).ok()?;
    let report = check(&source, None, None).report;
    let about = report.findings().iter().filter(|finding| {
        let span = finding.span();
        span.is_some_and(|span| span.start >= begin && span.end <= begin + entry.len() + 2)
    });
    let worst = about.filter(|it| it.severity >= Severity::Warning).max_by_key(|it| it.severity)?;
    Some(Objection { is_error: worst.severity == Severity::Error, message: worst.message.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiler_judges_each_entry() {
        for (list, entry, credentials, objects) in [
            (List::Origins, "https://app.example.com", true, false),
            (List::Origins, "http://app.example.com", false, true),
            (List::Origins, "https://*.vercel.app", true, true),
            (List::Origins, "null", false, true),
            (List::Methods, "PUT", true, false),
            (List::Methods, "*", true, true),
            (List::RequestHeaders, "authorization", true, false),
            (List::RequestHeaders, "cookie", true, true),
            (List::ExposedHeaders, "x-id", true, false),
            (List::ExposedHeaders, "set-cookie", true, true),
        ] {
            let found = objection(list, entry, credentials);
            assert_eq!(found.is_some(), objects, "{entry}: {found:?}");
        }
    }
}
