//! Tables in pages that are generated from the code.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use std::path::{Path, PathBuf};

/// The path of a page in `docs/`.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)
}

/// Checks the table of a page whose heading is `head` against the code; with `SNAPSHOTS=overwrite`, writes it.
pub fn hold(name: &str, head: &str, expected: &str) {
    let page = std::fs::read_to_string(path(name)).expect(name);
    let (before, rest) = page.split_once(head).expect("the page has the head of the table");
    let rows = rest.split_once("\n\n").map_or(rest, |(rows, _)| rows);
    let after = rest.strip_prefix(rows).unwrap_or_default();
    if format!("{head}{rows}\n") == expected {
        return;
    }
    assert_eq!(
        std::env::var("SNAPSHOTS").as_deref(),
        Ok("overwrite"),
        "docs/{name} has another table than the code; with SNAPSHOTS=overwrite this test writes it:\n{expected}"
    );
    let after = after.strip_prefix('\n').unwrap_or(after);
    std::fs::write(path(name), format!("{before}{expected}{after}")).expect("the page is written");
}
