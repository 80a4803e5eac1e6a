//! Findings as workflow commands, which GitHub Actions shows beside the changed lines.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use corsgate_authoring::{Finding, Report, Severity, Source};

use crate::output::region::Region;

/// All findings of a report, one a line.
pub(crate) fn render(report: &Report, source: &Source) -> String {
    report.findings().iter().map(|finding| line(finding, source)).collect()
}

fn line(finding: &Finding, source: &Source) -> String {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let mut message = finding.message.clone();
    if let Some(fix) = &finding.fix {
        message.push_str(&format!("\nwrite `{}`", fix.replacement));
    }
    if let Some(help) = &finding.help {
        message.push_str(&format!("\n{help}"));
    }
    let place = finding.span().map_or_else(String::new, |span| {
        let Region { start_line, start_column, end_line, end_column } = Region::of(span, source);
        format!(",line={start_line},col={start_column},endLine={end_line},endColumn={end_column}")
    });
    let (file, code, message) = (property(source.name()), finding.code, data(&message));
    format!("::{command} file={file}{place},title={code}::{message}\n")
}

/// Escapes the characters that would end a message.
pub(crate) fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the characters that would end a property.
pub(crate) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_message_or_a_property_early() {
        assert_eq!(data("50 %: a,\r\nb"), "50 %25: a,%0D%0Ab");
        assert_eq!(property("c:\\a,b%\n"), "c%3A\\a%2Cb%25%0A");
    }
}
