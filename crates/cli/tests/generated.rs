//! Generated output for editors, shells and readers: the schema of policies, completions, manual pages.

#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use std::process::{Command, Output};

use snapbox::cmd::cargo_bin;

fn corsgate(arguments: &[&str]) -> Output {
    Command::new(cargo_bin!("corsgate")).args(arguments).output().expect("the tool")
}

fn stdout(arguments: &[&str]) -> String {
    let output = corsgate(arguments);
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{arguments:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// The verbs, as the help lists them.
fn verbs() -> Vec<String> {
    let help = stdout(&["--help"]);
    let listed =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let verbs: Vec<_> = listed.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect();
    assert!(verbs.len() > 4, "{help}");
    verbs.into_iter().filter(|verb| verb != "help").collect()
}

/// The long options of a verb in its help.
fn options(verb: &str) -> Vec<String> {
    let help = stdout(&[verb, "--help"]);
    let words = help.lines().flat_map(|line| line.trim_start().split([' ', ',']).take(3).collect::<Vec<_>>());
    let options = words.filter(|word| word.starts_with("--") && word.len() > 2).map(str::to_owned);
    options.collect()
}

#[test]
fn every_shell_completes_every_verb_and_option() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = stdout(&["completions", shell]);
        for verb in verbs() {
            assert!(script.contains(&verb), "{shell}: {verb}");
            for option in options(&verb) {
                let name = option.trim_start_matches('-');
                assert!(script.contains(name), "{shell}: {verb} {option}");
            }
        }
    }
    let output = corsgate(&["completions", "tcsh"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
}

/// The shell itself offers the completions of the script.
#[test]
fn bash_completes() {
    let line = |words: &str, at: usize| {
        let script = format!(
            "eval \"$(\"$0\" completions bash)\"; COMP_WORDS=({words}); COMP_CWORD={at}; COMP_LINE=\"{words}\"; \
             _corsgate corsgate \"${{COMP_WORDS[$COMP_CWORD]}}\" \"${{COMP_WORDS[$((COMP_CWORD - 1))]}}\"; echo \"${{COMPREPLY[@]}}\""
        );
        let output =
            Command::new("bash").args(["-c", &script]).arg(cargo_bin!("corsgate")).output().expect("bash");
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    };
    assert_eq!(line("corsgate te", 1), "test");
    assert_eq!(line("corsgate test --cov", 2), "--coverage");
    assert_eq!(line("corsgate test --format ju", 3), "junit");
}

#[test]
fn the_schema_is_the_tested_one() {
    assert_eq!(stdout(&["schema"]), corsgate_authoring::POLICY_SCHEMA);
}

#[test]
fn a_copy_of_the_schema_is_compared_regardless_of_formatting() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("schema");
    std::fs::create_dir_all(&folder).expect("a folder");
    let schema: serde_json::Value = serde_json::from_str(&stdout(&["schema"])).expect("JSON");
    let mut older = schema.clone();
    older["properties"]["version"] = serde_json::json!({ "const": 0 });
    for (name, copy, code, told) in [
        ("same", stdout(&["schema"]), 0, "` is the schema of corsgate "),
        ("compact", schema.to_string(), 0, "` is the schema of corsgate "),
        ("marked", format!("\u{feff}{schema:#}").replace('\n', "\r\n"), 0, "` is the schema of corsgate "),
        (
            "older",
            older.to_string(),
            10,
            ": `/properties/version/const` is different; write it again with `corsgate schema > ",
        ),
    ] {
        let path = folder.join(name);
        std::fs::write(&path, copy).expect("a file");
        let output = corsgate(&["schema", "--check", path.to_str().expect("a path")]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(code), 0), "{name}: {stderr}");
        assert!(stderr.contains(told), "{name}: {stderr}");
    }
}

#[test]
fn every_verb_has_a_page_with_its_options_and_its_example() {
    let tool = stdout(&["man"]);
    for verb in verbs() {
        assert!(tool.contains(&format!("corsgate\\-{verb}(1)")), "{tool}");
        let page = stdout(&["man", &verb]);
        assert!(page.contains(&format!(".TH corsgate-{verb} 1")), "{page}");
        assert!(page.contains("Example:") && page.contains(&format!("corsgate {verb} ")), "{page}");
        for option in options(&verb) {
            assert!(page.contains(&option.replace('-', "\\-")), "{verb}: {option}");
        }
    }
    let output = corsgate(&["man", "tset"]);
    let sentence = "error: there is no verb `tset`; `corsgate --help` lists them\n";
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(2), sentence));
}
