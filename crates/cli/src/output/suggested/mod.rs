//! The output of `corsgate suggest`: one file a format.

mod human;

use clap::ValueEnum;
pub(crate) use corsgate_answers::suggested::Suggested;
use corsgate_answers::suggested::json;
use corsgate_suggest::{Because, Suggestions};

use crate::failure::Failure;
use crate::output::human::plural;
use crate::output::{diagnostics, results};

/// The output formats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SuggestFormat {
    /// For people: each origin with what speaks against it, the cases, and the patch, which `git apply` finds in it
    #[default]
    Human,
    /// For programs
    Json,
    /// The patch alone, for `git apply` and `patch -p1`
    Patch,
}

/// Writes the suggestions to standard output.
pub(crate) fn write(format: SuggestFormat, suggested: &Suggested<'_>) -> Result<(), Failure> {
    if format == SuggestFormat::Patch {
        note_what_is_no_patch(suggested);
    }
    if suggested.suggestions.additions.is_empty() {
        diagnostics::note("there is nothing to suggest");
    }
    match format {
        SuggestFormat::Human => results::write_text(&human::render(suggested)),
        SuggestFormat::Json => {
            results::write_json(&json::render(suggested).map_err(|error| Failure::Output(error.into()))?)
        }
        // A patch is applied byte by byte, so it is written unchanged.
        SuggestFormat::Patch => results::write(suggested.patch.as_bytes()),
    }
}

/// Notes about additions to lists in KV and left-out origins, which a patch cannot contain.
fn note_what_is_no_patch(suggested: &Suggested<'_>) {
    let Suggestions { additions, left_out, .. } = suggested.suggestions;
    let in_kv = additions.iter().filter(|addition| !addition.target.is_in_policy()).count();
    if in_kv > 0 {
        let count = plural(in_kv, "addition");
        diagnostics::note(&format!("{count} to lists in KV not in the patch: see `--format human`"));
    }
    if !left_out.is_empty() {
        let attacks = left_out.iter().filter(|left| left.because == Because::Attack).count();
        let attacks = if attacks > 0 { format!(", {attacks} as attacks") } else { String::new() };
        diagnostics::note(&format!(
            "{} of the report left out{attacks}: `--format human` says why",
            plural(left_out.len(), "row")
        ));
    }
}
