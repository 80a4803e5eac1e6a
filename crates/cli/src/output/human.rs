//! Findings for people, in the style of rustc.

pub(crate) use corsgate_answers::plural::plural;

use crate::output::fence::uncoloured;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use corsgate_authoring::{Finding, Report, Severity, Source, Span};

/// A finding with the lines that it is about.
pub(crate) fn finding(finding: &Finding, source: &Source) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let code = finding.code.to_string();
    let finding = &shown(finding);
    let mut group = Group::with_title(level.primary_title(finding.message.as_str()).id(code));
    group = match excerpt(finding, source) {
        Some(snippet) => group.element(snippet),
        None => group.element(place(finding, source)),
    };
    if let Some(fix) = &finding.fix {
        group = group.element(Level::HELP.message(format!("write `{}`", fix.replacement)));
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    format!("{}\n\n", Renderer::styled().render(&[group]))
}

/// A copy of the finding without terminal colours from the file.
fn shown(finding: &Finding) -> Finding {
    let mut shown = finding.clone();
    shown.message = uncoloured(&shown.message);
    shown.help = shown.help.as_deref().map(uncoloured);
    shown.labels.iter_mut().for_each(|label| label.text = uncoloured(&label.text));
    shown.fix.iter_mut().for_each(|fix| fix.replacement = uncoloured(&fix.replacement));
    shown
}

/// The line after all findings.
pub(crate) fn summary(report: &Report, source: &Source, verdict: &str) -> String {
    let counted = |severity, one| match report.count(severity) {
        0 => None,
        count => Some(plural(count, one)),
    };
    let counts = [counted(Severity::Error, "error"), counted(Severity::Warning, "warning")];
    let counts: Vec<_> = counts.into_iter().flatten().collect();
    format!("`{}` {verdict} {}", source.name(), counts.join(", "))
}

/// A message that belongs to no place in a file.
pub(crate) fn sentence(message: &str) -> String {
    let group = Group::with_title(Level::ERROR.primary_title(message));
    format!("{}\n", Renderer::styled().render(&[group]))
}

/// Longer lines, in bytes, are named but not shown: nobody reads them, and rendering them is slow.
const MAX_EXCERPT: usize = 64 * 1024;

/// The place of a finding, without its lines.
fn place<'s>(finding: &Finding, source: &'s Source) -> Origin<'s> {
    let origin = Origin::path(source.name());
    match finding.span() {
        Some(span) => origin.line(source.line(span.start)).char_column(source.column(span.start)),
        None => origin,
    }
}

/// The labelled lines. Only the text from the first label to the last is passed on, because the renderer searches
/// every snippet from its beginning.
fn excerpt<'s>(
    finding: &'s Finding,
    source: &'s Source,
) -> Option<Snippet<'s, annotate_snippets::Annotation<'s>>> {
    let start = finding.labels.iter().map(|label| label.span.start).min()?;
    let end = finding.labels.iter().map(|label| label.span.end).max()?;
    let lines = source.lines(&(start..end));
    if lines.len() > MAX_EXCERPT {
        return None;
    }
    let shifted = |span: &Span| span.start - lines.start..span.end - lines.start;
    let annotations = finding.labels.iter().enumerate().map(|(at, label)| {
        let kind = if at == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let text = Some(label.text.as_str()).filter(|text| !text.is_empty());
        kind.span(shifted(&label.span)).label(text)
    });
    let snippet =
        Snippet::source(source.text().get(lines.clone())?).line_start(source.line(start)).path(source.name());
    Some(snippet.annotations(annotations))
}

#[cfg(test)]
mod tests {
    use corsgate_authoring::compile;
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;

    const POLICY: &str = include_str!("../../tests/compile/many-mistakes.toml");

    proptest! {
        /// The excerpt of a finding is cut out of the text; it must be valid wherever the labels are.
        #[test]
        fn every_finding_can_be_shown(cut in any::<Index>(), instead in "\\PC{0,3}|\n|\"|\r\n|\\[|\t\u{1b}") {
            let at = POLICY.char_indices().map(|(at, _)| at).nth(cut.index(POLICY.chars().count()));
            let mut text = POLICY.to_owned();
            text.insert_str(at.unwrap_or_default(), &instead);
            let Ok(source) = Source::from_bytes("policy.toml", text.into_bytes()) else { return Ok(()) };
            let report = compile(&source, None).err().unwrap_or_default();
            prop_assert!(report.has_errors());
            for found in report.findings() {
                let shown = finding(found, &source);
                prop_assert!(shown.contains("policy.toml"), "{}", shown);
            }
        }
    }
}
