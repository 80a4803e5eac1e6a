//! `docs/diff.md` has every kind of change.

use corsgate_compare::Kind;

#[path = "../../policy/tests/support/table.rs"]
mod table;

#[test]
fn every_kind_has_its_row() {
    let head = "| kind | widens | narrows | neutral |\n| --- | --- | --- | --- |\n";
    let rows: String = Kind::ALL
        .iter()
        .map(|kind| {
            let [widens, narrows, neutral] =
                kind.meaning().map(|text| if text.is_empty() { "–" } else { text });
            format!("| `{}` | {widens} | {narrows} | {neutral} |\n", kind.name())
        })
        .collect();
    table::hold("diff.md", head, &format!("{head}{rows}"));
}
