//! `--format sarif` is SARIF 2.1.0.
//!
//! The schema beside this file is that of OASIS (`sarif-schema-2.1.0.json`, SARIF 2.1.0, part of the
//! specification's repository `oasis-tcs/sarif-spec`), unchanged. Copyright OASIS Open; implementers are free
//! to incorporate it (<https://github.com/oasis-tcs/sarif-spec/issues/583>).

#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use std::path::{Path, PathBuf};
use std::process::Command;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;
use snapbox::cmd::cargo_bin;

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn schema() -> (Schemas, SchemaIndex) {
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.enable_format_assertions();
    let text = std::fs::read(tests().join("sarif-schema-2.1.0.json")).expect("the schema");
    let schema = serde_json::from_slice(&text).expect("JSON");
    compiler.add_resource("sarif.json", schema).expect("a schema");
    let index = compiler.compile("sarif.json", &mut schemas).expect("a schema");
    (schemas, index)
}

/// The tool's output for a file.
fn sarif(arguments: &[&str]) -> Value {
    let folder = tests().join("check");
    let output = Command::new(cargo_bin!("corsgate"))
        .args(["check", "--today", "2027-01-01", "--format", "sarif"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the tool");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// All test files, with and without mistakes: they contain every form of a finding.
fn files() -> Vec<String> {
    let names = std::fs::read_dir(tests().join("check")).expect("a folder");
    let names = names.map(|file| file.expect("a file").file_name().into_string().expect("a name"));
    names.filter(|name| name.ends_with(".toml")).collect()
}

#[test]
fn every_finding_fits_the_schema() {
    let (schemas, index) = schema();
    let files = files();
    assert!(files.len() > 100, "{}", files.len());
    for file in &files {
        let log = sarif(&[file]);
        let valid = schemas.validate(&log, index);
        assert!(valid.is_ok(), "{file}: {}", valid.expect_err("wrong"));
    }
    let log = sarif(&["--list", "list.txt"]);
    assert!(schemas.validate(&log, index).is_ok());
    assert!(!log["runs"][0]["results"].as_array().expect("results").is_empty());
}

#[test]
fn the_schema_rejects_an_invalid_log() {
    let (schemas, index) = schema();
    let log = sarif(&["formats.toml"]);
    for (pointer, wrong) in [
        ("/version", Value::from("2.2.0")),
        ("/runs/0/results/0/level", Value::from("fatal")),
        ("/runs/0/results/0/locations/0/physicalLocation/region/startLine", Value::from(0)),
        ("/runs/0/tool/driver/informationUri", Value::from("not a URI")),
    ] {
        let mut broken = log.clone();
        *broken.pointer_mut(pointer).expect(pointer) = wrong;
        assert!(schemas.validate(&broken, index).is_err(), "{pointer}");
    }
}
