//! Answers in one line each, for archives.

use core::fmt::Write;

use corsgate_answers::explained::{Ground, Question, concluded, of_line_alone};
use corsgate_explain::Browser;

use super::human::{GREEN, RED, RESET, tail};

/// The whole text, and whether all is allowed.
pub(super) fn render(browser: Browser, ground: Option<&Ground<'_>>, question: &Question) -> (String, bool) {
    let (mut text, mut refused) = (String::new(), 0);
    for asked in &question.asked {
        concluded(asked, browser, ground, |_, conclusion| {
            refused += usize::from(!conclusion.allowed);
            let (first, rest) = conclusion.verdict.split_once(':').unwrap_or((&conclusion.verdict, ""));
            let colour = if conclusion.allowed { GREEN } else { RED };
            let (method, url) = (asked.request.method(), asked.request.page_url());
            let times = if asked.count > 1 { format!(", {} times", asked.count) } else { String::new() };
            // Writing to a text does not fail.
            let _written = writeln!(
                text,
                "{colour}{first}{RESET}: {method} {url} from `{}`{times}:{rest}",
                asked.request.origin()
            );
        });
    }
    for read in &question.lines {
        refused += 1;
        // Writing to a text does not fail.
        let _written = writeln!(text, "{}", of_line_alone(read).verdict);
    }
    let is_fine = tail(question, ground, refused, &mut text);
    (text, refused == 0 && is_fine)
}
