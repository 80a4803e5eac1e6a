//! `corsgate schema`.

use clap::Args;
use corsgate_authoring::{MAX_SOURCE, POLICY_SCHEMA};
use serde_json::Value;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::{self, InputError};
use crate::output::{diagnostics, results};

/// Print the JSON Schema of policy files, for editors
///
/// Editors that support TOML use it to complete keys and mark mistakes. It only describes keys and types; `corsgate check`
/// checks the values. If you keep a copy beside the policies, `--check` says whether it is still the schema of this
/// version.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// Check that this file is the schema, in any formatting, instead of printing it; `-` for standard input
    #[arg(long, value_name = "FILE")]
    check: Option<String>,
}

const EXAMPLE: &str = "\
Exit codes:
  0   printed; with `--check`, the copy is the same
  1   the copy could not be read, or the schema not written
  2   wrong usage
  10  the copy is another schema

Example:
  corsgate schema > policy.schema.json
  corsgate schema --check policy.schema.json
  # and at the top of policy.toml, for taplo and the editors that use it:
  #:schema ./policy.schema.json";

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    match &arguments.check {
        Some(file) => Ok(check(file)?),
        None => {
            results::write(POLICY_SCHEMA.as_bytes())?;
            Ok(Exit::Fine)
        }
    }
}

fn check(file: &str) -> Result<Exit, InputError> {
    let name = input::name(file);
    let bytes = input::read_bytes(file, MAX_SOURCE)?;
    if bytes.len() > MAX_SOURCE {
        let sentence =
            format!("the file is longer than {} MiB, so it is not a schema", MAX_SOURCE / (1024 * 1024));
        return Err(InputError::unusable(name, sentence));
    }
    if bytes.trim_ascii().is_empty() {
        let sentence = "the file is empty; write it again with `corsgate schema`";
        return Err(InputError::unusable(name, sentence));
    }
    let copy: Value = serde_json::from_slice(&bytes).map_err(|error| {
        let sentence = format!("not JSON: {error}; to check a policy, use `corsgate check`");
        InputError::unusable(name, sentence)
    })?;
    // A test checks that the schema is valid JSON.
    let schema: Value = serde_json::from_str(POLICY_SCHEMA).unwrap_or_default();
    let Some(place) = first_difference(&schema, &copy) else {
        diagnostics::note(&format!("`{name}` is the schema of {VERSION}"));
        return Ok(Exit::Fine);
    };
    let place = if place.is_empty() { String::new() } else { format!(": `{place}` is different") };
    // The suggested command writes to the file that was compared; standard input has no name.
    let target = if file == "-" { "FILE" } else { file };
    diagnostics::problem(&format!(
        "`{name}` is not the schema of {VERSION}{place}; write it again with `corsgate schema > {target}`"
    ));
    Ok(Exit::Different)
}

const VERSION: &str = concat!("corsgate ", env!("CARGO_PKG_VERSION"));

/// The first place where two JSON values differ, as a JSON Pointer (RFC 6901).
fn first_difference(one: &Value, other: &Value) -> Option<String> {
    let below = |name: &str, place: String| format!("/{}{place}", name.replace('~', "~0").replace('/', "~1"));
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let names = one.keys().chain(other.keys());
            names.into_iter().find_map(|name| match (one.get(name), other.get(name)) {
                (Some(one), Some(other)) => first_difference(one, other).map(|place| below(name, place)),
                _ => Some(below(name, String::new())),
            })
        }
        (Value::Array(one), Value::Array(other)) => {
            let differ = |at: usize| match (one.get(at), other.get(at)) {
                (Some(one), Some(other)) => first_difference(one, other),
                _ => Some(String::new()),
            };
            (0..one.len().max(other.len()))
                .find_map(|at| differ(at).map(|place| below(&at.to_string(), place)))
        }
        _ => (one != other).then(String::new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_has_a_place() {
        for (one, other, place) in [
            ("{\"a\":[1,{\"b/c\":2}]}", "{\"a\":[1,{\"b/c\":2}]}", None),
            ("{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", None),
            ("{\"a\":[1,{\"b/c\":2}]}", "{\"a\":[1,{\"b/c\":3}]}", Some("/a/1/b~1c")),
            ("{\"a\":1}", "{\"a\":1,\"b\":2}", Some("/b")),
            ("{\"a\":[1]}", "{\"a\":[]}", Some("/a/0")),
            ("{}", "[]", Some("")),
            ("null", "0", Some("")),
        ] {
            let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
            assert_eq!(first_difference(&json(one), &json(other)).as_deref(), place, "{one} {other}");
        }
    }
}
