//! Runs `corsgate init` with every answer as an option.

#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::select;
use tempfile::TempDir;

use crate::import::{corsgate, express, folder, ran};

pub(crate) const FILES: [&str; 5] =
    [".gitignore", "pages.txt", "policy.test.toml", "policy.toml", "wrangler.toml"];
/// Those of them that are in the way if they are there; the first stays as it is.
const REPLACED: &[&str] = FILES.split_at(1).1;

const ANSWERED: [&str; 9] = [
    "init",
    "--upstream",
    "https://origin.example.net/v1",
    "--host",
    "api.example.com",
    "--origin",
    "https://app.example.com",
    "--credentials",
    "cookies",
];

fn empty() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// The names in a folder.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .expect("a folder")
        .map(|it| it.expect("a file").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// What is written passes the checks that the command promises.
pub(crate) fn stands(folder: &Path) {
    let policy = fs::read_to_string(folder.join("policy.toml")).expect("a policy");
    let list = fs::read_to_string(folder.join("pages.txt"));
    // Nothing reaches a list that is empty so far.
    let is_empty = list.is_ok_and(|list| list.lines().all(|line| line.starts_with('#')));
    let denies: &[&str] = if is_empty { &[] } else { &["--deny", "uncovered"] };
    let test = [&["test", "policy.toml", "policy.test.toml"][..], denies].concat();
    for arguments in [
        &["check", "policy.toml", "--deny", "warnings"][..],
        &["check", "policy.toml", "--deny", "warnings", "--env", "development"],
        &test,
        &["check", "policy.toml", "--list", "pages=pages.txt", "--deny", "warnings"],
    ] {
        if arguments.contains(&"pages=pages.txt") && !folder.join("pages.txt").exists()
            || arguments.contains(&"development") && !policy.contains("[environments.development")
        {
            continue;
        }
        let (stdout, stderr, code) = ran(corsgate(folder, arguments));
        assert_eq!(code, 0, "{arguments:?}: {stdout}{stderr}\n{policy}");
    }
}

#[test]
fn four_answers_make_a_project_and_the_next_three_commands_are_printed() {
    let folder = empty();
    let (stdout, stderr, code) = ran(corsgate(folder.path(), &ANSWERED));
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(names(folder.path()), FILES);
    stands(folder.path());
    let commands: Vec<_> = stdout.lines().filter(|line| line.starts_with("  ")).collect();
    assert_eq!(commands.len(), 3, "{stdout}");
    let policy = fs::read_to_string(folder.path().join("policy.toml")).expect("a policy");
    assert!(
        policy.contains("credentials = true") && policy.contains("pages = { kv = \"pages\" }"),
        "{policy}"
    );
    assert!(
        fs::read_to_string(folder.path().join("pages.txt"))
            .expect("a list")
            .ends_with("\nhttps://app.example.com\n")
    );
}

#[test]
fn with_the_npm_package_the_project_has_the_files_of_its_template() {
    let by_npm = |folder: &Path, more: &[&str]| {
        ran(corsgate(folder, &[&ANSWERED[..], more].concat()).env("CORSGATE_LAUNCHER", "npm"))
    };
    let read = |folder: &Path, name: &str| fs::read_to_string(folder.join(name)).expect("a file");
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../npm/template");
    let folder = empty();
    let (stdout, stderr, code) = by_npm(folder.path(), &["--out", "my gateway"]);
    assert_eq!(code, 0, "{stderr}");
    let project = folder.path().join("my gateway");
    stands(&project);
    assert_eq!(read(&project, "package.json"), read(&template, "package.json"));
    // Every line of the template, but for the name and the route.
    let written = read(&project, "wrangler.toml");
    let lines: Vec<_> = written.lines().collect();
    let missing: Vec<_> = read(&template, "wrangler.toml")
        .lines()
        .filter(|line| !lines.contains(line))
        .map(str::to_owned)
        .collect();
    assert_eq!(
        missing,
        ["name = \"gateway\"", "# routes = [{ pattern = \"api.example.com\", custom_domain = true }]"]
    );
    let commands: Vec<_> = stdout.lines().filter_map(|line| line.strip_prefix("  ")).collect();
    assert_eq!(
        commands,
        [
            "cd 'my gateway'",
            "npm install",
            "npx corsgate dev policy.toml --env development",
            "npx wrangler deploy",
            "npx corsgate list publish pages pages.txt --policy policy.toml --message 'the first list' \
         && npx corsgate publish policy.toml --message 'the first policy'",
        ]
    );
    // A manifest that is there has what its owner wants.
    let folder = empty();
    fs::write(folder.path().join("package.json"), "{}").expect("a file");
    let (stdout, stderr, code) = by_npm(folder.path(), &[]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(read(folder.path(), "package.json"), "{}");
    assert!(stdout.contains("\n  npm install --save-dev corsgate wrangler@4\n"), "{stdout}");
    // Whoever names a clone builds the Worker there.
    let folder = empty();
    let clone = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let (_, stderr, code) = by_npm(folder.path(), &["--gateway", clone.to_str().expect("a path")]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(names(folder.path()), FILES);
    assert!(read(folder.path(), "wrangler.toml").contains("\n[build]\n"));
}

#[test]
fn an_api_on_this_machine_is_named_until_the_policy_has_a_url_that_the_edge_reaches() {
    let folder = empty();
    let local =
        ANSWERED.map(|it| if it == "https://origin.example.net/v1" { "http://localhost:3000" } else { it });
    let (_, stderr, code) = ran(corsgate(folder.path(), &local).env("CORSGATE_LAUNCHER", "npm"));
    assert_eq!(code, 0, "{stderr}");
    stands(folder.path());
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("a file");
    assert!(
        read("policy.toml")
            .contains("[environments.development.upstreams]\napi = \"http://localhost:3000\"\n")
    );
    let (_, stderr, code) = ran(corsgate(folder.path(), &["check", "policy.toml", "--deny", "warnings"]));
    assert_eq!((code, stderr.matches("info[CG271]").count()), (0, 1));
    // Once it is another, development still has the API on this machine.
    let deployed = read("policy.toml").replacen("http://localhost:3000", "https://origin.example.net", 1);
    fs::write(folder.path().join("policy.toml"), deployed).expect("written");
    let (_, stderr, code) = ran(corsgate(folder.path(), &["check", "policy.toml", "--deny", "warnings"]));
    assert_eq!((code, stderr.matches("CG271").count()), (0, 0));
    stands(folder.path());
}

#[test]
fn what_is_written_names_pages_by_addresses_that_are_there() {
    let folder = empty();
    let (_, stderr, code) = ran(corsgate(folder.path(), &ANSWERED).env("CORSGATE_LAUNCHER", "npm"));
    assert_eq!(code, 0, "{stderr}");
    let pages = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/");
    let clone = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut named = 0;
    for name in names(folder.path()) {
        let text = fs::read_to_string(folder.path().join(&name)).expect("a file");
        assert!(!text.contains("npm run serve"), "{name}: {text}");
        for (at, _) in text.match_indices("docs/") {
            let (before, page) = text.split_at(at);
            let page = page.split_whitespace().next().unwrap_or_default();
            assert!(before.ends_with(pages) && clone.join(page).is_file(), "{name}: {page}");
            named += 1;
        }
    }
    assert!(named >= 2);
}

#[test]
fn a_missing_answer_is_named_where_nobody_can_be_asked() {
    let folder = empty();
    for (without, flag) in [(1, "--upstream"), (3, "--host"), (5, "--origin"), (7, "--credentials")] {
        let arguments: Vec<_> = ANSWERED
            .iter()
            .enumerate()
            .filter(|(at, _)| !(without..without + 2).contains(at))
            .map(|(_, argument)| *argument)
            .collect();
        let (_, stderr, code) = ran(corsgate(folder.path(), &arguments));
        assert_eq!(code, 2, "{stderr}");
        let named: Vec<_> = ["--upstream", "--host", "--origin", "--credentials"]
            .into_iter()
            .filter(|flag| stderr.contains(&format!("`{flag}")))
            .collect();
        assert_eq!(named, [flag], "{stderr}");
        assert_eq!(names(folder.path()), [""; 0]);
    }
}

#[test]
fn what_exists_is_in_the_way_and_all_or_nothing_is_written() {
    for existing in REPLACED {
        let folder = empty();
        fs::write(folder.path().join(existing), "mine").expect("a file");
        let (_, stderr, code) = ran(corsgate(folder.path(), &ANSWERED));
        assert_eq!(code, 1, "{stderr}");
        assert!(stderr.contains(existing) && stderr.contains("`--force`"), "{stderr}");
        assert_eq!(names(folder.path()), [*existing]);
        assert_eq!(fs::read_to_string(folder.path().join(existing)).expect("a file"), "mine");
        corsgate(folder.path(), &[&ANSWERED[..], &["--force"]].concat()).assert().code(0);
        assert_eq!(names(folder.path()), FILES);
        stands(folder.path());
    }
    // All that are in the way are named at once.
    let folder = empty();
    corsgate(folder.path(), &ANSWERED).assert().code(0);
    let (_, stderr, _) = ran(corsgate(folder.path(), &ANSWERED));
    assert!(REPLACED.iter().all(|file| stderr.contains(file)), "{stderr}");
}

#[test]
fn git_is_told_what_to_ignore_unless_it_has_been() {
    let ignored = "node_modules/\n.wrangler/\n.dev.vars\n";
    for (there, more, after) in
        [(None, &[][..], ignored), (Some("mine"), &[], "mine"), (Some("mine"), &["--force"], "mine")]
    {
        let folder = empty();
        if let Some(text) = there {
            fs::write(folder.path().join(".gitignore"), text).expect("a file");
        }
        corsgate(folder.path(), &[&ANSWERED[..], more].concat()).assert().code(0);
        assert_eq!(fs::read_to_string(folder.path().join(".gitignore")).expect("a file"), after);
    }
}

#[test]
fn a_host_can_be_copied_with_its_scheme() {
    for host in ["https://api.example.com", "https://api.example.com/"] {
        let folder = empty();
        let mut arguments = ANSWERED;
        arguments[4] = host;
        corsgate(folder.path(), &arguments).assert().code(0);
        let policy = fs::read_to_string(folder.path().join("policy.toml")).expect("a policy");
        assert!(policy.contains("hosts    = [\"api.example.com\"]"), "{policy}");
    }
}

#[test]
fn a_file_that_cannot_be_replaced_leaves_the_others_as_they_were() {
    for existing in REPLACED {
        let folder = empty();
        for file in FILES.iter().filter(|file| *file != existing) {
            fs::write(folder.path().join(file), "mine").expect("a file");
        }
        // `--force` replaces files, not folders.
        fs::create_dir(folder.path().join(existing)).expect("a folder");
        let (_, stderr, code) = ran(corsgate(folder.path(), &[&ANSWERED[..], &["--force"]].concat()));
        assert_eq!(code, 1, "{stderr}");
        assert!(stderr.contains(existing), "{stderr}");
        assert_eq!(names(folder.path()), FILES);
        for file in FILES.iter().filter(|file| *file != existing) {
            assert_eq!(fs::read_to_string(folder.path().join(file)).expect("a file"), "mine");
        }
    }
}

#[test]
fn folders_are_made_and_not_left_behind() {
    let folder = empty();
    corsgate(folder.path(), &[&ANSWERED[..], &["--out", "new/ place/äö"]].concat()).assert().code(0);
    stands(&folder.path().join("new/ place/äö"));
    fs::write(folder.path().join("file"), "").expect("a file");
    for out in ["file", "file/below"] {
        let (_, stderr, code) = ran(corsgate(folder.path(), &[&ANSWERED[..], &["--out", out]].concat()));
        assert_eq!(code, 1, "{stderr}");
    }
    // `/proc` takes no folders, from nobody.
    let (_, stderr, code) =
        ran(corsgate(folder.path(), &[&ANSWERED[..], &["--out", "/proc/corsgate/x"]].concat()));
    assert_eq!(code, 1, "{stderr}");
    assert_eq!(names(folder.path()), ["file", "new"]);
}

#[test]
fn answers_that_a_policy_cannot_have_are_refused_with_its_own_words() {
    let folder = empty();
    for (flag, value, says) in [
        ("--upstream", "origin.example.net", "an upstream is an `https://` URL"),
        ("--upstream", "http://origin.example.net", "an upstream needs `https`"),
        ("--upstream", "https://user:secret@origin.example.net", "--upstream"),
        ("--upstream", "https://origin.example.net/a?b", "--upstream"),
        ("--upstream", "https://api.example.com", "api.example.com"),
        ("--upstream", "service:API", "service binding"),
        ("--upstream", " https://origin.example.net", "--upstream"),
        ("--upstream", "https://bücher.example", "--upstream"),
        ("--upstream", "", "--upstream"),
        ("--host", "https://api.example.com/v1", "write the host alone, without `https://`"),
        ("--host", "https://api.example.com:8443", "write the host alone, without `https://`"),
        ("--host", "http://api.example.com", "write the host alone, without `https://`"),
        ("--host", "api.example.com:8443", "--host"),
        ("--host", "api.example.com/path", "--host"),
        ("--host", "localhost", "environment `development`"),
        ("--host", "192.0.2.1", "environment `development`"),
        ("--host", "co.uk", "Cloudflare"),
        ("--host", "bücher.example", "--host"),
        ("--host", "Api.example.com", "--host"),
        ("--host", "", "--host"),
        ("--origin", "null", "null"),
        ("--origin", "https://app.example.com/", "did you mean `https://app.example.com`?"),
        ("--origin", "https://app.example.com/path", "--origin"),
        ("--origin", "https://user@app.example.com", "--origin"),
        ("--origin", "app.example.com", "--origin"),
        ("--origin", "https://bücher.example", "--origin"),
        ("--origin", "http://app.example.com", "an `http` origin"),
        ("--origin", "*", "credentials need named origins"),
        ("--origin", "https://*.github.io", "public suffix"),
        ("--origin", "https://*", "--origin"),
        ("--origin", "", "--origin"),
        ("--origin", "https://a.example https://b.example", "--origin"),
        ("--credentials", "both", "--credentials"),
        ("--preset", "mpc", "did you mean `mcp`?"),
        ("--gateway", "/", "is not a clone of corsgate"),
    ] {
        let arguments: Vec<_> = match ANSWERED.iter().position(|argument| *argument == flag) {
            Some(at) => {
                let mut arguments = ANSWERED.to_vec();
                arguments[at + 1] = value;
                arguments
            }
            None => [&ANSWERED[..], &[flag, value]].concat(),
        };
        let (_, stderr, code) = ran(corsgate(folder.path(), &arguments));
        assert_eq!(code, 2, "{flag} {value}: {stderr}");
        assert!(stderr.contains(says), "{flag} {value}: {stderr}");
        assert!(!stderr.contains("secret") || value.contains("secret"), "{stderr}");
        assert_eq!(names(folder.path()), [""; 0], "{flag} {value}");
    }
}

/// Each pair of a host and the origins of its pages, with what is said if they make no policy.
#[test]
fn origins_that_contradict_each_other_or_the_host_are_refused_and_the_others_make_a_project() {
    let own = "is the origin of the API itself";
    for (host, origins, refusal) in [
        ("api.example.com", &["*", "https://a.example"][..], Some("without `https://a.example`")),
        ("api.example.com", &["https://*.a.example", "*"], Some("without `https://*.a.example`")),
        ("api.example.com", &["*", "http://localhost:3000"], Some("without `http://localhost:3000`")),
        ("api.example.com", &["*", "*"], None),
        ("api.example.com", &["https://api.example.com"], Some(own)),
        ("api.example.com", &["https://a.example", "https://api.example.com"], Some(own)),
        ("api.example.com", &["http://localhost:3000", "https://api.example.com:8443"], None),
        // Cases ask for a name below the wildcard and reject names beside a pattern, which can be the API's own.
        ("*.example.com", &["https://any.example.com"], None),
        ("a.example.com", &["https://*.example.com"], None),
        ("api.example.com", &["https://*.api.example.com"], None),
    ] {
        let folder = empty();
        let origins: Vec<_> = origins.iter().flat_map(|origin| ["--origin", origin]).collect();
        let upstream = ["init", "--upstream", "https://origin.example.net", "--credentials", "tokens"];
        let arguments = [&upstream[..], &["--host", host], &origins].concat();
        let (_, stderr, code) = ran(corsgate(folder.path(), &arguments));
        match refusal {
            Some(refusal) => {
                assert_eq!(code, 2, "{arguments:?}: {stderr}");
                assert!(stderr.contains(refusal), "{arguments:?}: {stderr}");
                assert_eq!(names(folder.path()), [""; 0], "{arguments:?}");
            }
            None => {
                assert_eq!(code, 0, "{arguments:?}: {stderr}");
                stands(folder.path());
            }
        }
    }
}

#[test]
fn every_origin_is_anonymous_and_needs_no_list() {
    let folder = empty();
    let arguments =
        ["init", "--upstream", "zone", "--host", "*.example.com", "--origin", "*", "--credentials", "tokens"];
    corsgate(folder.path(), &arguments).assert().code(0);
    assert_eq!(names(folder.path()), [".gitignore", "policy.test.toml", "policy.toml", "wrangler.toml"]);
    stands(folder.path());
    let wrangler = fs::read_to_string(folder.path().join("wrangler.toml")).expect("a file");
    assert!(
        wrangler.contains("routes = [{ pattern = \"*.example.com/*\", zone_name = \"example.com\" }]"),
        "{wrangler}"
    );
}

#[test]
fn a_thousand_origins_are_a_list() {
    let folder = empty();
    let origins: Vec<_> = (0..1000).map(|at| format!("--origin=https://a{at}.example.com")).collect();
    let origins: Vec<_> = origins.iter().map(String::as_str).collect();
    let (_, stderr, code) = ran(corsgate(folder.path(), &[&ANSWERED[..], &origins].concat()));
    assert_eq!(code, 0, "{stderr}");
    let list = fs::read_to_string(folder.path().join("pages.txt")).expect("a list");
    assert_eq!(list.lines().filter(|line| line.starts_with("https://")).count(), 1001);
    stands(folder.path());
}

#[test]
fn every_preset_makes_a_project() {
    let (stdout, _, _) = ran(corsgate(empty().path(), &["presets", "--format", "json"]));
    let presets: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    let presets = presets.as_array().expect("presets");
    assert!(presets.len() > 5);
    for preset in presets {
        for credentials in ["cookies", "tokens"] {
            let folder = empty();
            let name = preset["name"].as_str().expect("a name");
            let arguments = [&ANSWERED[..8], &[credentials, "--preset", name]].concat();
            let (_, stderr, code) = ran(corsgate(folder.path(), &arguments));
            assert_eq!(code, 0, "{name}: {stderr}");
            let policy = fs::read_to_string(folder.path().join("policy.toml")).expect("a policy");
            assert!(policy.contains(&format!("presets = [\"{name}\"]")), "{policy}");
            stands(folder.path());
        }
    }
}

#[test]
fn what_another_program_has_is_imported() {
    let folder =
        folder("server.js", express("{ origin: ['https://app.example.com'], allowedHeaders: ['x-a'] }"));
    let arguments = [
        "init",
        "--from",
        "server.js",
        "--host",
        "api.example.com",
        "--upstream",
        "https://origin.example.net",
    ];
    let (stdout, stderr, code) = ran(corsgate(folder.path(), &arguments));
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert_eq!(
        names(folder.path()),
        [".gitignore", "policy.test.toml", "policy.toml", "server.js", "wrangler.toml"]
    );
    stands(folder.path());
    // It answers on this machine, as the first command that is printed serves it.
    assert!(stdout.contains("policy.toml --env development\n"), "{stdout}");
    let asked =
        "explain policy.toml --url http://127.0.0.1:8787/ --origin https://app.example.com --env development";
    let (explained, stderr, code) = ran(corsgate(folder.path(), &asked.split(' ').collect::<Vec<_>>()));
    assert_eq!(code, 0, "{explained}{stderr}");
    // The policy of `import`, with this environment behind it.
    let policy = fs::read_to_string(folder.path().join("policy.toml")).expect("a policy");
    let arguments = [
        "import",
        "server.js",
        "--host",
        "api.example.com",
        "--upstream",
        "https://origin.example.net",
        "--force",
    ];
    corsgate(folder.path(), &arguments).assert().code(0);
    let imported = fs::read_to_string(folder.path().join("policy.toml")).expect("a policy");
    assert_eq!(
        policy.strip_prefix(&imported),
        Some(
            "\n# On this machine, with `--env development`.\n[environments.development.hosts]\n\"api.example.com\" = [\"localhost\", \"127.0.0.1\"]\n"
        )
    );
    assert!(
        policy.contains("mode     = \"report\"") && stdout.contains("corsgate publish"),
        "{policy}{stdout}"
    );
}

#[test]
fn an_import_with_holes_says_so_and_one_of_nothing_writes_nothing() {
    let more = ["--host", "api.example.com", "--upstream", "https://origin.example.net", "--mode", "enforce"];
    let folder = folder("server.js", express("{ origin: process.env.ORIGIN }"));
    let (stdout, stderr, code) =
        ran(corsgate(folder.path(), &[&["init", "--from", "server.js"][..], &more].concat()));
    assert_eq!(code, 10, "{stderr}");
    assert!(
        stdout.contains("not readable") && folder.path().join("wrangler.toml").exists(),
        "{stdout}{stderr}"
    );
    stands(folder.path());
    let nothing = empty();
    fs::write(nothing.path().join("server.js"), "const a = 1;").expect("a file");
    let (stdout, _, code) =
        ran(corsgate(nothing.path(), &[&["init", "--from", "server.js"][..], &more].concat()));
    assert_eq!((code, names(nothing.path())), (10, vec!["server.js".to_owned()]), "{stdout}");
    let (_, stderr, code) =
        ran(corsgate(nothing.path(), &[&["init", "--from", "absent.js"][..], &more].concat()));
    assert_eq!(code, 1, "{stderr}");
    // What the source says is not said twice.
    let (_, stderr, code) = ran(corsgate(
        nothing.path(),
        &[&["init", "--from", "server.js", "--credentials", "tokens"][..], &more].concat(),
    ));
    assert_eq!(code, 2, "{stderr}");
}

#[test]
fn each_source_of_the_import_makes_a_project_or_says_why_not() {
    let sources = crate::import::kept().join("sources");
    for source in fs::read_dir(sources).expect("a folder") {
        let source = source.expect("a file").path();
        let folder = empty();
        let arguments = [
            "init",
            "--host",
            "api.example.com",
            "--upstream",
            "https://origin.example.net",
            "--from",
            source.to_str().expect("a path"),
        ];
        let (stdout, stderr, code) = ran(corsgate(folder.path(), &arguments));
        match code {
            0 | 10 if folder.path().join("policy.toml").exists() => stands(folder.path()),
            10 | 11 => assert_eq!(names(folder.path()), [""; 0], "{stdout}{stderr}"),
            _ => assert_eq!(code, 0, "{}: {stdout}{stderr}", source.display()),
        }
    }
}

const LABELS: &[&str] = &["app", "a-b", "xn--mller-kva", "0", "x_y", "www", "evil", "localhost", "a.b.c"];
const ENDS: &[&str] =
    &["example.com", "example.co.uk", "pages.dev", "example", "test", "internal.example.org"];

#[test]
fn an_origin_that_a_pattern_allows_needs_no_line_in_the_list() {
    for (pattern, exact) in [
        ("https://app.example.com:*", "https://app.example.com"),
        ("https://app.example.com:*", "https://app.example.com:8443"),
        ("https://*.example.com", "https://app.example.com"),
        ("https://*.example.com:*", "https://a.b.example.com:1"),
    ] {
        let told = format!("# {exact} needs no line: `{pattern}` in policy.toml allows it\n");
        for (others, kept) in
            [(&[][..], ""), (&["--origin", "https://own.example.org"], "https://own.example.org\n")]
        {
            let folder = empty();
            let answers =
                ["init", "--upstream=zone", "--host=api.example.com", "--credentials=tokens", "--origin"];
            let (_, stderr, code) =
                ran(corsgate(folder.path(), &[&answers[..], &[exact, "--origin", pattern], others].concat()));
            assert_eq!(code, 0, "{pattern} {exact}: {stderr}");
            stands(folder.path());
            let list = fs::read_to_string(folder.path().join("pages.txt")).expect("a list");
            assert!(list.ends_with(&told), "{list}");
            assert_eq!(
                list.lines().filter(|line| !line.starts_with('#')).collect::<String>(),
                kept.trim_end()
            );
        }
    }
}

fn origin() -> impl Strategy<Value = String> {
    let port = prop_oneof![
        3 => Just(String::new()),
        1 => (1_u16..).prop_filter("not the default", |port| *port != 443 && *port != 80).prop_map(|port| format!(":{port}")),
        1 => Just(":*".to_owned()),
    ];
    let host = (select(LABELS), select(ENDS)).prop_map(|(label, end)| format!("{label}.{end}"));
    let web = (prop::bool::ANY, host, port.clone())
        .prop_map(|(is_wild, host, port)| format!("https://{}{host}{port}", if is_wild { "*." } else { "" }));
    let local = (select(&["localhost", "127.0.0.1", "[::1]", "a.localhost"][..]), port)
        .prop_map(|(host, port)| format!("http://{host}{port}"));
    let others = select(
        &[
            "capacitor://localhost",
            "app://.",
            "https://192.0.2.1",
            "https://[2001:db8::1]:8443",
            "*",
            "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
        ][..],
    );
    prop_oneof![6 => web, 2 => local, 1 => others.prop_map(str::to_owned)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_accepted_passes_and_whatever_is_not_writes_nothing(
        upstream in select(&["https://origin.example.net", "https://origin.example.net:8443/a/b", "zone", "http://127.0.0.1:9000", "https://[2001:db8::1]/x", "https://api.example.com"][..]),
        host in select(&["api.example.com", "*.example.com", "example.co.uk", "a.b.pages.dev", "xn--bcher-kva.example", "x_y.example.org"][..]),
        origins in prop::collection::vec(origin(), 1..6),
        credentials in select(&["cookies", "tokens"][..]),
        presets in prop::collection::vec(select(&["mcp", "tus", "s3", "sentry", "grpc-web", "supabase"][..]), 0..3),
    ) {
        let folder = empty();
        let mut arguments = vec!["init", "--upstream", upstream, "--host", host, "--credentials", credentials];
        for origin in &origins {
            arguments.extend(["--origin", origin]);
        }
        for preset in &presets {
            arguments.extend(["--preset", preset]);
        }
        let (stdout, stderr, code) = ran(corsgate(folder.path(), &arguments));
        match code {
            0 => stands(folder.path()),
            2 => prop_assert_eq!(names(folder.path()), [""; 0]),
            _ => prop_assert!(false, "{:?}: {}: {}{}", arguments, code, stdout, stderr),
        }
    }
}
