//! The JSON Schema for editors: a policy that compiles is valid, and one that the reader rejects for its shape is not.

use std::path::Path;

use boon::{Compiler, SchemaIndex, Schemas};
use corsgate_authoring::POLICY_SCHEMA;
use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

use crate::policy_page::page::{keys, text};
use crate::policy_page::{codes, compiled};

/// The findings about shapes: an unknown key, a missing one, or a value of a wrong type.
const SHAPES: [&str; 3] = ["CG002", "CG003", "CG004"];

struct Schema(Schemas, SchemaIndex);

impl Schema {
    fn new() -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.enable_format_assertions();
        let schema = serde_json::from_str(POLICY_SCHEMA).expect("JSON");
        compiler.add_resource("policy.json", schema).expect("a schema");
        let index = compiler.compile("policy.json", &mut schemas).expect("a schema");
        Self(schemas, index)
    }

    fn fits(&self, policy: &str) -> bool {
        let table = DeTable::parse(policy).unwrap_or_else(|error| panic!("{policy}\n{error}")).into_inner();
        self.0.validate(&json(&DeValue::Table(table)), self.1).is_ok()
    }

    /// Compares the schema with the reader. Returns whether the reader rejected the shape.
    fn agree(&self, policy: &str) -> bool {
        let refused = codes(policy).iter().any(|code| SHAPES.contains(&code.as_str()));
        let fits = self.fits(policy);
        assert!(!(refused && fits), "the reader refuses what the schema takes: {policy}");
        assert!(fits || compiled(policy).is_err(), "the schema refuses what compiles: {policy}");
        refused
    }
}

/// The JSON that editors make of TOML.
fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).expect("a number").into()
        }
        DeValue::Float(number) => number.as_str().parse::<f64>().expect("a number").into(),
        DeValue::Boolean(flag) => Value::from(*flag),
        DeValue::Datetime(day) => Value::from(day.to_string()),
        DeValue::Array(values) => values.iter().map(|value| json(value.get_ref())).collect(),
        DeValue::Table(table) => {
            let entries = table.iter().map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref())));
            Value::Object(entries.collect::<Map<_, _>>())
        }
    }
}

const DAY: &str = "2031-01-31";

const SAMPLES: [&str; 12] =
    ["\"x\"", "true", "false", "1", "-1", "4294967296", "0.5", DAY, "[\"x\"]", "[1]", "{}", "[{}]"];

#[test]
fn the_schema_agrees_with_the_reader_about_every_key() {
    let schema = Schema::new();
    let (mut refused, mut taken) = (0, 0);
    for (section, row) in keys() {
        // In JSON, a date is a string, so a date in place of a string cannot be detected.
        let telling = SAMPLES.iter().filter(|sample| **sample != DAY || row.value.starts_with("day"));
        let values = telling.map(|sample| Some(*sample)).chain([None]);
        for policy in values.map(|value| section.policy(&row.key, value)) {
            if schema.agree(&policy) { refused += 1 } else { taken += 1 }
        }
        // The same for unknown keys.
        assert!(schema.agree(&section.policy(&format!("{}z9", row.key), Some("1"))), "{}", row.key);
    }
    assert!(refused > 300 && taken > 50, "{refused} refused, {taken} taken");
}

#[test]
fn the_schema_has_every_word_and_limit_of_the_page() {
    let schema = Schema::new();
    for (section, row) in keys() {
        for word in crate::policy_page::page::code(&row.value) {
            let bound = word.parse::<i64>();
            if !word.starts_with('"') && bound.is_err() {
                continue;
            }
            schema.agree(&section.policy(&row.key, Some(word)));
            if let Ok(bound) = bound {
                schema.agree(&section.policy(&row.key, Some(&(bound - 1).to_string())));
                schema.agree(&section.policy(&row.key, Some(&(bound + 1).to_string())));
            }
        }
    }
}

/// The policies of the tool's own tests: valid ones, and one for every mistake.
#[test]
fn the_schema_agrees_with_the_reader_about_every_example() {
    let schema = Schema::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/tests/check");
    let files = std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path());
    let files: Vec<_> = files.filter(|file| file.extension().is_some_and(|it| it == "toml")).collect();
    assert!(files.len() > 100, "{}", files.len());
    for file in files {
        let policy = std::fs::read_to_string(&file).expect("a policy");
        if DeTable::parse(&policy).is_ok() {
            schema.agree(&policy);
        }
    }
    assert!(schema.fits(&text("policies/example.toml")));
}

/// The descriptions that editors show are those of the page.
#[test]
fn descriptions_are_those_of_the_page() {
    let plain = |text: &str| {
        let mut plain = String::new();
        let mut rest = text;
        while let Some((before, link)) = rest.split_once('[') {
            let Some((label, after)) = link.split_once("](") else { break };
            plain.push_str(before);
            plain.push_str(label);
            rest = after.split_once(')').map_or("", |(_, after)| after);
        }
        plain + rest
    };
    for (_, row) in keys() {
        let description = plain(&row.does);
        let written = serde_json::to_string(&description).expect("JSON");
        assert!(
            POLICY_SCHEMA.contains(&format!("\"description\": {written}")),
            "`{}`: {description}",
            row.key
        );
    }
}
