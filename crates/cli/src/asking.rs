//! Questions at the terminal, a line each.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use crate::output::fence::{Notation, fenced, uncoloured};

/// Whether somebody can be asked.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks, and reads the answer without white space around it. `None` at the end of the input.
pub(crate) fn ask(question: &str) -> Option<String> {
    let mut stderr = io::stderr();
    let question = fenced(&uncoloured(question), Notation::People);
    write!(stderr, "{question} ").and_then(|()| stderr.flush()).ok()?;
    let mut answer = Vec::new();
    match io::stdin().lock().read_until(b'\n', &mut answer) {
        // End the line of the question.
        Ok(0) => {
            let _unseen = writeln!(stderr);
            None
        }
        Ok(_) => Some(String::from_utf8_lossy(&answer).trim().to_owned()),
        Err(_) => None,
    }
}

/// Asks for a yes. Every other answer is a no, and so is the end of the input.
pub(crate) fn agrees(question: &str) -> bool {
    let answer = ask(&format!("{question} [y/N]")).unwrap_or_default();
    matches!(answer.to_lowercase().as_str(), "y" | "yes")
}
