//! docs/browsers.md has every sentence of [`corsgate_explain::sentences`].

use corsgate_explain::sentences::Case;

const PAGE: &str = include_str!("../../../docs/browsers.md");

fn table() -> String {
    let mut table =
        String::from("| what is wrong | Chrome | Firefox | Safari |\n| --- | --- | --- | --- |\n");
    for case in Case::ALL {
        // `{preflight}` and `{xhr}` are described below the table.
        let cells = case.sentences().map(|it| {
            it.replace("{preflight}", "")
                .replace("{xhr}", "")
                .replace("{fetch}", " Have the server send the header with a valid value.")
        });
        let [chrome, firefox, safari] = cells.map(|it| if it.is_empty() { "nothing".to_owned() } else { it });
        table.push_str(&format!("| {} | {chrome} | {firefox} | {safari} |\n", case.about()));
    }
    table
}

#[test]
fn the_page_has_every_sentence_of_every_browser() {
    let table = table();
    assert!(PAGE.contains(&table), "docs/browsers.md must have this table:\n\n{table}");
}
