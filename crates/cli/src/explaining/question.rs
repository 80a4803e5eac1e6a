//! The requests that the material stands for, with what was noticed on the way.

use corsgate_answers::explained::{Facts, Question, QuestionError, of_archive, of_text};
use corsgate_explain::Browser;
use corsgate_policy::Policy;

use super::Source;
use crate::failure::Failure;
use crate::input::InputError;
use crate::output::diagnostics;

/// The question, with the browser whose line it is, if it is one.
///
/// # Errors
/// When the material cannot be read.
pub(crate) fn question(
    source: Source,
    facts: &Facts<'_>,
    policy: Option<&Policy>,
    mut notes: Vec<String>,
) -> Result<(Question, Option<Browser>), Failure> {
    match source {
        Source::Har(json, name) => of_archive(json, &name, facts, policy, notes).map_err(told),
        Source::Text { kind, text, note, name } => {
            notes.extend(note.map(str::to_owned));
            of_text(kind, &text, name.as_deref(), facts, policy, notes).map_err(told)
        }
    }
}

/// A request of the command line alone, or a command in separate words.
///
/// # Errors
/// When no page can send it.
pub(crate) fn of_words(facts: &Facts<'_>, words: &[String], notes: Vec<String>) -> Result<Question, Failure> {
    facts.question(words, notes).map_err(told)
}

/// Writes what was noticed, which may be the reason.
fn told(error: QuestionError) -> Failure {
    match error {
        QuestionError::Usage { sentence, notes } => {
            for note in notes {
                diagnostics::note(&format!("note: {note}"));
            }
            Failure::usage(sentence)
        }
        QuestionError::Unusable { name, why } => InputError::unusable(&name, why).into(),
    }
}
