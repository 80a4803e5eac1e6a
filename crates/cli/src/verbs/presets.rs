//! `corsgate presets`.

use clap::{Args, ValueEnum};
use corsgate_authoring::presets::{PRESETS, Preset, preset};
use serde_json::json;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{diagnostics, results};

/// Show the presets for `[routes.cors]`: the methods and headers that protocols ask of CORS
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// Show what this preset adds to a route, instead of the list
    name: Option<String>,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// Text for people; of one preset, the TOML that it stands for
    #[default]
    Human,
    /// JSON
    Json,
}

const EXAMPLE: &str = "\
Exit codes:
  0   printed
  1   the output could not be written
  2   wrong usage, or an unknown preset

Example:
  corsgate presets
  corsgate presets mcp";

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let text = match (arguments.name.as_deref().map(preset), arguments.format) {
        (None, Format::Human) => listing(),
        (None, Format::Json) => written(&json!(PRESETS.iter().map(described).collect::<Vec<_>>())),
        (Some(Ok(preset)), Format::Human) => shown(preset),
        (Some(Ok(preset)), Format::Json) => written(&described(preset)),
        (Some(Err(near)), _) => {
            let name = arguments.name.as_deref().unwrap_or_default();
            let help = near.map_or_else(
                || "`corsgate presets` lists them".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            diagnostics::usage(&format!("error: there is no preset `{name}`: {help}\n"));
            return Ok(Exit::Usage);
        }
    };
    results::write(text.as_bytes())?;
    Ok(Exit::Fine)
}

fn listing() -> String {
    let width = PRESETS.iter().map(|preset| preset.name.len()).max().unwrap_or_default();
    PRESETS.iter().map(|preset| format!("{:<width$}  {}\n", preset.name, preset.what)).collect()
}

/// What a preset adds, as a policy would write it.
fn shown(preset: &Preset) -> String {
    let mut text = format!("# {}\n# {}\n", preset.what, preset.source);
    for (key, names) in lists(preset) {
        if !names.is_empty() {
            let names: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
            text.push_str(&format!("{key} = [{}]\n", names.join(", ")));
        }
    }
    if !preset.safelisted.is_empty() {
        text.push_str(&format!("# with enforce_methods also {}\n", preset.safelisted.join(", ")));
    }
    text
}

fn lists(preset: &Preset) -> [(&'static str, &'static [&'static str]); 3] {
    [
        ("methods", preset.methods),
        ("request_headers", preset.request_headers),
        ("exposed_headers", preset.exposed_headers),
    ]
}

fn described(preset: &Preset) -> serde_json::Value {
    json!({
        "name": preset.name,
        "what": preset.what,
        "source": preset.source,
        "methods": preset.methods,
        "safelistedMethods": preset.safelisted,
        "requestHeaders": preset.request_headers,
        "exposedHeaders": preset.exposed_headers,
    })
}

fn written(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}
