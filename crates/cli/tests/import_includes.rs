//! What `corsgate import` makes of nginx in several files: what `nginx -T` prints, and folders.

#![expect(clippy::expect_used, clippy::expect_fun_call, reason = "tests may fail loudly")]

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::import::{corsgate, imported_as, of_class, ran};
use crate::import_nothing_silent::in_force;

const TARGET: [&str; 4] = ["--host", "api.example.com", "--upstream", "https://origin.example.net"];
const OPEN: &str =
    "add_header Access-Control-Allow-Origin * always;\nif ($request_method = OPTIONS) { return 204; }\n";
const MAIN: &str = "events {}\nhttp { include /etc/nginx/conf.d/*.conf; include sites-enabled/*; }\n";

/// A server whose first location includes a file.
fn server(include: &str) -> String {
    format!(
        "server {{ server_name api.example.com;\nlocation /public/ {{ include {include}; return 200; }}\n\
         location /private/ {{ return 200; }} }}\n"
    )
}

/// What `nginx -T` prints.
fn dump(files: &[(&str, &str)]) -> String {
    files.iter().map(|(name, text)| format!("# configuration file {name}:\n{text}\n")).collect()
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, text).expect("a file");
    }
    folder
}

/// The lines of the policy that are in force, all of it, the report, and the exit code.
fn imported_from(folder: &Path, files: &[&str]) -> (String, String, Value, i32) {
    let arguments = [&["import", "--format", "json", "--force"], files, &TARGET[..]].concat();
    let (stdout, stderr, code) = ran(corsgate(folder, &arguments));
    let report = serde_json::from_str(&stdout).expect(&format!("JSON, not {stdout}{stderr}"));
    let policy = fs::read_to_string(folder.join("policy.toml")).unwrap_or_default();
    (in_force(&policy), policy, report, code)
}

/// The paths with an origin, as a policy in force has them.
fn open_paths(policy: &str) -> Vec<String> {
    let routes = in_force(policy);
    let routes = routes.split("[[routes]]").filter(|route| route.contains("origins = ["));
    let path =
        |route: &str| route.split("path = \"").nth(1).and_then(|it| it.split('"').next()).map(str::to_owned);
    routes.filter_map(path).collect()
}

#[test]
fn a_file_in_a_dump_of_nginx_is_read_where_it_is_included() {
    let text = dump(&[
        ("/etc/nginx/nginx.conf", MAIN),
        ("/etc/nginx/conf.d/api.conf", &server("snippets/open.conf")),
        ("/etc/nginx/snippets/open.conf", OPEN),
    ]);
    let says_fine = "nginx: configuration file /etc/nginx/nginx.conf test is successful\n";
    for (text, shift) in [(text.clone(), 0), (format!("{says_fine}{text}"), 1)] {
        for name in ["whole.conf", "whole.txt"] {
            let (policy, report, code) = imported_as(name, &text, &TARGET);
            assert_eq!(code, 0, "{report:#}");
            assert_eq!(open_paths(&policy), ["/public/*"], "{policy}");
            // The lines are those of the dump.
            let named = format!("{name}:{} origins: every origin", 11 + shift);
            assert!(of_class(&report, "same").contains(&named), "{report:#}");
        }
    }
}

#[test]
fn includes_in_a_dump_of_nginx_are_found_as_nginx_finds_them() {
    for (include, name) in [
        ("snippets/open.conf", "/etc/nginx/snippets/open.conf"),
        ("./snippets//open.conf", "/etc/nginx/snippets/open.conf"),
        ("/srv/open.conf", "/srv/open.conf"),
        ("snippets/*.con[a-f]", "/etc/nginx/snippets/open.conf"),
        ("../shared/open", "/etc/shared/open"),
    ] {
        let text = dump(&[
            ("/etc/nginx/nginx.conf", &format!("events {{}} http {{ {} }}", server(include))),
            (name, OPEN),
        ]);
        let (policy, report, code) = imported_as("whole.conf", text, &TARGET);
        assert_eq!((open_paths(&policy), code), (vec!["/public/*".to_owned()], 0), "{include}: {report:#}");
    }
    // A file of a file, entries of a `map`, and a pattern that nothing matches.
    let text = dump(&[
        (
            "/etc/nginx/nginx.conf",
            "events {} http { include none/*.conf; map $http_origin $cors { default \"\"; include origins.map; }\n\
             server { server_name api.example.com; include a.conf; } }",
        ),
        ("/etc/nginx/origins.map", "https://app.example.com $http_origin;"),
        ("/etc/nginx/a.conf", "location /a/ { include b.conf; return 200; }"),
        ("/etc/nginx/b.conf", "add_header Access-Control-Allow-Origin $cors always;"),
    ]);
    let (policy, report, code) = imported_as("whole.conf", text, &TARGET);
    assert_eq!((open_paths(&policy), code), (vec!["/a/*".to_owned()], 0), "{report:#}");
    assert!(policy.contains("\"https://app.example.com\", # whole.conf:5"), "{policy}");
}

/// A cut dump, files that include each other, and files that double each other.
#[test]
fn what_a_dump_of_nginx_does_not_tell_is_a_hole() {
    let main = ("/n/nginx.conf", "events {} http { server { location / { include a; return 200; } } }");
    let doubled: Vec<_> =
        (0..40).map(|at| (format!("/n/{at}"), format!("include {}; include {};", at + 1, at + 1))).collect();
    let mut doubled: Vec<_> = doubled.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    doubled.push(("/n/a", "include 0;"));
    for (files, named) in [
        (vec![], "`include a` is not followed"),
        (vec![("/n/a", "include a;")], "`include a` leads back to its own file"),
        (vec![("/n/a", "include b;"), ("/n/b", "include a;")], "`include a` leads back to its own file"),
        (doubled, "16 files include each other"),
        (vec![("/n/a", OPEN), ("/n/a", "return 403;")], "two files are called `/n/a`"),
        (vec![("/n/a", ""), ("/n/open", OPEN)], "a part of a server, which no other file includes"),
        (vec![("/n/a", "location /x/ { ")], "the file ends within a block"),
    ] {
        let text = dump(&[&[main], files.as_slice()].concat());
        let (policy, report, code) = imported_as("whole.conf", text, &TARGET);
        assert_eq!(code, 10, "{named}");
        assert!(of_class(&report, "not readable").contains(named), "{named}: {report:#}");
        let is_open = in_force(&policy).contains("\"*\"");
        assert_eq!(is_open, named.starts_with("two files"), "{named}: {policy}");
    }
}

#[test]
fn a_file_in_a_folder_of_nginx_is_read_where_it_is_included() {
    for (site, include) in [
        ("etc/conf.d/api.conf", "snippets/open.conf"),
        ("etc/sites-enabled/api", "/etc/nginx/snippets/open.conf"),
        ("etc/sites-enabled/api.example.com", "snippets/open.*"),
    ] {
        let text = server(include);
        let files = [("etc/nginx.conf", MAIN), (site, text.as_str()), ("etc/snippets/open.conf", OPEN)];
        let folder = folder(&[&files[..], &[("etc/conf.d/README", "")]].concat());
        let (_, policy, report, code) = imported_from(folder.path(), &["etc"]);
        assert_eq!(open_paths(&policy), ["/public/*"], "{site}: {policy}{report:#}");
        let holes = of_class(&report, "not readable");
        // There is no `conf.d` or `sites-enabled` in one of the two, so that what the pattern finds is not known.
        assert!(
            holes.contains("sites-enabled/*` is not followed") == site.contains("conf.d"),
            "{site}: {holes}"
        );
        assert_eq!(code, if site.contains("conf.d") { 10 } else { 0 }, "{site}: {report:#}");
        assert_eq!(
            report["sources"],
            serde_json::json!(["etc/nginx.conf", "etc/snippets/open.conf"]),
            "{site}"
        );
        // The same without the file that begins, and by the names of the files.
        fs::remove_file(folder.path().join("etc/nginx.conf")).expect("it is there");
        for files in [vec!["etc"], vec!["etc/snippets/open.conf", site]] {
            let (_, policy, report, _) = imported_from(folder.path(), &files);
            assert_eq!(open_paths(&policy), ["/public/*"], "{site} {files:?}: {policy}{report:#}");
        }
    }
}

#[test]
fn a_file_of_nginx_that_nothing_includes_is_only_proposed() {
    let closed = server("none.conf").replace("include none.conf; ", "");
    let folder = folder(&[
        ("etc/nginx.conf", "events {}\nhttp { include conf.d/*.conf; }\n"),
        ("etc/conf.d/api.conf", &closed),
        ("etc/conf.d/old.conf.bak/other.conf", &server("open").replace("include open", OPEN)),
        ("etc/snippets/open.conf", OPEN),
    ]);
    let (in_force, policy, report, code) = imported_from(folder.path(), &["etc"]);
    assert!(!in_force.contains("\"*\"") && policy.contains("#   \"*\""), "{policy}");
    let holes = of_class(&report, "not readable");
    assert!(
        holes.contains("snippets/open.conf:1 path: a part of a server, which no other file includes"),
        "{holes}"
    );
    assert!(
        holes.contains("other.conf:2 path: no other file includes this one: nginx does not read it"),
        "{holes}"
    );
    assert_eq!(code, 10);
    // A part beside another program, and alone.
    fs::write(
        folder.path().join("server.js"),
        "require('express')().use(require('cors')({ origin: 'https://a.example' }));",
    )
    .expect("a file");
    let (in_force, policy, _, _) = imported_from(folder.path(), &["server.js", "etc/snippets/open.conf"]);
    assert!(!in_force.contains("etc/snippets/open.conf"), "{policy}");
    let (_, policy, _, _) = imported_from(folder.path(), &["etc/snippets/open.conf"]);
    assert_eq!(open_paths(&policy), ["/*"], "{policy}");
}

#[test]
fn an_include_does_not_lead_out_of_the_folder() {
    let files = [
        ("etc/nginx.conf", "events {}\nhttp { include ../open.conf; include conf.d/*.conf; }\n"),
        ("open.conf", OPEN),
    ];
    let folder = folder(&[&files[..], &[("etc/conf.d/api.conf", &server("../open.conf"))]].concat());
    let (in_force, policy, report, code) = imported_from(folder.path(), &["etc"]);
    assert!(!in_force.contains("\"*\""), "{policy}");
    // Nothing there names CORS.
    assert!(
        of_class(&report, "not readable").contains("no CORS configuration was found") && code == 10,
        "{report:#}"
    );
}

#[cfg(unix)]
#[test]
fn of_the_sites_of_debian_those_that_a_link_leads_to_are_read() {
    use std::os::unix::fs::symlink;
    let site = |name: &str| server("snippets/open.conf").replace("api.example.com", name);
    let (on, off) = (site("on.example.com"), site("off.example.com"));
    let folder = folder(&[
        ("etc/nginx.conf", "events {}\nhttp { include /etc/nginx/sites-enabled/*; }\n"),
        ("etc/sites-available/on", &on),
        ("etc/sites-available/off.conf", &off),
        ("etc/snippets/open.conf", OPEN),
        ("elsewhere", &site("elsewhere.example.com")),
    ]);
    fs::create_dir(folder.path().join("etc/sites-enabled")).expect("a folder");
    symlink("../sites-available/on", folder.path().join("etc/sites-enabled/on")).expect("a link");
    symlink("../../elsewhere", folder.path().join("etc/sites-enabled/elsewhere")).expect("a link");
    for _ in 0..2 {
        let (_, policy, report, _) = imported_from(folder.path(), &["etc"]);
        assert!(policy.contains("hosts = [\"on.example.com\"]"), "{policy}{report:#}");
        assert!(!policy.contains("off.example.com") && !policy.contains("elsewhere"), "{policy}");
        assert_eq!(open_paths(&policy), ["/public/*"], "{policy}");
        let is_begun = folder.path().join("etc/nginx.conf").exists();
        let leads_out = "`etc/sites-enabled/elsewhere` is a link to nothing in the folder";
        assert_eq!(of_class(&report, "not readable").contains(leads_out), is_begun, "{report:#}");
        // The same without the file that begins.
        let _ = fs::remove_file(folder.path().join("etc/nginx.conf"));
    }
}
