//! The explanation of a page's request: what is asked, on which ground, and what follows from it.

mod cached;
mod conclusion;
mod evidence;
mod from_presets;
pub mod json;
mod lines;
mod live;
mod methods;
mod question;
mod redirected;
mod responses;
mod undecided;
pub mod words;

use corsgate_explain::copied::console_line::ConsoleLine;
use corsgate_explain::har::Har;
use corsgate_explain::{Browser, Kv, PageExplanation, explain};
use corsgate_policy::grammar::day::Day;

pub use conclusion::{Conclusion, NearMiss};
pub use evidence::{Asked, Evidence, of_line_alone};
pub use from_presets::from_presets;
pub use live::{Live, LiveStep, description};
pub use question::{Facts, QuestionError, of_archive, of_text};

use crate::trace::Texts;

/// The facts on which an explanation is based.
pub struct Ground<'s> {
    /// The policy and the lists in files, for their lines.
    pub texts: Texts<'s>,
    /// Absent for the base policy.
    pub environment: Option<&'s str>,
    /// The known content of KV.
    pub kv: &'s Kv,
    /// The day of the decision.
    pub today: Day,
}

/// What is explained: one request or several, or the failed requests of an archive.
pub struct Question {
    /// What pages asked for, and what is known of the answers.
    pub asked: Vec<Asked>,
    /// Lines of the console that do not name the request: they are explained by themselves.
    pub lines: Vec<ConsoleLine>,
    /// What was copied, with its number, if there are several.
    pub several: Option<String>,
    /// The archive, with its name.
    pub archive: Option<(String, Har)>,
    /// Sentences about what was left out or guessed.
    pub notes: Vec<String>,
}

impl Question {
    /// A question about one request.
    #[must_use]
    pub fn of(asked: Asked, notes: Vec<String>) -> Self {
        Self { asked: vec![asked], lines: Vec::new(), several: None, archive: None, notes }
    }

    /// Several requests. `what` names what was copied.
    #[must_use]
    pub fn of_copies(asked: Vec<Asked>, what: String, notes: Vec<String>) -> Self {
        Self { asked, lines: Vec::new(), several: Some(what), archive: None, notes }
    }

    /// Lines of the console: those whose request is known, and those that are explained by themselves.
    #[must_use]
    pub fn of_lines(
        asked: Vec<Asked>,
        lines: Vec<ConsoleLine>,
        several: Option<String>,
        notes: Vec<String>,
    ) -> Self {
        Self { asked, lines, several, archive: None, notes }
    }

    /// A question about the failed requests of an archive.
    #[must_use]
    pub fn of_archive(mut har: Har, name: &str, mut notes: Vec<String>) -> Self {
        let asked = core::mem::take(&mut har.failed).into_iter().map(Asked::of_entry).collect();
        notes.append(&mut har.notes);
        Self { asked, lines: Vec::new(), several: None, archive: Some((name.to_owned(), har)), notes }
    }

    /// The requests, to be asked about elsewhere.
    pub fn asked_mut(&mut self) -> &mut [Asked] {
        &mut self.asked
    }

    /// Adds what the reader is told beside the answer.
    pub fn note(&mut self, note: String) {
        self.notes.push(note);
    }
}

/// Explains one request, and weighs what was seen of it.
pub fn concluded<T>(
    asked: &Asked,
    browser: Browser,
    ground: Option<&Ground<'_>>,
    hand_over: impl FnOnce(Option<&PageExplanation<'_>>, &Conclusion) -> T,
) -> T {
    let Some(ground) = ground else {
        return hand_over(None, &evidence::alone(asked, browser));
    };
    explain(ground.texts.compiled.policy(), &asked.request, ground.kv, ground.today, |explained| {
        let mut conclusion = Conclusion::new(&asked.request, explained, ground, browser);
        undecided::take_back(&mut conclusion, &asked.request, explained, &ground.texts);
        evidence::weigh(&mut conclusion, asked, Some(explained), browser);
        hand_over(Some(explained), &conclusion)
    })
}
