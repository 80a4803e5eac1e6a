//! From a text to the values of its documents.

use core::ops::Range;

use corsgate_authoring::Source;

use super::node::Node;
use super::template;
use super::tree::Builder;
use crate::model::Remark;
use crate::place::{Place, Places, Said};

/// The documents of a file.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    pub(crate) documents: Vec<Node>,
    /// What could not be read.
    pub(crate) holes: Vec<Said<Remark>>,
}

/// Parses a file.
pub(crate) fn parse(source: &Source) -> Parsed {
    let mut parsed = Parsed::default();
    let places = Places::new(source, 0);
    let masked = template::mask(source.text());
    let mut builder = Builder::new(&places, &masked.text, &masked.regions);
    if let Some(region) = masked.regions.first() {
        let message = "the file is a template: what its `{{ … }}` lines add is not read";
        let advice = "Import what the engine writes, for example that of `helm template`.";
        parsed.hole(message, Some(advice), &places.at(first_letter(&masked.text, region, source.text())));
    }
    for document in documents(&masked.text) {
        let read = builder.document(document);
        parsed.documents.extend(read.value);
        if let Some(error) = read.error {
            let message = "from here on, something is not YAML: what it belongs to is not read";
            parsed.hole(message, None, &places.at(error));
        }
    }
    if builder.is_exhausted {
        let message = "the file has too many values, those of its aliases included: some are not read";
        parsed.hole(message, Some("Import its parts."), &Place::whole(source.name()));
    }
    parsed
}

impl Parsed {
    pub(super) fn hole(&mut self, message: &str, advice: Option<&str>, place: &Place) {
        let advice = advice.map(str::to_owned);
        let remark = Remark::unread(message.to_owned(), advice);
        self.holes.push(Said::new(remark, place));
    }
}

/// Where the template of a region itself begins.
fn first_letter(masked: &str, region: &Range<usize>, text: &str) -> usize {
    let rest = text.get(region.start..).unwrap_or_default();
    let at = region.start + rest.len() - rest.trim_start().len();
    at.min(masked.len())
}

/// The documents of a file. A line that begins with `---` or `...` ends one, whatever it stands in (YAML 1.2.2, 9.1).
fn documents(text: &str) -> Vec<Range<usize>> {
    let mut documents = Vec::new();
    let (mut begin, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        let marks =
            line.get(3..).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']));
        if marks && line.starts_with("---") {
            documents.push(begin..at);
            begin = at;
        } else if marks && line.starts_with("...") {
            documents.push(begin..at);
            begin = at + line.len();
        }
        at += line.len();
    }
    documents.push(begin..at);
    let has_content = |range: &Range<usize>| {
        let mut lines = text.get(range.clone()).unwrap_or_default().trim_start_matches('\u{feff}').lines();
        lines
            .any(|line| !matches!(line.trim().chars().next(), None | Some('#' | '%')) && line.trim() != "---")
    };
    documents.retain(has_content);
    documents
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::node::Value;

    fn parsed(text: &str) -> Parsed {
        parse(&Source::from_bytes("a.yaml", text.as_bytes().to_vec()).expect("text"))
    }

    fn first(text: &str) -> Node {
        let parsed = parsed(text);
        assert!(parsed.holes.is_empty(), "{text}: {:?}", parsed.holes);
        parsed.documents.into_iter().next().expect("a document")
    }

    #[test]
    fn values_have_their_places() {
        let node = first(
            "# a note\na:\n  b: [1, 'two', \"three\"]\n  c: |\n    x\n  d:\n  - e: true\n    f: null\n",
        );
        let a = node.table().and_then(|it| it.table("a")).expect("a mapping");
        let texts: Vec<_> =
            a.items("b").iter().map(|it| (it.text(), it.place.line, it.place.column)).collect();
        assert_eq!(texts, [(Some("1"), 3, 7), (Some("two"), 3, 10), (Some("three"), 3, 17)]);
        assert_eq!(a.text("c"), Some("x\n"));
        let inner = a.items("d").first().and_then(Node::table).expect("a mapping");
        assert!(matches!(inner.get("e").map(|it| &it.value), Some(Value::Scalar { is_plain: true, .. })));
        assert!(inner.get("f").is_some() && inner.present("f").is_none());
    }

    #[test]
    fn aliases_and_merged_keys_are_followed() {
        let node = first("a: &x { b: 1, c: 2 }\nd: *x\ne:\n  <<: *x\n  c: 3\nf: *nobody\n");
        let table = node.table().expect("a mapping");
        assert_eq!(table.table("d").and_then(|it| it.text("b")), Some("1"));
        let merged = table.table("e").expect("a mapping");
        assert_eq!((merged.text("b"), merged.text("c")), (Some("1"), Some("3")));
        assert!(matches!(table.get("f").map(|it| &it.value), Some(Value::Unknown(_))));
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        for (text, what) in [
            ("a: !Ref Name", "`!Ref`"),
            ("a: !Sub 'https://${Name}'", "`!Sub`"),
            ("a: {{ .Values.x }}", "a template"),
            ("a: \"https://{{ .Values.x }}\"", "a template"),
            ("a: 1\na: 2", "a key that stands twice"),
            ("a: !!binary aGk=", "`!!binary`"),
        ] {
            let node = first(text);
            assert_eq!(
                node.table().and_then(|it| it.get("a")).map(Node::noun).as_deref(),
                Some(what),
                "{text}"
            );
        }
        assert_eq!(
            first("a: !Sub 'https://a.example'").table().and_then(|it| it.text("a")),
            Some("https://a.example")
        );
    }

    #[test]
    fn lines_of_templates_make_what_is_around_them_unknown() {
        let text = "a:\n  b:\n    c: 1\n    {{- if .x }}\n    d: 2\n    {{- end }}\n    e: 3\nf:\n  g: 1\n";
        let parsed = parsed(text);
        assert_eq!(parsed.holes.len(), 1);
        let table = parsed.documents.first().and_then(Node::table).expect("a mapping");
        let b = table.table("a").and_then(|it| it.table("b")).expect("a mapping");
        assert!(b.unknown.is_some() && table.table("f").is_some_and(|it| it.unknown.is_none()));
        assert_eq!(parsed.holes.first().map(|hole| hole.place.line), Some(4));
    }

    #[test]
    fn a_bad_document_takes_nothing_from_the_others() {
        let parsed = parsed("a: 1\n---\nb: [1, 2\nc: \"\n---\nd: 4\n");
        assert_eq!(parsed.holes.len(), 1, "{:?}", parsed.holes);
        let has = |key: &str| parsed.documents.iter().filter_map(Node::table).any(|it| it.get(key).is_some());
        assert!(has("a") && has("d"), "{:?}", parsed.documents);
        // The mapping that the error stands in may have had more.
        let cut = super::tests::parsed("a:\n  b: 1\n  c: 2\n  d: [\n");
        let table = cut.documents.first().and_then(Node::table).expect("a mapping");
        assert!(
            table.table("a").is_some_and(|it| it.unknown.is_some() && it.text("c") == Some("2")),
            "{table:?}"
        );
    }

    #[test]
    fn json_is_yaml() {
        let node = first("{\"a\": [\"b\", 1, true, null], \"c\": {\"d\": \"\\u00e9\"}}");
        let table = node.table().expect("a mapping");
        assert_eq!(table.items("a").len(), 4);
        assert_eq!(table.table("c").and_then(|it| it.text("d")), Some("\u{e9}"));
    }

    #[test]
    fn hostile_files_end() {
        let mut laughs = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
        for number in 1..40 {
            let items = vec![format!("*a{}", number - 1); 9].join(", ");
            laughs.push_str(&format!("a{number}: &a{number} [{items}]\n"));
        }
        for text in [
            laughs,
            "[".repeat(100_000),
            "a: ".repeat(10_000),
            "- ".repeat(5_000),
            "{".repeat(50_000),
            "---\n".repeat(5_000),
            "a: &a [*a, *a]\n".repeat(2_000),
            "server {\n  add_header Access-Control-Allow-Origin *;\n}\n".to_owned(),
            "\t\u{0}\u{fffe}".to_owned(),
            "k: v\n".repeat(20_000),
        ] {
            let Ok(source) = Source::from_bytes("a.yaml", text.into_bytes()) else { continue };
            let total: usize = parse(&source).documents.iter().map(Node::size).sum();
            assert!(total < 1_000_000, "{total}");
        }
    }
}
