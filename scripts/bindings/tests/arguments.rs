//! What the program says when it cannot do what it is called for. What it writes is tested by every test of the Worker.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use std::process::Command;

/// The exit code, and what is written to standard error.
fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_corsgate-bindings")).args(arguments).output().expect("the program");
    (output.status.code(), String::from_utf8(output.stderr).expect("text"))
}

#[test]
fn other_arguments_get_the_usage() {
    for arguments in
        [&[][..], &["one.wasm"], &["--web", "one.wasm"], &["one.wasm", "folder", "index", "more"]]
    {
        let (code, said) = run(arguments);
        assert_eq!(code, Some(2), "{arguments:?}");
        assert!(said.starts_with("usage: corsgate-bindings WASM FOLDER NAME"), "{arguments:?}: {said}");
    }
}

#[test]
fn a_wasm_that_is_not_there_is_named() {
    let folder = env!("CARGO_TARGET_TMPDIR");
    for arguments in [["nowhere.wasm", folder, "index"], ["--web", "nowhere.wasm", folder]] {
        let (code, said) = run(&arguments);
        assert_eq!(code, Some(1), "{arguments:?}");
        assert!(said.contains("nowhere.wasm"), "{arguments:?}: {said}");
    }
}
