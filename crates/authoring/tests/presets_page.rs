//! `docs/presets.md` has every preset, and its examples compile.

use corsgate_authoring::presets::{PRESETS, Preset};
use corsgate_authoring::{Source, compile};

#[path = "../../policy/tests/support/table.rs"]
mod table;

fn names(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "–".to_owned() } else { names.join(" ") }
}

fn row(preset: &Preset) -> String {
    let Preset { name, what, source, methods, safelisted, request_headers, exposed_headers } = preset;
    let [methods, safelisted, request, exposed] =
        [methods, safelisted, request_headers, exposed_headers].map(|list| names(list));
    format!("| `{name}` | {what} ([source]({source})) | {methods} | {safelisted} | {request} | {exposed} |\n")
}

#[test]
fn every_preset_has_its_row() {
    let head = "| preset | what for | methods | with `enforce_methods` also | request headers | exposed headers |\n| --- | --- | --- | --- | --- | --- |\n";
    let rows: String = PRESETS.iter().map(row).collect();
    table::hold("presets.md", head, &format!("{head}{rows}"));
}

#[test]
fn every_preset_has_an_example_that_compiles() {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/presets.md")).unwrap();
    let examples: Vec<_> = page
        .split("```toml\n")
        .skip(1)
        .map(|rest| rest.split_once("```").expect("the end of an example").0)
        .collect();
    let upstream = "version = 1\n[upstreams]\napi = \"https://origin.example.net\"\n";
    for example in &examples {
        let source = Source::from_bytes("example", format!("{upstream}{example}").into()).expect("a text");
        if let Err(report) = compile(&source, None) {
            panic!("{example}\n{:?}", report.findings());
        }
    }
    for preset in PRESETS {
        let named = format!("\"{}\"", preset.name);
        let has = |example: &&&str| {
            example.lines().any(|line| line.starts_with("presets") && line.contains(&named))
        };
        assert!(examples.iter().any(|example| has(&example)), "no example for {named}");
    }
}
