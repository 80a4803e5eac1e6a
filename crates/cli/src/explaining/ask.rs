//! Asks a running gateway about each request: its policy and its lists decide. Nothing is counted or recorded there.

use corsgate_policy::grammar::day::Day;

use crate::failure::Failure;
use crate::gateway::Gateway;
use crate::output::explained::{Evidence, Live, Question, description};

/// The most requests of an archive that are asked about.
const MOST: usize = 50;

/// Puts the gateway's answers to the requests of a question.
///
/// # Errors
/// When the gateway cannot be reached, refuses, or answers with something else.
pub(crate) fn ask(question: &mut Question, gateway: &Gateway, today: Option<Day>) -> Result<(), Failure> {
    let asked = question.asked_mut();
    let left_out = asked.len().saturating_sub(MOST);
    for asked in asked.iter_mut().take(MOST) {
        if matches!(asked.evidence, Evidence::WithoutCors(_)) {
            continue;
        }
        let mut live = Live::new(gateway.address());
        for sent in asked.request.sent() {
            let description = description(&sent, asked.request.url(), today.map(|day| day.to_string()));
            let text = gateway.explain(&description)?;
            let goes_on = live.add(&asked.request, &sent, &text);
            if !goes_on.map_err(|error| gateway.foreign(&error.to_string()))? {
                break;
            }
        }
        asked.live = Some(live);
    }
    if left_out > 0 {
        question
            .note(format!("the gateway was asked about the first {MOST} requests; {left_out} are left out"));
    }
    Ok(())
}
