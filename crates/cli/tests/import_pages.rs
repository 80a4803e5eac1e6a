//! Holds the pages about importing to what the tool does.
//!
//! `docs/configurations.md` is written from `tests/import/sources/`; in the other pages, each `<!-- import NAME -->` is
//! followed by a source, its report and its policy. After a change, `SNAPSHOTS=overwrite cargo test -p corsgate-cli
//! import` writes them anew; read the difference.

#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use std::fs;
use std::path::{Path, PathBuf};

use snapbox::{Assert, Data};

use crate::import::{folder, kept, written};

/// The configurations that migration guides show, by the number that their sources begin with.
const CONFIGURATIONS: [(&str, &str); 15] = [
    ("01", "Express: one origin, methods and headers as texts"),
    ("02", "Express: the same with one method"),
    ("03", "Express: with credentials"),
    ("04", "Express: a callback that looks the origin up in a list"),
    ("05", "Flask-CORS: `resources` with a path pattern and one origin"),
    ("06", "Flask-CORS: a header added by `after_request`, and `@cross_origin` on the view"),
    ("07", "Spring: `@CrossOrigin` on a method"),
    ("08", "Spring: `addCorsMappings` with origins, methods and headers"),
    ("09", "django-cors-headers: origins, methods and headers as lists"),
    ("10", "A single-page application with bearer tokens"),
    ("11", "Its refresh endpoint: POST alone, with credentials"),
    ("12", "Two objects of options, for internal and external clients"),
    ("13", "A `ws` server that compares `Origin` itself"),
    ("14", "Server-sent events: GET, one origin"),
    ("15", "`corsConfiguration` of a CDN, as JSON"),
];

const HEAD: &str = "\
# Common configurations, imported

What [`corsgate import`](import.md) makes of the configurations that migration guides show. Each was imported with
`--mode enforce --host api.example.com --upstream https://origin.example.net`; the report comes first, then the policy.
";

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

fn hold(page: &Path, text: String) {
    Assert::new().action_env("SNAPSHOTS").eq(Data::text(text), Data::read_from(page, None).raw());
}

/// What a fence is called, by the ending of the file.
fn language(name: &str) -> &str {
    match name.rsplit_once('.').map_or(name, |(_, ending)| ending) {
        "mjs" | "cjs" => "js",
        "py" => "python",
        "yml" => "yaml",
        "conf" => "nginx",
        ending => ending,
    }
}

#[test]
fn the_page_of_common_configurations_shows_what_becomes_of_each() {
    let mut text = HEAD.to_owned();
    let mut names: Vec<_> = fs::read_dir(kept().join("sources"))
        .expect("a folder")
        .map(|it| it.expect("a file").file_name().into_string().expect("a name"))
        .collect();
    names.sort();
    for (number, title) in CONFIGURATIONS {
        text.push_str(&format!("\n## {title}\n"));
        let of_number: Vec<_> = names.iter().filter(|name| name.starts_with(&format!("{number}-"))).collect();
        if of_number.is_empty() {
            text.push_str("\nNo source of this kind is read yet.\n");
        }
        for name in of_number {
            let source = fs::read_to_string(kept().join("sources").join(name)).expect("a source");
            let folder = folder(name, &source);
            let (report, policy) = written(folder.path(), name);
            text.push_str(&format!("\n`{name}`:\n\n```{}\n{}\n```\n", language(name), source.trim_end()));
            text.push_str(&format!("\n```text\n{}\n```\n", report.trim_end()));
            text.push_str(&format!("\n```toml\n{}\n```\n", policy.trim_end()));
        }
    }
    hold(&docs().join("configurations.md"), text);
}

#[test]
fn the_pages_of_each_source_show_what_becomes_of_their_examples() {
    let mut held = 0;
    for entry in fs::read_dir(docs()).expect("a folder") {
        let page = entry.expect("a file").path();
        let is_page = page.file_name().is_some_and(|name| name.to_string_lossy().starts_with("import-"));
        if !is_page {
            continue;
        }
        let before = fs::read_to_string(&page).expect("a page");
        let mut after = String::new();
        let mut rest = before.as_str();
        while let Some((text, marked)) = rest.split_once("<!-- import ") {
            let (name, marked) = marked.split_once(" -->").expect("the end of a mark");
            let (fence, source, behind) = fenced(marked);
            let folder = folder(name, source);
            let (report, policy) = written(folder.path(), name);
            after.push_str(&format!("{text}<!-- import {name} -->{fence}{source}```"));
            rest = behind;
            for written in [report, policy] {
                let (fence, _, behind) = fenced(rest);
                after.push_str(&format!("{fence}{}\n```", written.trim_end()));
                rest = behind;
            }
            held += 1;
        }
        after.push_str(rest);
        hold(&page, after);
    }
    assert!(held > 1);
}

/// What is before the inner text of the next fence, the inner text, and what is behind the fence.
fn fenced(text: &str) -> (&str, &str, &str) {
    let begin = text.find("```").expect("a fence");
    let line = text.split_at(begin).1.find('\n').expect("a line") + begin + 1;
    let (before, inner) = text.split_at(line);
    let (inner, behind) = inner.split_once("```").expect("the end of a fence");
    (before, inner, behind)
}
