//! The table of reasons in docs/responses.md, compared with the code.

use std::collections::BTreeSet;

use corsgate_policy::Reason;

use crate::policy_page::page::{cells, code, lines, text};

#[test]
fn the_page_has_every_reason_with_its_status() {
    let page = text("docs/responses.md");
    let rows = lines(&page)
        .filter(|(heading, line)| *heading == "Reasons" && line.starts_with("| `"))
        .map(|(_, line)| (code(line), cells(line)[1].trim_end_matches(" |").to_owned()));
    let told: BTreeSet<_> = rows
        .flat_map(|(names, status)| names.into_iter().map(move |name| (name.to_owned(), status.clone())))
        .collect();
    let reasons = Reason::ALL.iter();
    let known: BTreeSet<_> =
        reasons.map(|reason| (reason.name().to_owned(), reason.status().to_string())).collect();
    assert_eq!(told, known, "the page on the left");
}
