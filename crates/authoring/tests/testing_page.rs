//! `docs/testing.md` agrees with the reader of test cases, and its examples pass.
//!
//! Nothing here knows the keys: they are read from the page and asked of the reader.
#![expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may fail loudly")]

use std::collections::BTreeSet;
use std::path::Path;

use corsgate_authoring::cases::{Cases, Suite, Verdict, read_cases};
use corsgate_authoring::{Report, Source, lints};
use corsgate_policy::grammar::day::Day;

const HEAD: &str = "| key | value | default | what it does | codes |";

/// The section of the page that explains the keys of a table, the text around them, and the required keys.
type Section = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const SECTIONS: [Section; 7] = [
    ("The file", "KEYS", &[]),
    ("`[defaults]`", "defaults = { KEYS }", &[]),
    ("What KV holds", "lists = { partners = { KEYS } }", &[("file", "\"partners.txt\"")]),
    ("A key of an origin", "keys = { tenants = [{ KEYS }] }", &[("origin", "\"https://a.example\"")]),
    ("`[[cases]]`", "cases = [{ KEYS }]", &[("name", "\"a case\""), ("expect", "{ exact = true }")]),
    (
        "`request`",
        "cases = [{ name = \"a case\", expect = { exact = true }, request = { KEYS } }]",
        &[("url", "\"https://api.example.com/\""), ("origin", "\"https://a.example\"")],
    ),
    (
        "`expect`",
        "cases = [{ name = \"a case\", request = { url = \"https://api.example.com/\" }, expect = { KEYS } }]",
        &[],
    ),
];

struct Row {
    key: String,
    value: String,
    default: String,
    codes: String,
}

fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn code(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The rows under a heading.
fn rows(heading: &str) -> Vec<Row> {
    let text = page("docs/testing.md");
    let (mut here, mut in_table, mut rows) = ("", false, Vec::new());
    for line in text.lines() {
        if line.starts_with('#') {
            here = line.trim_start_matches('#').trim();
        }
        if in_table && here == heading && line.starts_with("| `") {
            let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            assert!(matches!(cells.len(), 4 | 5), "not five cells: {line}");
            let text = |at: usize| cells.get(at).map(|cell| (*cell).to_owned()).unwrap_or_default();
            rows.push(Row {
                key: code(line)[0].to_owned(),
                value: text(1),
                default: text(2),
                codes: text(4),
            });
        }
        in_table = line == HEAD || in_table && line.starts_with('|');
    }
    assert!(!rows.is_empty(), "no keys under {heading}");
    rows
}

/// A file in which a table has its required keys, with one key replaced or left out.
fn file(around: &str, base: &[(&str, &str)], key: &str, value: Option<&str>) -> String {
    let others = base.iter().copied().filter(|(other, _)| *other != key);
    let entries: Vec<_> = others
        .chain(value.map(|value| (key, value)))
        .map(|(key, value)| format!("{key} = {value}"))
        .collect();
    around.replace("KEYS", &entries.join(if around == "KEYS" { "\n" } else { ", " }))
}

fn read(text: &str) -> Result<Cases, Report> {
    let source = Source::from_bytes("policy.test.toml", text.into()).expect("text");
    read_cases(&source, &mut |_path| Ok("https://partner.example\n".to_owned()))
}

fn codes(text: &str) -> Vec<String> {
    let report = read(text).err().unwrap_or_default();
    report.findings().iter().map(|finding| finding.code.to_string()).collect()
}

#[test]
fn the_page_explains_exactly_the_keys_that_the_reader_knows() {
    const IMPOSSIBLE: &str = "qqqqqqqqqqqqqqqq";
    for (heading, around, base) in SECTIONS {
        let report = read(&file(around, base, IMPOSSIBLE, Some("1"))).expect_err("an unknown key");
        let unknown =
            report.findings().iter().find(|finding| finding.message.contains(IMPOSSIBLE)).expect(heading);
        let known: BTreeSet<_> =
            code(unknown.help.as_deref().expect("the keys")).into_iter().map(str::to_owned).collect();
        let explained: BTreeSet<_> = rows(heading).into_iter().map(|row| row.key).collect();
        assert_eq!(explained, known, "{heading}: the page on the left, the reader on the right");
    }
}

/// A value of each type, and the names of the types on the page.
const SAMPLES: &[(&str, &[&str])] = &[
    ("\"x\"", &["text"]),
    ("true", &["true or false"]),
    ("204", &["whole number"]),
    ("2031-01-31", &["day"]),
    ("[\"x\"]", &["list of texts"]),
    ("{}", &["table"]),
    ("[{}]", &["list of tables"]),
];

#[test]
fn a_value_has_the_type_that_the_page_states() {
    let kinds: BTreeSet<_> = SAMPLES.iter().flat_map(|(_, kinds)| *kinds).copied().chain(["word"]).collect();
    for (heading, around, base) in SECTIONS {
        for row in rows(heading) {
            let kind = row.value.split(':').next().unwrap_or_default();
            assert!(kinds.contains(kind), "`{kind}` of `{}` is no kind", row.key);
            for (sample, fits) in SAMPLES {
                let is_text = kind == "word" && sample.starts_with('"');
                let refused =
                    codes(&file(around, base, &row.key, Some(sample))).contains(&"CG004".to_owned());
                assert_eq!(refused, is_text || !fits.contains(&kind), "`{} = {sample}`, a {kind}", row.key);
            }
        }
    }
}

#[test]
fn the_words_are_those_of_the_reader() {
    let mut words = 0;
    for (heading, around, base) in SECTIONS {
        for row in rows(heading).iter().filter(|row| row.value.starts_with("word: ")) {
            let report = read(&file(around, base, &row.key, Some("\"zzz\""))).expect_err("no such word");
            let message = &report
                .findings()
                .iter()
                .find(|finding| finding.message.contains("`zzz`"))
                .expect("it")
                .message;
            let offered: Vec<_> = code(message.split(", found").next().unwrap_or_default())
                .iter()
                .map(|word| format!("\"{word}\""))
                .collect();
            assert_eq!(code(&row.value), offered, "`{}`", row.key);
            words += offered.len();
        }
    }
    assert!(words > 20, "{words} words");
}

#[test]
fn exactly_the_required_keys_are_reported_as_missing() {
    for (heading, around, base) in SECTIONS {
        for row in rows(heading) {
            let missed = codes(&file(around, base, &row.key, None)).contains(&"CG003".to_owned());
            assert_eq!(missed, row.default == "required", "`{}` under {heading}", row.key);
        }
    }
}

#[test]
fn every_code_on_the_page_exists() {
    let known: BTreeSet<_> = lints().map(|lint| lint.code.to_string()).collect();
    let named: BTreeSet<_> = SECTIONS
        .iter()
        .flat_map(|(heading, ..)| rows(heading))
        .flat_map(|row| row.codes.split(' ').map(str::to_owned).collect::<Vec<_>>())
        .filter(|code| !code.is_empty())
        .collect();
    assert_eq!(named.difference(&known).collect::<Vec<_>>(), [""; 0]);
    let of_cases = known.iter().filter(|code| code.starts_with("CG4"));
    assert_eq!(
        of_cases.filter(|code| !named.contains(*code)).collect::<Vec<_>>(),
        [""; 0],
        "codes that the page lacks"
    );
}

/// The blocks of a page that have a word after their fence.
fn blocks(text: &str, kind: &str) -> Vec<String> {
    let mut fences = text.split("\n```");
    fences.next();
    let blocks = fences.step_by(2).filter_map(|block| block.split_once('\n'));
    blocks.filter(|(known, _)| *known == kind).map(|(_, block)| block.to_owned()).collect()
}

/// The cases of a page are one file, for the first policy of the page.
#[test]
fn the_examples_pass() {
    for (name, blocks_there) in [("docs/testing.md", 4), ("README.md", 1), ("docs/first-policy.md", 1)] {
        let text = page(name);
        let cases = blocks(&text, "toml cases");
        assert_eq!(cases.len(), blocks_there, "{name}");
        let cases =
            read(&cases.join("\n")).unwrap_or_else(|report| panic!("{name}: {:#?}", report.findings()));
        let policy = blocks(&text, "toml").into_iter().next().expect("a policy");
        let policy = Source::from_bytes("policy.toml", policy.into_bytes()).expect("text");
        let suite = Suite::new(&cases, &policy, None).unwrap_or_else(|wrong| panic!("{name}: {wrong:#?}"));
        let mut passed = 0;
        for run in suite.runs() {
            let ran = suite.run(&run, Day::from_unix_milliseconds(0.0)).expect("an environment");
            assert_eq!(ran.verdict, Verdict::Passed, "{name}: {}: {:?}", run.name, ran.decided);
            passed += 1;
        }
        assert!(passed > 2, "{name}: {passed} runs");
    }
}

/// An example of each key, so that every one is shown once.
#[test]
fn every_key_is_in_an_example() {
    let examples = blocks(&page("docs/testing.md"), "toml cases").join("\n");
    let words: BTreeSet<_> = examples.split(|it: char| !it.is_ascii_alphanumeric() && it != '_').collect();
    // The keys of the defaults are the same, and the prose shows a list in a file.
    let keys = SECTIONS.iter().filter(|(heading, ..)| !["`[defaults]`", "What KV holds"].contains(heading));
    let missing: Vec<_> = keys
        .flat_map(|(heading, ..)| rows(heading))
        .map(|row| row.key)
        .filter(|key| !words.contains(key.as_str()))
        .collect();
    assert_eq!(missing, [""; 0]);
}
