//! wrangler's error message.

use std::env;
use std::process::ExitStatus;

use anstream::adapter::strip_str;

/// The variables with wrangler's credentials. wrangler does not print them; if it ever does, they are left out here.
const SECRETS: [&str; 3] = ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY", "CLOUDFLARE_EMAIL"];
/// The maximum number of lines.
const MOST_LINES: usize = 12;
/// The maximum number of characters of a line.
const MOST_OF_LINE: usize = 400;

/// The error in wrangler's output, or else the last lines.
pub(super) fn of(status: ExitStatus, stderr: &[u8], stdout: &[u8]) -> String {
    let secrets: Vec<_> = SECRETS.iter().filter_map(|name| env::var(name).ok()).collect();
    let said =
        [stderr, stdout].into_iter().map(|bytes| excerpt(bytes, &secrets)).find(|said| !said.is_empty());
    said.unwrap_or_else(|| format!("it gave no reason ({status})"))
}

fn excerpt(bytes: &[u8], secrets: &[String]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut text = strip_str(&text).to_string();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "***");
    }
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let error = lines.iter().position(|line| line.contains("[ERROR]"));
    let first = error.unwrap_or(lines.len().saturating_sub(MOST_LINES));
    let told = lines.iter().skip(first).take_while(|line| !line.starts_with("🪵")).take(MOST_LINES);
    let told = told.map(|line| line.trim_start_matches("✘ [ERROR] ").trim_start_matches("X [ERROR] "));
    told.map(shortened).collect::<Vec<_>>().join("\n")
}

fn shortened(line: &str) -> String {
    let mut told: String = line.chars().take(MOST_OF_LINE).collect();
    if told.len() < line.len() {
        told.push('…');
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_message_is_extracted() {
        let printed = "\n ⛅️ wrangler 4.164.0\n\x1b[31m✘ \x1b[41m[ERROR]\x1b[0m \x1b[1mNo such binding.\x1b[0m\n\n    - at `POLICY`\n\n🪵  Logs were written to \"/x\"\n";
        assert_eq!(of(ExitStatus::default(), printed.as_bytes(), b""), "No such binding.\n- at `POLICY`");
    }

    #[test]
    fn without_an_error_message_the_last_lines_are_shown() {
        let printed: String = (0..30).map(|at| format!("line {at}\n")).collect();
        let said = of(ExitStatus::default(), b" \n", printed.as_bytes());
        assert!(said.starts_with("line 18\n") && said.ends_with("line 29"), "{said}");
        assert!(of(ExitStatus::default(), b"", b"").starts_with("it gave no reason ("));
    }

    #[test]
    fn secrets_are_left_out() {
        assert_eq!(
            excerpt(b"[ERROR] token s3cret is bad", &["s3cret".to_owned(), String::new()]),
            "[ERROR] token *** is bad"
        );
    }
}
