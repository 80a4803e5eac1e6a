//! Results as JUnit XML.
//!
//! There is no standard. This follows the schema of Jenkins, the strictest in wide use:
//! <https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd>

use std::fmt::Write as _;

use corsgate_authoring::cases::Verdict;
use corsgate_authoring::{Report, Severity, Source};

use crate::output::human::summary;
use crate::output::runs::{Results, Timed, complaints, decision_line, request_line, setting};
use crate::output::trace::Line;

/// All results.
pub(crate) fn render(results: &Results<'_>) -> String {
    let (tests, failures, errors) = (results.runs.len(), results.failed(), results.undecided());
    let (name, seconds) = (escape(results.cases.name()), results.seconds());
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let counts =
        format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" time=\"{seconds:.6}\"");
    line(&mut xml, &format!("<testsuites name=\"corsgate\" {counts}>"));
    line(&mut xml, &format!("  <testsuite name=\"{name}\" {counts}>"));
    let class = escape(results.policy.name());
    results.runs.iter().for_each(|timed| case(timed, results, &class, &mut xml));
    line(&mut xml, "  </testsuite>");
    line(&mut xml, "</testsuites>");
    xml
}

/// The findings of a file that cannot be used, each error as a case: there are no results.
pub(crate) fn findings(report: &Report, source: &Source, verdict: &str) -> String {
    let errors = report.findings().iter().filter(|finding| finding.severity == Severity::Error);
    let errors: Vec<_> = errors.collect();
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let count = errors.len();
    let counts = format!("tests=\"{count}\" failures=\"0\" errors=\"{count}\" time=\"0.000000\"");
    line(&mut xml, &format!("<testsuites name=\"corsgate\" {counts}>"));
    let name = escape(source.name());
    line(&mut xml, &format!("  <testsuite name=\"{name}\" {counts}>"));
    for finding in errors {
        let mut body = vec![summary(report, source, verdict)];
        body.extend(finding.fix.as_ref().map(|fix| format!("write `{}`", fix.replacement)));
        body.extend(finding.help.clone());
        let at = finding.span().map(|span| source.line(span.start));
        body.push(at.map_or_else(|| source.name().to_owned(), |at| format!("{}:{at}", source.name())));
        // Who reads JUnit takes two cases of one name for one.
        let case = at.map_or_else(|| finding.code.to_string(), |at| format!("{}, line {at}", finding.code));
        let (message, body) = (escape(&finding.message), escape_text(&body.join("\n")));
        let head = format!("    <testcase name=\"{case}\" classname=\"{name}\" time=\"0.000000\">");
        line(&mut xml, &head);
        line(&mut xml, &format!("      <error message=\"{message}\">{body}</error>"));
        line(&mut xml, "    </testcase>");
    }
    line(&mut xml, "  </testsuite>");
    line(&mut xml, "</testsuites>");
    xml
}

fn case(timed: &Timed<'_>, results: &Results<'_>, class: &str, xml: &mut String) {
    let Timed { run, ran, seconds, trace } = timed;
    let head =
        format!("    <testcase name=\"{}\" classname=\"{class}\" time=\"{seconds:.6}\"", escape(&run.name));
    let element = match &ran.verdict {
        Verdict::Passed => {
            line(xml, &format!("{head}/>"));
            return;
        }
        Verdict::Failed(_) => "failure",
        Verdict::Undecided(_) => "error",
    };
    let complaints = complaints(&ran.verdict);
    let mut body = complaints.clone();
    body.push(request_line(run));
    body.push(setting(timed));
    if let Some(decided) = &ran.decided {
        body.push(format!("decided: {}", decision_line(decided)));
        body.extend(decided.headers.iter().map(|(name, value)| format!("  {name}: {value}")));
    }
    body.extend(trace.iter().flat_map(|trace| &trace.lines).map(Line::plain));
    body.push(format!("{}:{}", results.cases.name(), results.cases.line(run.case.span().start)));
    line(xml, &format!("{head}>"));
    let message = escape(complaints.first().map(String::as_str).unwrap_or_default());
    let body = escape_text(&body.join("\n"));
    line(xml, &format!("      <{element} message=\"{message}\">{body}</{element}>"));
    line(xml, "    </testcase>");
}

/// A text between tags (XML 1.0, 2.4).
fn escape_text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML 1.0 has no way to write these (2.2).
            '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                escaped.push(char::REPLACEMENT_CHARACTER);
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

/// A text in an attribute, in which a parser would turn line breaks and tabs into spaces (XML 1.0, 3.3.3).
fn escape(text: &str) -> String {
    escape_text(text).replace('\n', "&#10;").replace('\r', "&#13;").replace('\t', "&#9;")
}

fn line(xml: &mut String, line: &str) {
    // Writing to a string does not fail.
    let _written = writeln!(xml, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_text_or_an_attribute_early() {
        assert_eq!(escape("a<b>\"&\n\t\u{1}"), "a&lt;b&gt;&quot;&amp;&#10;&#9;\u{fffd}");
        assert_eq!(escape_text("]]>\r\n"), "]]&gt;\r\n");
    }
}
