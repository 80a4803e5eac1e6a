//! Texts for people, kept in files.

use std::path::Path;

/// Compares a file of `tests/reports/` with the output of the code; with `SNAPSHOTS=overwrite`, writes it.
pub(crate) fn hold(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports").join(name);
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    if kept == text {
        return;
    }
    if std::env::var("SNAPSHOTS").as_deref() == Ok("overwrite") {
        return std::fs::write(&path, text).expect("the file is written");
    }
    let differing = kept.lines().zip(text.lines()).find(|(kept, now)| kept != now);
    let (kept, now) = differing.unwrap_or(("another number of lines", ""));
    assert_eq!(
        kept, now,
        "{name} has another text than the code; with SNAPSHOTS=overwrite this test writes it"
    );
    assert_eq!(kept, "", "{name} has another number of lines than the code gives");
}
