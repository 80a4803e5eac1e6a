//! Programs that a test writes and the tool runs.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Writes a program. A process of its own has the file open for writing: a child that another test starts in that moment
/// would inherit the file from this one, and nothing can run a program that somebody may still write (`ETXTBSY`).
pub fn write(path: &Path, text: impl AsRef<[u8]>) {
    let mut shell = Command::new("sh")
        .args(["-c", "cat > \"$0\" && chmod 755 \"$0\""])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .expect("a shell");
    shell.stdin.take().expect("its input").write_all(text.as_ref()).expect("a program");
    assert!(shell.wait().expect("an end").success(), "{} can be written", path.display());
}
