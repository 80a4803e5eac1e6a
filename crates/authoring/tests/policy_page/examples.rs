//! The TOML examples of the pages, and the codes that they name.

use std::collections::BTreeSet;

use corsgate_authoring::lints;
use toml::de::{DeTable, DeValue};

use crate::policy_page::page::{keys, lines, text};
use crate::policy_page::{codes, compiled};

/// Pages with examples of a policy.
const PAGES: [&str; 7] = [
    "docs/policy.md",
    "README.md",
    "docs/first-policy.md",
    "docs/rate-limits.md",
    "docs/callback-routes.md",
    "docs/from-the-console.md",
    "docs/what-cors-does-not-protect.md",
];

/// The content of a fenced block with the words after its fence: `toml` is a policy, `toml file` some of its tables,
/// `toml route` some keys of a route. `toml cases` are test cases, and `toml mend` a change of a policy that another test
/// makes.
fn blocks(page: &str) -> Vec<(String, String)> {
    let text = text(page);
    let mut fences = text.split("\n```");
    fences.next();
    let blocks = fences.step_by(2).map(|block| block.split_once('\n').expect("a block has lines"));
    let toml =
        blocks.filter(|(kind, _)| kind.starts_with("toml") && !["toml cases", "toml mend"].contains(kind));
    toml.map(|(kind, block)| (kind.to_owned(), block.to_owned())).collect()
}

/// The policy that the block is or belongs to.
fn policy(kind: &str, block: &str) -> String {
    match kind {
        "toml" => block.to_owned(),
        "toml file" => {
            let has = |key: &str| parse(block).contains_key(key);
            let mut text = "version = 1\n".to_owned();
            for (key, value) in [
                ("upstreams", "{ api = \"https://origin.example.net\" }"),
                ("routes", "[{ name = \"r\", path = \"/*\", upstream = \"api\" }]"),
            ] {
                if !has(key) {
                    text.push_str(&format!("{key} = {value}\n"));
                }
            }
            text + block
        }
        "toml route" => {
            let route = format!("[[routes]]\n{block}");
            let has = |key: &str| match parse(&route).get("routes").map(|routes| routes.get_ref()) {
                Some(DeValue::Array(routes)) => {
                    matches!(routes[0].get_ref(), DeValue::Table(table) if table.contains_key(key))
                }
                _ => panic!("no route in {block}"),
            };
            let mut text =
                "version = 1\nupstreams = { api = \"https://origin.example.net\" }\n[[routes]]\n".to_owned();
            for (key, value) in [("name", "r"), ("path", "/*"), ("upstream", "api")] {
                if !has(key) {
                    text.push_str(&format!("{key} = \"{value}\"\n"));
                }
            }
            text + block
        }
        _ => panic!("a block of `{kind}`"),
    }
}

fn parse(text: &str) -> DeTable<'_> {
    DeTable::parse(text).unwrap_or_else(|error| panic!("{text}\n{error}")).into_inner()
}

#[test]
fn every_example_compiles() {
    for page in PAGES {
        let blocks = blocks(page);
        assert!(!blocks.is_empty(), "{page} has examples");
        for (kind, block) in blocks {
            if let Err(report) = compiled(&policy(&kind, &block)) {
                panic!("{page}: {block}\n{:?}", report.findings());
            }
        }
    }
}

#[test]
fn every_key_is_in_an_example() {
    let mut used = BTreeSet::new();
    for (kind, block) in blocks("docs/policy.md") {
        collect(&DeValue::Table(parse(&policy(&kind, &block))), &mut used);
    }
    let missing: Vec<_> =
        keys().into_iter().map(|(_, row)| row.key).filter(|key| !used.contains(key)).collect();
    assert_eq!(missing, [""; 0]);
}

fn collect(value: &DeValue<'_>, keys: &mut BTreeSet<String>) {
    match value {
        DeValue::Table(table) => {
            for (key, value) in table {
                keys.insert(key.get_ref().to_string());
                collect(value.get_ref(), keys);
            }
        }
        DeValue::Array(values) => values.iter().for_each(|value| collect(value.get_ref(), keys)),
        _ => {}
    }
}

/// Findings that are intended in examples: a switch that is on, what no route of a fragment uses, a route in report
/// mode, routes of fragments without hosts, and routes for a single path.
const EXPECTED: [&str; 6] = ["CG204", "CG209", "CG210", "CG304", "CG330", "CG340"];

#[test]
fn no_example_has_another_finding() {
    for page in PAGES {
        for (kind, block) in blocks(page) {
            let mut found = codes(&policy(&kind, &block));
            found.retain(|code| !EXPECTED.contains(&code.as_str()));
            assert_eq!(found, [""; 0], "{page}: {block}");
        }
    }
}

#[test]
fn the_page_has_every_code_and_no_other() {
    let text = text("docs/policy.md");
    let is_code = |word: &&str| word.len() == 5 && word.starts_with("CG");
    let named: BTreeSet<_> =
        text.split(|mark: char| !mark.is_ascii_alphanumeric()).filter(is_code).map(str::to_owned).collect();
    // The codes for test cases have a page of their own.
    let known = lints().map(|lint| lint.code.to_string()).filter(|code| !code.starts_with("CG4"));
    let known: BTreeSet<_> = known.collect();
    assert_eq!(named, known, "the page on the left, the registry on the right");
}

#[test]
fn every_link_within_the_page_has_a_target() {
    let text = text("docs/policy.md");
    let anchors: BTreeSet<_> = lines(&text)
        .filter(|(_, line)| line.starts_with('#'))
        .map(|(heading, _)| {
            let kept = heading.to_lowercase().replace(' ', "-");
            kept.chars().filter(|mark| mark.is_alphanumeric() || "-_".contains(*mark)).collect::<String>()
        })
        .collect();
    let targets = text.split("](#").skip(1).filter_map(|rest| rest.split(')').next());
    let broken: Vec<_> = targets.filter(|target| !anchors.contains(*target)).collect();
    assert_eq!(broken, [""; 0], "of {anchors:?}");
}
