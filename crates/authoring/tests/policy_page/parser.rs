//! The keys that the parser knows, from the parser itself: an impossible key is put into every table, and the help of
//! the finding lists the possible ones.

use std::collections::{BTreeMap, BTreeSet};

use corsgate_authoring::{Source, check};

use crate::policy_page::page;
use crate::policy_page::sections::SECTIONS;

const IMPOSSIBLE: &str = "zzzzzzzzzzzz";

/// A step from a table to one in it.
#[derive(Clone)]
enum Step {
    /// `.key`
    Key(String),
    /// `[]`, an element of a list.
    Element,
    /// `.*`, a name that the author chooses.
    Name,
}

/// `routes[].cors`, `allowlists.*`
fn written(path: &[Step]) -> String {
    let steps = path.iter().map(|step| match step {
        Step::Key(key) => format!(".{key}"),
        Step::Element => "[]".to_owned(),
        Step::Name => ".*".to_owned(),
    });
    steps.collect::<String>().trim_start_matches('.').to_owned()
}

/// The keys that are possible in a table beside `entries`; none if there cannot be a table.
fn known(path: &[Step], entries: &str) -> Option<BTreeSet<String>> {
    let table = format!("{entries}{IMPOSSIBLE} = 0");
    let text = match path.split_first() {
        None => table,
        Some((Step::Key(key), rest)) => {
            let value = rest.iter().rev().fold(format!("{{ {table} }}"), |inner, step| match step {
                Step::Key(key) => format!("{{ {key} = {inner} }}"),
                Step::Element => format!("[{inner}]"),
                Step::Name => format!("{{ name = {inner} }}"),
            });
            format!("{key} = {value}")
        }
        Some(_) => panic!("a file begins with a key"),
    };
    let source = Source::from_bytes("policy.toml", text.clone().into_bytes()).expect("text");
    let report = check(&source, None, None).report;
    let quoted = format!("`{IMPOSSIBLE}`");
    let unknown = |code: &str, message: &str| code == "CG002" && message.contains(&quoted);
    let finding =
        report.findings().iter().find(|finding| unknown(&finding.code.to_string(), &finding.message))?;
    let help = finding.help.as_deref().unwrap_or_default();
    let keys: BTreeSet<_> = page::code(help).into_iter().map(str::to_owned).collect();
    assert!(!keys.is_empty(), "the help to {text} lists no keys: {help}");
    Some(keys)
}

/// Visits every possible table.
fn walk(path: &[Step], tables: &mut BTreeMap<String, BTreeSet<String>>) {
    let Some(mut keys) = known(path, "") else { return };
    // One of its keys decides the kind of an allowlist, and so its other keys.
    for section in SECTIONS.iter().filter(|section| section.path == home(&written(path))) {
        keys.extend(known(path, &section.base_entries()).into_iter().flatten());
    }
    for key in &keys {
        let key = Step::Key(key.clone());
        for steps in [&[][..], &[Step::Element], &[Step::Name], &[Step::Name, Step::Element]] {
            walk(&[path, std::slice::from_ref(&key), steps].concat(), tables);
        }
    }
    tables.insert(written(path), keys);
}

/// The path of the section that explains a table: some tables are possible in several places.
fn home(path: &str) -> String {
    let path = path.replace("environments.*.allowlists", "allowlists").replace("defaults.", "routes[].");
    path.replace("routes[].cors.origins[]", "allowlists.*[]")
}

/// `[defaults]` has all keys of a route except these, and its own.
const NOT_IN_DEFAULTS: [&str; 2] = ["name", "path"];

#[test]
fn the_page_explains_exactly_the_keys_that_the_parser_knows() {
    let mut tables = BTreeMap::new();
    walk(&[], &mut tables);
    let page = page::keys();
    for (path, mut keys) in tables.clone() {
        if path == "defaults" {
            let routes = tables.get("routes[]").expect("routes");
            let missing: Vec<_> = routes.difference(&keys).map(String::as_str).collect();
            assert_eq!(missing, NOT_IN_DEFAULTS);
            keys.retain(|key| !routes.contains(key));
        }
        let rows = page.iter().filter(|(section, _)| section.path == home(&path));
        let explained: BTreeSet<_> = rows.map(|(_, row)| row.key.clone()).collect();
        assert_eq!(explained, keys, "the page on the left, the parser's `{path}` on the right");
    }
    let walked: BTreeSet<_> = tables.keys().map(|path| home(path)).collect();
    let explained: BTreeSet<_> = SECTIONS.iter().map(|section| section.path.to_owned()).collect();
    assert_eq!(explained, walked, "the tables of `sections.rs` on the left, the parser's on the right");
}
