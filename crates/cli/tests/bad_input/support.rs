//! Runs the tool within limits of time and memory.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use snapbox::cmd::cargo_bin;

/// Far longer than the slowest of these tests takes.
pub(crate) const SOON: Duration = Duration::from_secs(120);
/// The limit of the tool's address space in KiB: twice the longest file that it reads, plus its own size.
const MOST_MEMORY: u32 = 1024 * 1024;

pub(crate) const POLICY: &str = "../../policies/example.toml";
pub(crate) const CASES: &str = "../../policies/example.test.toml";
/// A list of exact origins.
pub(crate) const LIST: &str = "../../policies/partners.txt";

/// An empty directory for a test.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bad-input").join(name);
    // It may be left over from an earlier run, or not exist.
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Writes a shell script as an executable program.
pub(crate) fn program(path: PathBuf, script: &str) -> String {
    crate::support::program::write(&path, format!("#!/bin/sh\n{script}\n"));
    path.to_str().expect("a path in UTF-8").to_owned()
}

/// A wrangler whose KV is a directory; in file names, `+` replaces `/`. It runs the given commands before each call.
pub(crate) fn wrangler(test: &str, before: &str) -> (String, PathBuf) {
    let kv = folder(test).join("kv");
    std::fs::create_dir(&kv).expect("a folder");
    let script = format!(
        r#"
kv='{}'
{before}
key=$(echo "$4" | tr / +)
case "$3" in
list) printf '['; s=; for f in "$kv"/*; do [ -e "$f" ] || continue
  printf '%s{{"name":"%s"}}' "$s" "$(basename "$f" | tr + /)"; s=,; done; printf ']';;
get) cat "$kv/$key";;
put) for a; do case "$a" in --path=*) cp "${{a#--path=}}" "$kv/$key";; esac; done;;
esac"#,
        kv.display()
    );
    (program(kv.with_file_name("wrangler"), &script), kv)
}

/// The tool with limited memory.
pub(crate) fn tool() -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit -v {MOST_MEMORY}; exec \"$0\" \"$@\"")]).arg(cargo_bin!("corsgate"));
    prepared(&mut shell);
    shell
}

/// The environment of all tests.
pub(crate) fn prepared(command: &mut Command) {
    command.env("NO_COLOR", "1").env("CORSGATE_ADMIN_TOKEN", "t0ken").current_dir(env!("CARGO_MANIFEST_DIR"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
}

/// The output of a command, if it ends in time.
pub(crate) fn output(command: &mut Command) -> Output {
    let started = Instant::now();
    let output = command.output().expect("the tool");
    assert!(started.elapsed() < SOON, "{command:?} took {:?}", started.elapsed());
    output
}

pub(crate) fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
    assert!(!text.contains("panicked"), "{text}");
    text
}
